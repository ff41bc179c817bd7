"""`perennial bench` from end to end with a handful of turns: it runs, says what it must, and leaves nothing behind."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from service.bench.memory import slope
from service.bench.script import LANES, plan_conversations
from service.settings import ROOT, Settings
from storage.embedded import start_embedded

FOLDER = Settings().data_dir / "postgres"
PARTS = {"acknowledge", "understanding", "policy", "actions", "bot_rest", "call_of_bot", "storage", "total"}


def bench_databases() -> set[str]:
    url = start_embedded(FOLDER, database="postgres")
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("select datname from pg_database where datname like 'bench_%'")}


@asynccontextmanager
async def running_bench(*options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    perennial = Path(sys.executable).with_name("perennial")
    process = await asyncio.create_subprocess_exec(
        str(perennial), "bench", *options, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()


@pytest.mark.conversation
@pytest.mark.timeout(600)
async def test_one_line_of_json_with_the_ratios_and_the_raw_figures() -> None:
    before = bench_databases()
    async with running_bench("--json", "--turns", "16", "--soak", "16") as process:
        out, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    (line,) = out.decode().splitlines()
    found = json.loads(line)
    for ratio in ("throughput_ratio", "p50_ratio", "ack_ratio", "step_growth", "engine_share"):
        assert found[ratio] > 0
    for side in ("ours", "stock"):
        assert {"turns_per_s", "p50_ms", "p95_ms", "bot_mb"} <= set(found[side])
    assert found["throughput_ratio"] == pytest.approx(
        found["ours"]["turns_per_s"] / found["stock"]["turns_per_s"], rel=0.01
    )
    assert set(found["parts_ms"]) == PARTS
    assert found["different_answers"] == []
    assert found["soak"]["turns"] >= 16
    assert len(found["blocks"]["ours"]["turns_per_s"]) == len(found["blocks"]["stock"]["turns_per_s"])
    assert bench_databases() == before


@pytest.mark.conversation
async def test_ctrl_c_stops_everything_and_drops_the_database() -> None:
    before = bench_databases()
    async with running_bench("--turns", "16") as process, asyncio.timeout(240):
        assert process.stderr is not None
        while "stock Rasa: warming up" not in (await process.stderr.readline()).decode():
            assert process.returncode is None
        service_and_bot = children(process.pid)
        assert len(service_and_bot) >= 2
        process.send_signal(signal.SIGINT)
        await process.communicate()
    assert process.returncode == 130
    assert [pid for pid in service_and_bot if alive(pid)] == []
    assert bench_databases() == before


def children(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children(recursive=True) if "postgres" not in child.name()]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("turns", [1, 8, 79, 80, 81, 1000])
def test_every_lane_has_the_same_to_do_and_nothing_is_missing(turns: int) -> None:
    plan = plan_conversations(turns, lanes=LANES)
    assert len(plan) % LANES == 0
    assert sum(map(len, plan)) >= min(turns, turns // LANES * LANES)
    assert {line.language for conversation in plan for line in conversation} == {"en", "es"}


def test_the_slope_is_that_of_the_line_through_the_points() -> None:
    assert slope([(0, 100), (1, 103), (2, 106)]) == pytest.approx(3)
    assert slope([(0, 100), (1, 100)]) == 0
    assert slope([(1, 100)]) == 0
