"""An appointment from its booking at the site to the participant's yes or no: told, reminded, moved, called off."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from icalendar import Calendar

from engagement import clock
from engagement.journeys import set_time_zone
from engagement.participants import add_contact
from scheduler.ticker import work_off
from tests.conversations.script import Phone, same
from tests.integration.events.lab import Lab, event

NEW_YORK = ZoneInfo("America/New_York")
TODAY = datetime.now(NEW_YORK).replace(hour=11, minute=0, second=0, microsecond=0) + timedelta(days=1)
"""A morning on which everybody may be written to."""
PLACE = "Larkspur Parkinson Clinic, Room 2"
VISIT = TODAY.replace(hour=14, minute=30) + timedelta(days=20)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    with time_machine.travel(moment.astimezone(UTC), tick=True):
        yield


@pytest.fixture(autouse=True)
def in_the_morning() -> Iterator[None]:
    with at(TODAY):
        yield


class Visit:
    """One participant's appointment, as a site keeps it."""

    def __init__(self, lab: Lab, phone: Phone, who: UUID, code: str, key: str) -> None:
        self.lab, self.phone, self.who, self.code, self.key = lab, phone, who, code, key
        self.name = uuid4().hex[:8]

    async def change(self, kind: str, *, hours: float = 0, **about: object) -> None:
        sent = event(self.code, f"appointment_{kind}", hours=hours, appointment={"id": self.name, **about})
        status, answer, _ = await self.lab.post(sent, key=self.key)
        assert status == 200, answer
        await self.tick()

    async def tick(self) -> None:
        built = self.lab.script.service.built
        await work_off(built.desk, ring=built.workers.ring_outreach)
        await self.lab.script.settled()

    async def expect(self, key: str, start: datetime | None = VISIT) -> str:
        """One text, and it is this one, with the time in it."""
        (said,) = await self.phone.news(1)
        values = {} if start is None else spoken(start)
        assert same(said, self.phone.words(key, **values)), f"wanted {key}, was told: {said}"
        assert "Parkinson" not in said
        return said

    async def row(self) -> dict[str, object]:
        (row,) = await self.lab.script.place.rows("select * from appointments where participant_id = %s", self.who)
        return row


def spoken(start: datetime) -> dict[str, object]:
    local = start.astimezone(NEW_YORK)
    return {
        "day": "@when/day", "time": "@when/am" if local.hour < 12 else "@when/pm", "weekday": f"@weekday/d{local.isoweekday()}",
        "month": f"@month/m{local.month}", "date": local.day, "hour": local.hour % 12 or 12, "minute": f"{local.minute:02}",
    }  # fmt: skip


async def visit(lab: Lab, language: str = "en", *, booked: bool = True) -> Visit:
    phone = lab.script.phone(language)
    who, code = await lab.known(phone)
    _, key = await lab.key()
    database = lab.script.service.built.database
    async with database.begin() as connection:
        await set_time_zone(connection, who, "America/New_York", now=clock.now())
    if language != "en":
        await lab.script.place.rows("update participants set language = %s where id = %s returning id", language, who)
    made = Visit(lab, phone, who, code, key)
    if booked:
        await made.change("booked", starts_at=VISIT.isoformat(), place=PLACE)
        await made.expect("appointment/booked")
    return made


@pytest.mark.parametrize(("language", "yes"), [("en", "Yes please"), ("es", "sí, ahí estaré")])
async def test_booked_reminded_and_confirmed(lab: Lab, language: str, yes: str) -> None:
    made = await visit(lab, language)
    with at(VISIT - timedelta(days=7) + timedelta(minutes=1)):
        await made.tick()
        await made.expect("appointment/week")
        await made.phone.say("cost?")
        assert len(await made.phone.news(1)) == 1
        await made.phone.say(yes)
        await made.expect("appointment/confirmed")
    assert (await made.row())["confirmed_at"] is not None
    with at(VISIT - timedelta(days=1)):
        await made.tick()
        await made.expect("appointment/tomorrow")
    with at(VISIT - timedelta(hours=2) + timedelta(minutes=1)):
        await made.tick()
        await made.expect("appointment/today")
    assert not await made.lab.script.place.rows("select 1 from escalations where participant_id = %s", made.who)


@pytest.mark.parametrize(
    ("language", "no"), [("en", "Sorry, I can't make it that day"), ("es", "¿podemos mover la cita?")]
)
async def test_who_cannot_come_is_brought_to_a_person(lab: Lab, language: str, no: str) -> None:
    made = await visit(lab, language)
    await made.phone.say(no)
    (said,) = await made.phone.news(1)
    wanted = [
        made.phone.words("appointment/move_asked", expected=f"@expected/{kind}", hours=hours)
        for kind in ("within_hours", "next_working_day") for hours in range(25)
    ]  # fmt: skip
    assert any(same(said, text) for text in wanted), said
    (case,) = await lab.script.place.rows("select * from escalations where participant_id = %s", made.who)
    assert (case["reason"], case["holds"]) == ("appointment", False)
    said_in = await lab.script.place.rows("select intent from messages where id = %s", case["cause_id"])
    assert len(said_in) == 1, "the person sees the very message"
    assert (await made.row())["move_asked_at"] is not None
    await made.change("moved", hours=1, starts_at=(VISIT + timedelta(days=1)).isoformat())
    await made.expect("appointment/moved", VISIT + timedelta(days=1))
    row = await made.row()
    assert (row["move_asked_at"], row["confirmed_at"], row["sequence"]) == (None, None, 2)


