"""What is typed: a table imported, keys made and revoked, codes given, appointments kept."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from service.cli import app
from tests.harness.service_process import environment_of
from tests.integration.events.lab import AT, STUDY, Lab, event


async def perennial(lab: Lab, *arguments: str) -> tuple[int, str, str]:
    """The command, in a thread with an event loop of its own: exit status, what it printed, what it complained of."""
    environment = {**environment_of(lab.script.place.settings), "COLUMNS": "200"}
    done = await asyncio.to_thread(CliRunner().invoke, app, list(arguments), env=environment)
    return done.exit_code, done.stdout, done.stderr


def table(*rows: tuple[str, ...]) -> str:
    return "\ufeffid;participant;kind;at\r\n" + "".join(";".join(row) + "\r\n" for row in rows)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "site.csv"


async def test_a_table_is_checked_then_written_then_known(lab: Lab, file: Path) -> None:
    who, code = await lab.known()
    when = f"{AT:%Y-%m-%d}"
    file.write_text(table(("a", code, "kit_ordered", when), ("b", code, "kit_delivered", when)), encoding="utf-8")
    arguments = ("events", "import", str(file), "--source", f"site-{uuid4().hex[:8]}", "--study", STUDY)
    status, said, _ = await perennial(lab, *arguments)
    assert (status, said.strip()) == (0, "2 new, 0 known already; nothing was written: add --write")
    assert await lab.stage(who) == "first_contact"
    status, said, _ = await perennial(lab, *arguments, "--write")
    assert (status, said.strip()) == (0, "2 new, 0 known already")
    assert await lab.stage(who) == "kit_delivered"
    status, said, _ = await perennial(lab, *arguments, "--write")
    assert (status, said.strip()) == (0, "0 new, 2 known already")


async def test_all_of_a_file_or_nothing(lab: Lab, file: Path) -> None:
    who, code = await lab.known()
    when = f"{AT:%Y-%m-%d}"
    arguments = ("events", "import", str(file), "--source", f"site-{uuid4().hex[:8]}", "--study", STUDY, "--write")
    file.write_text(table(("a", code, "kit_ordered", when), ("b", "NOBODY-3", "kit_ordered", when)), encoding="utf-8")
    status, _, errors = await perennial(lab, *arguments)
    assert (status, errors.splitlines()[0]) == (1, f"{file}:3: The study knows no participant by this code")
    file.write_text(table(("a", code, "kit_ordered", when), ("b", code, "kit_lots", when)), encoding="utf-8")
    status, _, errors = await perennial(lab, *arguments)
    assert (status, errors.splitlines()[0]) == (1, f"{file}:3: kind: no kind of event")
    assert await lab.stage(who) == "first_contact"
    status, _, errors = await perennial(lab, "events", "import", str(file), "--source", "participant")
    assert (status, "source" in errors) == (2, True)


async def test_keys(lab: Lab) -> None:
    _, code = await lab.known()
    allowed = ("--kind", "kit_delivered", "--study", STUDY)
    status, said, _ = await perennial(lab, "api-key", "add", "--source", "courier-cli", *allowed)
    row, key = said.split()
    assert status == 0
    assert (await lab.post(event(code), key=key))[0] == 200
    status, said, _ = await perennial(lab, "api-key", "list")
    assert f"{row}  courier-cli  in force  kit_delivered  {STUDY}" in said
    assert key not in said
    assert (await perennial(lab, "api-key", "revoke", row))[0] == 0
    assert (await lab.post(event(code), key=key))[0] == 401
    assert (await perennial(lab, "api-key", "revoke", row))[0] == 1
    assert (await perennial(lab, "api-key", "add", "--source", "x", "--kind", "no_kind", "--study", STUDY))[0] == 2
    assert (await perennial(lab, "api-key", "add", "--source", "Lab 1", *allowed))[0] == 2


async def test_codes(lab: Lab) -> None:
    who, code = await lab.known()
    other, taken = await lab.known()
    assert (await perennial(lab, "code", "give", str(who), "--study", STUDY))[1].strip() == code
    assert (await perennial(lab, "code", "give", str(who), "--study", STUDY, "--code", "SITE-0042"))[0] == 1
    given = ("code", "give", str(who), "--study", "batten-cln2", "--code", "site-0042")
    assert (await perennial(lab, *given))[1].strip() == "SITE-0042"
    clash = ("code", "give", str(other), "--study", "batten-cln2", "--code", "SITE-0042")
    status, _, errors = await perennial(lab, *clash)
    assert (status, "another participant" in errors) == (1, True)
    assert (await perennial(lab, "code", "give", str(other), "--study", STUDY, "--code", "Ann"))[0] == 1
    assert taken not in errors


async def test_appointments(lab: Lab) -> None:
    who, code = await lab.known()
    day = (datetime.now(UTC) + timedelta(days=40)).date()
    whose = ("--study", STUDY, "--participant", code)

    async def kept() -> list[dict[str, Any]]:
        return await lab.script.place.rows(
            "select status, starts_at, sequence, minutes from appointments where participant_id = %s", who
        )

    booking = (
        "appointment",
        "book",
        f"visit-{code}",
        *whose,
        "--at",
        f"{day}T14:30",
        "--minutes",
        "45",
        "--place",
        "Room 1",
    )
    assert (await perennial(lab, *booking))[:2] == (0, "done\n")
    (row,) = await kept()
    assert (row["status"], row["sequence"], row["minutes"]) == ("booked", 1, 45)
    assert row["starts_at"].astimezone(UTC).hour in (18, 19), "local to New York"
    assert (await perennial(lab, *booking))[:2] == (0, "it is so already\n")
    moving = ("appointment", "move", f"visit-{code}", *whose, "--at", f"{day + timedelta(days=1)}T09:00")
    assert (await perennial(lab, *moving))[0] == 0
    assert (await perennial(lab, "appointment", "cancel", f"visit-{code}", *whose))[0] == 0
    (row,) = await kept()
    assert (row["status"], row["sequence"]) == ("cancelled", 3)
    assert (await perennial(lab, "appointment", "book", "v", *whose, "--at", "Thursday"))[0] == 1
    nobody = ("--study", STUDY, "--participant", "NOBODY-4")
    assert (await perennial(lab, "appointment", "cancel", "v", *nobody))[0] == 1
