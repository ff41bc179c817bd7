"""Appointments in the database: the same in whatever order the changes come, and however often."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest

from engagement.appointments import AppointmentTaken, Booked, Change, appointment_after, record_change, upcoming
from engagement.participants import merge_participants
from tests.integration.events.lab import STUDY, Lab

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ZONE = "America/New_York"
START = NOW + timedelta(days=20)
TOLD = (
    Change(kind="appointment_booked", at=NOW, starts_at=START, place="Room 1"),
    Change(kind="appointment_moved", at=NOW + timedelta(hours=1), starts_at=START + timedelta(days=1), minutes=30),
    Change(kind="appointment_cancelled", at=NOW + timedelta(hours=2)),
    Change(kind="appointment_booked", at=NOW + timedelta(hours=3), starts_at=START + timedelta(days=2), zone="America/Chicago"),
)  # fmt: skip


async def record(lab: Lab, who: UUID, change: Change, *, name: str, key: str = "") -> tuple[Booked, bool]:
    database = lab.script.service.built.database
    async with database.begin() as connection:
        return await record_change(
            connection, database.keyring, who, STUDY, change, name=name, source="site",
            key=key or f"{name}:{change.at}", zone=ZONE, now=NOW,
        )  # fmt: skip


async def dates(lab: Lab, who: UUID) -> list[dict[str, Any]]:
    return await lab.script.place.rows("select name, at from journey_dates where participant_id = %s", who)


async def test_any_order_and_twice(lab: Lab) -> None:
    who, _ = await lab.known()
    for count in (2, 3, 4):
        for order in permutations(range(count)):
            name = uuid4().hex
            for number in (*order, *order):
                booked, _ = await record(lab, who, TOLD[number], name=name)
            expected = appointment_after(TOLD[:count])
            assert booked.appointment == replace(expected, zone=expected.zone or ZONE)
            kept = [row["at"] for row in await dates(lab, who) if row["name"] == str(booked.id)]
            assert kept == ([booked.appointment.starts_at] if booked.appointment.booked else [])


async def test_only_what_changes_something_is_told(lab: Lab) -> None:
    who, _ = await lab.known()
    name = uuid4().hex
    told = [(await record(lab, who, change, name=name))[1] for change in (TOLD[1], TOLD[1], TOLD[0], TOLD[2], TOLD[2])]
    # The booking that comes late adds its place.
    assert told == [True, False, True, True, False]
    again = Change(kind="appointment_cancelled", at=NOW + timedelta(hours=5))
    assert (await record(lab, who, again, name=name))[1] is False


async def test_a_name_and_a_key_stand_for_one_thing(lab: Lab) -> None:
    (who, _), (other, _) = await lab.known(), await lab.known()
    name = uuid4().hex
    await record(lab, who, TOLD[0], name=name, key=name)
    with pytest.raises(AppointmentTaken):
        await record(lab, other, TOLD[1], name=name)
    with pytest.raises(AppointmentTaken):
        await record(lab, who, TOLD[1], name=name, key=name)
    with pytest.raises(AppointmentTaken):
        await record(lab, who, TOLD[0], name=uuid4().hex, key=name)


async def test_it_follows_its_participant_when_two_turn_out_to_be_one(lab: Lab) -> None:
    (who, code), (other, _) = await lab.known(), await lab.known()
    booked, _ = await record(lab, who, TOLD[0], name=uuid4().hex)
    database = lab.script.service.built.database
    async with database.begin() as connection:
        await merge_participants(connection, source=who, target=other, at=NOW, cause="test")
        coming = await upcoming(connection, database.keyring, other, at=NOW)
    assert [each.id for each in coming] == [booked.id]
    _, key = await lab.key()
    body = {"id": uuid4().hex, "study": STUDY, "participant": code, "kind": "kit_ordered", "at": NOW.isoformat()}
    assert (await lab.post({**body, "at": "2026-11-01T00:00:00Z"}, key=key))[0] == 200
    assert await lab.stage(other) == "kit_ordered", "the code means whom they turned out to be"


async def test_nothing_of_it_lies_open(lab: Lab) -> None:
    who, code = await lab.known()
    await record(lab, who, TOLD[0], name=uuid4().hex)
    for table in ("appointments", "appointment_changes", "participant_codes"):
        for row in await lab.script.place.rows(f"select * from {table}"):  # noqa: S608
            assert "Room 1" not in str(row)
            assert code not in str(row)
