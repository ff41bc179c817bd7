"""Labels that stand somewhere in a message: "I get tremor and some stiffness"; "no tremor" is none of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engagement.answers.expectation import Option
from engagement.answers.labels import Pick, is_turned, names_of
from engagement.answers.text import fold, to_words
from engagement.answers.vocabulary import Vocabulary

GAP = "\x01"
"""What a label's place is filled with."""
_CLAUSE = re.compile(r"[,.;:!?\n]")
_LONGEST_DEGREE = 2


@dataclass(frozen=True)
class Labels:
    """`plain`: the text with gaps for labels; `picks`: where they stood; `denied`: some was said with a "not"."""

    plain: str
    picks: tuple[tuple[int, Pick], ...]
    denied: bool = False


def find_labels(plain: str, options: Sequence[Option], words: Vocabulary) -> Labels:
    """Options whose names stand in the text, longest name first."""
    for match in words["idioms"].matches(plain):
        plain = _blanked(plain, match, " ")
    whole = plain
    found: list[tuple[int, Pick]] = []
    denied = False
    names = [(name, option) for option in options for name in names_of(option) if len(name) > 2 and not name.isdigit()]
    for name, option in sorted(names, key=lambda one: -len(one[0])):
        pattern = r"[^\w]+".join(re.escape(word) for word in name.split())
        for match in re.finditer(rf"(?<![^\W_]){pattern}(?![^\W_])", plain):
            if _is_filler(name, whole, match, words):
                plain = _blanked(plain, match, " ")
                continue
            before, after = _around(whole, match, words)
            if _is_denied(before, after, name, words):
                denied = True
            else:
                found.append((match.start(), _by_degree(before, name, option, options, words)))
            plain = _blanked(plain, match, GAP)
    return Labels(plain, tuple(found), denied)


def _blanked(plain: str, match: re.Match[str], filling: str) -> str:
    return plain[: match.start()] + filling * len(match[0]) + plain[match.end() :]


def _around(whole: str, match: re.Match[str], words: Vocabulary) -> tuple[str, str]:
    """The words of the same clause, before and after. "But" begins another."""
    before, after = _CLAUSE.split(whole[: match.start()])[-1], _CLAUSE.split(whole[match.end() :])[0]
    turns = words["clause"].matches(before)
    before = before[turns[-1].end() :] if turns else before
    next_turn = words["clause"].inside(after)
    return to_words(before), to_words(after[: next_turn.start()] if next_turn else after)


def _is_denied(before: str, after: str, name: str, words: Vocabulary) -> bool:
    """ "Not X", "I don't have X", "X no"."""
    pieces = before.split()
    nearby = range(1, min(4, len(pieces)) + 1)
    turned = [match[0] for match in words["turning"].matches(before) if not words["lessening"].whole(match[0])]
    if turned or any(words["negated"].whole(" ".join(pieces[-length:])) for length in nearby):
        return True
    return bool(after) and words["denying"].whole(after) and not is_turned(name, words)


def _is_filler(name: str, whole: str, match: re.Match[str], words: Vocabulary) -> bool:
    """The "well" of "well, not so bad"."""
    before, after = to_words(whole[: match.start()]), to_words(whole[match.end() :])
    return not before and bool(after) and words["fillers"].start(f"{name} {after}") == len(name)


def _by_degree(before: str, name: str, option: Option, options: Sequence[Option], words: Vocabulary) -> Pick:
    """ "A lot worse" may be "A bit worse" or "Much worse"."""
    pieces = before.split()
    graded = any(
        words["by_degree"].whole(" ".join(pieces[-length:])) for length in range(1, _LONGEST_DEGREE + 1) if pieces
    )
    if not graded or name == fold(option.display):
        return Pick((option,))
    others = [other for other in options if other != option and f" {name}" in f" {fold(other.display)}"]
    return Pick((option, *others))
