"""Appointments with the trained bot: confirmed by reply, moved by reply, asked for; in both languages."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine

from engagement import clock
from engagement.appointments import Appointment, Change, record_change, tell_change, time_values
from engagement.journeys import set_time_zone
from engagement.participants import find_contact
from engagement.permissions import Cause, grant_by_taking_part
from tests.conversations.clockwork import tick
from tests.conversations.script import Phone, Script

pytestmark = pytest.mark.conversation

HOME = ZoneInfo("America/New_York")
MORNING = datetime.now(HOME).replace(hour=11, minute=0, second=0, microsecond=0) + timedelta(days=1)
VISIT = MORNING.replace(hour=14, minute=30) + timedelta(days=10)
FIRST = {"en": "how much does the test cost?", "es": "¿cuánto cuesta la prueba?"}


class Invited:
    """Somebody with an appointment, who has been told of it."""

    def __init__(self, script: Script, phone: Phone, who: UUID) -> None:
        self.script, self.phone, self.who = script, phone, who

    async def change(self, kind: str, at: datetime, starts_at: datetime | None) -> None:
        built, study = self.script.service.built, self.script.house.default_study
        async with built.database.begin() as connection:
            booked, told = await record_change(
                connection, built.house.keyring, self.who, study, Change(kind=kind, at=at, starts_at=starts_at),
                name=str(self.who), source="site", key=f"{self.who}:{kind}", zone=HOME.key, now=clock.now(),
            )  # fmt: skip
            assert told
            await tell_change(connection, booked, zone=HOME.key, at=clock.now())
        await tick(self.script)

    async def expect(self, key: str, start: datetime = VISIT) -> None:
        values = time_values(Appointment(booked=True, starts_at=start), zone=HOME.key)
        await self.phone.expect(key, **values)

    async def expect_person(self) -> None:
        (said,) = await self.phone.news(1)
        beginning = self.phone.words("appointment/move_asked", expected="@expected/within_hours", hours=1)
        assert said[:60] == beginning[:60], said
        (case,) = await self.script.place.rows(
            "select reason, holds from escalations where participant_id = %s and closed_at is null", self.who
        )
        assert (case["reason"], case["holds"]) == ("appointment", False)


@pytest.fixture
async def invited(script: Script, language: str) -> AsyncIterator[Invited]:
    with time_machine.travel(MORNING.astimezone(UTC), tick=True):
        phone = script.phone(language)
        await phone.say(FIRST[language])
        await phone.expect("faq/cost")
        database = script.service.built.database
        async with database.begin() as connection:
            contact = await find_contact(connection, database.keyring, "sms", phone.number)
            assert contact is not None
            who, cause = contact.participant_id, Cause(actor="participant", said_on="sms")
            await set_time_zone(connection, who, HOME.key, now=clock.now())
            await grant_by_taking_part(connection, who, script.house.default_study, at=clock.now(), cause=cause)
        made = Invited(script, phone, who)
        await made.change("appointment_booked", clock.now(), VISIT)
        await made.expect("appointment/booked")
        yield made


async def test_a_reminder_is_confirmed_after_a_question(invited: Invited, language: str) -> None:
    with time_machine.travel((VISIT - timedelta(days=1)).astimezone(UTC), tick=True):
        await tick(invited.script)
        await invited.expect("appointment/tomorrow")
        await invited.phone.say({"en": "how is the sample taken?", "es": "¿cómo se toma la muestra?"}[language])
        await invited.phone.expect("faq/how_sample_taken")
        await invited.phone.say({"en": "Yes, I'll be there", "es": "Sí, ahí estaré"}[language])
        await invited.expect("appointment/confirmed")
        await invited.phone.say({"en": "thank you", "es": "gracias"}[language])
        await invited.phone.expect("thank")


async def test_a_reminder_is_answered_with_another_wish(invited: Invited, language: str) -> None:
    with time_machine.travel((VISIT - timedelta(days=1)).astimezone(UTC), tick=True):
        await tick(invited.script)
        await invited.expect("appointment/tomorrow")
        await invited.phone.say({"en": "Sorry, I can't make it tomorrow", "es": "Perdón, no puedo ir mañana"}[language])
        await invited.expect_person()
        later = VISIT + timedelta(days=4)
        await invited.change("appointment_moved", clock.now(), later)
        await invited.expect("appointment/moved", later)
        await invited.phone.say({"en": "perfect", "es": "perfecto"}[language])
        await invited.expect("appointment/confirmed", later)
    with time_machine.travel((VISIT - timedelta(hours=2)).astimezone(UTC), tick=True):
        await tick(invited.script)
        await invited.phone.expect()


async def test_when_is_it_and_out_of_the_blue_another_day(invited: Invited, language: str) -> None:
    await invited.phone.say({"en": "when is my appointment?", "es": "¿cuándo es mi cita?"}[language])
    await invited.expect("appointment/mine")
    await invited.phone.say({"en": "I need to reschedule my appointment", "es": "necesito cambiar mi cita"}[language])
    await invited.expect_person()
