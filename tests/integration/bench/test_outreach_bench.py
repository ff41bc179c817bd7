"""`perennial bench outreach` and `campaign` from end to end with a handful of messages: they run, and say what they must."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from service.settings import ROOT

pytestmark = pytest.mark.timeout(300)


async def measured(*options: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("perennial")),
        *("bench", *options, "--json"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    (line,) = out.decode().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


async def test_outreach_is_measured_beside_a_bare_loop() -> None:
    found = await measured("outreach", "--sends", "50", "--participants", "10000")
    assert found["gated_ratio"] == pytest.approx(found["gated_per_s"] / found["bare_per_s"], rel=0.01)
    assert found["due_ratio"] > 0
    assert found["plans_due_ratio"] > 0


async def test_a_campaign_stopped_in_the_middle_reaches_exactly_the_rest() -> None:
    found = await measured("campaign", "--participants", "60")
    assert found["before_stop"] >= 24
    assert (found["later_than_2_s"], found["twice"], found["missed"]) == (0, 0, 0)
    assert found["arrived"] == 60
