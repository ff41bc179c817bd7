"""Answers that choose from a list: one option, several, all, none, all but some; or free text where that is open."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engagement.answers.expectation import Option, Value
from engagement.answers.labels import Pick, bare_place, by_place, by_spelling, by_words, exact, names_of, pick
from engagement.answers.numbers import without
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
_MAX_CANDIDATES = 5
_CLEAR, _TELLING = 2, 5
_STORY = 10
"""With more words than this around a label, the label is asked back."""


@dataclass(frozen=True)
class _Chosen:
    """What a message picks, in its order. `loose`: words that mean no option; `denied`: a label was said with a "not"."""

    picks: tuple[Pick, ...]
    loose: tuple[str, ...] = ()
    denied: bool = False
    either: bool = False


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
    options = expectation.options
    open_ended = expectation.kind == "open-choice"
    if not options:
        return Understood(values=(text.original.strip(),)) if open_ended else NotUnderstood()
    said = without_fillers(text.words, words)
    found = read_exact_option(read_text(said), setting) or _all_or_none(said, setting) or _yes_or_no(said, setting)
    if found is not None:
        return found
    chosen = _choose(text, said, setting)
    if open_ended and not setting.borrowed and (not chosen.picks or chosen.loose):
        return _own_words(text, chosen, setting)
    if not chosen.picks:
        return _none_picked(said, setting)
    return _settle(chosen, said, setting)


def _settle(chosen: _Chosen, said: str, setting: Setting) -> Reading:
    unclear = next((one for one in chosen.picks if len(one.options) > 1), None)
    if unclear is not None:
        return Ambiguous(candidates=unclear.options[:_MAX_CANDIDATES], doubt="close-options")
    values = tuple(dict.fromkeys(one.options[0] for one in chosen.picks))
    loose = sum(len(piece.split()) for piece in chosen.loose)
    if len(values) > 1 and (chosen.either or not setting.expectation.repeats):
        return Ambiguous(candidates=values[:_MAX_CANDIDATES], doubt="several")
    if loose > _STORY or (chosen.either and loose):
        return Ambiguous(candidates=values[:_MAX_CANDIDATES], doubt="several")
    if len(values) > 1 and any(option.exclusive for option in values):
        return Invalid(problem="exclusive-with-others", values=values)
    notes = tuple(
        Note(code="corrected", params={"said": said, "taken": one.options[0].display})
        for one in chosen.picks
        if one.corrected
    )
    return Understood(values=values, notes=notes)


def _all_or_none(said: str, setting: Setting) -> Reading | None:
    expectation, words = setting.expectation, setting.words
    options = expectation.options
    if words["no_options"].whole(said):
        return _nothing(setting)
    if not expectation.repeats:
        return None
    usual = tuple(option for option in options if not option.exclusive and not _is_none(option, words))
    if words["both_options"].whole(said) and len(usual) == 2:
        return Understood(values=usual)
    end = words["all_options"].start(said)
    if not end:
        return None
    rest = said[end:].strip()
    if not rest:
        return Understood(values=usual)
    but = words["except"].start(rest)
    left_out = [pick(piece, options, words) for piece in _pieces(rest[but:], words)] if but else []
    if not left_out or any(one is None or len(one.options) > 1 for one in left_out):
        return None
    gone = {one.options[0] for one in left_out if one}
    return Understood(values=tuple(option for option in usual if option not in gone))


def _nothing(setting: Setting) -> Reading | None:
    none = [option for option in setting.expectation.options if _is_none(option, setting.words)]
    if none:
        return Understood(values=(none[0],))
    return Understood(values=()) if setting.expectation.repeats else None


def _is_none(option: Option, words: Vocabulary) -> bool:
    return any(words["no_options"].whole(name) for name in names_of(option))


def _yes_or_no(said: str, setting: Setting) -> Reading | None:
    """Yes and no where labels begin so; "no" is also none of a list, or the one label that denies ("Not at all")."""
    options, words = setting.expectation.options, setting.words
    both = _has_both(options, words)
    answer = judge(said, words, whole=not both or setting.borrowed)
    if answer is None or isinstance(answer, Ambiguous) or (len(said) == 1 and not both):
        return None
    fitting = tuple(option for option in options if _begins(option, "yes" if answer else "no", words))
    named = by_words(said, fitting, words)
    if named is not None and len(named.options) == 1:
        return Understood(values=named.options)
    if len(fitting) == 1 and (both or not answer):
        return Understood(values=fitting)
    if len(fitting) > 1:
        return Ambiguous(candidates=fitting[:_MAX_CANDIDATES], doubt="close-options")
    return None if answer else _nothing(setting)


def _has_both(options: Sequence[Option], words: Vocabulary) -> bool:
    return all(any(_begins(option, side, words) for option in options) for side in ("yes", "no"))


def _begins(option: Option, side: str, words: Vocabulary) -> bool:
    name = names_of(option)[-1] if names_of(option) else ""
    return words[side].start(name) > 0 and not words["dont_know"].start(name) and not _is_none(option, words)


def _choose(text: Text, said: str, setting: Setting) -> _Chosen:
    """Labels first, wherever they stand; then what is left, piece by piece."""
    options, words = setting.expectation.options, setting.words
    if setting.borrowed:
        place = by_place(said, options, words)
        return _Chosen((place,) if place else ())
    plain, labelled, denied = _labels(text.plain, options, words)
    if denied and not labelled:
        return _Chosen((), denied=True)
    picks: list[tuple[int, Pick]] = list(labelled)
    loose: list[str] = []
    either = any(words["either"].whole(piece) for piece in _joiners(plain))
    plain = without(_without_spans(plain, picks, setting), setting, "approximately")
    for start, piece in _placed_pieces(plain, words):
        bare = without_fillers(piece, words)
        if not bare:
            continue
        found = by_place(bare, options, words)
        if found is None:
            found = None if labelled else pick(bare, options, words)
        if found is None and (labelled or setting.expectation.kind == "choice"):
            found = _misspelt(bare, options, words)
        if found is not None:
            picks.append((start, found))
        elif not words["little_words"].whole(bare):
            loose.append(bare)
    ordered = tuple(found for _, found in sorted(picks, key=lambda one: one[0]))
    if not ordered:
        whole = pick(said, options, words) if said else None
        return _Chosen((whole,)) if whole else _Chosen((), tuple(loose))
    return _Chosen(ordered, tuple(loose), either=either)


def _misspelt(said: str, options: Sequence[Option], words: Vocabulary) -> Pick | None:
    """Beside labels that were found, only what is as clear as they are."""
    if len(said.split()) <= _CLEAR:
        found = by_words(said, options, words)
        if found is not None and len(found.options) == 1:
            return found
        for word in said.split():
            found = by_words(word, options, words) if len(word) >= _TELLING else None
            if found is not None and len(found.options) == 1:
                return Pick(found.options, corrected=True)
    return by_spelling(said, options) if len(said) > _CLEAR + 1 else None


def _labels(plain: str, options: Sequence[Option], words: Vocabulary) -> tuple[str, list[tuple[int, Pick]], bool]:
    """Options whose names stand in the text, longest name first; their places blanked. "Not X" is not X."""
    found: list[tuple[int, Pick]] = []
    denied = False
    names = [(name, option) for option in options for name in names_of(option) if len(name) > 2 and not name.isdigit()]
    for name, option in sorted(names, key=lambda one: -len(one[0])):
        pattern = r"[^\w]+".join(re.escape(word) for word in name.split())
        for match in re.finditer(rf"(?<![^\W_]){pattern}(?![^\W_])", plain):
            before = to_words(re.split(r"[,.;]", plain[: match.start()])[-1])
            if _ends_negated(before, words):
                denied = True
            else:
                found.append((match.start(), Pick((option,))))
            plain = plain[: match.start()] + "," + " " * (len(match[0]) - 1) + plain[match.end() :]
    return plain, found, denied


def _ends_negated(before: str, words: Vocabulary) -> bool:
    pieces = before.split()
    return any(words["negated"].whole(" ".join(pieces[-length:])) for length in range(1, min(4, len(pieces)) + 1))


def _without_spans(plain: str, picks: list[tuple[int, Pick]], setting: Setting) -> str:
    """ "1-3" of a repeating item is 1, 2 and 3."""
    options = setting.expectation.options
    if not setting.expectation.repeats:
        return _SPAN.sub(r"\1,\2", plain)
    for match in _SPAN.finditer(plain):
        first, last = int(match[1]), int(match[2])
        if 0 < first < last <= len(options):
            picks += [(match.start(), Pick((option,))) for option in options[first - 1 : last]]
            plain = plain[: match.start()] + "," + " " * (len(match[0]) - 1) + plain[match.end() :]
    return plain


def _placed_pieces(plain: str, words: Vocabulary) -> list[tuple[int, str]]:
    """The pieces between separators and joining words, folded, each with its place."""
    for name in ("either", "join"):
        for match in words[name].matches(plain):
            plain = plain[: match.start()] + "," + " " * (len(match[0]) - 1) + plain[match.end() :]
    found, start = [], 0
    for end, after in [*(match.span() for match in _SEPARATOR.finditer(plain)), (len(plain), len(plain))]:
        piece = to_words(plain[start:end])
        if piece:
            found.append((start, piece))
        start = after
    return found


def _pieces(said: str, words: Vocabulary) -> list[str]:
    return [piece for _, piece in _placed_pieces(said, words)]


def _joiners(plain: str) -> list[str]:
    return [to_words(piece) for piece in plain.split()]


def _none_picked(said: str, setting: Setting) -> Reading:
    bare = bare_place(said, setting.words)
    if _LONG_NUMBER.fullmatch(bare):
        return Invalid(problem="no-such-option", params={"said": bare, "count": str(len(setting.expectation.options))})
    return NotUnderstood()


def _own_words(text: Text, chosen: _Chosen, setting: Setting) -> Reading:
    """Free text; beside options that were picked, the pieces that mean none, where the item repeats."""
    bare = bare_place(without_fillers(text.words, setting.words), setting.words)
    if _LONG_NUMBER.fullmatch(bare) or not bare:
        return _none_picked(bare, setting)
    own = _after_other(text, setting)
    if not own:
        return NotUnderstood()
    clear = bool(chosen.picks) and all(len(one.options) == 1 for one in chosen.picks)
    if clear and setting.expectation.repeats and _is_list(text, setting.words):
        values: tuple[Value, ...] = tuple(dict.fromkeys(one.options[0] for one in chosen.picks))
        return Understood(values=(*values, *chosen.loose))
    return Understood(values=(own,))


def _after_other(text: Text, setting: Setting) -> str:
    """ "Other: hiking" is "hiking"."""
    end = setting.words["other_prefix"].start(text.plain)
    if not end:
        return text.original.strip()
    return text.original_from(end).lstrip(" :,-.").strip()


def _is_list(text: Text, words: Vocabulary) -> bool:
    return re.search(r"[,;\n]", text.plain) is not None or words["join"].inside(text.plain) is not None
