"""What a superuser changes in the ledger is found and named; what stood on a day is shown as it stood; the export is valid FHIR."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fhir.resources.R4B.bundle import Bundle
from sqlalchemy import insert, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.audit import verify_chain
from engagement.participants import add_participant
from engagement.permissions import DocumentSigned
from engagement.permissions.fhir import to_bundle
from engagement.permissions.proof import find_missing, read_history, take_over_earlier, verify_permissions
from engagement.permissions.report import to_text
from storage.database import Database
from storage.ids import new_id
from storage.tables import permissions
from tests.integration.permissions.somebody import AT, STUDY, Somebody


@asynccontextmanager
async def superuser(database: Database) -> AsyncIterator[AsyncConnection]:
    """Past every trigger, as whoever owns the database can."""
    async with database.begin() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        yield connection


async def findings(database: Database) -> list[tuple[UUID, str]]:
    async with database.begin() as connection:
        assert (await verify_chain(connection)).broken_at is None
        _, found = await verify_permissions(connection, database.keyring)
    return [(finding.entry_id, finding.what) for finding in found]


@pytest.fixture
async def given(somebody: Somebody, database: Database) -> list[UUID]:
    return [
        await somebody.give("genetic_testing", document=DocumentSigned(version="1.0", sha256="a" * 64), channels=None),
        await somebody.give(
            "recontact",
            scopes=["sponsor"],
            channels=["email"],
            per_year=4,
            reason="at the visit",
            keyring=database.keyring,
        ),
        await somebody.give("return_incidental", kind="withdrawn"),
    ]


async def test_a_ledger_that_nobody_touched_is_whole(given: list[UUID], somebody: Somebody, database: Database) -> None:
    assert await findings(database) == []
    async with database.begin() as connection:
        assert [shown.entry.id for shown in await read_history(connection, database.keyring, somebody.id)] == given
        assert await find_missing(connection, somebody.id) == []


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "granted"},
        {"purpose": "return_primary"},
        {"scopes": ["sponsor"]},
        {"at": AT - timedelta(days=1)},
        {"study_slug": None},
        {"actor": "maya"},
        {"said_on": "sms"},
        {"cause_id": new_id()},
        {"per_year": 400},
        {"expires_at": AT + timedelta(days=1)},
        {"document_version": "9.9"},
        {"signature_id": new_id()},
        {"reason": b"x"},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_changed_entry_is_named(given: list[UUID], database: Database, change: dict[str, object]) -> None:
    async with superuser(database) as connection:
        await connection.execute(update(permissions).where(permissions.c.id == given[2]).values(change))
    assert await findings(database) == [(given[2], "altered")]


async def test_an_entry_given_to_somebody_else_is_named(given: list[UUID], database: Database) -> None:
    async with superuser(database) as connection:
        other = await add_participant(connection, language="en", study_slug=STUDY, at=AT)
        await connection.execute(update(permissions).where(permissions.c.id == given[0]).values(participant_id=other))
    assert await findings(database) == [(given[0], "altered")]


async def test_a_reason_taken_away_is_named(given: list[UUID], database: Database) -> None:
    async with superuser(database) as connection:
        await connection.execute(update(permissions).where(permissions.c.id == given[1]).values(reason=None))
    assert await findings(database) == [(given[1], "altered")]


async def test_an_entry_taken_away_is_named(given: list[UUID], somebody: Somebody, database: Database) -> None:
    async with superuser(database) as connection:
        await connection.execute(permissions.delete().where(permissions.c.id == given[2]))
    assert await findings(database) == [(given[2], "missing")]
    async with database.begin() as connection:
        assert await find_missing(connection, somebody.id) == [given[2]]


async def put_in(connection: AsyncConnection, somebody: Somebody) -> UUID:
    row = new_id()
    await connection.execute(
        insert(permissions).values(
            id=row,
            participant_id=somebody.id,
            study_slug=STUDY,
            kind="granted",
            purpose="return_incidental",
            at=AT,
            actor="participant",
        )
    )
    return row


async def test_an_entry_put_in_is_named(given: list[UUID], somebody: Somebody, database: Database) -> None:
    async with superuser(database) as connection:
        row = await put_in(connection, somebody)
    assert await findings(database) == [(row, "not on the trail")]


async def test_entries_from_before_the_trail_are_taken_over_once(somebody: Somebody, database: Database) -> None:
    async with superuser(database) as connection:
        early = await put_in(connection, somebody)
    assert await findings(database) == [(early, "not on the trail")]
    async with database.begin() as connection:
        assert await take_over_earlier(connection, at=AT) == 1
    assert await findings(database) == []
    async with superuser(database) as connection:
        late = await put_in(connection, somebody)
    async with database.begin() as connection:
        assert await take_over_earlier(connection, at=AT) == 0
    assert await findings(database) == [(late, "not on the trail")]


async def test_the_export_tells_what_stood_on_a_day(given: list[UUID], somebody: Somebody, database: Database) -> None:
    somebody.at = AT + timedelta(days=10)
    await somebody.give("recontact", kind="withdrawn", study=None)
    async with database.begin() as connection:
        before = await read_history(connection, database.keyring, somebody.id, until=AT + timedelta(days=9))
        after = await read_history(connection, database.keyring, somebody.id)
    told = to_text(somebody.id, before, at=AT + timedelta(days=9))
    assert f"yes  recontact (sponsor) in {STUDY}, since 2026-11-24T12:00:00Z, only by email, at most 4 a year" in told
    assert "reason: at the visit" in told
    assert "ALTERED" not in told
    told = to_text(somebody.id, after, at=somebody.at)
    assert f"no   recontact (sponsor) in {STUDY}, withdrawn 2026-12-04T12:00:00Z" in told
    assert f"yes  genetic_testing in {STUDY}" in told


async def test_the_export_is_fhir_r4(given: list[UUID], somebody: Somebody, database: Database) -> None:
    async with database.begin() as connection:
        history = await read_history(connection, database.keyring, somebody.id)
    bundle = to_bundle(somebody.id, history, at=AT)
    parsed: Any = Bundle.model_validate_json(json.dumps(bundle))
    assert [entry.resource.get_resource_type() for entry in parsed.entry] == ["Consent", *["Provenance"] * 3]
    consent = bundle["entry"][0]["resource"]
    found = {
        provision["code"][0]["coding"][0]["code"]: provision["type"] for provision in consent["provision"]["provision"]
    }
    assert found == {
        "genetic_testing": "permit",
        "recontact.programme": "permit",
        "recontact.sponsor": "permit",
        "return_incidental": "deny",
    }
    assert consent["provision"]["type"] == "deny"
    assert consent["verification"] == [{"verified": True}]
    assert [who["identifier"]["value"] for who in consent["performer"]] == [str(somebody.id)]
    assert to_bundle(somebody.id, history, at=AT) == bundle, "made again, it is the same"


async def test_an_altered_entry_is_said_to_be_so_in_both_forms(
    given: list[UUID], somebody: Somebody, database: Database
) -> None:
    async with superuser(database) as connection:
        await connection.execute(update(permissions).where(permissions.c.id == given[2]).values(kind="granted"))
    async with database.begin() as connection:
        history = await read_history(connection, database.keyring, somebody.id)
    assert "ALTERED" in to_text(somebody.id, history, at=AT)
    assert to_bundle(somebody.id, history, at=AT)["entry"][0]["resource"]["verification"] == [{"verified": False}]
