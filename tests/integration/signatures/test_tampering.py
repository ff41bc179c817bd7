"""What a superuser changes in a signature or in a copy is found and named, whatever bit it is."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text

from engagement.participants import add_participant
from engagement.signatures import open_request, verify_signatures
from engagement.signatures.ledger import add_copy, add_signature, newest_copy
from engagement.signatures.record import write_record
from engagement.signatures.verifying import Finding
from storage.crypto import Keyring, make_key, parse_keyring
from storage.database import Database
from storage.ids import new_id
from tests.harness.postgres import KEYRING
from tests.unit.signatures.made import AT, STUDY, a_record

PDF = b"%PDF-1.7 the very bytes"
SEALED_LENGTH = 40


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, KEYRING, pool_size=2)
    yield made
    await made.close()


async def signed(database: Database, role: str = "participant") -> tuple[UUID, UUID, UUID]:
    """A signature and its copy: their ids, and whose they are."""
    async with database.begin() as connection:
        who = await add_participant(connection, language="en", study_slug=STUDY, at=AT)
        request = await open_request(connection, who, study=STUDY, version="1.0", may_sign=True, at=AT)
        record = a_record(id=new_id(), request=request, participant=who, role=role)
        await add_signature(connection, KEYRING, record)
        copy = await add_copy(connection, KEYRING, request_id=request, participant_id=who, pdf=PDF, at=AT)
    return record.id, copy, who


async def as_superuser(database: Database, table: str, statement: str, **values: object) -> None:
    async with database.begin() as connection:
        await connection.execute(text(f"alter table {table} disable trigger all"))
        await connection.execute(text(statement), values)
        await connection.execute(text(f"alter table {table} enable trigger all"))


async def findings(database: Database, keyring: Keyring = KEYRING) -> list[Finding]:
    async with database.begin() as connection:
        return list((await verify_signatures(connection, keyring)).findings)


async def test_what_was_signed_verifies(database: Database) -> None:
    for _ in range(3):
        await signed(database)
    async with database.begin() as connection:
        checked = await verify_signatures(connection, KEYRING)
    assert (checked.signatures, checked.copies, checked.findings) == (3, 3, ())


@pytest.mark.parametrize(
    "change",
    [
        "role = 'witness'",
        "document_version = '1.1'",
        "document_sha256 = repeat('b', 64)",
        "record_sha256 = repeat('b', 64)",
        "at = at + interval '1 microsecond'",
        "study_slug = 'batten-cln2'",
        "participant_id = (select id from participants where id <> participant_id limit 1)",
        "request_id = (select id from signing_requests r where r.id <> request_id limit 1)",
        "record = (select record from signatures s where s.id <> signatures.id limit 1)",
    ],
)
async def test_a_changed_signature_is_named(database: Database, change: str) -> None:
    await signed(database, role="witness")
    signature, _, _ = await signed(database)
    await as_superuser(database, "signatures", f"update signatures set {change} where id = :id", id=signature)  # noqa: S608
    assert await findings(database) == [Finding(table="signatures", row=signature, what="altered")]


async def test_every_bit_of_the_seal_counts(database: Database) -> None:
    signature, copy, _ = await signed(database)
    for table, column, row in (("signatures", "record", signature), ("signed_copies", "pdf", copy)):
        async with database.begin() as connection:
            sealed = await connection.scalar(text(f"select {column} from {table} where id = :id"), {"id": row})  # noqa: S608
        assert sealed is not None
        for place in (0, 5, SEALED_LENGTH, len(sealed) // 2, len(sealed) - 1):
            changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
            update = f"update {table} set {column} = :sealed where id = :id"  # noqa: S608
            await as_superuser(database, table, update, sealed=changed, id=row)
            assert await findings(database) == [Finding(table=table, row=row, what="altered")], place
            await as_superuser(database, table, update, sealed=sealed, id=row)
        assert await findings(database) == []


async def test_who_holds_the_keys_can_not_change_it_either(database: Database) -> None:
    """Another name, sealed as it should be, with the hash put right beside it: the trail knows better."""
    signature, _, who = await signed(database)
    async with database.begin() as connection:
        request = await connection.scalar(text("select request_id from signatures"))
    said = write_record(a_record(id=signature, request=request, participant=who, name="Somebody Else"))
    await as_superuser(
        database,
        "signatures",
        "update signatures set record = :record, record_sha256 = encode(sha256(:said), 'hex') where id = :id",
        record=KEYRING.seal(said, place="signatures.record", row=signature),
        said=said.encode(),
        id=signature,
    )
    assert await findings(database) == [Finding(table="signatures", row=signature, what="altered")]


@pytest.mark.parametrize("change", ["pdf_sha256 = repeat('b', 64)", "at = at + interval '1 second'", "pdf = '\\x00'"])
async def test_a_changed_copy_is_named(database: Database, change: str) -> None:
    _, copy, _ = await signed(database)
    await as_superuser(database, "signed_copies", f"update signed_copies set {change} where id = :id", id=copy)  # noqa: S608
    assert await findings(database) == [Finding(table="signed_copies", row=copy, what="altered")]


async def test_what_was_taken_away_is_named(database: Database) -> None:
    signature, copy, _ = await signed(database)
    await as_superuser(database, "signatures", "delete from signatures where id = :id", id=signature)
    await as_superuser(database, "signed_copies", "delete from signed_copies where id = :id", id=copy)
    assert await findings(database) == [
        Finding(table="signatures", row=signature, what="missing"),
        Finding(table="signed_copies", row=copy, what="missing"),
    ]


async def test_what_was_put_in_is_named(database: Database) -> None:
    await signed(database)
    forged = new_id()
    await as_superuser(
        database,
        "signatures",
        "insert into signatures select :id, request_id, participant_id, study_slug, 'witness', document_version, "
        "document_sha256, at, record, record_sha256 from signatures limit 1",
        id=forged,
    )
    assert await findings(database) == [Finding(table="signatures", row=forged, what="not on the trail")]


async def test_a_copy_is_the_bytes_that_were_made(database: Database) -> None:
    await signed(database)
    async with database.begin() as connection:
        request = await connection.scalar(text("select request_id from signed_copies"))
        assert await newest_copy(connection, KEYRING, request) == PDF


async def test_without_the_key_nothing_verifies(database: Database) -> None:
    signature, copy, _ = await signed(database)
    other = parse_keyring(make_key("other"))
    assert {finding.row for finding in await findings(database, other)} == {signature, copy}
