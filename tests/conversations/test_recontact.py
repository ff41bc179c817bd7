"""From an invitation to the next study's pre-screening with the trained bot; later; never again. In both languages."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select

from engagement import clock
from engagement.campaigns import Draft, Pace, approve, create_campaign, dry_run, start
from engagement.journeys import set_time_zone
from engagement.participants import find_contact
from engagement.permissions import Cause, read_standing, record_permission
from storage.tables import conversations, enrolments
from tests.conversations.clockwork import tick
from tests.conversations.script import Phone, Script

pytestmark = pytest.mark.conversation

HOME = ZoneInfo("America/New_York")
MORNING = datetime.now(HOME).replace(hour=11, minute=0, second=0, microsecond=0) + timedelta(days=1)
NEXT = "batten-cln2"
FIRST = {"en": "how much does the test cost?", "es": "¿cuánto cuesta la prueba?"}
YES = {"en": "yes, I'm interested", "es": "sí, me interesa"}
LATER = {"en": "ask me again in 2 weeks", "es": "pregúnteme en dos semanas"}
NEVER = {"en": "never", "es": "nunca"}


class Invited:
    """Somebody who allowed to be asked, and now is."""

    def __init__(self, script: Script, phone: Phone, who: UUID) -> None:
        self.script, self.phone, self.who = script, phone, who

    async def studies(self) -> dict[str, str]:
        async with self.script.service.built.database.begin() as connection:
            rows = await connection.execute(
                select(enrolments.c.study_slug, enrolments.c.stage).where(enrolments.c.participant_id == self.who)
            )
            return {row.study_slug: row.stage for row in rows}

    async def talks_of(self) -> str:
        async with self.script.service.built.database.begin() as connection:
            return str(
                await connection.scalar(
                    select(conversations.c.study_slug).where(conversations.c.participant_id == self.who)
                )
            )

    async def permits(self) -> bool:
        async with self.script.service.built.database.begin() as connection:
            standing = await read_standing(connection, self.who, at=clock.now())
            return standing.allows("recontact").allowed


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
            who = contact.participant_id
            await set_time_zone(connection, who, HOME.key, now=clock.now())
            await record_permission(
                connection,
                who,
                kind="granted",
                purpose="recontact",
                study=script.house.default_study,
                scopes=["any"],
                at=clock.now(),
                cause=Cause(actor="participant", said_on="sms"),
            )
        sponsors = {slug: pack.sponsor for slug, pack in script.house.packs.items()}
        at = clock.now()
        draft = Draft(
            name=f"next-{phone.number[1:]}",
            study=NEXT,
            cohort=f"language: [{language}]",
            says="invitation/first",
            channels=("preferred",),
            pace=Pace(wave_size=100, wave_every=timedelta(hours=24), per_hour=100),
            starts_at=at,
            ends_at=at + timedelta(days=60),
            expires=timedelta(days=3),
        )
        async with database.begin() as connection:
            await create_campaign(connection, draft, by="maya", at=at)
        found = await dry_run(database, draft.name, sponsors=sponsors, by="maya", at=at)
        async with database.begin() as connection:
            await approve(connection, draft.name, sha256=found.sha256, by="noor", at=at)
            await start(connection, draft.name, by="noor", at=at)
        made = Invited(script, phone, who)
        await tick(made.script)
        await phone.expect("invitation/first")
        yield made


@pytest.mark.parametrize("language", ["en", "es"])
async def test_yes_leads_into_the_new_study_s_pre_screening(invited: Invited, language: str) -> None:
    await invited.phone.say(YES[language])
    told = await invited.phone.news(2)
    assert len(told) >= 2, told
    assert invited.script.words("prescreen/welcome", "sms", language)[:20] in told[0]
    assert set(await invited.studies()) == {invited.script.house.default_study, NEXT}
    assert await invited.talks_of() == NEXT


@pytest.mark.parametrize("language", ["en", "es"])
async def test_later_it_comes_again_and_not_before(invited: Invited, language: str) -> None:
    await invited.phone.say(LATER[language])
    (told,) = await invited.phone.news(1)
    beginning = invited.script.words("invitation/later", "sms", language, date="").partition(" el ")[0][:12]
    assert told.startswith(beginning)
    with invited.script.advance(days=10):
        await tick(invited.script)
        await invited.phone.expect()
    with invited.script.advance(days=14, hours=1):
        await tick(invited.script)
        await invited.phone.expect("invitation/first")
        await invited.phone.say(YES[language])
        assert await invited.phone.news(2)
        assert await invited.talks_of() == NEXT


@pytest.mark.parametrize("language", ["en", "es"])
async def test_never_again_means_never(invited: Invited, language: str) -> None:
    assert await invited.permits()
    await invited.phone.say(NEVER[language])
    await invited.phone.expect("invitation/never")
    assert not await invited.permits()
    assert set(await invited.studies()) == {invited.script.house.default_study}
    await invited.phone.say(FIRST[language])
    await invited.phone.expect("faq/cost")
