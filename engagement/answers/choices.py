"""Answers that choose from a list: one option, several, all, none, all but some; or free text where that is open."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engagement.answers.all_or_none import MAX_CANDIDATES, read_all_or_none, read_yes_or_no
from engagement.answers.expectation import Option, Value
from engagement.answers.found_labels import GAP, find_labels
from engagement.answers.labels import Pick, by_spelling, by_words, exact, is_turned
from engagement.answers.numbers import without
from engagement.answers.places import bare_place, by_place, is_letter, is_place, pick
from engagement.answers.reading import Ambiguous, DontKnow, Invalid, Note, NotUnderstood, PreferNot, Reading, Understood
from engagement.answers.setting import Setting
from engagement.answers.steering import read_refusal, without_fillers
from engagement.answers.text import Text, read_text, to_words
from engagement.answers.vocabulary import Vocabulary
from engagement.answers.yes_no import judge

_SEPARATOR = re.compile(
    r"[,;/&+\n]|\.(?=\s|$)|\)(?= )|(?<=\d) (?=\d)|(?<=\d)\.(?=\d)|(?<![a-z]{2})(?<=[a-z]) (?=[a-z](?![a-z]))"
)
_SPAN = re.compile(r"(?<!\d)(\d{1,3}) ?(?:-|to|a|through|thru|al|hasta) ?(\d{1,3})(?!\d)")
_LONG_NUMBER = re.compile(r"\d{1,9}")
_GAPS = re.compile(f"{GAP}+")
_AFTER_OTHER = re.compile(r"\s*(?:[:,-]|$)")
_CLEAR, _TELLING = 2, 5
_STORY = 10
"""With more words than this around a label, the label is asked back."""


@dataclass
class _Chosen:
    """What a message picks, by place. `loose`: pieces that mean no option; `beside`: words in a label's own piece."""

    picks: list[tuple[int, Pick]] = field(default_factory=list)
    loose: list[tuple[int, int]] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    denied: bool = False
    either: bool = False

    @property
    def ordered(self) -> tuple[Pick, ...]:
        return tuple(found for _, found in sorted(self.picks, key=lambda one: one[0]))


@dataclass(frozen=True)
class _Piece:
    """Some words between separators, and where they stand. `labelled`: a label stood there too."""

    said: str
    start: int
    end: int
    labelled: bool = False


def read_exact_option(text: Text, setting: Setting) -> Reading | None:
    """The whole message is an option's label: it wins over any other sense of the words ("Skip", "Not sure")."""
    found = exact(text.words, setting.expectation.options)
    return Understood(values=(found,)) if found else None


def read_refusing_option(text: Text, setting: Setting) -> Reading | None:
    """ "No idea" where an option says "Don't know"."""
    refusal = read_refusal(text, setting.words)
    for option in setting.expectation.options if refusal else ():
        if _refuses(option, setting.words) == refusal:
            return Understood(values=(option,))
    return None


def _refuses(option: Option, words: Vocabulary) -> DontKnow | PreferNot | None:
    for name in (option.display, *option.synonyms):
        if refusal := read_refusal(read_text(name), words):
            return refusal
    return None


def read_choice(text: Text, setting: Setting) -> Reading:
    """One option, or several where the item repeats; text of the participant's own where the choice is open."""
    expectation, words = setting.expectation, setting.words
    open_ended = expectation.kind == "open-choice"
    if not expectation.options:
        return Understood(values=(text.original.strip(),)) if open_ended else NotUnderstood()
    said = without_fillers(text.words, words)
    found = (
        read_exact_option(read_text(said), setting)
        or read_all_or_none(said, setting, lambda rest: [piece.said for piece in _pieces(rest, words)])
        or read_yes_or_no(said, setting)
    )
    if found is not None:
        return found
    chosen = _choose(text, said, setting)
    if open_ended and not setting.borrowed and (not chosen.picks or chosen.loose or chosen.beside):
        return _own_words(text, chosen, setting)
    if not chosen.picks:
        return _none_picked(said, setting)
    return _settle(text, chosen, said, setting)


