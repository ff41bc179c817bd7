"""A step costs little more in a long questionnaire than in a short one."""

from service.bench.questionnaire import SIZES, growth, measure_steps


def test_a_step_on_a_thousand_items_costs_at_most_four_times_one_on_a_hundred() -> None:
    costs = measure_steps()
    assert [cost.items for cost in costs] == list(SIZES)
    assert growth(costs) <= 4
