"""plans.yml: each fault is named by file and line; the shipped plans have none."""

from pathlib import Path

import pytest

from engagement.permissions import PURPOSES
from engagement.plans import load_plan
from engagement.plans.model import Purpose
from engagement.stages import STAGES
from engagement.studies import load_packs
from engagement.words import load_words
from service.settings import ROOT

GOOD = """
awaits:
  kit_delivered: sample_returned
touchpoints:
  kit:
    after: kit_delivered
    in: 3 days
    every: 4 days
    times: 3
    at: "10:00"
    expires: 2 days
    channels: [preferred, sms]
    says: outreach/kit_reminder
"""


def faults(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "plans.yml").write_text(text, encoding="utf-8")
    _, found = load_plan(tmp_path, stages=STAGES, words={"outreach/kit_reminder"})
    return [f"{fault.line}: {fault.message}" for fault in found]


def test_a_good_one_has_none(tmp_path: Path) -> None:
    assert faults(tmp_path, GOOD) == []


def test_no_plan_is_an_empty_one(tmp_path: Path) -> None:
    plan, found = load_plan(tmp_path, stages=STAGES, words=())
    assert (dict(plan.touchpoints), found) == ({}, [])


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("in: 3 days", "in: three days", 7, "'three days' is no length of time"),
        ("in: 3 days", "delay: 3 days", 7, "unknown field"),
        ("in: 3 days", "", 5, "is missing"),
        ("after: kit_delivered", "after: kit_arrived", 6, "'kit_arrived' never happens"),
        ("after: kit_delivered", "follows: nothing", 6, "there is no touchpoint 'nothing'"),
        ("after: kit_delivered", "follows: kit", 6, "it follows itself"),
        ("after: kit_delivered", "before: appointment", 6, "neither unless nor every"),
        ("    after: kit_delivered\n", "", 6, "what it hangs on"),
        ('at: "10:00"', "at: 10:00", 10, "is no time"),
        ("in: 3 days", "in: 3 hours", 10, "a time of its own"),
        ("every: 4 days", "every: 0 days", 8, "comes again at once"),
        ("    every: 4 days\n", "", 8, "says nothing without every"),
        ("expires: 2 days", "expires: 0 days", 11, "expire at once"),
        ("[preferred, sms]", "[sms, sms]", 12, "stands here twice"),
        ("[preferred, sms]", "[fax]", 12, "Input should be"),
        ("outreach/kit_reminder", "outreach/kit", 13, "no words 'outreach/kit'"),
        ("kit_delivered: sample_returned", "kit_arrived: sample_returned", 3, "unknown stage"),
        ("kit_delivered: sample_returned", "kit_delivered: it_came", 3, "unknown kind of event"),
        ("awaits:", "limits: {zones: [Mars/Crater]}\nawaits:", 2, "no IANA time zone"),
        ("awaits:", "limits: {caps: {day: 0}}\nawaits:", 2, "greater than or equal to 1"),
        ("awaits:", "limits: {quiet: {from: 21}}\nawaits:", 2, "is no time"),
        ("says:", "purpose: marketing\n    says:", 13, "Input should be"),
        ("says:", "unless: [it_came]\n    says:", 13, "unknown kind of event"),
    ],
)
def test_each_fault_has_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    found = faults(tmp_path, GOOD.replace(old, new))
    assert any(text.startswith(f"{line}: ") and said in text for text in found), found


def test_purposes_are_those_that_permit_contact() -> None:
    assert set(Purpose.__value__.__args__) == {name for name, purpose in PURPOSES.items() if purpose.contact}


def test_the_shipped_packs_have_plans() -> None:
    words = {word.key for word in load_words(ROOT / "content")[0]}
    for slug, pack in load_packs(ROOT / "studies").items():
        plan, found = load_plan(ROOT / "studies" / slug, stages=pack.stages, words=words)
        assert found == []
        assert {"kit_reminder", "check_in", "check_in_reminder", "hello_yearly"} <= set(plan.touchpoints)
        assert pack.time_zone in plan.limits.zones


TRIED = (
    GOOD
    + """experiments:
  hour:
    touchpoint: kit
    seed: 1
    arms:
      morning: {}
      evening: {at: "18:00", says: outreach/kit_reminder}
    outcome: sample_returned
    within_days: 14
"""
)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("touchpoint: kit", "touchpoint: tea", 16, "there is no touchpoint 'tea'"),
        ("says: outreach/kit_reminder}", "says: outreach/tea}", 20, "no words 'outreach/tea'"),
        ('at: "18:00"', "at: 18:00", 20, "is no time"),
        ("      morning: {}\n", "", 18, "at least 2"),
        ("outcome: sample_returned", "outcome: applause", 21, "unknown outcome"),
        ("outcome: sample_returned", "outcome: opened", 21, "'opened' needs email.measured in study.yml"),
        ("within_days: 14", "within_days: 0", 22, "greater than or equal to 1"),
        ("seed: 1", "strata: [shoe_size]", 17, "Input should be"),
    ],
)
def test_each_fault_of_an_experiment_has_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert faults(tmp_path, TRIED) == []
    assert old in TRIED
    found = faults(tmp_path, TRIED.replace(old, new))
    assert any(text.startswith(f"{line}: ") and said in text for text in found), found


def test_a_study_whose_mails_are_measured_may_try_what_is_opened(tmp_path: Path) -> None:
    (tmp_path / "plans.yml").write_text(TRIED.replace("outcome: sample_returned", "outcome: opened"), encoding="utf-8")
    words = {"outreach/kit_reminder"}
    assert load_plan(tmp_path, stages=STAGES, words=words, measured=True)[1] == []
