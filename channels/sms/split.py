"""A long text as several messages, or as one with a link. A phone shows each by itself, so each must read well."""

from bisect import bisect_right
from functools import partial

from channels.sms.boundaries import URL, Break, Cut, cuts, graphemes
from engagement.words.segments import count_segments

ELLIPSIS = "..."
"""Three dots, as in GSM-7 (the one-character ellipsis is not)."""

_WORTH: dict[Break, float] = {Break.PARAGRAPH: 0.5, Break.SENTENCE: 0.34}
"""The share of a full message that a better cut must leave, or it would cost a message to please the eye."""


def split_text(text: str, *, max_segments: int) -> tuple[str, ...]:
    """`text` as messages of at most `max_segments` SMS segments each, cut at paragraphs, else sentences, else words.

    Only the white space at the cuts is lost. A word too long for a message is cut between graphemes; a web address is
    never cut, so one that is too long by itself is the single thing that may exceed the limit. Blank text gives none.
    """
    _check_limit(max_segments)
    messages: list[str] = []
    rest = text.strip()
    while rest:
        cut = _best_cut(rest, max_segments)
        messages.append(rest[: cut.end])
        rest = rest[cut.resume :].strip()
    return tuple(messages)


def shorten(text: str, *, max_segments: int, link_text: str) -> str:
    """`text` if it fits `max_segments`, else its first whole sentences followed by `link_text` (which holds the link).

    Where not even one sentence fits beside the link, words and three dots; where no word does, `link_text` alone.
    Raises `ValueError` where that alone does not fit: a link cut in two helps nobody.
    """
    _check_limit(max_segments)
    text = text.strip()
    if not text or count_segments(text) <= max_segments:
        return text
    if count_segments(link_text) > max_segments:
        raise ValueError("The link text alone does not fit")
    ends = list(cuts(text))[:-1]
    sentences = [f"{text[: cut.end]} {link_text}" for cut in ends if cut.kind is not Break.WORD]
    words = [f"{text[: cut.end].rstrip(',;:.')}{ELLIPSIS} {link_text}" for cut in ends]
    for candidates in (sentences, words):
        fitting = bisect_right(candidates, max_segments, key=count_segments)
        if fitting:
            return candidates[fitting - 1]
    return link_text


def _best_cut(text: str, max_segments: int) -> Cut:
    places = list(cuts(text))
    fitting = places[: bisect_right(places, max_segments, key=partial(_segments_up_to, text))]
    if not fitting:
        return _forced_cut(text, places[0], max_segments)
    last = fitting[-1]
    if last.end == places[-1].end:
        return last
    for kind, share in _WORTH.items():
        good = [cut for cut in fitting if cut.kind >= kind and cut.end >= share * last.end]
        if good:
            return good[-1]
    return last


def _segments_up_to(text: str, cut: Cut) -> int:
    return count_segments(text[: cut.end])


def _forced_cut(text: str, first: Cut, max_segments: int) -> Cut:
    word = text[: first.end]
    if URL.search(word):
        return first
    signs = graphemes(word)
    ends = [len("".join(signs[: n + 1])) for n in range(len(signs))]
    fitting = bisect_right(ends, max_segments, key=lambda end: count_segments(word[:end]))
    end = ends[max(fitting, 1) - 1]
    return Cut(end=end, resume=end, kind=Break.WORD)


def _check_limit(max_segments: int) -> None:
    if max_segments < 1:
        raise ValueError("max_segments is at least 1")
