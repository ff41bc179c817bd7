"""The watch over the logs of a run can fail: runs of their own, with and without something in the log."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.settings import ROOT

CLEAN = """
import logging

def test_says_ids_only():
    logging.getLogger("conversation.deliver").info("message=0192f0c1-2d3e-7abc-8def-0123456789ab outcome=sent")
"""

LEAKS = {
    "a number, even one that the last net would blot out": (
        'logging.getLogger("channels.sms").debug("sent to %s", "+12025550143")',
        "+12025550143",
    ),
    "a national number": ('logging.getLogger("service.x").info("caller 2025550143")', "2025550143"),
    "an address": ('logging.getLogger("channels.email").info("from <ana.ruiz@correo.example>")', "ana.ruiz@"),
    "what somebody wrote": (
        'logging.getLogger("conversation.screening").warning("cannot read: %s", said.text)',
        "my sister",
    ),
    "the beginning of it": ('logging.getLogger("service.x").warning("%.20s…", said.text)', "my sister"),
    "a traceback with it": (
        "try:\n        raise ValueError(said.text)\n    except ValueError:\n"
        '        logging.getLogger("conversation.dialogue").exception("turn failed")',
        "my sister",
    ),
    "a library that quotes it": ('logging.getLogger("twilio").error("bad body: %s", said.text)', "my sister"),
    "another process": (
        'log = tmp_path / "service.log"; WATCH.files.append(log)\n'
        '    log.write_text("INFO conversation.intake heard the quokka of the marmalade\\n")\n'
        '    heard_file(log).write_text(json.dumps("The quokka of the marmalade, please") + "\\n")',
        "the quokka of ",
    ),
}

LEAKING = """
import json, logging
from datetime import UTC, datetime
from conversation.messages import ChannelName, InboundMessage
from tests.harness.log_watch import WATCH, heard_file

def test_leaks(tmp_path):
    said = InboundMessage(channel=ChannelName.SMS, provider_id="SM1", sender="s", recipient="r",
                          text="My sister has the same gene, what now?", received_at=datetime.now(UTC))
    {leak}
"""


def run(test: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "test_one.py").write_text(test, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.harness.log_watch", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "--rootdir", str(folder), "-c", "/dev/null", str(folder)],
        cwd=ROOT,
        # What somebody asks of this run is not asked of the one inside it.
        env={name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_clean_run_ends_well(tmp_path: Path) -> None:
    done = run(CLEAN, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_fails_a_run_whose_tests_pass(tmp_path: Path, name: str) -> None:
    leak, found = LEAKS[name]
    done = run(LEAKING.format(leak=leak), tmp_path)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1
    assert "numbers, addresses or words in the logs" in done.stdout
    assert found in done.stdout
