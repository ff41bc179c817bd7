"""The permissions ledger in PostgreSQL: written with its audit event, read as one value, followed over a merge."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engagement.audit import verify_chain
from engagement.participants import add_participant, merge_participants
from engagement.permissions import (
    Cause,
    DocumentSigned,
    Why,
    grant_by_taking_part,
    ledger_of,
    read_entries,
    standing_at,
    withdraw_study,
)
from engagement.permissions.proof import read_history
from storage.database import Database
from storage.tables import audit_events, messages, permissions
from tests.integration.permissions.somebody import AT, CAUSE, STUDY, Somebody


async def test_an_entry_is_read_as_it_was_written(somebody: Somebody, database: Database) -> None:
    given = await somebody.give(
        "recontact",
        scopes=["sponsor"],
        channels=["email", "sms"],
        per_year=4,
        expires_at=AT + timedelta(days=365),
        document=DocumentSigned(version="1.0", sha256="a" * 64),
        cause=Cause(actor="participant", said_on="web"),
        reason="asked at the visit",
        keyring=database.keyring,
    )
    answer = (await somebody.stands()).allows("recontact", channel="sms", study=STUDY, scope="sponsor")
    assert (answer.allowed, answer.entry_id, answer.per_year) == (True, given, 4)
    assert (await somebody.stands(AT + timedelta(days=365))).allows("recontact").reason is Why.EXPIRED
    async with database.begin() as connection:
        [shown] = await read_history(connection, database.keyring, somebody.id)
        assert (await verify_chain(connection)).broken_at is None
    assert shown.good
    assert (shown.reason, shown.said_on, shown.document_sha256) == ("asked at the visit", "web", "a" * 64)
    assert shown.entry.channels == frozenset({"email", "sms"})


async def test_a_reason_is_never_kept_in_the_clear(somebody: Somebody, database: Database) -> None:
    with pytest.raises(ValueError, match="sealed"):
        await somebody.give("recontact", reason="asked at the visit")
    async with database.begin() as connection:
        assert await connection.scalar(select(func.count()).select_from(permissions)) == 0


async def test_the_gate_reads_it_with_what_it_has_anyway(somebody: Somebody, database: Database) -> None:
    await somebody.give("study_contact", channels=["sms"])
    await somebody.say("hello", "my_permissions")
    async with database.begin() as connection:
        row = (
            await connection.execute(
                select(messages.c.channel, ledger_of(messages.c.participant_id).label("permissions")).where(
                    messages.c.id == somebody.said[-1]
                )
            )
        ).one()
    standing = standing_at(read_entries(row.permissions), somebody.at)
    assert standing.allows("study_contact", channel="sms", study=STUDY).allowed
    assert standing.allows("study_contact", channel=row.channel, study=STUDY).reason is Why.OTHER_CHANNEL


async def test_permissions_follow_a_merge(somebody: Somebody, database: Database) -> None:
    await somebody.give("recontact")
    async with database.begin() as connection:
        target = await add_participant(connection, language="en", study_slug=STUDY, at=AT)
        await merge_participants(connection, source=somebody.id, target=target, at=AT, cause="code")
    assert (await Somebody(database, target).stands()).allows("recontact").allowed


async def test_taking_part_permits_contact_once_and_not_against_a_no(somebody: Somebody, database: Database) -> None:
    async with database.begin() as connection:
        assert await grant_by_taking_part(connection, somebody.id, STUDY, at=AT, cause=CAUSE) is not None
        assert await grant_by_taking_part(connection, somebody.id, STUDY, at=AT, cause=CAUSE) is None
        assert len(await withdraw_study(connection, somebody.id, STUDY, at=AT, cause=CAUSE)) == 1
        assert await withdraw_study(connection, somebody.id, STUDY, at=AT, cause=CAUSE) == []
        assert await grant_by_taking_part(connection, somebody.id, STUDY, at=AT, cause=CAUSE) is None
        assert await grant_by_taking_part(connection, somebody.id, STUDY, at=AT, cause=CAUSE, anew=True) is not None
    assert (await somebody.stands()).allows("study_contact", study=STUDY).allowed


async def test_every_entry_has_its_event(somebody: Somebody, database: Database) -> None:
    await somebody.give("recontact")
    await somebody.give("recontact", kind="withdrawn", study=None)
    async with database.begin() as connection:
        actions = await connection.scalars(
            select(audit_events.c.action).where(audit_events.c.subject == str(somebody.id)).order_by(audit_events.c.seq)
        )
        assert list(actions) == ["permission_granted", "permission_withdrawn"]
