"""What is typed about permissions: the export, and whom a new version affects."""

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

from fhir.resources.R4B.bundle import Bundle
from sqlalchemy import text
from typer.testing import CliRunner

from engagement import clock
from engagement.permissions import Cause, DocumentSigned, record_permission
from service.cli import app
from tests.conversations.script import Script
from tests.harness.service_process import environment_of
from tests.integration.signatures.reader import STUDY, Asked
from tests.integration.signatures.test_permissions_page import asked_for, standing


async def perennial(script: Script, *arguments: str) -> tuple[int, str, str]:
    """Exit status, what it printed, what it complained of."""
    environment = {**environment_of(script.place.settings), "COLUMNS": "200"}
    done = await asyncio.to_thread(CliRunner().invoke, app, list(arguments), env=environment)
    return done.exit_code, done.stdout, done.stderr


async def test_the_export_by_day(script: Script) -> None:
    asked = await asked_for(script)
    who = ("--participant", str(asked.participant))
    status, said, _ = await perennial(script, "consent", "export", *who)
    assert status == 0
    assert f"yes  sample_storage in {STUDY}" in said
    assert f"no   return_incidental in {STUDY}, withdrawn" in said
    assert "Entries: 3" in said
    yesterday = (clock.now() - timedelta(days=1)).date().isoformat()
    status, said, _ = await perennial(script, "consent", "export", *who, "--at", yesterday)
    assert (status, "Nothing was ever permitted or refused." in said) == (0, True)
    status, said, _ = await perennial(script, "consent", "export", *who, "--format", "fhir")
    assert status == 0
    assert len(Bundle.model_validate_json(said).entry or []) == 4
    assert json.loads(said)["entry"][0]["resource"]["status"] == "active"


async def test_what_cannot_be_exported(script: Script) -> None:
    status, _, errors = await perennial(script, "consent", "export", "--participant", str(uuid4()))
    assert (status, errors.strip()) == (2, "There is no such participant.")
    asked = await asked_for(script)
    who = ("--participant", str(asked.participant))
    for bad in ("yesterday", "2026-11-24T12:00", "24.11.2026"):
        assert (await perennial(script, "consent", "export", *who, "--at", bad))[0] == 2


async def altered(script: Script, asked: Asked) -> str:
    async with script.service.built.database.begin() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        row = await connection.scalar(
            text(
                "update permissions set kind = 'granted' where participant_id = :who and kind = 'withdrawn' returning id"
            ),
            {"who": asked.participant},
        )
    return str(row)


async def mended(script: Script, entry: str) -> None:
    async with script.service.built.database.begin() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        await connection.execute(text("update permissions set kind = 'withdrawn' where id = :entry"), {"entry": entry})


async def test_a_superusers_edit_is_named_by_export_and_verification(script: Script) -> None:
    asked = await asked_for(script)
    entry = await altered(script, asked)
    status, said, errors = await perennial(script, "consent", "export", "--participant", str(asked.participant))
    assert (status, "ALTERED" in said, entry in errors) == (1, True, True)
    status, _, errors = await perennial(script, "audit", "verify")
    assert (status, f"permissions {entry}: altered" in errors) == (1, True)
    await mended(script, entry)
    status, said, _ = await perennial(script, "audit", "verify")
    assert (status, "permissions, all as they were given" in said) == (0, True)


async def test_whom_a_new_version_affects(script: Script) -> None:
    asked = await asked_for(script)
    async with script.service.built.database.begin() as connection:
        await record_permission(
            connection,
            asked.participant,
            kind="granted",
            purpose="genetic_testing",
            study=STUDY,
            at=clock.now(),
            cause=Cause(actor="participant", said_on="web"),
            document=DocumentSigned(version="0.9", sha256="b" * 64),
        )
    status, said, _ = await perennial(script, "permissions", "new-version", STUDY, "1.0")
    assert status == 0
    assert f"{asked.participant}  agreed to 0.9: genetic_testing" in said
    assert said.endswith("1 affected, 0 marked now\n")
    status, said, _ = await perennial(script, "permissions", "new-version", STUDY, "1.0", "--ask-again")
    assert (status, said.endswith("1 affected, 1 marked now\n")) == (0, True)
    assert not (await standing(script, asked)).allows("genetic_testing", study=STUDY).allowed
    status, said, _ = await perennial(script, "permissions", "new-version", STUDY, "1.0")
    assert f"{asked.participant}  to be asked again: genetic_testing" in said
    assert (await perennial(script, "permissions", "new-version", STUDY, "7.7"))[0] == 2
    assert (await perennial(script, "permissions", "new-version", "nowhere", "1.0"))[0] == 2
