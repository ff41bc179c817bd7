"""Ledgers on a real server: nothing is changed or taken away, and what a superuser does all the same is found."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from engagement.audit import record_audit, verify_chain
from engagement.optouts import record_opt_out
from engagement.participants import add_participant
from storage.database import Database
from storage.ids import new_id
from storage.tables import (
    APPEND_ONLY,
    audit_events,
    consent_answers,
    consent_walks,
    experiment_assignments,
    mail_looks,
    measured_mails,
    message_events,
    messages,
    metadata,
    opt_outs,
    permissions,
    questionnaire_responses,
    settlements,
    signatures,
    signed_copies,
    signing_requests,
    verdicts,
)
from tests.harness.postgres import KEYRING

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
STUDY = "parkinson-lrrk2-gba1"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, KEYRING, pool_size=4)
    yield made
    await made.close()


@pytest.fixture
async def filled(database: Database) -> Database:
    """A row in every ledger."""
    async with database.begin() as connection:
        who = await add_participant(connection, language="en", study_slug=STUDY, at=AT)
        await record_opt_out(connection, who, at=AT, actor="participant")
        await connection.execute(
            insert(permissions).values(
                id=new_id(), participant_id=who, purpose="recontact", kind="granted", at=AT, actor="participant"
            )
        )
        message = new_id()
        await connection.execute(
            insert(messages).values(
                id=message, direction="in", channel="sms", body=b"", status="done", created_at=AT, available_at=AT
            )
        )
        await connection.execute(insert(message_events).values(id=new_id(), message_id=message, status="queued", at=AT))
        await connection.execute(
            insert(settlements).values(
                id=new_id(), message_id=message, arrived=True, at=AT, actor="maya", reason=b"sealed"
            )
        )
        response = new_id()
        await connection.execute(
            insert(questionnaire_responses).values(
                id=response,
                participant_id=who,
                study_slug=STUDY,
                kind="prescreen",
                name="prescreen",
                form_sha256="0" * 64,
                status="completed",
                channel="sms",
                started_at=AT,
                updated_at=AT,
                state=b"sealed",
            )
        )
        await connection.execute(
            insert(verdicts).values(
                id=new_id(),
                response_id=response,
                participant_id=who,
                study_slug=STUDY,
                verdict="needs_review",
                at=AT,
                trace=b"sealed",
            )
        )
        walk = new_id()
        await connection.execute(
            insert(consent_walks).values(
                id=walk,
                participant_id=who,
                study_slug=STUDY,
                document_version="1.0",
                document_sha256="0" * 64,
                language="en",
                status="open",
                channel="sms",
                started_at=AT,
                updated_at=AT,
                state=b"sealed",
            )
        )
        await connection.execute(
            insert(consent_answers).values(
                id=new_id(),
                walk_id=walk,
                concept="risks",
                question=1,
                understood=True,
                language="en",
                at=AT,
                answer=b"sealed",
            )
        )
        request = new_id()
        await connection.execute(
            insert(signing_requests).values(
                id=request,
                participant_id=who,
                study_slug=STUDY,
                document_version="1.0",
                may_sign=True,
                answers={},
                created_at=AT,
                expires_at=AT,
            )
        )
        await connection.execute(
            insert(signatures).values(
                id=new_id(),
                request_id=request,
                participant_id=who,
                study_slug=STUDY,
                role="participant",
                document_version="1.0",
                document_sha256="0" * 64,
                at=AT,
                record=b"sealed",
                record_sha256="0" * 64,
            )
        )
        await connection.execute(
            insert(signed_copies).values(
                id=new_id(), request_id=request, participant_id=who, at=AT, pdf=b"sealed", pdf_sha256="0" * 64
            )
        )
        await connection.execute(
            insert(experiment_assignments).values(
                id=new_id(),
                experiment="wording",
                participant_id=who,
                stratum="",
                position=0,
                arm="a",
                at=AT,
                counts_from=AT,
            )
        )
        mail = new_id()
        await connection.execute(insert(measured_mails).values(id=mail, message_id=message, token="t", created_at=AT))
        await connection.execute(
            insert(mail_looks).values(
                id=new_id(), mail_id=mail, what="open", verdict="unsure", reason="at_once", number=1, at=AT
            )
        )
        for number in range(4):
            await record_audit(connection, actor="a", action=f"act{number}", subject="s", at=AT, details={"n": number})
    return database


@pytest.mark.parametrize("ledger", APPEND_ONLY)
@pytest.mark.parametrize("change", ["update {} set {} = {}", "delete from {}", "truncate {} cascade"])
async def test_no_ledger_changes(filled: Database, ledger: str, change: str) -> None:
    column = next(iter(metadata.tables[ledger].columns)).name if ledger != "audit_events" else "actor"
    count = text(f"select count(*) from {ledger}")  # noqa: S608
    async with filled.begin() as connection:
        before = await connection.scalar(count)
    assert before
    with pytest.raises(IntegrityError, match="append-only"):
        async with filled.begin() as connection:
            await connection.execute(text(change.format(ledger, column, column)))
    async with filled.begin() as connection:
        assert await connection.scalar(count) == before


@pytest.mark.parametrize("column", ["action", "actor", "at", "channels", "cause_id", "participant_id"])
async def test_the_door_for_new_keys_lets_only_the_reason_through(filled: Database, column: str) -> None:
    values = {
        "action": "in",
        "actor": "x",
        "at": datetime(2020, 1, 1, tzinfo=UTC),
        "channels": ["sms"],
        "cause_id": uuid4(),
        "participant_id": uuid4(),
    }
    with pytest.raises(IntegrityError, match="append-only"):
        async with filled.begin() as connection:
            await connection.execute(text("set local perennial.reseal = 'on'"))
            await connection.execute(update(opt_outs).values({column: values[column]}))


async def test_the_door_for_new_keys_does_not_let_a_row_be_taken_away(filled: Database) -> None:
    for change in ("delete from opt_outs", "truncate opt_outs"):
        with pytest.raises(IntegrityError, match="append-only"):
            async with filled.begin() as connection:
                await connection.execute(text("set local perennial.reseal = 'on'"))
                await connection.execute(text(change))


async def test_a_whole_chain_verifies(filled: Database) -> None:
    async with filled.begin() as connection:
        verdict = await verify_chain(connection)
        count = await connection.scalar(text("select count(*) from audit_events"))
        head = await connection.scalar(select(audit_events.c.hash).order_by(audit_events.c.seq.desc()).limit(1))
    assert (verdict.broken_at, verdict.events, verdict.head) == (None, count, head)


@pytest.mark.parametrize(
    "tampering",
    [
        "update audit_events set actor = 'somebody else' where seq = {}",
        "update audit_events set details = '{{\"n\": 99}}' where seq = {}",
        "update audit_events set at = at + interval '1 microsecond' where seq = {}",
        "update audit_events set hash = repeat('a', 64) where seq = {}",
        "update audit_events set previous_hash = repeat('a', 64) where seq = {}",
    ],
)
async def test_what_a_superuser_changed_is_named(filled: Database, tampering: str) -> None:
    async with filled.begin() as connection:
        third = list(await connection.scalars(select(audit_events.c.seq).order_by(audit_events.c.seq)))[2]
        await connection.execute(text("alter table audit_events disable trigger all"))
        await connection.execute(text(tampering.format(third)))
        await connection.execute(text("alter table audit_events enable trigger all"))
    async with filled.begin() as connection:
        verdict = await verify_chain(connection)
    assert (verdict.broken_at, verdict.events) == (third, 2)


async def test_an_event_that_was_taken_out_is_noticed_at_the_next(filled: Database) -> None:
    async with filled.begin() as connection:
        seqs = list(await connection.scalars(select(audit_events.c.seq).order_by(audit_events.c.seq)))
        await connection.execute(text("alter table audit_events disable trigger all"))
        await connection.execute(text(f"delete from audit_events where seq = {seqs[2]}"))  # noqa: S608
    async with filled.begin() as connection:
        assert (await verify_chain(connection)).broken_at == seqs[3]


async def test_a_rolled_back_change_leaves_no_event(filled: Database) -> None:
    async with filled.begin() as connection:
        before = await verify_chain(connection)
    with pytest.raises(RuntimeError):
        async with filled.begin() as connection:
            await record_audit(connection, actor="a", action="never", subject="s", at=AT)
            raise RuntimeError
    async with filled.begin() as connection:
        assert await verify_chain(connection) == before
