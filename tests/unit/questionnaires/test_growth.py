"""A step costs little more in a long questionnaire than in a short one."""

from engagement.instruments import load_instruments
from service.bench.questionnaire import SIZES, growth, measure_check_in, measure_steps
from service.settings import ROOT


def test_a_step_on_a_thousand_items_costs_at_most_four_times_one_on_a_hundred() -> None:
    costs = measure_steps()
    assert [cost.items for cost in costs] == list(SIZES)
    assert growth(costs) <= 4


def test_every_turn_of_a_check_in_is_measured() -> None:
    study = "parkinson-lrrk2-gba1"
    instruments = load_instruments(ROOT / "studies" / study, study=study, languages=("en", "es"))[0]
    turns = measure_check_in(instruments.forms["monthly"])
    assert len(turns) >= 8
    assert all(turn > 0 for turn in turns)
