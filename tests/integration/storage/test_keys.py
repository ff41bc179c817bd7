"""Data keys rotate: everything sealed moves to the new key, everybody is still found, the old key can go."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import LargeBinary, insert, select

from console.accounts import add_coordinator, sign_in
from conversation.attachments import add_attachments
from conversation.intake import accept
from conversation.messages import Attachment, ChannelName, InboundMessage
from engagement.appointments import Change, record_change
from engagement.audit import verify_chain
from engagement.codes import find_by_code, give_code
from engagement.escalations import close_escalation, open_escalation
from engagement.genotypes import Genotype, record_genotype
from engagement.optouts import record_opt_in, record_opt_out, silenced_channels
from engagement.participants import add_contact, add_participant, find_contact
from engagement.signatures import open_request, verify_signatures
from engagement.signatures.ledger import add_copy, add_signature
from engagement.verification import CodeVerdict, check_code, issue_code
from storage.crypto import CryptoError, Keyring, make_key, parse_keyring
from storage.database import Database
from storage.ids import new_id
from storage.rotate import rotate_keys
from storage.tables import (
    consent_answers,
    consent_walks,
    messages,
    metadata,
    permissions,
    questionnaire_responses,
    settlements,
    verdicts,
)
from tests.unit.signatures.made import a_record

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
STUDY = "parkinson-lrrk2-gba1"
NUMBER, ADDRESS, CODE = "+12025550110", "sam@mailbox.example", "7Q4M-2XPD"
OLD_KEY, NEW_KEY = make_key("old"), make_key("new")
OLD, BOTH, NEW = parse_keyring(OLD_KEY), parse_keyring(f"{NEW_KEY},{OLD_KEY}"), parse_keyring(NEW_KEY)
SEALED = [(table, column) for table in metadata.sorted_tables for column in table.columns if column.info.get("sealed")]


@pytest.fixture
async def databases(database_url: str) -> AsyncIterator[dict[str, Database]]:
    made = {
        name: Database(database_url, ring, pool_size=2) for name, ring in (("old", OLD), ("both", BOTH), ("new", NEW))
    }
    yield made
    for database in made.values():
        await database.close()


async def fill(database: Database) -> Any:
    """A value in every sealed column there is, under the old key."""
    keyring = database.keyring
    received = await accept(
        database,
        InboundMessage(
            channel=ChannelName.SMS,
            provider_id="SM1",
            sender=NUMBER,
            recipient="+15005550006",
            text="hello",
            full_text="hello there",
            received_at=AT,
        ),
    )
    async with database.begin() as connection:
        who = await add_participant(
            connection, language="en", study_slug=STUDY, at=AT, name="Sam Rivera", keyring=keyring
        )
        await add_contact(connection, keyring, who, "sms", NUMBER, verified_at=AT)
        await record_opt_out(connection, who, at=AT, actor="participant")
        await record_opt_in(connection, who, at=AT, actor="maya", reason="asked by phone", keyring=keyring)
        row = new_id()
        await connection.execute(
            insert(permissions).values(
                id=row,
                participant_id=who,
                purpose="recontact",
                kind="granted",
                at=AT,
                actor="maya",
                reason=keyring.seal("on paper", place="permissions.reason", row=row),
            )
        )
        await record_genotype(
            connection,
            keyring,
            who,
            STUDY,
            Genotype(gene="GBA1", finding="positive"),
            at=AT,
            now=AT,
            source="lab",
            key="R-1",
        )
        issued = await issue_code(connection, keyring, who, channel="email", value=ADDRESS, at=AT)
        maya = await add_coordinator(connection, keyring, email="maya@perennial.example", password="x" * 12, at=AT)
        case = await open_escalation(
            connection, who, reason="asked", at=AT, due_at=AT, study_slug=STUDY, cause_id=received.id
        )
        await close_escalation(connection, case, by=maya, note="called back", at=AT, keyring=keyring)
        line = new_id()
        await connection.execute(
            insert(settlements).values(
                id=line,
                message_id=received.id,
                arrived=True,
                at=AT,
                actor=str(maya),
                reason=keyring.seal("on the phone", place="settlements.reason", row=line),
            )
        )
        file = Attachment(name="day.ics", media_type="text/calendar", content=b"BEGIN:VCALENDAR")
        await add_attachments(connection, keyring, received.id, [file])
        request = await open_request(connection, who, study=STUDY, version="1.0", may_sign=True, at=AT)
        await add_signature(connection, keyring, a_record(request=request, participant=who))
        await add_copy(connection, keyring, request_id=request, participant_id=who, pdf=b"%PDF-1.7", at=AT)
        await give_code(connection, keyring, who, STUDY, at=AT, code=CODE)
        visit = Change(kind="appointment_booked", at=AT, starts_at=AT + timedelta(days=9), place="Room 1")
        await record_change(
            connection, keyring, who, STUDY, visit, name="V1", source="site", key="1", zone="UTC", now=AT
        )
        walk, answer = new_id(), new_id()
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
                state=keyring.seal("{}", place="consent_walks.state", row=walk),
            )
        )
        await connection.execute(
            insert(consent_answers).values(
                id=answer,
                walk_id=walk,
                concept="risks",
                question=1,
                understood=True,
                language="en",
                at=AT,
                answer=keyring.seal("my privacy", place="consent_answers.answer", row=answer),
            )
        )
        response, verdict = new_id(), new_id()
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
                state=keyring.seal("{}", place="questionnaire_responses.state", row=response),
            )
        )
        await connection.execute(
            insert(verdicts).values(
                id=verdict,
                response_id=response,
                participant_id=who,
                study_slug=STUDY,
                verdict="needs_review",
                at=AT,
                trace=keyring.seal("[]", place="verdicts.trace", row=verdict),
            )
        )
    assert issued is not None
    return who, issued[1]


async def read_everything(database: Database, keyring: Keyring) -> dict[str, set[str]]:
    """Every sealed value, opened."""
    found: dict[str, set[str]] = {}
    async with database.begin() as connection:
        for table, column in SEALED:
            place = f"{table.name}.{column.name}"
            rows = await connection.execute(select(table.c.id, column).where(column.is_not(None)))
            found[place] = {keyring.open(sealed, place=place, row=row) for row, sealed in rows}
    return found


async def test_everything_moves_and_is_found_and_read_with_the_new_key_alone(databases: dict[str, Database]) -> None:
    who, code = await fill(databases["old"])
    before = await read_everything(databases["old"], OLD)
    assert [place for place, values in before.items() if not values] == [], "a sealed column without a value here"

    changed = await rotate_keys(databases["both"])
    assert changed == sum(len(values) for values in before.values())
    assert await rotate_keys(databases["both"]) == 0
    assert await read_everything(databases["new"], NEW) == before

    keyring = databases["new"].keyring
    async with databases["new"].begin() as connection:
        found = await find_contact(connection, keyring, "sms", NUMBER)
        assert found is not None
        assert found.participant_id == who
        assert await find_by_code(connection, keyring, STUDY, CODE) == who
        assert await silenced_channels(connection, who) == frozenset()
        login = await sign_in(connection, keyring, email="maya@perennial.example", password="x" * 12, at=AT)
        assert login
        checked = await check_code(connection, keyring, who, code, at=AT + timedelta(minutes=1))
        assert (checked.verdict, checked.value) == (CodeVerdict.RIGHT, ADDRESS)
        assert (await verify_chain(connection)).broken_at is None
        assert (await verify_signatures(connection, keyring)).findings == ()
        peers = list(await connection.scalars(select(messages.c.peer_index)))
        assert peers == [keyring.index(NUMBER)]


async def test_before_and_half_way_everybody_is_found_with_both(databases: dict[str, Database]) -> None:
    who, _ = await fill(databases["old"])
    async with databases["both"].begin() as connection:
        found = await find_contact(connection, BOTH, "sms", NUMBER)
        assert found is not None
        assert found.participant_id == who
        other = await add_participant(connection, language="en", study_slug=STUDY, at=AT)
        await add_contact(connection, BOTH, other, "sms", "+12025550111", verified_at=AT)
    for database in ("both", "new"):
        async with databases[database].begin() as connection:
            found = await find_contact(connection, databases[database].keyring, "sms", "+12025550111")
            assert found is not None
            assert found.participant_id == other


async def test_without_the_old_key_rotation_stops_and_changes_nothing(databases: dict[str, Database]) -> None:
    await fill(databases["old"])
    before = await read_everything(databases["old"], OLD)
    with pytest.raises(CryptoError):
        await rotate_keys(databases["new"])
    assert await read_everything(databases["old"], OLD) == before


def test_every_binary_column_is_marked_as_sealed() -> None:
    unmarked = [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and not column.info.get("sealed")
    ]
    assert unmarked == []
