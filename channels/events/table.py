"""Events in a table (CSV), for sites that have nothing else: bytes in, events or numbered faults out. Pure.

Read: UTF-8 with or without BOM, commas, semicolons or tabs, quoted fields, any line ends (RFC 4180 and what spreadsheets make of it).
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from channels.events.model import EventIn
from channels.events.parse import AHEAD, faults_of

COLUMNS = (
    *("id", "study", "participant", "kind", "at"),
    *("appointment", "starts_at", "minutes", "time_zone", "place"),
    *("gene", "finding"),
)
NEEDED = ("participant", "kind", "at")
MAX_ROWS = 20_000
_LOCAL = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{1,2}:\d{2})(:\d{2})?)?")
_WHOLE = re.compile(r"\d{1,4}")
_NOON = "12:00"
"""The time of a day that comes without one."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """An event, and the line of the file on which it begins."""

    line: int
    event: EventIn


@dataclass(frozen=True, kw_only=True)
class RowFault:
    """What is wrong on a line; nothing of what stands there is repeated."""

    line: int
    message: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file as read: rows in order, and every fault. With a fault, none of its rows may be used."""

    rows: tuple[Row, ...]
    faults: tuple[RowFault, ...]


def parse_table(content: bytes, *, study: str, zones: Mapping[str, str], now: datetime) -> Table:
    """Read a table. `study` stands where a row has none; `zones`: study → IANA zone, for times without an offset.

    A row without an id gets one made of what it says: the same row again is the same event.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return Table(rows=(), faults=(RowFault(line=line, message="is not UTF-8: save the file as CSV UTF-8"),))
    rows: list[Row] = []
    faults: list[RowFault] = []
    known: dict[str, str] = {}
    try:
        for line, fields in _records(text):
            found = _read(fields, study=study, zones=zones, now=now)
            if not isinstance(found, EventIn):
                faults += [RowFault(line=line, message=message) for message in found]
                continue
            said = found.model_dump_json()
            if known.setdefault(found.id or "", said) != said:
                faults.append(RowFault(line=line, message="id: stands for another event above"))
            rows.append(Row(line=line, event=found))
    except _Broken as broken:
        faults.append(RowFault(line=broken.line, message=broken.message))
    return Table(rows=tuple(rows), faults=tuple(faults))


class _Broken(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


def _records(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, column → field) of every row that is not empty. Raises `_Broken`."""
    head = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] | None = None
    line, count = 1, 0
    try:
        for fields in reader:
            here, line = line, reader.line_num + 1
            if not any(field.strip() for field in fields):
                continue
            if names is None:
                names = _names(here, fields)
                continue
            if len(fields) > len(names) and any(field.strip() for field in fields[len(names) :]):
                raise _Broken(here, f"has {len(fields)} fields; the first line names {len(names)}")
            count += 1
            if count > MAX_ROWS:
                raise _Broken(here, f"is one too many: at most {MAX_ROWS} rows a file")
            yield here, {name: field.strip() for name, field in zip(names, fields, strict=False) if name}
    except csv.Error as error:
        raise _Broken(line, f"is no CSV: {error}") from None
    if names is None:
        raise _Broken(1, "the file is empty; its first line names the columns")


def _names(line: int, fields: list[str]) -> list[str]:
    names = [field.strip().lower().replace(" ", "_") for field in fields]
    unknown = [str(place) for place, name in enumerate(names, 1) if name and name not in COLUMNS]
    if unknown:
        raise _Broken(line, f"column {', '.join(unknown)} is not known; known are {', '.join(COLUMNS)}")
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise _Broken(line, f"column {', '.join(missing)} is missing")
    if len(set(filter(None, names))) < len([name for name in names if name]):
        raise _Broken(line, "a column is named twice")
    return names


def _read(fields: Mapping[str, str], *, study: str, zones: Mapping[str, str], now: datetime) -> EventIn | list[str]:
    given = {name: value for name, value in fields.items() if value}
    where = given.get("study", study)
    if where not in zones:
        return ["study: there is no such study here"]
    problems: list[str] = []
    zone = given.get("time_zone") or zones[where]
    for name in ("at", "starts_at"):
        if name in given:
            try:
                given[name] = _instant(given[name], zone)
            except ValueError as wrong:
                problems.append(f"{name}: {wrong}")
    if "minutes" in given and not _WHOLE.fullmatch(given["minutes"]):
        problems.append("minutes: is no whole number")
    if problems:
        return problems
    try:
        event = EventIn.model_validate_strings(_nested(given, where))
    except ValidationError as error:
        return [f"{fault.pointer.rpartition('/')[2] or 'row'}: {fault.detail}" for fault in faults_of(error)]
    if event.at > now + AHEAD:
        return ["at: is in the future"]
    return event.model_copy(update={"id": event.id or _id_of(event)})


def _nested(given: Mapping[str, str], study: str) -> dict[str, object]:
    event: dict[str, object] = {name: given[name] for name in ("id", "participant", "kind", "at") if name in given}
    event["study"] = study
    about = {name: given[name] for name in ("starts_at", "minutes", "time_zone", "place") if name in given}
    if "appointment" in given or about:
        event["appointment"] = {**about, **({"id": given["appointment"]} if "appointment" in given else {})}
    found = {name: given[name] for name in ("gene", "finding") if name in given}
    if found:
        event["genotypes"] = [found]
    return event


def _instant(text: str, zone: str) -> str:
    """An instant with its offset stays; a local time is one in `zone`, a day alone means its noon.

    An hour that the clock shows twice is the first of both; one that it skips is refused.
    """
    found = _LOCAL.fullmatch(text)
    if found is None:
        return text
    day, clock, seconds = found[1], found[2] or _NOON, found[3] or ":00"
    try:
        local = datetime.fromisoformat(f"{day}T{clock:0>5}{seconds}").replace(tzinfo=ZoneInfo(zone))
    except (ValueError, KeyError, OSError):
        raise ValueError("is no date and time such as 2026-11-24 14:30") from None
    if local.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError("does not exist on that day: the clocks were put forward")
    return local.isoformat()


def _id_of(event: EventIn) -> str:
    said = event.model_dump_json(exclude={"id"})
    return f"row-{hashlib.sha256(said.encode()).hexdigest()[:40]}"
