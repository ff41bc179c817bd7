"""The support clock: working hours, week-ends, and the nights when clocks change."""

from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engagement.studies import StudyPack, UnknownLanguage, decide_expected, load_pack, placeholders

PACK = load_pack(Path(__file__).parents[3] / "studies" / "parkinson-lrrk2-gba1")
NEW_YORK = ZoneInfo("America/New_York")


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def with_support(**changes: object) -> StudyPack:
    return PACK.model_copy(update={"support": PACK.support.model_copy(update=changes)})


@pytest.mark.parametrize(
    ("asked", "kind", "hours", "due"),
    [
        ("2026-11-23T10:00", "within_hours", 2, "2026-11-23T12:00"),
        ("2026-11-23T08:00", "within_hours", 2, "2026-11-23T10:00"),
        ("2026-11-23T16:00", "within_hours", 2, "2026-11-23T18:00"),
        ("2026-11-23T16:01", "next_working_day", None, "2026-11-24T08:01"),
        ("2026-11-23T17:30", "next_working_day", None, "2026-11-24T09:30"),
        ("2026-11-23T18:00", "next_working_day", None, "2026-11-24T10:00"),
        ("2026-11-23T06:30", "within_hours", 4, "2026-11-23T10:00"),
        ("2026-11-27T17:00", "next_working_day", None, "2026-11-30T09:00"),
        ("2026-11-28T12:00", "next_working_day", None, "2026-11-30T10:00"),
        ("2026-11-29T23:59", "next_working_day", None, "2026-11-30T10:00"),
    ],
    ids=[
        "in working hours",
        "at opening",
        "ends at closing",
        "one minute too late",
        "half an hour left",
        "at closing",
        "before opening",
        "Friday evening",
        "Saturday",
        "Sunday night",
    ],
)
def test_expected(asked: str, kind: str, hours: int | None, due: str) -> None:
    expected = decide_expected(PACK, new_york(asked).astimezone(UTC))
    assert (expected.kind, expected.hours) == (kind, hours)
    assert expected.due == new_york(due)
    assert expected.due.tzinfo is UTC


def test_the_zone_of_the_question_does_not_matter() -> None:
    at = new_york("2026-11-23T10:00")
    assert decide_expected(PACK, at) == decide_expected(PACK, at.astimezone(ZoneInfo("Asia/Tokyo")))


@pytest.mark.parametrize("friday", ["2026-03-06T17:00", "2026-10-30T17:00"], ids=["spring", "autumn"])
def test_a_weekend_when_clocks_change_keeps_the_hour_on_the_wall(friday: str) -> None:
    due = decide_expected(PACK, new_york(friday)).due.astimezone(NEW_YORK)
    assert (due.weekday(), due.hour, due.minute) == (0, 9, 0)


def test_hours_are_real_hours_in_the_night_of_the_change() -> None:
    pack = with_support(open=time(0), close=time(23), days=("sun",))
    spring = decide_expected(pack, new_york("2026-03-08T01:30"))
    assert spring.due.astimezone(NEW_YORK).isoformat() == "2026-03-08T04:30:00-04:00"
    autumn = decide_expected(pack, datetime(2026, 11, 1, 5, 30, tzinfo=UTC))
    assert autumn.due.astimezone(NEW_YORK).isoformat() == "2026-11-01T02:30:00-05:00"
    assert autumn.hours == 2


def test_one_day_a_week() -> None:
    pack = with_support(days=("wed",))
    assert decide_expected(pack, new_york("2026-11-26T09:00")).due == new_york("2026-12-02T10:00")


def test_what_fills_the_placeholders() -> None:
    said = placeholders(PACK, "es")
    assert said["fact.cost"] == PACK.facts["cost"]["es"]
    assert said["contact.phone"] == "+1 202-555-0143"
    assert said["contact.hours"].startswith("de lunes")
    assert said["safety.crisis_line"].startswith("llame")
    assert said["study.name"] == "Larkspur"
    with pytest.raises(UnknownLanguage, match="does not speak 'fr'"):
        placeholders(PACK, "fr")
