"""Does a participant belong to a cohort, and if not, for which clause? Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from engagement.cohorts.person import Answered, Person
from engagement.cohorts.question import (
    AnswerIs,
    Clause,
    GenotypeIs,
    Happened,
    LastContact,
    Permitted,
    StageIs,
    VerdictIs,
)


@dataclass(frozen=True, kw_only=True)
class Match:
    """`belongs`, or the clauses for which not: paths such as `all.2.permission`, the outermost first that decides."""

    belongs: bool
    failed: tuple[str, ...] = ()


def match(question: Clause, person: Person, *, at: datetime) -> Match:
    """Whether the person belongs to the cohort at this instant."""
    failed = _failed(question, person, at, "")
    return Match(belongs=not failed, failed=failed)


def _failed(clause: Clause, person: Person, at: datetime, path: str) -> tuple[str, ...]:
    (name,) = clause.said
    here = f"{path}.{name}" if path else name
    if clause.all is not None:
        return tuple(
            fault for number, each in enumerate(clause.all) for fault in _failed(each, person, at, f"{here}.{number}")
        )
    if clause.any is not None:
        each_failed = [_failed(each, person, at, f"{here}.{number}") for number, each in enumerate(clause.any)]
        return () if not all(each_failed) else tuple(fault for failed in each_failed for fault in failed)
    if clause.none is not None:
        return () if _failed(clause.none, person, at, here) else (here,)
    return () if _CHECKS[name](getattr(clause, name), person, at) else (here,)


def _stage(asked: StageIs, person: Person, _at: datetime) -> bool:
    return person.stages.get(asked.study) in asked.any_of


def _event(asked: Happened, person: Person, at: datetime) -> bool:
    since = None if asked.within_days is None else at - timedelta(days=asked.within_days)
    return any(
        event.kind == asked.kind and event.at <= at and (since is None or event.at >= since)
        for event in person.events.get(asked.study, ())
    )


def _genotype(asked: GenotypeIs, person: Person, _at: datetime) -> bool:
    return person.genotypes.get((asked.study, asked.gene)) in asked.any_of


def _answer(asked: AnswerIs, person: Person, _at: datetime) -> bool:
    given = person.answers.get((asked.study, asked.questionnaire, asked.item), ())
    return any(_fits(asked, value) for value in given)


def _fits(asked: AnswerIs, value: Answered) -> bool:
    if asked.any_of is not None:
        said = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
        return said in asked.any_of
    if isinstance(value, bool) or not isinstance(value, Decimal):
        return False
    return (asked.at_least is None or value >= asked.at_least) and (asked.at_most is None or value <= asked.at_most)


def _verdict(asked: VerdictIs, person: Person, _at: datetime) -> bool:
    return person.verdicts.get(asked.study) in asked.any_of


def _permission(asked: Permitted, person: Person, _at: datetime) -> bool:
    return person.standing.allows(asked.purpose, scope=asked.scope, study=asked.study).allowed


def _last_contact(asked: LastContact, person: Person, at: datetime) -> bool:
    return person.last_contact is None or person.last_contact < at - timedelta(days=asked.more_than_days_ago)


_CHECKS: Mapping[str, Callable[[Any, Person, datetime], bool]] = {
    "stage": _stage,
    "enrolled": lambda asked, person, _at: asked in person.stages,
    "event": _event,
    "genotype": _genotype,
    "answer": _answer,
    "verdict": _verdict,
    "language": lambda asked, person, _at: person.language in asked,
    "time_zone": lambda asked, person, _at: person.time_zone in asked,
    "permission": _permission,
    "last_contact": _last_contact,
}
