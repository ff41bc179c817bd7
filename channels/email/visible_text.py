"""Find what the person wrote: the mail without the mail it answers, signatures, disclaimers and our own words.

What is left is read for opt-out words and by the dialogue, so two errors count: our own "Reply STOP" taken for theirs,
and an answer lost that stands between quotes. Lines that are plainly quoted go, one by one; everything below goes only
where a mail program has marked it and not quoted it line by line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from channels.email.html import CUT
from channels.email.quote_phrases import (
    APP_LINE,
    ATTRIBUTION_START,
    CONTACT_DATA,
    DATE_OR_ADDRESS,
    DISCLAIMER,
    FORMAL_CLOSING,
    FORWARD_LINE,
    HEADER_FROM,
    HEADER_OTHER,
    MARKER,
    OLD_GMAIL,
    ORIGINAL_LINE,
    SENT_FROM,
    SIGNATURE_LINE,
    WROTE,
)

MAX_LINES = 4_000
_RULE = re.compile(r"^[\s_*=–—-]{3,}$")
_QUOTE = re.compile(r"^\s{0,3}(?:>|&gt;|│ |\| )")
_WRAPPED_AT = 58
"""A quoted line this long was probably broken by a mail program: what follows unmarked may be its end."""


@dataclass(frozen=True, kw_only=True)
class VisibleText:
    """`text` is the person's own; `quotes` says whether the mail that is answered was found in it."""

    text: str
    quotes: bool


def find_visible_text(text: str, *, markers: Sequence[str] = ()) -> VisibleText:
    """The author's own words in `text` (plain text with `\\n`; HTML as `parse_html` gives it).

    `markers`: the first lines of our mails in all languages ("reply above this line").
    """
    lines = [line.rstrip() for line in text.split("\n", MAX_LINES)[:MAX_LINES]]
    kept: list[str] = []
    quotes = False
    in_signature = False
    at = 0
    while at < len(lines):
        line = lines[at]
        if _QUOTE.match(line):
            quotes = True
            in_signature = False
            at += 2 if _continues_quote(lines, at) else 1
            continue
        if line.strip() == CUT or _is_marker(line, markers):
            quotes = True
            break
        end = _quote_intro(lines, at)
        if end:
            quotes = True
            in_signature = False
            if not _quoted_line_by_line(lines, end):
                break
            at = end
            continue
        if SIGNATURE_LINE.match(line) or DISCLAIMER.match(line):
            in_signature = True
        elif not in_signature and not _is_footer(line):
            kept.append(line)
        at += 1
    return VisibleText(text=_tidy(_without_contact_block(kept)), quotes=quotes)


def _is_marker(line: str, markers: Sequence[str]) -> bool:
    if not line:
        return False
    plain = _letters(line)
    return bool(MARKER.search(line)) or any(_letters(marker) in plain for marker in markers if _letters(marker))


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _is_footer(line: str) -> bool:
    return len(line) < 160 and bool(SENT_FROM.match(line) or APP_LINE.match(line))


def _continues_quote(lines: list[str], at: int) -> bool:
    """True where the next line is the end of a quoted line that was broken unmarked: short, lower-case, enclosed."""
    if at + 2 >= len(lines) or len(lines[at]) < _WRAPPED_AT:
        return False
    piece, after = lines[at + 1], lines[at + 2]
    return bool(piece) and piece[0].islower() and len(piece) < _WRAPPED_AT and bool(_QUOTE.match(after))


def _quote_intro(lines: list[str], at: int) -> int:
    """Where a line that introduces the answered mail begins at `at`: the index after it; else 0."""
    line = lines[at]
    if not line.strip():
        return 0
    if ORIGINAL_LINE.match(line) or FORWARD_LINE.match(line):
        return at + 1
    return _header_block(lines, at) or _attribution(lines, at)


def _header_block(lines: list[str], at: int) -> int:
    """An Outlook block: From, then at least two of Sent, To, Cc, Subject, in any order and language."""
    if not HEADER_FROM.match(lines[at]):
        return 0
    found, last = 0, at
    for index in range(at + 1, min(at + 12, len(lines))):
        if HEADER_OTHER.match(lines[index]):
            found += 1
            last = index
        elif lines[index].strip() and index - last > 2:
            break
    return last + 1 if found >= 2 else 0


def _attribution(lines: list[str], at: int) -> int:
    """ "On Monday, Ann <ann@…> wrote:" over one to four lines, in any of the languages, or any shape before a quote."""
    joined = ""
    for index in range(at, min(at + 4, len(lines))):
        piece = lines[index].strip()
        if not piece or _QUOTE.match(lines[index]):
            return 0
        joined = f"{joined} {piece}".strip()
        if len(joined) > 400:
            return 0
        if not re.search(r"(?:[::]|[-–—]{2,}|写道|寫道|작성|wrote)\s*$", joined):
            continue
        dated = bool(DATE_OR_ADDRESS.search(joined))
        quoted_next = _next_is_quote(lines, index + 1)
        if OLD_GMAIL.match(joined) or (WROTE.search(joined) and dated and (_opens(joined) or quoted_next)):
            return index + 1
        if quoted_next and (WROTE.search(joined) or dated) and len(joined) < 250:
            return index + 1
    return 0


def _opens(joined: str) -> bool:
    """The joined lines begin as an attribution does: with its preposition, a date or somebody's address."""
    return bool(ATTRIBUTION_START.match(joined) or DATE_OR_ADDRESS.search(joined[:60]))


def _next_is_quote(lines: list[str], at: int) -> bool:
    """The next line that is not blank is marked as quoted."""
    for line in lines[at : at + 4]:
        if line.strip():
            return bool(_QUOTE.match(line))
    return False


def _quoted_line_by_line(lines: list[str], at: int) -> bool:
    """After an introduction: the mail follows with marks, or a second introduction does (Proton, Samsung write two)."""
    for index in range(at, min(at + 4, len(lines))):
        if not lines[index].strip():
            continue
        if _QUOTE.match(lines[index]):
            return True
        end = _quote_intro(lines, index)
        return bool(end) and end > at and _next_is_quote(lines, end)
    return False


def _without_contact_block(lines: list[str]) -> list[str]:
    """Drop "Kind regards, name, title, phone" at the end: only short lines, and contact data or a formal closing."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    for at in range(max(1, end - 14), end):
        below = [line for line in lines[at + 1 : end] if line.strip()]
        if not FORMAL_CLOSING.match(lines[at]) or not any(line.strip() for line in lines[:at]):
            continue
        card = all(len(line) <= 90 for line in below)
        if below and card and any(CONTACT_DATA.search(line) for line in below) and not any(map(_is_sentence, below)):
            return lines[:at]
    return lines


def _is_sentence(line: str) -> bool:
    return len(line.split()) > 4 and line.rstrip().endswith((".", "?", "!")) and not CONTACT_DATA.search(line)


def _tidy(lines: list[str]) -> str:
    while lines and (not lines[-1].strip() or _RULE.match(lines[-1])):
        lines = lines[:-1]
    text = "\n".join(line.strip() if not line.strip() else line for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
