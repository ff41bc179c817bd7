"""`perennial email parse`: its JSON, its errors, and that it needs nothing but the file."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli.email import app

REPLY = (
    "From: Ann <ann@home.example>\r\nTo: hello@talk.example\r\nSubject: Re: Your kit\r\nMessage-ID: <1@home.example>\r\n\r\n"
    "%s\r\n\r\nOn Mon, Nov 23, 2026 at 9:14 AM P <r@talk.example> wrote:\r\n\r\n> Reply STOP to stop.\r\n"
)
runner = CliRunner()


def shown(tmp_path: Path, mail: str) -> dict[str, object]:
    file = tmp_path / "mail.eml"
    file.write_bytes(mail.encode())
    result = runner.invoke(app, ["parse", str(file)])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_a_reply(tmp_path: Path) -> None:
    found = shown(tmp_path, REPLY % "How long do results take?")
    assert found["class"] == "message"
    assert found["visible_text"] == "How long do results take?"
    assert found["from"] == "ann@home.example"
    assert found["opt_out"] == "no"


@pytest.mark.parametrize(
    "text", ["STOP", "stop.", "Please stop writing to me", "Por favor ya no me escriban", "unsubscribe"]
)
def test_an_opt_out_in_the_reply(tmp_path: Path, text: str) -> None:
    assert shown(tmp_path, REPLY % text)["opt_out"] == "yes"


def test_an_opt_out_in_the_subject_counts_only_alone(tmp_path: Path) -> None:
    head = "From: ann@home.example\r\nSubject: STOP\r\n\r\n"
    assert shown(tmp_path, head)["opt_out"] == "yes"
    assert shown(tmp_path, head + "Why does the bus stop there?")["opt_out"] == "no"


def test_words_of_a_machine_are_no_opt_out(tmp_path: Path) -> None:
    found = shown(tmp_path, "Auto-Submitted: auto-replied\r\n" + REPLY % "STOP")
    assert (found["class"], found["opt_out"]) == ("auto_reply", "no")


def test_a_bounce_shows_its_details(tmp_path: Path) -> None:
    mail = "From: MAILER-DAEMON@x.example\r\nX-Failed-Recipients: bob@x.example\r\n\r\n550 5.1.1 unknown user"
    found = shown(tmp_path, mail)
    assert found["class"] == "bounce"
    assert found["bounce"] == {
        "recipient": "bob@x.example", "recipients": ["bob@x.example"], "status": "5.1.1", "action": "failed", "final": True,
        "marks_contact": True, "original_message_id": "",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["missing.eml", "."])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    result = runner.invoke(app, ["parse", str(tmp_path / name)])
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 1
    assert "perennial email parse" in result.stderr


def test_a_file_that_is_no_mail(tmp_path: Path) -> None:
    (tmp_path / "empty.eml").write_bytes(b"")
    result = runner.invoke(app, ["parse", str(tmp_path / "empty.eml")])
    assert (result.exit_code, "empty" in result.stderr) == (2, True)


def test_standard_input_without_settings_in_ascii_terminals(tmp_path: Path) -> None:
    script = "from service.cli.email import app; app()"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "PYTHONIOENCODING": "ascii",
    }
    done = subprocess.run(
        [sys.executable, "-c", script, "parse", "-"], input=(REPLY % "Sí, mañana 👍").encode(), cwd=tmp_path,
        env=environment, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["visible_text"] == "Sí, mañana 👍"


def test_no_heavy_library_is_loaded() -> None:
    script = (
        "import sys; import service.cli.email, channels.email.describe;"
        "print([name for name in ('sqlalchemy', 'aiohttp', 'twilio', 'rasa_sdk', 'aiosmtpd') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, timeout=60, text=True)
    assert done.stdout.strip() == "[]"
