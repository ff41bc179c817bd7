"""Make the HTML of a stranger's mail safe, and read it as the text its author saw.

Quotes keep their shape: a `blockquote` becomes lines that begin with `> `, and the boxes in which mail programs put the
mail that is answered become one unmistakable line (`CUT`), so the rules for plain text serve HTML too.
"""

import re
from html.parser import HTMLParser

import nh3

CUT = "\ue01e"
"""A private-use character: stands on a line of its own where a mail program has put the answered mail: nothing below is the author's."""

_TAGS = frozenset(
    [
        "a",
        "abbr",
        "address",
        "article",
        "b",
        "big",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "code",
        "dd",
        "div",
        "dl",
        "dt",
        "em",
        "font",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "i",
        "img",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "section",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_PARAGRAPHS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote"])
_VOID = frozenset(["br", "hr", "img"])

_QUOTE_FROM_HERE = re.compile(
    r"(?:^|\s)(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling|mail-editor-reference-message-container|"
    r"OLK_SRC_BODY_SECTION|"
    r"OutlookMessageHeader|ms-outlook-mobile-reference-message|reply-intro|zmail_extra_hr)(?:\s|$)",
    re.IGNORECASE,
)
"""Outlook, Hotmail and Zoho: this element and all that follows is the answered mail."""

_QUOTE_BOX = re.compile(
    r"(?:^|\s)(?:x_)*(?:yahoo_quoted|yahooQuoted|protonmail_quote|tutanota_quote|zmail_extra|replyQuote|"
    r"cite-quote|quote-container|"
    r"gmail_attr|moz-cite-prefix|moz-forward-container|mb_quote|freebirdBackQuotedText|WM_quote|oriMsgHtml\w*|"
    r"hcrh-\w+|front-blockquote|sh-email-quote|isForwardContent|isReplyContent)(?:\s|$)",
    re.IGNORECASE,
)
"""The element itself is quoted; the author may go on after it."""

_SIGNATURE_BOX = re.compile(
    r"(?:^|\s)(?:x_)*(?:gmail_signature(?:_prefix)?|moz-signature|AppleMailSignature|ms-outlook-mobile-signature|"
    r"protonmail_signature_block(?:-\w+)?|yahoo-signature|ymail_android_signature|ydp\w*yahoo-signature|"
    r"ydp\w*signature|Signature|signature|tutanota-signature)(?:\s|$)"
)
_OUTLOOK_LINE = re.compile(
    r"border-top:\s*(?:solid\s+#(?:e1e1e1|b5c4df)|(?:1\.0pt\s+)?#(?:e1e1e1|b5c4df)\s+solid)", re.I
)
_OUTLOOK_LINE_TURNED = re.compile(r"border-top:[^;]*#(?:e1e1e1|b5c4df)", re.IGNORECASE)
_HIDDEN = re.compile(r"display:\s*none|mso-hide:\s*all|visibility:\s*hidden", re.IGNORECASE)


def safe_html(html: str) -> str:
    """The HTML with every script, form, style sheet, remote image and event handler gone; fit to be shown in a page."""
    return nh3.clean(
        html,
        tags=set(_TAGS - {"img", "body"}),
        attributes={"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def parse_html(html: str) -> str:
    """The text of an HTML mail: `> ` before quoted lines, `CUT` where the answered mail begins, no hidden text."""
    cleaned = nh3.clean(
        html.replace(CUT, ""),
        tags=set(_TAGS),
        clean_content_tags={"script", "style", "title", "head", "template", "noscript", "object", "svg"},
        attributes={"*": {"class", "id", "style"}, "img": {"alt"}, "a": set()},
        filter_style_properties={"display", "border-top", "border", "visibility", "mso-hide"},
        link_rel=None,
    )
    reader = _TextReader()
    reader.feed(cleaned)
    reader.close()
    return reader.text()


class _TextReader(HTMLParser):
    """Turns cleaned (so well-formed) HTML into text. Depth costs nothing: a stack, no recursion."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line = ""
        self._quotes = 0
        self._hidden = 0
        self._preformatted = 0
        self._stack: list[tuple[str, bool, bool]] = []
        self._line_quotes = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name: value or "" for name, value in attrs}
        label = f"{names.get('class', '')} {names.get('id', '')}"
        style = names.get("style", "")
        if self._hidden:
            if tag not in _VOID:
                self._stack.append((tag, False, True))
                self._hidden += 1
            return
        if tag in _BLOCKS:
            self._end_line()
        if _QUOTE_FROM_HERE.search(label) or _OUTLOOK_LINE.search(style) or _OUTLOOK_LINE_TURNED.search(style):
            self._mark(CUT)
        if tag == "br":
            self._end_line(always=True)
        elif tag == "hr":
            self._mark("____________________")
        elif tag in _VOID:
            return
        else:
            self._open(tag, label, style)

    def _open(self, tag: str, label: str, style: str) -> None:
        hidden = bool(_HIDDEN.search(style) or _SIGNATURE_BOX.search(label))
        quoted = tag == "blockquote" or bool(_QUOTE_BOX.search(label))
        if tag in _PARAGRAPHS:
            self._blank_line()
        if quoted:
            self._end_line()
        self._stack.append((tag, quoted, hidden))
        self._hidden += hidden
        self._quotes += quoted
        self._preformatted += tag == "pre"
        if tag == "li" and not hidden:
            self._write("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not any(entry[0] == tag for entry in self._stack[-50:]):
            return
        while self._stack:
            name, quoted, hidden = self._stack.pop()
            if not self._hidden and (name in _BLOCKS or quoted):
                self._end_line()
            self._quotes -= quoted
            self._hidden -= hidden
            self._preformatted -= name == "pre"
            if name in _PARAGRAPHS and not self._hidden:
                self._blank_line()
            if name in {"td", "th"} and not self._hidden:
                self._write(" ")
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if self._preformatted:
            *whole, last = data.split("\n")
            for line in whole:
                self._write(line)
                self._end_line(always=True)
            self._write(last)
            return
        self._write(re.sub(r"\s+", " ", data))

    def _write(self, text: str) -> None:
        if not self._line:
            self._line_quotes = self._quotes
            text = text if self._preformatted else text.lstrip()
        elif self._line.endswith(" ") and not self._preformatted:
            text = text.lstrip(" ")
        self._line += text

    def _mark(self, line: str) -> None:
        self._end_line()
        self._lines.append("> " * min(self._quotes, 5) + line)

    def _end_line(self, *, always: bool = False) -> None:
        line = self._line.rstrip()
        if line or always:
            quotes = self._line_quotes if line else self._quotes
            self._lines.append(("> " * min(quotes, 5) + line).rstrip())
        self._line = ""

    def _blank_line(self) -> None:
        self._end_line()
        if self._lines and self._lines[-1].strip("> "):
            self._lines.append(("> " * min(self._quotes, 5)).rstrip())

    def text(self) -> str:
        """All that was read; runs of blank lines are cut to one."""
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")