def _settle(text: Text, chosen: _Chosen, said: str, setting: Setting) -> Reading:
    unclear = next((one for one in chosen.ordered if len(one.options) > 1), None)
    if unclear is not None:
        possible = dict.fromkeys(option for one in chosen.ordered for option in one.options)
        return Ambiguous(candidates=tuple(possible)[:MAX_CANDIDATES], doubt="close-options")
    values = tuple(dict.fromkeys(one.options[0] for one in chosen.ordered))
    loose = [text.plain[start:end] for start, end in chosen.loose] + chosen.beside
    around = sum(len(piece.split()) for piece in loose)
    if len(values) > 1 and (chosen.either or not setting.expectation.repeats):
        return Ambiguous(candidates=values[:MAX_CANDIDATES], doubt="several")
    but = not setting.expectation.repeats and setting.words["clause"].inside(text.words) is not None
    if around > _STORY or ((chosen.either or but) and around):
        return Ambiguous(candidates=values[:MAX_CANDIDATES], doubt="several")
    if len(values) > 1 and any(option.exclusive for option in values):
        return Invalid(problem="exclusive-with-others", values=values)
    notes = tuple(
        Note(code="corrected", params={"said": said, "taken": one.options[0].display})
        for one in chosen.ordered
        if one.corrected
    )
    return Understood(values=values, notes=notes)


def _choose(text: Text, said: str, setting: Setting) -> _Chosen:
    """Labels first, wherever they stand; then what is left, piece by piece."""
    options, words = setting.expectation.options, setting.words
    if setting.borrowed:
        place = by_place(said, options, words)
        return _Chosen([(0, place)] if place else [])
    labels = find_labels(text.plain, options, words)
    if labels.denied and not labels.picks:
        return _Chosen(denied=True)
    chosen = _Chosen(list(labels.picks), denied=labels.denied)
    chosen.either = any(words["either"].whole(to_words(piece)) for piece in labels.plain.split())
    plain = without(_without_spans(labels.plain, chosen.picks, setting), setting, "approximately")
    pieces = [piece for piece in _pieces(plain, words) if without_fillers(piece.said, words)]
    listed = len(pieces) > 1 and not labels.picks and all(is_place(piece.said, words) for piece in pieces)
    if len(labels.picks) == 1 and by_words(said, options, words) == labels.picks[0][1]:
        return chosen
    for piece in pieces:
        bare = without_fillers(piece.said, words)
        if piece.labelled:
            found = _beside_label(bare, setting)
        elif is_letter(bare) and not listed and (len(pieces) > 1 or labels.picks) and words["little_words"].whole(bare):
            continue
        else:
            found = by_place(bare, options, words, listed=listed) or _by_name(
                bare, setting, labelled=bool(labels.picks)
            )
        known = {option for one in chosen.ordered for option in one.options} if piece.labelled else set()
        if found is not None and known & set(found.options):
            continue
        if found is None and _is_denied(bare, setting):
            chosen.denied = True
            continue
        if found is not None:
            chosen.picks.append((piece.start, found))
        elif not all(words["little_words"].whole(word) for word in bare.split()):
            chosen.beside += [bare] if piece.labelled else []
            chosen.loose += [] if piece.labelled else [(piece.start, piece.end)]
    if not chosen.picks and said and (whole := pick(said, options, words)):
        return _Chosen([(0, whole)])
    return chosen


def _is_denied(bare: str, setting: Setting) -> bool:
    """ "Not the patch": an option that is not meant."""
    words = setting.words
    kept = " ".join(word for word in bare.split() if not words["turning"].whole(word))
    return is_turned(bare, words) and by_words(kept, setting.expectation.options, words) is not None


def _beside_label(bare: str, setting: Setting) -> Pick | None:
    """What else the words beside a label may mean: for one answer, anything that casts doubt on it."""
    options, words = setting.expectation.options, setting.words
    if is_letter(bare) or words["by_degree"].whole(bare) or bare in words.tables["numbers"]:
        return None
    if setting.expectation.repeats:
        return by_spelling(bare, options, words) if len(bare) > _CLEAR + 1 else None
    return by_place(bare, options, words) or by_words(bare, options, words) or by_spelling(bare, options, words)


def _by_name(bare: str, setting: Setting, *, labelled: bool) -> Pick | None:
    options, words = setting.expectation.options, setting.words
    found = None if labelled else pick(bare, options, words)
    if found is None and (labelled or setting.expectation.kind == "choice"):
        found = _misspelt(bare, options, words)
    return found


