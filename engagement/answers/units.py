"""Units of measure: their names as people write them, and what one is in another."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from engagement.answers.text import read_text
from engagement.answers.vocabulary import read_words


@dataclass(frozen=True, kw_only=True)
class Unit:
    """`code` is UCUM's. `factor`: one of it in its dimension's first unit, once `offset` is added."""

    code: str
    dimension: str
    factor: Fraction
    offset: Fraction = Fraction(0)
    partner: str | None = None

    def convert(self, value: Fraction, to: "Unit") -> Fraction:
        """The same amount in another unit of the dimension."""
        return (value + self.offset) * self.factor / to.factor - to.offset


@dataclass(frozen=True)
class _Name:
    unit: Unit
    weak: bool


MAX_NAME_TOKENS = 3


@cache
def _units() -> tuple[Mapping[str, Unit], Mapping[str, tuple[_Name, ...]]]:
    units: dict[str, Unit] = {}
    names: dict[str, tuple[_Name, ...]] = {}
    for code, said in read_words("units").items():
        unit = Unit(
            code=code,
            dimension=said["dimension"],
            factor=Fraction(said["factor"]),
            offset=Fraction(said.get("offset", 0)),
            partner=said.get("partner"),
        )
        units[code] = unit
        for weak in (False, True):
            for name in said.get("weak" if weak else "names", ()):
                names[name] = (*names.get(name, ()), _Name(unit, weak))
    return units, names


def unit_named(said: str, dimension: str | None) -> Unit | None:
    """The unit of this folded name; one of `dimension` before others, a weak name only of that dimension."""
    found = _units()[1].get(said, ())
    for name in found:
        if name.unit.dimension == dimension:
            return name.unit
    return next((name.unit for name in found if not name.weak), None)


@cache
def unit_of(written: str | None) -> Unit | None:
    """The unit a questionnaire means, by UCUM code or by name; None where it is not one of ours."""
    if not written:
        return None
    units, names = _units()
    if written in units:
        return units[written]
    found = names.get(written) or names.get(read_text(written).plain.strip().strip("."))
    return found[0].unit if found else None
