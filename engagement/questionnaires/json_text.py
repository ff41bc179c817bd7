"""JSON as FHIR has it: decimals keep their digits, nothing twice, nothing bottomless."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engagement.errors import EngagementError

MAX_BYTES = 8_000_000
"""The largest published forms, value sets included, stay under half of it."""
MAX_LEVELS = 200
"""Objects and arrays within one another."""
MAX_NUMBER = 60
"""Characters of a number."""


class BadJson(EngagementError):
    """The file is no JSON that can be read."""


def read_json(source: bytes | str) -> dict[str, Any]:
    """The object in `source`; decimals as `Decimal`. `BadJson` says what is wrong."""
    if len(source) > MAX_BYTES:
        raise BadJson(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source.removeprefix("\ufeff")
        found = json.loads(
            text, parse_float=_decimal, parse_int=_integer, parse_constant=_constant, object_pairs_hook=_object
        )
    except UnicodeDecodeError:
        raise BadJson("the file is not UTF-8") from None
    except RecursionError:
        raise BadJson(f"the file nests deeper than {MAX_LEVELS} levels") from None
    except ValueError as error:
        raise BadJson(f"the file is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise BadJson("the file is no JSON object")
    _check_levels(found)
    return found


def write_json(value: Any, *, indent: int | None = None) -> str:
    """`value` as JSON text; a `Decimal` as the number it is, digit for digit."""
    out: list[str] = []
    _write(value, out, indent, 0)
    return "".join(out)


def _write(value: Any, out: list[str], indent: int | None, level: int) -> None:
    if isinstance(value, Decimal):
        out.append(f"{value:f}")
    elif not isinstance(value, Mapping | list | tuple):
        out.append(json.dumps(value, ensure_ascii=False, allow_nan=False))
    elif not value:
        out.append("{}" if isinstance(value, Mapping) else "[]")
    else:
        opening, closing = "{}" if isinstance(value, Mapping) else "[]"
        out.append(opening)
        gap = "" if indent is None else "\n" + " " * indent * (level + 1)
        for number, member in enumerate(value.items() if isinstance(value, Mapping) else value):
            out.append(("," if indent is not None else ", ") + gap if number else gap)
            if isinstance(value, Mapping):
                out.append(json.dumps(str(member[0]), ensure_ascii=False) + ": ")
                _write(member[1], out, indent, level + 1)
            else:
                _write(member, out, indent, level + 1)
        out.append("" if indent is None else "\n" + " " * indent * level)
        out.append(closing)


def _decimal(text: str) -> Decimal:
    exponent = text.lower().partition("e")[2]
    if len(text) > MAX_NUMBER or abs(int(exponent or 0)) > MAX_NUMBER:
        raise ValueError(f"the number {text[:20]}… is too long")
    return Decimal(text)


def _integer(text: str) -> int:
    if len(text) > MAX_NUMBER:
        raise ValueError(f"the number {text[:20]}… is too long")
    return int(text)


def _constant(text: str) -> Any:
    raise ValueError(f"{text} is no number in JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ValueError(f"'{name[:60]}' stands twice in one object")
            seen.add(name)
    return found


def _check_levels(found: Any) -> None:
    waiting, level = [found], 0
    while waiting:
        level += 1
        if level > MAX_LEVELS:
            raise BadJson(f"the file nests deeper than {MAX_LEVELS} levels")
        waiting = [
            member
            for value in waiting
            for member in (value.values() if isinstance(value, dict) else value)
            if isinstance(member, dict | list)
        ]