async def test_a_move_and_a_call_off_stop_what_was_planned(lab: Lab) -> None:
    made = await visit(lab)
    later = VISIT + timedelta(days=3)
    await made.change("moved", hours=1, starts_at=later.isoformat())
    await made.expect("appointment/moved", later)
    for hours in (24 * 7, 24, 2):
        with at(VISIT - timedelta(hours=hours) + timedelta(minutes=1)):
            await made.tick()
            if VISIT - timedelta(hours=hours) >= later - timedelta(days=7):
                break
            assert await made.phone.news(0) == []
    await made.change("cancelled", hours=2)
    await made.expect("appointment/cancelled", later)
    for hours in (24 * 7, 24, 2):
        with at(later - timedelta(hours=hours) + timedelta(minutes=1)):
            await made.tick()
            assert await made.phone.news(0) == []


async def test_what_waits_in_the_outbox_is_held_back_by_a_call_off(lab: Lab) -> None:
    """Between the tick and the send: the gate sees it."""
    made = await visit(lab)
    rows = await lab.script.place.rows(
        "update touchpoints set due_at = now() - interval '1 minute' where participant_id = %s and item = "
        "'appointment_week' returning id",
        made.who,
    )
    await made.change("cancelled", hours=1)
    await made.expect("appointment/cancelled")
    for row in rows:
        (kept,) = await lab.script.place.rows("select status from touchpoints where id = %s", row["id"])
        assert kept["status"] == "cancelled"


async def test_late_and_repeated_news_say_nothing(lab: Lab) -> None:
    made = await visit(lab, booked=False)
    await made.change("moved", hours=2, starts_at=VISIT.isoformat())
    await made.expect("appointment/booked")
    await made.change("booked", hours=1, starts_at=(VISIT - timedelta(days=2)).isoformat())
    assert await made.phone.news(0) == []
    assert (await made.row())["starts_at"] == VISIT


async def test_nobody_is_told_of_what_was_called_off_before_they_knew(lab: Lab) -> None:
    made = await visit(lab, booked=False)
    await made.change("cancelled", hours=2)
    await made.change("booked", hours=1, starts_at=VISIT.isoformat())
    assert await made.phone.news(0) == []


async def test_when_is_it(lab: Lab) -> None:
    made = await visit(lab, booked=False)
    await made.phone.say("when?")
    await made.expect("appointment/none", None)
    await made.change("booked", starts_at=VISIT.isoformat(), place=PLACE)
    await made.expect("appointment/booked")
    await made.phone.say("when?")
    said = await made.expect("appointment/mine_with_place")
    assert "Room" not in said


async def test_who_asks_when_it_is_may_then_move_it(lab: Lab) -> None:
    """Days after anything was said of it by the clock."""
    made = await visit(lab)
    with at(VISIT - timedelta(days=9)):
        await made.phone.say("MOVE")
        await made.phone.expect("thank")
        await made.phone.say("when?")
        await made.expect("appointment/mine_with_place")
        await made.phone.say("ok")
        await made.phone.expect("thank")
        await made.phone.say("MOVE")
        (said,) = await made.phone.news(1)
    assert "another time" in said
    assert (await made.row())["move_asked_at"] is not None


async def test_without_permission_nothing_is_said(lab: Lab) -> None:
    phone = lab.script.phone()
    _, code = await lab.known(phone, allowed=False)
    _, key = await lab.key()
    booking = event(code, "appointment_booked", appointment={"id": "V9", "starts_at": VISIT.isoformat()})
    assert (await lab.post(booking, key=key))[0] == 200
    built = lab.script.service.built
    await work_off(built.desk, ring=built.workers.ring_outreach)
    assert await phone.news(0) == []


async def test_a_yes_out_of_nowhere_is_for_the_bot(lab: Lab) -> None:
    made = await visit(lab)
    await made.phone.say("yes")
    await made.expect("appointment/confirmed")
    await made.phone.say("yes")
    await made.phone.expect("thank")


async def test_the_calendar_file_by_mail(lab: Lab) -> None:
    made = await visit(lab, booked=False)
    address = f"{uuid4().hex[:8]}@mailbox.example"
    database = lab.script.service.built.database
    async with database.begin() as connection:
        await add_contact(connection, database.keyring, made.who, "email", address, verified_at=clock.now())

    def newest() -> tuple[Calendar, EmailMessage]:
        raw = lab.script.place.world.mailbox.boxes.of(address)[-1].raw
        mail = message_from_bytes(raw, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        (file,) = mail.iter_attachments()
        assert file.get_content_type() == "text/calendar"
        calendar = Calendar.from_ical(bytes(file.get_payload(decode=True)))
        assert str(file.get_param("method")) == str(calendar["method"])
        return calendar, mail

    await made.change("booked", starts_at=VISIT.isoformat(), place=PLACE)
    await made.expect("appointment/booked")
    calendar, mail = newest()
    (first,) = calendar.walk("VEVENT")
    assert (str(calendar["method"]), first.decoded("dtstart"), str(first["location"])) == ("REQUEST", VISIT, PLACE)
    assert "Parkinson" not in str(mail["Subject"])
    await made.change("moved", hours=1, starts_at=(VISIT + timedelta(days=1)).isoformat())
    await made.expect("appointment/moved", VISIT + timedelta(days=1))
    (second,) = newest()[0].walk("VEVENT")
    assert (second["uid"], second["sequence"]) == (first["uid"], 1)
    await made.change("cancelled", hours=2)
    await made.expect("appointment/cancelled", VISIT + timedelta(days=1))
    calendar, _ = newest()
    (third,) = calendar.walk("VEVENT")
    assert (str(calendar["method"]), str(third["status"]), third["uid"]) == ("CANCEL", "CANCELLED", first["uid"])
