"""The questionnaires that the study packs bring along: read once, answered by texts, judged by the packs' own expressions."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from engagement.fhirpath import Environment, Node, evaluate, parse_expression, truth
from engagement.questionnaires import Form, State, ask_for, parse_questionnaire, start, take_text, to_response

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""A Wednesday."""
STUDIES = Path(__file__).parents[3] / "studies"
NAMES = sorted((file.parents[1].name, file.stem) for file in STUDIES.glob("*/questionnaires/*.json"))
"""Study and questionnaire."""
LINKS = re.compile(r"linkId='([^']*)'")


@cache
def form(slug: str, name: str) -> Form:
    """The questionnaire as the engine reads it."""
    return parse_questionnaire((STUDIES / slug / "questionnaires" / f"{name}.json").read_bytes())


@cache
def pack_file(slug: str, name: str) -> Any:
    """One of a pack's YAML files."""
    return yaml.safe_load((STUDIES / slug / name).read_text(encoding="utf-8"))


def criteria(slug: str) -> Mapping[str, str]:
    """The expressions of eligibility.yml by id."""
    return {each["id"]: each["expression"] for each in pack_file(slug, "eligibility.yml")["criteria"]}


def thresholds(slug: str, questionnaire: str) -> Mapping[str, str]:
    """The expressions of a check-in by id."""
    found = next(each for each in _check_ins(slug) if each["questionnaire"] == questionnaire)
    return {each["id"]: each["expression"] for each in found["thresholds"]}


def expressions(slug: str) -> Iterator[tuple[str, str, str]]:
    """Every expression of a pack: questionnaire, id, text."""
    eligibility = pack_file(slug, "eligibility.yml")
    yield from ((eligibility["questionnaire"], name, text) for name, text in criteria(slug).items())
    for each in _check_ins(slug):
        yield from (
            (each["questionnaire"], name, text) for name, text in thresholds(slug, each["questionnaire"]).items()
        )


def _check_ins(slug: str) -> list[dict[str, Any]]:
    return list(pack_file(slug, "check_ins.yml")["check_ins"])


def answered(asked: Form, answers: Mapping[str, str], *, then: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The response after these answers, given by linkId in their order, wherever the run is; `then`: corrections."""
    state = start(asked, at=AT)
    for link_id, text in (*answers.items(), *(then or {}).items()):
        item = asked.item(link_id)
        assert item is not None, link_id
        found = ask_for(state, item, at=AT)
        assert found is not None, f"{link_id} is not asked"
        taken = take_text(*found, text, language="en", at=AT, region="US")
        assert taken.recorded, f"{link_id}: {text!r} came to {taken.reading} {taken.problems}"
        state = taken.state
    return to_response(state, authored=AT)


def play(asked: Form, answers: Mapping[str, str], *, language: str) -> tuple[State, list[str]]:
    """The whole run, question by question, and what was asked. What has no answer is skipped."""
    state, links = start(asked, at=AT), []
    for _ in range(len(asked.items)):
        if state.ask is None:
            break
        link_id = state.ask.item.link_id
        text = answers.get(link_id, "skip" if language == "en" else "saltar")
        taken = take_text(state, state.ask, text, language=language, at=AT, region="US")
        assert taken.recorded, f"{link_id}: {text!r} came to {taken.reading} {taken.problems}"
        state = taken.state
        links.append(link_id)
    assert state.ask is None
    return state, links


def value_of(expression: str, response: Mapping[str, Any]) -> bool | None:
    """An expression over a response: true, false, or None of nothing."""
    root = [Node(response)]
    lookup = {"resource": root, "rootResource": root, "context": root}.get
    return truth(evaluate(parse_expression(expression), root, Environment(lookup=lookup, at=AT)))
