"""What `perennial bench` says of questionnaires: the ratios stand beside the others, with their targets."""

import json
from io import StringIO

from rich.console import Console

from service.bench.questionnaire import StepCost
from service.bench.report import TARGETS, Acknowledgements, Engine, Result, Side, show


def cost(items: int, mean_us: float) -> StepCost:
    return StepCost(items=items, mean_us=mean_us, median_us=mean_us, worst_us=mean_us, parse_ms=1.0)


def result() -> Result:
    parts = {"understanding": 10.0, "policy": 1.0, "total": 20.0}
    side = Side(turns_per_s=[30.0], p50_ms=[30.0], p95_ms=[40.0], bot_mb=[(500.0, 600.0)])
    return Result(
        turns=1,
        lanes=1,
        ours=side,
        stock=side,
        ack=Acknowledgements(webhook_p50_ms=[2.0], webhook_p95_ms=[3.0], bare_p50_ms=[1.0], bare_p95_ms=[2.0]),
        engine=Engine(steps=(cost(100, 50.0), cost(1_000, 75.0)), check_in_ms=(2.0, 4.0)),
        parts_ms=[parts],
    )


def test_growth_and_share_are_in_the_json() -> None:
    found = json.loads(json.dumps(result().as_json()))
    assert (found["step_growth"], found["engine_share"]) == (1.5, 0.3)
    assert [step["items"] for step in found["engine"]["steps"]] == [100, 1000]
    assert found["engine"]["check_in_ms"] == [2.0, 4.0]


def test_growth_and_share_are_in_the_table() -> None:
    written = StringIO()
    show(result(), Console(width=110, file=written))
    text = written.getvalue()
    assert "1.50" in text
    assert f"≤ {TARGETS['step_growth'][1]}" in text
    assert "0.30" in text
