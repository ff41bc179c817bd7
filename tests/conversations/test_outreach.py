"""What is sent by the clock, with the trained bot: reminders until the sample is back, put off in one's words; mail."""

from collections.abc import AsyncIterator
from datetime import UTC
from uuid import UUID

import aiohttp
import pytest
import time_machine
from sqlalchemy import select

from engagement import clock
from engagement.journeys import set_time_zone
from engagement.participants import add_contact, find_contact
from storage.tables import measured_mails
from tests.conversations.clockwork import FIRST, HOME, LATER, START, OnTheClock
from tests.conversations.script import Phone, Script

pytestmark = pytest.mark.conversation


class Reminded(OnTheClock):
    """Somebody in a study who is reminded on their phone."""

    def __init__(self, script: Script, phone: Phone, who: UUID, traveller: time_machine.Traveller) -> None:
        super().__init__(script, who, traveller)
        self.phone = phone


@pytest.fixture
async def reminded(script: Script, language: str) -> AsyncIterator[Reminded]:
    with time_machine.travel(START.astimezone(UTC), tick=True) as traveller:
        phone = script.phone(language)
        await phone.say(FIRST[language])
        await phone.expect("faq/cost")
        database = script.service.built.database
        async with database.begin() as connection:
            contact = await find_contact(connection, database.keyring, "sms", phone.number)
            assert contact is not None
            await set_time_zone(connection, contact.participant_id, HOME.key, now=clock.now())
        yield Reminded(script, phone, contact.participant_id, traveller)


async def test_kit_reminders_until_the_sample_is_back(reminded: Reminded, language: str) -> None:
    await reminded.event("kit_delivered")
    await reminded.at(3, 9)
    await reminded.phone.expect()
    await reminded.at(3, 10)
    await reminded.phone.expect("outreach/kit_reminder")
    await reminded.phone.say(LATER[language])
    said = await reminded.phone.news(1)
    evening = reminded.phone.words("snooze/part/evening")
    assert evening in said[0]
    await reminded.at(4, 19)
    await reminded.phone.expect("outreach/kit_reminder")
    await reminded.event("sample_returned")
    for day in (7, 11, 21):
        await reminded.at(day, 12)
    await reminded.phone.expect()


async def test_a_missed_check_in_falls_back_to_mail(reminded: Reminded) -> None:
    script = reminded.script
    box = script.mailbox()
    database = script.service.built.database
    async with database.begin() as connection:
        await add_contact(connection, database.keyring, reminded.who, "email", box.address, verified_at=clock.now())
    await reminded.event("enrolled")
    await reminded.at(28, 10)
    await reminded.phone.expect("outreach/check_in_due")
    await reminded.at(31, 17)
    await reminded.phone.expect("outreach/check_in_reminder")
    assert box.mails() == []
    await reminded.at(34, 9)
    await reminded.phone.expect()
    assert len([mail for mail in box.mails() if mail["direction"] == "in"]) == 1


async def test_no_mail_is_measured_unless_a_study_says_so_and_the_doors_answer_all_the_same(script: Script) -> None:
    url = script.place.settings.public_url
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{url}/m/o/{script.service.built.doors.new_token()}.gif") as picture:
            assert (picture.status, picture.content_type) == (200, "image/gif")
            assert picture.headers["Cache-Control"].startswith("no-store")
        async with session.get(f"{url}/m/c/{script.service.built.doors.new_token()}/1") as link:
            assert link.status == 404
            assert await link.text() == script.words("email/link_gone", "webchat", "en")
    async with script.service.built.database.begin() as connection:
        assert (await connection.execute(select(measured_mails.c.id))).first() is None


async def test_put_off_with_nothing_planned(reminded: Reminded, language: str) -> None:
    await reminded.phone.say(LATER[language])
    await reminded.phone.expect("snooze/nothing")
