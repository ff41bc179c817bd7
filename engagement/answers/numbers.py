"""Numbers in digits, words and both, as people write them: "5 and a half", "two dozen", "1,5", "ciento veinte"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from engagement.answers.setting import Setting

_TOKEN = re.compile(r"\d+(?:[.,_]\d+)*|[^\W\d_]+|''|[^\w\s]")
_MAX_DIGITS = 18
"""FHIR R4 asks a decimal to keep 18 digits; a longer run of digits is no amount."""
MAX_TOKENS = 150
_ISH = re.compile(r"(?<=[a-z0-9])[- ]?ish(?![a-z])")


@dataclass(frozen=True)
class Token:
    """A word, a number or a mark, and where it stands."""

    said: str
    start: int
    end: int


@dataclass(frozen=True)
class Number:
    """A number and the tokens it takes, `end` excluded. `other`: the other reading of 1,500, where there are two."""

    value: Fraction
    start: int
    end: int
    spelled: bool = False
    other: Fraction | None = None


def tokens_of(plain: str) -> tuple[Token, ...]:
    """The tokens of folded text, no more than `MAX_TOKENS`."""
    found = []
    for match in _TOKEN.finditer(plain):
        found.append(Token(match[0], *match.span()))
        if len(found) == MAX_TOKENS:
            break
    return tuple(found)


def without_hedges(plain: str, setting: Setting) -> str:
    """The text with "about", "8ish" and the like blanked."""
    return without(_ISH.sub(lambda match: " " * len(match[0]), plain), setting, "approximately")


def without(plain: str, setting: Setting, *lists: str) -> str:
    """The text with the phrases of these lists blanked, every other place kept."""
    for name in lists:
        for match in setting.words[name].matches(plain):
            plain = plain[: match.start()] + " " * len(match[0]) + plain[match.end() :]
    return plain


def to_decimal(value: Fraction) -> Decimal:
    """Exact where it can be, else four places."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(exact) != value:
        exact = round(exact, 4)
    return Decimal(exact.to_integral_value()) if exact == exact.to_integral_value() else exact.normalize()


def find_numbers(tokens: tuple[Token, ...], setting: Setting, *, whole: bool = False) -> list[Number]:
    """All numbers, left to right. `whole`: halves stay words and "minus" a word, as the clock needs it."""
    return list(_Finder(tokens, setting, whole=whole).numbers())


