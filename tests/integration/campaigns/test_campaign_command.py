"""perennial campaign: from the file to the start, by two coordinators; each refusal is one sentence."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.accounts import add_coordinator
from engagement.participants import add_contact, add_participant
from service.cli import app
from storage.database import Database
from tests.harness.permissions import permit_invitations
from tests.harness.postgres import DATA_KEYS, KEYRING

STUDY, NEXT = "parkinson-lrrk2-gba1", "batten-cln2"
NOW = datetime.now(UTC).replace(microsecond=0)
FILE = f"""
name: next-1
study: {NEXT}
cohort:
  all:
    - language: [en]
    - permission: {{purpose: recontact, scope: any}}
says: invitation/first
channels: [preferred, sms]
waves: {{size: 10, every_hours: 24, per_hour: 60}}
starts_at: {NOW.isoformat()}
ends_at: {(NOW + timedelta(days=30)).isoformat()}
"""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, KEYRING, pool_size=4)
    async with made.begin() as connection:
        for name in ("maya", "noor"):
            await add_coordinator(
                connection, KEYRING, email=f"{name}@perennial.example", password=f"{name} {name} {name}", at=NOW
            )
        for number, permits in enumerate((True, False)):
            who = await add_participant(connection, language="en", study_slug=STUDY, at=NOW)
            await add_contact(connection, KEYRING, who, "sms", f"+1202555010{number}", verified_at=NOW)
            if permits:
                await permit_invitations(connection, who, study=STUDY, at=NOW)
    yield made
    await made.close()


class Commands:
    """`run` types a command as somebody."""

    def __init__(self, url: str, folder: Path) -> None:
        self._environment = {
            "PERENNIAL_DATABASE_URL": url,
            "PERENNIAL_DATA_KEYS": DATA_KEYS,
            "PERENNIAL_SECRET_KEY": "s" * 64,
            "PERENNIAL_DATA_DIR": str(folder),
            "COLUMNS": "200",
        }

    async def run(self, *arguments: str, by: str = "", password: str = "") -> tuple[int, str]:
        who = ("--by", f"{by}@perennial.example", "--password", password or f"{by} {by} {by}") if by else ()
        done = await asyncio.to_thread(CliRunner().invoke, app, ["campaign", *arguments, *who], env=self._environment)
        return done.exit_code, (done.stdout + done.stderr).strip()


@pytest.fixture
def commands(database: Database, database_url: str, tmp_path: Path) -> Commands:
    return Commands(database_url, tmp_path)


async def test_from_the_file_to_the_start(commands: Commands, tmp_path: Path) -> None:
    file = tmp_path / "next.yml"
    file.write_text(FILE, encoding="utf-8")
    assert await commands.run("create", str(file), by="maya") == (
        0,
        "next-1 is written down; next: perennial campaign dry-run next-1",
    )
    status, said = await commands.run("dry-run", "next-1", "--list", by="maya")
    first, *middle, last = said.splitlines()
    assert (status, first) == (0, "1 get it")
    assert "1 do not: not in the cohort: all.1.permission" in middle
    assert sum(line.endswith("gets it") for line in middle) == 1
    sha256 = last.split()[-1]
    assert await commands.run("approve", "next-1", "--list-sha256", sha256, by="maya") == (
        1,
        "somebody else has to approve it",
    )
    assert (await commands.run("approve", "next-1", "--list-sha256", sha256, by="noor"))[0] == 0
    assert await commands.run("start", "next-1", by="noor") == (0, "running")
    assert await commands.run("status", "next-1") == (0, "next-1: running; 1 get it")
    assert await commands.run("stop", "next-1", by="maya") == (0, "halted; 0 called back")


async def test_refused_in_one_sentence(commands: Commands, tmp_path: Path) -> None:
    file = tmp_path / "next.yml"
    for text, fault in (
        ("[", "not YAML"),
        (FILE.replace("size: 10", "size: 0"), "waves.size: Input should be greater than or equal to 1"),
        (FILE.replace("invitation/first", "invitation/none_such"), "there are no words invitation/none_such"),
        (FILE.replace(NEXT, "none-such"), "there is no study none-such"),
        (FILE.replace("language: [en]", "colour: blue"), "Extra inputs are not permitted"),
    ):
        file.write_text(text, encoding="utf-8")
        status, said = await commands.run("create", str(file), by="maya")
        assert status == 1
        assert fault in said
        assert len(said.splitlines()) == 1
    assert await commands.run("start", "unheard-of", by="maya") == (1, "there is no campaign unheard-of")
    for password in ("wrong", "noor noor noor"):
        assert await commands.run("start", "next-1", by="maya", password=password) == (
            1,
            "no coordinator has this address and password",
        )
