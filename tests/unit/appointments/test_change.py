"""What changes of an appointment come to, in whatever order they are told; its file for a calendar; its words."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from engagement.appointments import Appointment, BadChange, Booked, Change, appointment_after, time_values
from engagement.appointments.calendar import make_calendar, method_of
from engagement.appointments.change import BOOKED, CANCELLED, KINDS, MOVED

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FIRST, SECOND = datetime(2026, 12, 3, 19, 30, tzinfo=UTC), datetime(2026, 12, 4, 14, 0, tzinfo=UTC)
WORDS = {"summary": "Appointment", "description": "Call us; day, or night"}


def change(kind: str, hours: int, starts_at: datetime | None = None, **more: str) -> Change:
    return Change(kind=kind, at=AT + timedelta(hours=hours), starts_at=starts_at, **more)  # type: ignore[arg-type]


def booked(appointment: Appointment, sequence: int = 1) -> Booked:
    return Booked(
        id=UUID(int=7), participant_id=UUID(int=8), study="s", source="site", name="V1", appointment=appointment,
        sequence=sequence, confirmed_at=None, move_asked_at=None, created_at=AT,
    )  # fmt: skip


def test_the_order_of_telling_does_not_matter() -> None:
    told = [
        change(BOOKED, 0, FIRST, place="Room 1"),
        change(MOVED, 1, SECOND),
        change(CANCELLED, 2),
        change(BOOKED, 3, SECOND, place="Room 2"),
    ]
    for count in range(1, len(told) + 1):
        expected = appointment_after(told[:count])
        assert {appointment_after(order) for order in permutations(told[:count])} == {expected}
    assert appointment_after(told) == Appointment(booked=True, starts_at=SECOND, place="Room 2")
    assert appointment_after(told[:3]).booked is False


def test_a_move_known_first_keeps_what_the_booking_said_later() -> None:
    after = appointment_after([change(MOVED, 1, SECOND), change(BOOKED, 0, FIRST, place="Room 1")])
    assert (after.starts_at, after.place) == (SECOND, "Room 1")


def test_what_is_booked_has_a_start() -> None:
    for kind in (BOOKED, MOVED):
        with pytest.raises(BadChange):
            change(kind, 0)
    with pytest.raises(BadChange, match="no change"):
        change("kit_delivered", 0, FIRST)
    assert appointment_after([change(CANCELLED, 0)]).starts_at is None


@settings(deadline=None, max_examples=80)
@given(
    st.lists(
        st.tuples(st.sampled_from(KINDS), st.integers(0, 5), st.integers(0, 3), st.sampled_from([None, "A", "B"])),
        min_size=1,
        max_size=6,
    ),
    st.randoms(use_true_random=False),
)
def test_any_order_gives_the_same(told: list[tuple[str, int, int, str | None]], random: Random) -> None:
    changes = [
        Change(kind=kind, at=AT + timedelta(hours=hour), starts_at=FIRST + timedelta(days=day), place=place)
        for kind, hour, day, place in told
    ]
    shuffled = list(changes)
    random.shuffle(shuffled)
    assert appointment_after(shuffled) == appointment_after(changes)
    for one in changes:
        assert Change.from_json(one.kind, one.at, one.to_json()) == one


def test_a_calendar_file() -> None:
    appointment = Appointment(booked=True, starts_at=FIRST, minutes=45, place="Clinic, 2nd floor")
    raw = make_calendar(
        booked(appointment), **WORDS, organizer="hello@talk.example", attendee="ann@home.example",
        domain="talk.example", at=AT,
    )  # fmt: skip
    assert all(len(line) <= 75 for line in raw.split(b"\r\n")), "RFC 5545 section 3.1 folds lines"
    calendar = Calendar.from_ical(raw)
    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["method"]), str(event["status"]), str(event["sequence"])) == ("REQUEST", "CONFIRMED", "0")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (FIRST, FIRST + timedelta(minutes=45))
    assert str(event["uid"]) == f"{UUID(int=7)}@talk.example"
    assert str(event["location"]) == "Clinic, 2nd floor"
    assert (str(event["organizer"]), str(event["attendee"])) == ("mailto:hello@talk.example", "mailto:ann@home.example")
    assert str(event["description"]) == WORDS["description"]


def test_a_cancelled_one_leaves_the_calendar() -> None:
    gone = booked(Appointment(booked=False, starts_at=FIRST, place="Clinic"), sequence=3)
    raw = make_calendar(gone, **WORDS, organizer="a@x.example", attendee="b@x.example", domain="x.example", at=AT)
    calendar = Calendar.from_ical(raw)
    (event,) = calendar.walk("VEVENT")
    assert (method_of(gone), str(calendar["method"])) == ("CANCEL", "CANCEL")
    assert (str(event["status"]), str(event["sequence"])) == ("CANCELLED", "2")
    assert "location" not in event


@pytest.mark.parametrize(
    ("place", "zone", "lives_in", "hour", "half"),
    [
        # At a clinic its clock counts; on the phone theirs does.
        ("Clinic", "America/New_York", "America/Los_Angeles", 2, "@when/pm"),
        (None, "America/New_York", "America/Los_Angeles", 11, "@when/am"),
        (None, None, "Asia/Tokyo", 4, "@when/am"),
        ("Clinic", None, "America/Chicago", 1, "@when/one_pm"),
    ],
)
def test_the_clock_of_whoever_comes(place: str | None, zone: str | None, lives_in: str, hour: int, half: str) -> None:
    told = time_values(Appointment(booked=True, starts_at=FIRST, place=place, zone=zone), zone=lives_in)
    assert (told["hour"], told["minute"], told["time"]) == (hour, "30", half)


def test_noon_and_midnight_and_the_day() -> None:
    noon = time_values(Appointment(booked=True, starts_at=datetime(2026, 3, 8, 12, 5, tzinfo=UTC)), zone="UTC")
    assert (noon["hour"], noon["minute"], noon["time"]) == (12, "05", "@when/pm")
    assert (noon["weekday"], noon["month"], noon["date"]) == ("@weekday/d7", "@month/m3", 8)
    midnight = time_values(Appointment(booked=True, starts_at=datetime(2026, 3, 8, 0, 0, tzinfo=UTC)), zone="UTC")
    assert (midnight["hour"], midnight["time"]) == (12, "@when/am")
