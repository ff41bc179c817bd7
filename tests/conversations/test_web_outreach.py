"""Who has only the web chat, with the trained bot: reminded there, at the next visit or at once, and answering there."""

from collections.abc import AsyncIterator
from datetime import UTC
from uuid import UUID

import pytest
import time_machine

from engagement import clock
from engagement.journeys import set_time_zone
from engagement.participants import find_contact
from tests.conversations.clockwork import FIRST, HOME, LATER, START, OnTheClock
from tests.conversations.script import Chat, Script

pytestmark = pytest.mark.conversation


class Visited(OnTheClock):
    """Somebody who comes to the study's page now and then."""

    def __init__(self, script: Script, language: str, traveller: time_machine.Traveller) -> None:
        super().__init__(script, UUID(int=0), traveller)
        self.language, self.session = language, ""

    async def meet(self, chat: Chat) -> None:
        """The first visit: a question, and where they live."""
        await chat.say(FIRST[self.language])
        await chat.expect("faq/cost")
        self.session = str((await chat.frame("welcome"))["session"])
        visitor = str((await chat.frame("welcome"))["visitor"])
        database = self.script.service.built.database
        async with database.begin() as connection:
            contact = await find_contact(connection, database.keyring, "webchat", visitor)
            assert contact is not None
            self.who = contact.participant_id
            await set_time_zone(connection, self.who, HOME.key, now=clock.now())

    async def status(self) -> list[str]:
        """Of the touchpoints that were dealt with, in order."""
        async with self.script.service.built.database.begin() as connection:
            rows = await connection.exec_driver_sql(
                "select status from touchpoints where participant_id = %s and (round > 0 or status <> 'planned')"
                " order by due_at",
                (self.who,),
            )
            return [row.status for row in rows]


@pytest.fixture
async def visited(script: Script, language: str) -> AsyncIterator[Visited]:
    with time_machine.travel(START.astimezone(UTC), tick=True) as traveller:
        yield Visited(script, language, traveller)


async def test_a_reminder_at_the_next_visit_put_off_and_again_at_once(visited: Visited) -> None:
    script, language = visited.script, visited.language
    async with script.chat(language) as chat:
        await visited.meet(chat)
    await visited.event("kit_delivered")
    await visited.at(3, 10)
    assert await visited.status() == ["sent"]
    await visited.at(4, 12)
    async with script.chat(language, session=visited.session) as chat:
        told = await chat.news(2)
        assert told[-1] == chat.words("outreach/kit_reminder")
        await chat.say(LATER[language])
        assert chat.words("snooze/part/evening") in (await chat.news(1))[0]
        # The window is open when it is due again.
        await visited.at(5, 19)
        await chat.expect("outreach/kit_reminder")


async def test_what_nobody_came_to_see_in_time_is_not_shown_later(visited: Visited) -> None:
    script, language = visited.script, visited.language
    async with script.chat(language) as chat:
        await visited.meet(chat)
    await visited.event("kit_delivered")
    await visited.at(3, 10)
    await visited.at(6, 12)
    async with script.chat(language, session=visited.session) as chat:
        await chat.expect("faq/cost")
    assert await visited.status() == ["expired"]
    await visited.at(7, 10)
    assert await visited.status() == ["expired", "sent"]
    await visited.event("sample_returned")
    async with script.chat(language, session=visited.session) as chat:
        await chat.expect("faq/cost")
    # The one that stood there unseen, and those that were still to come.
    assert await visited.status() == ["expired", "cancelled", "cancelled", "cancelled"]
