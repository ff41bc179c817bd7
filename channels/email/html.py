"""Read the HTML of a stranger's mail as the text its author saw. The HTML itself is never kept and never shown.

Quotes keep their shape: a `blockquote` becomes lines that begin with `> `, and the boxes in which mail programs put the
mail that is answered become one unmistakable line (`CUT`), so the rules for plain text serve HTML too.

Tags are read one after the other and no tree is built: tree builders need time that grows with the square of the depth
(nh3: 50 seconds for 150,000 open elements), and the standard library's parser is slow on tags that never end.
"""

import re
from collections import Counter
from html import unescape

from channels.email.mime import clean_text

CUT = "\ue01e"
"""A private-use character, on a line of its own where a mail program put the answered mail: the author ends there."""

_BLOCKS = frozenset(
    ["address", "article", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt", "fieldset", "footer"]
).union(
    ["form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "ol", "p", "pre", "section"],
    ["table", "tbody", "tfoot", "thead", "tr", "ul"],
)
_PARAGRAPHS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote"])
_VOID = frozenset(
    ["br", "hr", "img", "meta", "link", "input", "wbr", "col", "area", "base", "embed", "source", "basefont"]
)
_UNREAD = frozenset(["script", "style", "title", "template", "noscript", "object", "svg", "textarea", "select"])
_CLOSES_ITSELF = frozenset(["p", "li", "td", "th", "tr", "dt", "dd"])
_TAG_WINDOW = 2_000
_TAG = re.compile(r"""<(/?)([a-zA-Z][\w:.-]{0,40})((?:[^<>"']|"[^"]*+"|'[^']*+')*+)>""")
_START = re.compile(r"<!--|<[!?]|</?[a-zA-Z]")
_ATTRIBUTE = re.compile(
    r"""\b(class|id|style)\s{0,9}=\s{0,9}(?:"([^"]{0,1500})"|'([^']{0,1500})'|([^\s>"']{1,500}))""", re.I
)

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


def parse_html(html: str) -> str:
    """The text of an HTML mail: `> ` before quoted lines, `CUT` where the answered mail begins, no hidden text."""
    reader = _TextReader()
    at = 0
    html = html.replace(CUT, "")
    while found := _START.search(html, at):
        reader.read_text(html[at : found.start()])
        at = _read_markup(reader, html, found)
    reader.read_text(html[at:])
    return reader.text()


def _read_markup(reader: "_TextReader", html: str, found: re.Match[str]) -> int:
    """Read the comment, declaration or tag at `found`; the index after it. What never ends takes all the rest."""
    if found[0] in {"<!--", "<!", "<?"}:
        mark = "-->" if found[0] == "<!--" else ">"
        end = html.find(mark, found.end())
        return end + len(mark) if end >= 0 else len(html)
    tag = _TAG.match(html, found.start(), found.start() + _TAG_WINDOW)
    if tag is None:  # a broken or a very long tag (pictures inside): its name and first attributes are enough
        end = html.find(">", found.end())
        if end < 0:
            return len(html)
        tag = _TAG.match(re.sub(r"[<\"']", " ", html[found.start() + 1 : min(end, found.start() + 500)]).join("<>"))
        after = end + 1
    else:
        after = tag.end()
    if tag is None:
        return after
    name = tag[2].lower()
    if tag[1]:
        reader.close(name)
        return after
    labels = {match[1].lower(): match[2] or match[3] or match[4] or "" for match in _ATTRIBUTE.finditer(tag[3][:4_000])}
    if name in _UNREAD and not tag[3].endswith("/"):
        end = _end_of_unread(html, name, after)
        return end if end >= 0 else len(html)
    reader.open(name, f"{labels.get('class', '')} {labels.get('id', '')}", unescape(labels.get("style", "")))
    return after


def _end_of_unread(html: str, name: str, at: int) -> int:
    end = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(html, at)
    return end.end() if end else -1


class _TextReader:
    """Collects lines. Only elements that matter are remembered, in a stack: blocks, quotes, hidden boxes."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line = ""
        self._line_quotes = 0
        self._quotes = 0
        self._hidden = 0
        self._preformatted = 0
        self._stack: list[tuple[str, bool, bool]] = []
        self._open: Counter[str] = Counter()

    def open(self, tag: str, label: str, style: str) -> None:
        """A start tag; `label` is its class and id."""
        if self._hidden:
            if tag not in _VOID:
                self._push(tag, quoted=False, hidden=True)
            return
        if tag in _CLOSES_ITSELF and self._stack and self._stack[-1][0] == tag:
            self.close(tag)
        if tag in _BLOCKS:
            self._end_line()
        if _QUOTE_FROM_HERE.search(label) or _OUTLOOK_LINE.search(style):
            self._mark(CUT)
        if tag == "br":
            self._end_line(always=True)
        elif tag == "hr":
            self._mark("____________________")
        elif tag not in _VOID:
            self._open_box(tag, label, style)

    def _open_box(self, tag: str, label: str, style: str) -> None:
        hidden = bool(_HIDDEN.search(style) or _SIGNATURE_BOX.search(label))
        quoted = tag == "blockquote" or bool(_QUOTE_BOX.search(label))
        if tag in _PARAGRAPHS:
            self._blank_line()
        if quoted:
            self._end_line()
        if tag in _BLOCKS or quoted or hidden or self._open[tag]:
            self._push(tag, quoted=quoted, hidden=hidden)
        if tag == "li" and not hidden:
            self._write("- ")

    def _push(self, tag: str, *, quoted: bool, hidden: bool) -> None:
        self._stack.append((tag, quoted, hidden))
        self._open[tag] += 1
        self._hidden += hidden
        self._quotes += quoted
        self._preformatted += tag == "pre"

    def close(self, tag: str) -> None:
        """An end tag; one that closes nothing is ignored."""
        if tag in {"td", "th"} and not self._hidden:
            self._write(" ")
        if not self._open[tag]:
            return
        while self._stack:
            name, quoted, hidden = self._stack.pop()
            if not self._hidden and (name in _BLOCKS or quoted):
                self._end_line()
            self._open[name] -= 1
            self._quotes -= quoted
            self._hidden -= hidden
            self._preformatted -= name == "pre"
            if name in _PARAGRAPHS and not self._hidden:
                self._blank_line()
            if name == tag:
                return

    def read_text(self, raw: str) -> None:
        """Text between tags, with its entities."""
        if self._hidden or not raw:
            return
        data = clean_text(unescape(raw))
        if not self._preformatted:
            self._write(re.sub(r"\s+", " ", data))
            return
        *whole, last = data.split("\n")
        for line in whole:
            self._write(line)
            self._end_line(always=True)
        self._write(last)

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
