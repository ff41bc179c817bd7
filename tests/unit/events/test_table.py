"""Tables as spreadsheets save them: what is read, what is refused and on which line."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.events.table import MAX_ROWS, Table, parse_table

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ZONES = {"larkspur": "America/New_York", "snowdrop": "America/Chicago"}
HEAD = "id,participant,kind,at\n"


def read(text: str | bytes, study: str = "larkspur") -> Table:
    content = text if isinstance(text, bytes) else text.encode()
    return parse_table(content, study=study, zones=ZONES, now=NOW)


def faults(text: str | bytes) -> list[str]:
    return [f"{fault.line}: {fault.message}" for fault in read(text).faults]


@pytest.mark.parametrize(
    ("bom", "delimiter", "end", "quote"), list(product(("", "\ufeff"), ",;\t", ("\n", "\r\n", "\r"), ("", '"')))
)
def test_whatever_a_spreadsheet_makes_of_it(bom: str, delimiter: str, end: str, quote: str) -> None:
    rows = [["id", "participant", "kind", "at"], ["e1", "7Q4M-2XPD", "kit_delivered", "2026-11-24 14:30"]]
    lines = [delimiter.join(f"{quote}{field}{quote}" for field in row) for row in rows]
    table = read(bom + end.join([*lines, ""]))
    assert table.faults == ()
    (row,) = table.rows
    assert (row.line, row.event.id, row.event.participant, row.event.kind) == (2, "e1", "7Q4M-2XPD", "kit_delivered")
    assert row.event.at == datetime(2026, 11, 24, 19, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-11-24T14:30:05", "2026-11-24T19:30:05"),
        ("2026-11-24 9:05", "2026-11-24T14:05:00"),
        ("2026-11-24", "2026-11-24T17:00:00"),
        ("2026-07-01 14:30", "2026-07-01T18:30:00"),
        ("2026-11-24T14:30:00+02:00", "2026-11-24T12:30:00"),
        ("2026-11-24T14:30:00Z", "2026-11-24T14:30:00"),
        # Twice on the clock: the first of both.
        ("2026-11-01 01:30", "2026-11-01T05:30:00"),
    ],
)
def test_times_are_local_to_the_study(written: str, utc: str) -> None:
    (row,) = read(f"{HEAD}e1,ABC-1,kit_delivered,{written}\n").rows
    assert row.event.at == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_a_study_of_its_own_has_a_clock_of_its_own() -> None:
    text = "study,participant,kind,at\nsnowdrop,ABC-1,kit_delivered,2026-11-24 14:30\n,ABC-1,kit_delivered,2026-11-24 14:30\n"
    one, two = read(text).rows
    assert (one.event.study, two.event.study) == ("snowdrop", "larkspur")
    assert (one.event.at.astimezone(UTC).hour, two.event.at.astimezone(UTC).hour) == (20, 19)


def test_appointments() -> None:
    text = (
        "participant;kind;at;appointment;starts_at;minutes;place\n"
        'ABC-1;appointment_booked;2026-11-24;V1;2026-12-03 14:30;45;"Clinic; 2nd floor"\n'
        "ABC-1;appointment_cancelled;2026-11-25 06:00;V1;;;\n"
    )
    booked, cancelled = (row.event for row in read(text).rows)
    assert booked.appointment is not None
    assert (booked.appointment.id, booked.appointment.minutes, booked.appointment.place) == (
        "V1",
        45,
        "Clinic; 2nd floor",
    )
    assert booked.appointment.starts_at == datetime(2026, 12, 3, 19, 30, tzinfo=UTC)
    assert cancelled.appointment is not None
    assert cancelled.appointment.starts_at is None


def test_a_row_without_an_id_is_known_by_what_it_says() -> None:
    text = "participant,kind,at\nABC-1,kit_delivered,2026-11-24\nABC-1,kit_delivered,2026-11-24\nABC-2,kit_delivered,2026-11-24\n"
    ids = [row.event.id for row in read(text).rows]
    assert ids[0] == ids[1] != ids[2]
    assert [row.event.id for row in read(text).rows] == ids


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "1: the file is empty; its first line names the columns"),
        ("\n\n", "1: the file is empty; its first line names the columns"),
        ("participant,kind\nA-1,kit_delivered\n", "1: column at is missing"),
        ("participant,kind,at,name\n", "1: column 4 is not known; known are id, study,"),
        ("participant,kind,at,at\n", "1: a column is named twice"),
        (f"{HEAD}e1,ABC-1,kit_delivered\n", "2: at: Field required"),
        (f"{HEAD}e1,ABC-1,kit_delivered,24.11.2026\n", "2: at: Input should be a valid datetime"),
        (f"{HEAD}e1,ABC-1,kit_delivered,2026-11-31\n", "2: at: is no date and time such as 2026-11-24 14:30"),
        (f"{HEAD}e1,ABC-1,kit_delivered,2026-03-08 02:30\n", "2: at: does not exist on that day: the clocks were put forward"),
        (f"{HEAD}e1,ABC-1,kit_delivered,2026-11-26\n", "2: at: is in the future"),
        (f"{HEAD}e1,ABC-1,kit_vanished,2026-11-24\n", "2: kind: no kind of event"),
        (f"{HEAD}e1,Ann Smith,kit_delivered,2026-11-24\n", "2: participant: A participant code has"),
        (f"{HEAD}e1,ABC-1,kit_delivered,2026-11-24,more\n", "2: has 5 fields; the first line names 4"),
        (f'{HEAD}e1,ABC-1,kit_delivered,"2026-11-24\n', "2: is no CSV:"),
        (f"{HEAD}e1,ABC-1,appointment_booked,2026-11-24\n", "2: row: `appointment` stands with"),
        (f"{HEAD}\n\ne1,ABC-1,kit_vanished,2026-11-24\n", "4: kind: no kind of event"),
        (f"{HEAD}e1,ABC-1,kit_delivered,2026-11-24\ne1,ABC-2,kit_delivered,2026-11-24\n", "3: id: stands for another event above"),
        (HEAD.encode() + "e1,ABC-1,kit_delivered,2026-11-24\ne2,Peña,x,y\n".encode("latin-1"), "3: is not UTF-8"),
        ("study,participant,kind,at\nno-such,ABC-1,kit_delivered,2026-11-24\n", "2: study: there is no such study here"),
        (
            "participant,kind,at,appointment,starts_at,minutes\nA-1,appointment_booked,2026-11-24,V1,2026-12-01,an hour\n",
            "2: minutes: is no whole number",
        ),
    ],
)  # fmt: skip
def test_faults_name_their_line(text: str | bytes, wanted: str) -> None:
    found = faults(text)
    assert found
    assert found[0].startswith(wanted), found
    assert "Ann Smith" not in " ".join(found)


def test_every_fault_is_told_at_once() -> None:
    text = f"{HEAD}e1,ABC-1,kit_vanished,2026-11-24\ne2,ABC-1,kit_delivered,2026-11-24\ne3,ABC-1,kit_delivered,never\n"
    assert [fault.line for fault in read(text).faults] == [2, 4]


def test_a_quoted_line_end_does_not_shift_the_count() -> None:
    text = f'{HEAD}"e\n1",ABC-1,kit_delivered,2026-11-24\ne2,ABC-1,kit_vanished,2026-11-24\n'
    assert [fault.line for fault in read(text).faults] == [2, 4]


def test_too_many_rows() -> None:
    text = HEAD + "".join(f"e{n},ABC-1,kit_delivered,2026-11-24\n" for n in range(MAX_ROWS + 1))
    assert faults(text) == [f"{MAX_ROWS + 2}: is one too many: at most {MAX_ROWS} rows a file"]


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: (HEAD + text).encode("utf-8", "replace")))
def test_any_bytes_are_rows_or_faults(content: bytes) -> None:
    table = parse_table(content, study="larkspur", zones=ZONES, now=NOW)
    assert all(row.event.id for row in table.rows)
    assert all(fault.message for fault in table.faults)