class _Finder:
    """Walks over the tokens once; each method takes a place and returns what starts there and where it ends."""

    def __init__(self, tokens: tuple[Token, ...], setting: Setting, *, whole: bool) -> None:
        self.tokens = tokens
        self.setting = setting
        self.whole = whole
        tables = setting.words.tables
        self.small: dict[str, int] = {word: int(value) for word, value in tables["numbers"].items()}
        self.scales: dict[str, int] = {word: int(value) for word, value in tables["scales"].items()}
        self.groups: dict[str, int] = {word: int(value) for word, value in tables["groups"].items()}
        self.times: dict[str, int] = {word: int(value) for word, value in tables["times"].items()}
        self.fractions = {} if whole else {word: Fraction(value) for word, value in tables["fractions"].items()}
        self.links = tables["links"]

    def said(self, place: int) -> str:
        return self.tokens[place].said if 0 <= place < len(self.tokens) else ""

    def link(self, place: int) -> str:
        return str(self.links.get(self.said(place), ""))

    def numbers(self) -> Iterator[Number]:
        place = 0
        while place < len(self.tokens):
            found = self._number(place)
            if found is None:
                place += 1
                continue
            yield self._signed(found)
            place = found.end

    def _signed(self, found: Number) -> Number:
        if self.whole:
            return found
        before = found.start - 1
        minus = self.link(before) == "minus"
        if self.said(before) == "-":
            glued = self.tokens[before].end == self.tokens[found.start].start
            minus = glued and (before == 0 or self.tokens[before].start > self.tokens[before - 1].end)
        return Number(-found.value, found.start, found.end, found.spelled) if minus and not found.other else found

    def _number(self, place: int) -> Number | None:
        if self.said(place) in self.times:
            return Number(Fraction(self.times[self.said(place)]), place, place + 1, True)
        found = self._digits(place) or self._words(place) or self._fraction(place)
        if found is None:
            return self._group(place, None)
        group = self._group(found.end, found)
        return group or self._with_fraction(found)

    def _digits(self, place: int) -> Number | None:
        said = self.said(place)
        if not said[:1].isdigit() or not said.isascii() or self._in_a_name(place):
            return None
        value, other = self._written(said)
        if value is None or self._in_a_decade(place):
            return None
        scale = self.scales.get(self.said(place + 1)) or self._thousands(place)
        if scale and other is None:
            return Number(value * scale, place, place + 2)
        return Number(value, place, place + 1, other=other)

    def _thousands(self, place: int) -> int | None:
        """The k of "10k", where no unit is asked for that it could be."""
        expectation = self.setting.expectation
        glued = self.said(place + 1) == "k" and self.tokens[place + 1].start == self.tokens[place].end
        return 1000 if glued and not expectation.unit and not expectation.units else None

    def _in_a_decade(self, place: int) -> bool:
        """The 30 of "in my 30s"."""
        return self.said(place + 1) == "s" and self.tokens[place + 1].start == self.tokens[place].end

    def _in_a_name(self, place: int) -> bool:
        """The 1 of "A1C"; the 7 of "5ft7" is none."""
        glued = place > 0 and self.tokens[place - 1].end == self.tokens[place].start
        if not glued or not self.said(place - 1).isalpha():
            return False
        return (
            place < 2
            or not self.said(place - 2)[-1].isdigit()
            or self.tokens[place - 2].end < self.tokens[place - 1].start
        )

    def _written(self, said: str) -> tuple[Fraction | None, Fraction | None]:
        """The value of digits with points and commas, and a second one where region and language leave it open."""
        if sum(character.isdigit() for character in said) > _MAX_DIGITS:
            return None, None
        said = said.replace("_", "")
        marks = [character for character in said if character in ".,"]
        if not marks:
            return Fraction(said), None
        groups = re.split("[.,]", said)
        grouped = all(len(group) == 3 for group in groups[1:]) and 0 < len(groups[0]) <= 3 and groups[0] != "0"
        whole = Fraction("".join(groups))
        if len(set(marks)) == 2 and marks.count(marks[-1]) == 1:
            return Fraction("".join(groups[:-1]) + "." + groups[-1]), None
        if len(marks) > 1:
            return (whole if grouped and len(set(marks)) == 1 else None), None
        part = Fraction(f"{groups[0]}.{groups[1]}")
        if not grouped:
            return part, None
        comma = self.setting.decimal_comma
        if comma is None and self.setting.expectation.kind != "integer":
            return whole, part
        return (part if comma is not None and (marks[0] == ",") == comma else whole), None

    def _words(self, place: int) -> Number | None:
        start, total, current, seen = place, 0, 0, False
        while place < len(self.tokens):
            step = place + 1 if seen and self._joins(place, current or total) else place
            word = self.said(step)
            if word in self.small and self._fits(self.small[word], current, seen):
                current += self.small[word]
            elif seen and self.scales.get(word) == 100 and 0 < current < 100:
                current *= 100
            elif self.scales.get(word, 0) == 100 and not seen:
                current = 100
            elif self.scales.get(word, 0) >= 1000 and step == place and (seen or self._counts(place)):
                total += max(current, 1) * self.scales[word]
                current = 0
            else:
                break
            seen = True
            place = step + 1
        if not seen:
            return None
        return self._pointed(self._hundreds(Number(Fraction(total + current), start, place, True)))

    def _counts(self, place: int) -> bool:
        """A scale alone ("mil", "a thousand") is a number, but a "mil" among English words is not."""
        return self.link(place - 1) == "article" or self.setting.words.language == "es"

    def _joins(self, place: int, value: int) -> bool:
        follows = self.said(place + 1) in self.small
        if self.said(place) == ",":
            return follows and self.scales.get(self.said(place - 1), 0) >= 1000
        if self.said(place) == "-":
            return follows and value % 10 == 0 and value % 100 >= 20
        if self.link(place) != "and" or not follows:
            return False
        if self.setting.words.language == "es":
            return value % 100 >= 20 and value % 10 == 0 and self.small[self.said(place + 1)] < 10
        return value % 100 == 0 and value > 0

    @staticmethod
    def _fits(value: int, current: int, seen: bool) -> bool:
        if not seen or current == 0:
            return value > 0 or not seen
        return value > 0 and current % 10 ** len(str(value)) == 0 and (value >= 10 or current % 100 != 10)

    def _hundreds(self, found: Number) -> Number:
        """ "One seventy" is 170."""
        second = self.small.get(self.said(found.end), 0)
        if not 1 <= found.value <= 9 or not 10 <= second <= 90 or self.setting.words.language != "en":
            return found
        unit = self.small.get(self.said(found.end + 1), 0) if second >= 20 else 0
        more = unit if 0 < unit < 10 else 0
        return Number(found.value * 100 + second + more, found.start, found.end + 1 + bool(more), True)

    def _pointed(self, found: Number) -> Number:
        if self.link(found.end) != "point":
            return found
        place, digits = found.end + 1, ""
        while (word := self.said(place)) in self.small and len(digits) < 6:
            digits += str(self.small[word])
            place += 1
        if not digits:
            return found
        return Number(found.value + Fraction(f"0.{digits}"), found.start, place, True)

    def _fraction(self, place: int) -> Number | None:
        if self.said(place) in self.fractions:
            after = place + 1
            group = self.groups.get(self.said(after + (self.link(after) == "article")))
            value = self.fractions[self.said(place)]
            if group:
                return Number(value * group, place, after + (self.link(after) == "article") + 1, True)
            return Number(value, place, after, True)
        return None

    def _group(self, place: int, counted: Number | None) -> Number | None:
        group = self.groups.get(self.said(place))
        if group is None:
            return None
        value = counted.value if counted else Fraction(1)
        return Number(value * group, counted.start if counted else place, place + 1, True)

    def _with_fraction(self, found: Number) -> Number:
        """ "5 1/2", "three quarters", "five and a half", "cinco y medio"; 3/4 by itself is three quarters."""
        place = found.end
        if slash := self._slash(found.start):
            return slash
        if (slash := self._slash(place)) and slash.value < 1 and found.value.denominator == 1:
            return Number(found.value + slash.value, found.start, slash.end)
        if self.said(place) in self.fractions and self.said(place) not in ("half", "medio", "media"):
            if found.value < 10:
                return Number(found.value * self.fractions[self.said(place)], found.start, place + 1, True)
            return found
        joined = self.link(place) == "and"
        step = place + joined
        counted = self.small.get(self.said(step), 1) if joined else 1
        step += joined and (self.link(step) == "article" or self.said(step) in self.small)
        if self.said(step) in self.fractions and (joined or self.said(step) == "half"):
            return Number(found.value + counted * self.fractions[self.said(step)], found.start, step + 1, found.spelled)
        return found

    def _slash(self, place: int) -> Number | None:
        top, mark, bottom = (self.said(place + step) for step in range(3))
        if mark != "/" or not (top.isascii() and top.isdigit() and bottom.isascii() and bottom.isdigit()):
            return None
        if len(top) > 1 or bottom not in ("2", "3", "4", "5", "8") or int(top) >= int(bottom):
            return None
        return Number(Fraction(int(top), int(bottom)), place, place + 3)