def _misspelt(said: str, options: Sequence[Option], words: Vocabulary) -> Pick | None:
    """Beside labels that were found, only what is as clear as they are."""
    if len(said.split()) <= _CLEAR:
        found = by_words(said, options, words)
        if found is not None and len(found.options) == 1:
            return found
        for word in said.split() if not is_turned(said, words) else ():
            found = by_words(word, options, words) if len(word) >= _TELLING else None
            if found is not None and len(found.options) == 1:
                return Pick(found.options, corrected=True)
    return by_spelling(said, options, words) if len(said) > _CLEAR + 1 else None


def _without_spans(plain: str, picks: list[tuple[int, Pick]], setting: Setting) -> str:
    """ "1-3" of a repeating item is 1, 2 and 3."""
    options = setting.expectation.options
    if not setting.expectation.repeats:
        return _SPAN.sub(lambda match: re.sub(r"\D+", lambda gap: ",".ljust(len(gap[0])), match[0]), plain)
    for match in _SPAN.finditer(plain):
        first, last = int(match[1]), int(match[2])
        if 0 < first < last <= len(options):
            picks += [(match.start(), Pick((option,))) for option in options[first - 1 : last]]
            plain = plain[: match.start()] + "," * len(match[0]) + plain[match.end() :]
    return plain


def _pieces(plain: str, words: Vocabulary) -> list[_Piece]:
    return list(_iterate_pieces(plain, words))


def _iterate_pieces(plain: str, words: Vocabulary) -> Iterator[_Piece]:
    """The pieces between separators and joining words, folded, each with its place."""
    for name in ("either", "join", "clause"):
        for match in words[name].matches(plain):
            plain = plain[: match.start()] + "," + " " * (len(match[0]) - 1) + plain[match.end() :]
    start = 0
    for end, after in [*(match.span() for match in _SEPARATOR.finditer(plain)), (len(plain), len(plain))]:
        segment = plain[start:end]
        labelled = GAP in segment
        inner = start
        for stop, onward in [*(match.span() for match in _GAPS.finditer(segment)), (len(segment), len(segment))]:
            written = plain[inner : start + stop]
            said = to_words(written)
            if said:
                yield _Piece(said, start + stop - len(written.lstrip()), start + stop, labelled)
            inner = start + onward
        start = after


def _none_picked(said: str, setting: Setting) -> Reading:
    bare = bare_place(said, setting.words)
    if _LONG_NUMBER.fullmatch(bare):
        return Invalid(problem="no-such-option", params={"said": bare, "count": str(len(setting.expectation.options))})
    return NotUnderstood()


def _own_words(text: Text, chosen: _Chosen, setting: Setting) -> Reading:
    """Free text; beside options that were picked, the pieces that mean none, where the item repeats."""
    bare = bare_place(without_fillers(text.words, setting.words), setting.words)
    if _LONG_NUMBER.fullmatch(bare) or not bare or is_letter(bare):
        return _none_picked(bare, setting)
    own = _after_other(text, setting)
    if not own or (judge(bare, setting.words, whole=True) is not None and not setting.words["no_options"].whole(bare)):
        return NotUnderstood()
    picks = chosen.ordered
    clear = bool(picks) and all(len(one.options) == 1 and not one.options[0].exclusive for one in picks)
    if clear and setting.expectation.repeats and _is_list(text, setting.words):
        values: tuple[Value, ...] = tuple(dict.fromkeys(one.options[0] for one in picks))
        return Understood(values=(*values, *(text.original_from(start, end) for start, end in chosen.loose)))
    return Understood(values=(own,))


def _after_other(text: Text, setting: Setting) -> str:
    """ "Other: hiking" is "hiking"."""
    end = setting.words["other_prefix"].start(text.plain)
    if not end or not _AFTER_OTHER.match(text.plain, end):
        return text.original.strip()
    return text.original_from(end).lstrip(" :,-.").strip()


def _is_list(text: Text, words: Vocabulary) -> bool:
    return re.search(r"[,;\n]", text.plain) is not None or words["join"].inside(text.plain) is not None
