"""Participants as cohorts ask about them, from a real database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from engagement.cohorts import Match, Person, match, read_people, read_person, read_question
from engagement.genotypes import Genotype, record_genotype
from engagement.instruments import load_instruments
from engagement.interviews.hearing import hear
from engagement.interviews.interview import begin
from engagement.journeys import record_event
from engagement.participants import add_participant, merge_participants
from engagement.permissions import Cause, record_permission
from storage.database import Database
from storage.ids import new_id
from storage.tables import questionnaire_responses
from tests.harness.permissions import permit_invitations
from tests.harness.postgres import KEYRING

AT = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
STUDY = "parkinson-lrrk2-gba1"
STUDIES = Path(__file__).parents[3] / "studies"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, KEYRING, pool_size=4)
    yield made
    await made.close()


async def somebody(database: Database, language: str = "en") -> UUID:
    async with database.begin() as connection:
        return await add_participant(connection, language=language, study_slug=STUDY, at=AT)


async def found(database: Database, who: UUID, finding: str, *, day: int, key: str = "", gene: str = "GBA1") -> bool:
    at = AT + timedelta(days=day)
    async with database.begin() as connection:
        return await record_genotype(
            connection,
            KEYRING,
            who,
            STUDY,
            Genotype(gene=gene, finding=finding),
            at=at,
            now=at,
            source="lab",
            key=key or str(uuid4()),
        )


async def everybody(database: Database, *, batch: int = 3) -> list[Person]:
    at = AT + timedelta(days=99)
    return [person async for people in read_people(database, at=at, batch=batch) for person in people]


async def asked(database: Database, who: UUID, question: str) -> Match:
    at = AT + timedelta(days=99)
    async with database.begin() as connection:
        return match(read_question(question), await read_person(connection, KEYRING, who, at=at), at=at)


async def test_everybody_is_read_once_but_who_turned_out_to_be_another(database: Database) -> None:
    people = [await somebody(database) for _ in range(8)]
    async with database.begin() as connection:
        await merge_participants(connection, source=people[2], target=people[5], at=AT, cause="test")
    assert [person.id for person in await everybody(database)] == [who for who in people if who != people[2]]


async def test_the_last_report_of_a_gene_decides_and_a_repeat_changes_nothing(database: Database) -> None:
    who = await somebody(database)
    assert await found(database, who, "positive", day=9, key="R-2")
    assert await found(database, who, "uncertain", day=2, key="R-1")
    assert await found(database, who, "negative", day=3, gene="LRRK2")
    assert not await found(database, who, "negative", day=30, key="R-2")
    [person] = await everybody(database)
    assert person.genotypes == {(STUDY, "GBA1"): "positive", (STUDY, "LRRK2"): "negative"}
    assert (await asked(database, who, f"genotype: {{study: {STUDY}, gene: GBA1, in: [positive]}}")).belongs


async def test_an_unknown_finding_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="positive, negative, uncertain"):
        await found(database, await somebody(database), "perhaps", day=1)


async def test_stage_events_and_permission_are_those_of_now(database: Database) -> None:
    who = await somebody(database, "es")
    async with database.begin() as connection:
        await record_event(connection, who, STUDY, "consented", at=AT, now=AT, source="site", key="1")
        await permit_invitations(connection, who, study=STUDY, at=AT, scope="sponsor")
    both = f"""
all:
  - stage: {{study: {STUDY}, in: [consented]}}
  - event: {{study: {STUDY}, kind: consented}}
  - permission: {{purpose: recontact, scope: sponsor}}
  - language: [es]
  - last_contact: {{more_than_days_ago: 1}}
"""
    assert await asked(database, who, both) == Match(belongs=True)
    async with database.begin() as connection:
        await record_permission(
            connection,
            who,
            kind="withdrawn",
            purpose="recontact",
            at=AT + timedelta(days=1),
            cause=Cause(actor="participant", said_on="sms"),
        )
    assert await asked(database, who, both) == Match(belongs=False, failed=("all.2.permission",))


async def answered(database: Database, who: UUID, *texts: str, day: int, status: str = "completed") -> None:
    """A pre-screening with these answers, one after the other."""
    loaded, _, _ = load_instruments(STUDIES / STUDY, study=STUDY, languages=("en", "es"))
    at = AT + timedelta(days=day)
    running = begin(loaded.forms["prescreen"], at=at)
    for text in texts:
        running = hear(running, text, language="en", at_=at).interview
    row = new_id()
    async with database.begin() as connection:
        await connection.execute(
            insert(questionnaire_responses).values(
                id=row,
                participant_id=who,
                study_slug=STUDY,
                kind="prescreen",
                name="prescreen",
                form_sha256=running.instrument.sha256,
                status=status,
                channel="sms",
                started_at=at,
                updated_at=at,
                finished_at=at if status == "completed" else None,
                state=KEYRING.seal(running.to_text(), place="questionnaire_responses.state", row=row),
            )
        )


async def test_answers_are_those_of_the_last_finished_questionnaire(database: Database) -> None:
    who = await somebody(database)
    await answered(database, who, "yes", day=1, status="in-progress")
    [person] = await everybody(database)
    assert person.answers == {}
    await answered(database, who, "61", day=2)
    await answered(database, who, "62", day=3)
    [person] = await everybody(database)
    assert list(person.answers.values()) == [(Decimal(62),)]
    ((_, _, item),) = person.answers
    asks = f"answer: {{study: {STUDY}, questionnaire: prescreen, item: {item}, at_least: 62}}"
    assert (await asked(database, who, asks)).belongs


async def test_what_one_permits_another_has_not(database: Database) -> None:
    one, other = await somebody(database), await somebody(database)
    async with database.begin() as connection:
        await permit_invitations(connection, one, study=STUDY, at=AT)
    asks = "permission: {purpose: recontact, scope: any}"
    assert [(await asked(database, who, asks)).belongs for who in (one, other)] == [True, False]
