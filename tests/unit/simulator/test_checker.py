"""The checker finds what it is there to find: each kind of fault, made by hand, is named; what is right is left alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from service.simulator.checking import Violation, check
from service.simulator.life import Happened, Life, Received
from service.simulator.reading import Rules, read_rules, windows
from service.simulator.wordings import Wordings

STUDIES = Path(__file__).parents[3] / "studies"
RULES = read_rules(STUDIES / "parkinson-lrrk2-gba1" / "plans.yml")
WORDS = Wordings(STUDIES.parent / "content", frozenset(rule.says for rule in RULES.items))
NEW_YORK = ZoneInfo("America/New_York")
JOINED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
TEXTS = yaml.safe_load((STUDIES.parent / "content" / "en" / "outreach.yml").read_text(encoding="utf-8"))["texts"]
KIT, HELLO = (
    TEXTS[f"outreach/{name}"]["sms"].replace("{programme.name}", "Us") for name in ("kit_reminder", "hello_yearly")
)
DUE = datetime(2026, 3, 5, 10, 0, tzinfo=NEW_YORK)
"""Three days after the kit came, at ten."""
ENDS = JOINED + timedelta(days=6)


def somebody() -> Life:
    life = Life(
        number="+12025550100",
        mail="p@people.example",
        language="en",
        since=JOINED,
        zones=[(JOINED, "America/New_York")],
    )
    life.permitted.begin(JOINED)
    life.events.append(Happened(kind="kit_delivered", at=JOINED, known_at=JOINED))
    return life


def got(at: datetime, text: str = KIT, *, channel: str = "sms", **more: object) -> Received:
    address = "+12025550100" if channel == "sms" else "p@people.example"
    one = Received(at=at, channel=channel, address=address, text=text, arrived=True, answered="taken")
    return replace(one, **more)  # type: ignore[arg-type]


def judged(life: Life, *received: Received, rules: Rules = RULES) -> list[str]:
    return [violation.kind for violation in check([life], received, rules, WORDS, ends=ENDS)]


def test_what_is_as_planned_is_left_alone() -> None:
    assert judged(somebody(), got(DUE)) == []
    assert judged(somebody(), got(DUE, channel="email")) == []
    assert judged(somebody(), got(DUE, answered="undelivered", arrived=False), got(DUE, channel="email")) == []
    assert judged(somebody(), got(DUE, answered="refused", arrived=False), got(DUE + timedelta(hours=1))) == []


def test_sent_twice() -> None:
    assert "duplicate" in judged(somebody(), got(DUE), got(DUE + timedelta(days=1, hours=2)))


def test_not_sent() -> None:
    assert judged(somebody()) == ["lost"]


def test_not_sent_with_a_reason() -> None:
    silent, away, back, left = somebody(), somebody(), somebody(), somebody()
    silent.stopped.begin(DUE)
    away.permitted.end(DUE)
    back.events.append(Happened(kind="sample_returned", at=DUE, known_at=DUE + timedelta(days=9)))
    left.events.append(Happened(kind="withdrawn", at=JOINED, known_at=JOINED))
    for life in (silent, away, back, left):
        assert judged(life) == []
    nowhere = somebody()
    nowhere.broken = {"sms": JOINED, "email": JOINED}
    assert judged(nowhere) == []


def test_a_no_at_its_hour_is_for_good_and_a_later_one_excuses_nothing() -> None:
    again = somebody()
    again.stopped.begin(DUE - timedelta(minutes=1))
    again.stopped.end(DUE + timedelta(hours=1))
    assert judged(again) == []
    later = somebody()
    later.stopped.begin(DUE + timedelta(hours=4))
    assert judged(later) == ["lost"]


def test_sent_in_quiet_hours() -> None:
    assert judged(somebody(), got(DUE.replace(hour=22))) == ["quiet_hours"]
    unknown = somebody()
    unknown.zones = [(JOINED, None)]
    # Ten in New York is seven in Los Angeles, where they may live.
    assert judged(unknown, got(DUE)) == ["quiet_hours"]
    assert judged(unknown, got(DUE.replace(hour=13))) == []


def test_sent_after_an_opt_out_and_the_answer_to_it_is_none() -> None:
    life = somebody()
    life.stopped.begin(DUE - timedelta(minutes=1))
    life.wrote.append((DUE - timedelta(minutes=1), "sms"))
    assert judged(life, got(DUE, "You are unsubscribed.")) == []
    assert judged(life, got(DUE)) == ["opted_out"]
    life.stopped.end(DUE)
    assert judged(life, got(DUE)) == []


def test_sent_without_permission() -> None:
    life = somebody()
    life.permitted.end(DUE)
    assert judged(life, got(DUE)) == ["no_permission"]
    left = somebody()
    left.events.append(Happened(kind="withdrawn", at=DUE, known_at=DUE))
    assert "no_permission" in judged(left, got(DUE + timedelta(minutes=1)))


def test_sent_what_is_in_no_plan() -> None:
    assert "no_permission" in judged(somebody(), got(DUE), got(DUE, "Buy one, get one free."))


def test_sent_too_early_and_too_late() -> None:
    assert "expired" in judged(somebody(), got(DUE - timedelta(minutes=1)))
    assert "expired" in judged(somebody(), got(DUE + timedelta(days=2)))


def test_sent_after_what_it_waits_for() -> None:
    life = somebody()
    life.events.append(Happened(kind="sample_returned", at=DUE - timedelta(days=1), known_at=DUE - timedelta(hours=1)))
    assert judged(life, got(DUE)) == ["after_event"]
    life.events[-1] = replace(life.events[-1], known_at=DUE + timedelta(hours=1))
    assert judged(life, got(DUE)) == []


def test_sent_too_often() -> None:
    life = somebody()
    at = datetime(2026, 3, 5, 11, 0, tzinfo=NEW_YORK)
    life.events.append(Happened(kind="consented", at=at - timedelta(days=365), known_at=JOINED))
    one_a_day = replace(RULES, caps=((1, 1, ""),))
    assert judged(life, got(DUE), got(at, HELLO), rules=one_a_day) == ["cap"]
    assert judged(life, got(DUE), got(at + timedelta(days=1), HELLO), rules=one_a_day) == []


def test_the_faulty_one_is_named() -> None:
    other = Life(
        number="+12025550101", mail="q@people.example", language="en", since=JOINED, zones=[(JOINED, "Europe/London")]
    )
    found = check([other, somebody()], [got(DUE.replace(hour=22))], RULES, WORDS, ends=ENDS)
    assert found == [Violation(kind="quiet_hours", person=1, at=DUE.replace(hour=22), item="outreach/kit_reminder")]


@pytest.mark.parametrize(
    ("zone", "joined", "due"),
    [
        # Clocks are put forward on 8 March 2026, back on 1 November; on Lord Howe by half an hour.
        ("America/New_York", "2026-03-06T12:00", "2026-03-09T14:00"),
        ("America/New_York", "2026-10-30T12:00", "2026-11-02T15:00"),
        ("Australia/Lord_Howe", "2026-04-03T00:00", "2026-04-05T23:30"),
        ("America/Phoenix", "2026-03-06T18:00", "2026-03-09T17:00"),
    ],
)
def test_local_time_stays_what_it_is(zone: str, joined: str, due: str) -> None:
    life = somebody()
    at = datetime.fromisoformat(joined).replace(tzinfo=UTC)
    life.events = [Happened(kind="kit_delivered", at=at, known_at=at)]
    rule = next(rule for rule in RULES.items if rule.name == "kit_reminder")
    first = next(windows(rule, life, {}, zone, at + timedelta(days=30)))
    assert first.due.isoformat()[:16] == due
