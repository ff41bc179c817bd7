from datetime import UTC, datetime, timedelta

import pytest

from channels.webchat.rate import Meter, Pace, full_bucket, take_token

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PACE = Pace(burst=3, per_minute=20)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_a_burst_then_a_wait_that_is_long_enough() -> None:
    bucket = full_bucket(PACE, at=START)
    for _ in range(3):
        bucket, wait = take_token(bucket, at=START)
        assert wait == 0
    bucket, wait = take_token(bucket, at=START)
    assert wait == 3.0
    bucket, wait = take_token(bucket, at=after(2))
    assert wait == pytest.approx(1.0)
    bucket, wait = take_token(bucket, at=after(3))
    assert wait == 0


def test_in_the_long_run_no_more_than_the_pace() -> None:
    bucket = full_bucket(PACE, at=START)
    taken = 0
    for tick in range(600):
        bucket, wait = take_token(bucket, at=after(tick / 10))
        taken += wait == 0
    assert taken == 3 + 19


def test_a_clock_that_runs_backwards_gives_nothing() -> None:
    bucket = full_bucket(PACE, at=after(60))
    for _ in range(3):
        bucket, _wait = take_token(bucket, at=after(60))
    bucket, wait = take_token(bucket, at=START)
    assert wait == 3.0
    _bucket, wait = take_token(bucket, at=after(60))
    assert wait == 3.0


def test_visitors_do_not_slow_each_other_down_and_few_are_remembered() -> None:
    meter = Meter(PACE, keep=2)
    for _ in range(3):
        assert meter.take("a", at=START) == 0
    assert meter.take("a", at=START) > 0
    assert meter.take("b", at=START) == 0
    meter.take("c", at=START)
    assert len(meter) == 2
