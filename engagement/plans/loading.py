"""Reads a pack's plans.yml, with every fault by file and line."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engagement.plans.model import FIRST_CONTACT, LEFT, OPENED, Item, Plan
from engagement.stages import KINDS
from engagement.yaml_lines import Document, Fault, Place, in_order, read_yaml

PLANS = "plans.yml"
_WHOLE = "plans.yml is a mapping of limits, awaits and touchpoints; see docs/scheduler.md"
_SAID = {
    "missing": "is missing",
    "extra_forbidden": "unknown field",
    "tuple_type": "must be a list",
    "int_type": "must be a whole number",
}


def load_plan(
    folder: Path, *, stages: Collection[str], words: Collection[str], measured: bool = False
) -> tuple[Plan, list[Fault]]:
    """The plan in the folder of a pack, empty where there is none, and its faults.

    `stages`: those of study.yml; `words`: the content keys that there are; `measured`: its mails are.
    """
    file = folder / PLANS
    if not file.exists():
        return Plan(), []
    document, faults = read_yaml(file)
    if document is None:
        return Plan(), faults or [Fault(file=file, line=1, message=_WHOLE)]
    if not isinstance(document.data, dict):
        return Plan(), [*faults, document.fault(_WHOLE)]
    try:
        plan = Plan.model_validate(document.data)
    except ValidationError as error:
        return Plan(), in_order([*faults, *(_misfit(document, dict(problem)) for problem in error.errors())])
    faults += _check_awaits(document, plan, stages)
    for name, item in plan.touchpoints.items():
        place: Place = ("touchpoints", name)
        said = [*_check_anchor(plan, name, item), *_check_run(item), *_check_stages(item, stages)]
        if item.says not in words:
            said.append(("says", f"there are no words '{item.says}'"))
        faults += [document.fault(f"touchpoints.{name}.{field}: {message}", *place, field) for field, message in said]
    faults += _check_experiments(document, plan, words, measured=measured)
    return plan, in_order(faults)


def _misfit(document: Document, problem: dict[str, Any]) -> Fault:
    place: Place = tuple(step for step in problem["loc"] if step != "[key]")
    said = _SAID.get(problem["type"]) or str(problem["msg"]).removeprefix("Value error, ")
    return document.fault(f"{'.'.join(map(str, place))}: {said}", *place)


def _check_awaits(document: Document, plan: Plan, stages: Collection[str]) -> Iterator[Fault]:
    for stage in plan.awaits:
        if stage not in stages:
            yield document.fault(f"awaits.{stage}: study.yml has no such stage", "awaits", stage)


def _check_experiments(document: Document, plan: Plan, words: Collection[str], *, measured: bool) -> Iterator[Fault]:
    tried: set[str] = set()
    for name, each in plan.experiments.items():
        place: Place = ("experiments", name)
        if each.touchpoint not in plan.touchpoints:
            yield document.fault(
                f"experiments.{name}: there is no touchpoint '{each.touchpoint}'", *place, "touchpoint"
            )
        elif each.touchpoint in tried:
            yield document.fault(f"experiments.{name}: '{each.touchpoint}' is tried already", *place, "touchpoint")
        tried.add(each.touchpoint)
        if each.outcome == OPENED and not measured:
            message = f"experiments.{name}.outcome: '{OPENED}' needs email.measured in study.yml"
            yield document.fault(message, *place, "outcome")
        for arm, variant in each.arms.items():
            if variant.says is not None and variant.says not in words:
                yield document.fault(
                    f"experiments.{name}.arms.{arm}: there are no words '{variant.says}'", *place, "arms", arm, "says"
                )


def _check_anchor(plan: Plan, name: str, item: Item) -> Iterator[tuple[str, str]]:
    hung = [way for way in ("after", "before", "follows") if getattr(item, way) is not None]
    if len(hung) != 1:
        yield "in", "one of after, before and follows says what it hangs on"
    if item.after is not None and item.after not in (*KINDS, *LEFT, FIRST_CONTACT):
        yield "after", f"'{item.after}' never happens; known are {', '.join((FIRST_CONTACT, *KINDS, *LEFT))}"
    if item.follows is not None and item.follows not in plan.touchpoints:
        yield "follows", f"there is no touchpoint '{item.follows}'"
    elif item.follows is not None and name in _followed(plan, item):
        yield "follows", "it follows itself"
    if item.before is not None and (item.unless or item.every):
        yield "before", "what comes before a date has neither unless nor every"


def _followed(plan: Plan, item: Item) -> list[str]:
    chain: list[str] = []
    while item.follows is not None and item.follows in plan.touchpoints and item.follows not in chain:
        chain.append(item.follows)
        item = plan.touchpoints[item.follows]
    return chain


def _check_run(item: Item) -> Iterator[tuple[str, str]]:
    if item.every is not None and item.every.count == 0:
        yield "every", "comes again at once; give it a length"
    if item.every is None and item.times is not None:
        yield "times", "says nothing without every"
    if item.at is not None and item.delay.unit in ("minutes", "hours"):
        yield "at", "a delay of minutes or hours has a time of its own"
    if item.expires.count == 0:
        yield "expires", "it would expire at once"
    if len(set(item.channels)) < len(item.channels):
        yield "channels", "a channel stands here twice"


def _check_stages(item: Item, stages: Collection[str]) -> Iterator[tuple[str, str]]:
    for stage in item.stages:
        if stage not in stages:
            yield "stages", f"study.yml has no stage '{stage}'"
