"""Leaving, each way: what ends at once, what a person has to do, what is said, and that a turn run twice does it once."""

import pytest
from sqlalchemy import func, select

from engagement.optouts import silenced_channels
from engagement.permissions import Why
from engagement.permissions.withdrawing import PERSON_WITHIN
from storage.database import Database
from storage.tables import enrolments, escalations, permissions, questionnaire_responses
from tests.integration.permissions.somebody import STUDY, Somebody


async def cases(database: Database) -> list[tuple[str, list[str]]]:
    async with database.begin() as connection:
        rows = await connection.execute(select(escalations.c.reason, escalations.c.triggers))
        return [(row.reason, row.triggers) for row in rows]


async def stage(database: Database) -> str | None:
    async with database.begin() as connection:
        found: str | None = await connection.scalar(select(enrolments.c.stage))
        return found


@pytest.fixture
async def taking_part(somebody: Somebody) -> Somebody:
    for purpose in ("study_contact", "genetic_testing", "sample_storage", "data_sharing", "recontact"):
        await somebody.give(purpose)
    return somebody


async def test_leave_the_study(taking_part: Somebody, database: Database) -> None:
    outcome = await taking_part.say("I want to leave the study", "withdraw_request")
    assert [line.key for line in outcome.said] == ["withdraw/leave_study", "withdraw/kept", "withdraw/person"]
    standing = await taking_part.stands()
    assert not standing.held
    assert standing.allows("study_contact", channel="sms", study=STUDY).reason is Why.WITHDRAWN
    assert await stage(database) == "withdrawn"
    assert await cases(database) == [("withdrawal", ["leave_study"])]
    async with database.begin() as connection:
        assert await silenced_channels(connection, taking_part.id) == frozenset(), "STOP is another wish"
        opened, due = (await connection.execute(select(escalations.c.opened_at, escalations.c.due_at))).one()
    assert due - opened == PERSON_WITHIN


async def test_stop_contact(taking_part: Somebody, database: Database) -> None:
    outcome = await taking_part.say("stop contacting me", "withdraw_request")
    assert ([line.key for line in outcome.said], outcome.quiet) == (["optout/confirmed"], True)
    async with database.begin() as connection:
        assert await silenced_channels(connection, taking_part.id) == {"sms", "webchat", "email"}
    assert await stage(database) == "first_contact"
    assert await cases(database) == []


async def test_destroy_my_sample(taking_part: Somebody, database: Database) -> None:
    outcome = await taking_part.say("please destroy my sample", "withdraw_request")
    assert [line.key for line in outcome.said] == ["withdraw/destroy_sample", "withdraw/person"]
    standing = await taking_part.stands()
    assert standing.allows("sample_storage").reason is Why.WITHDRAWN
    assert standing.allows("study_contact", study=STUDY).allowed
    assert await cases(database) == [("withdrawal", ["destroy_sample"])]


async def test_delete_my_data(taking_part: Somebody, database: Database) -> None:
    outcome = await taking_part.say("delete all my data", "withdraw_request")
    assert [line.key for line in outcome.said] == ["withdraw/delete_data", "withdraw/kept", "withdraw/person"]
    assert not (await taking_part.stands()).allows("data_sharing").allowed
    assert await cases(database) == [("withdrawal", ["delete_data"])]


async def test_everything_at_once_gets_one_confirmation(taking_part: Somebody, database: Database) -> None:
    outcome = await taking_part.say("stop texting me and take me out of the study", "withdraw_request")
    assert ([line.key for line in outcome.said], outcome.quiet) == (["withdraw/quiet"], True)
    assert await stage(database) == "withdrawn"
    assert await cases(database) == [("withdrawal", ["leave_study"])]


async def test_an_unclear_wish_is_asked_back_and_nothing_is_done_before(
    taking_part: Somebody, database: Database
) -> None:
    outcome = await taking_part.say("I want out", "withdraw_request")
    assert ([line.key for line in outcome.said], outcome.pending) == (["permissions/ask_wish"], "permissions")
    assert (await taking_part.stands()).held
    outcome = await taking_part.say("2 and 3")
    assert outcome.pending is None
    assert await cases(database) == [("withdrawal", ["leave_study", "destroy_sample"])]


async def test_a_turn_that_is_run_again_does_nothing_more(taking_part: Somebody, database: Database) -> None:
    first = await taking_part.say("leave the study, and destroy my sample", "withdraw_request")
    async with database.begin() as connection:
        before = await connection.scalar(select(func.count()).select_from(permissions))
    assert await taking_part.say("leave the study, and destroy my sample", "withdraw_request", again=True) == first
    async with database.begin() as connection:
        assert await connection.scalar(select(func.count()).select_from(permissions)) == before
    assert len(await cases(database)) == 1


async def test_who_leaves_is_asked_nothing_more(taking_part: Somebody, database: Database) -> None:
    from sqlalchemy import insert

    from storage.ids import new_id

    async with database.begin() as connection:
        await connection.execute(
            insert(questionnaire_responses).values(
                id=new_id(),
                participant_id=taking_part.id,
                study_slug=STUDY,
                kind="check_in",
                name="weekly",
                form_sha256="0" * 64,
                status="in-progress",
                channel="sms",
                started_at=taking_part.at,
                updated_at=taking_part.at,
                state=b"sealed",
            )
        )
    await taking_part.say("I withdraw my consent", "withdraw_request")
    async with database.begin() as connection:
        assert await connection.scalar(select(questionnaire_responses.c.status)) == "stopped"
