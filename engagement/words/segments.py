"""How many SMS a text is: what carriers bill, and what the outbox promises to keep small.

Sources: 3GPP TS 23.038 section 6.2.1 (septets), TS 23.040 section 9.2.3.24.1 (140 octets a message; a concatenated one
loses 6 octets to its header, and an escape pair is never divided between parts);
https://www.twilio.com/docs/glossary/what-sms-character-limit gives the same 160/153 and 70/67.
"""

from engagement.words.gsm import BASIC, is_gsm

GSM_SINGLE, GSM_PART = 160, 153
"""Septets."""
UCS2_SINGLE, UCS2_PART = 70, 67
"""UTF-16 code units."""


def count_segments(text: str) -> int:
    """SMS segments of `text`, at least 1. No escape pair (GSM-7) or surrogate pair (UCS-2) is divided between two."""
    if is_gsm(text):
        return _segments([1 if c in BASIC else 2 for c in text], GSM_SINGLE, GSM_PART)
    return _segments([1 if ord(c) < 0x10000 else 2 for c in text], UCS2_SINGLE, UCS2_PART)


def _segments(widths: list[int], single: int, part: int) -> int:
    if sum(widths) <= single:
        return 1
    segments, room = 1, part
    for width in widths:
        if width > room:
            segments, room = segments + 1, part
        room -= width
    return segments


def count_template_segments(text: str) -> int:
    """Segments of a text whose placeholders are not filled yet: their braces, two septets each, are never sent."""
    return count_segments(text.replace("{", "(").replace("}", ")"))
