"""A cohort is a saved question about participants. This is its shape, as a coordinator writes it in YAML:

all:
  - stage: {study: parkinson-lrrk2-gba1, in: [completed, long_term_follow_up]}
  - genotype: {study: parkinson-lrrk2-gba1, gene: GBA1, in: [positive]}
  - language: [en, es]
  - answer: {study: parkinson-lrrk2-gba1, questionnaire: prescreen, item: age, at_least: 40, at_most: 80}
  - permission: {purpose: recontact, scope: sponsor}
  - not: {enrolled: batten-cln2}
  - last_contact: {more_than_days_ago: 30}
"""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from engagement.errors import EngagementError
from engagement.genotypes import FINDINGS
from engagement.permissions import PURPOSES
from engagement.stages import KINDS, STAGES

DEEPEST = 8
LARGEST = 64 * 1024
"""Characters of a question: far more than anybody writes by hand."""


class BadCohort(EngagementError):
    """The question of a cohort can't be read."""


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class StageIs(_Shape):
    """Where they are in a study now."""

    study: str
    any_of: Annotated[tuple[Literal[STAGES], ...], Field(alias="in", min_length=1)]  # type: ignore[valid-type]


class Happened(_Shape):
    """An event of a kind has been recorded, perhaps within the last `within_days`."""

    study: str
    kind: Literal[KINDS]  # type: ignore[valid-type]
    within_days: Annotated[int | None, Field(ge=1)] = None


class GenotypeIs(_Shape):
    """What a laboratory found in a gene."""

    study: str
    gene: str
    any_of: Annotated[tuple[Literal[FINDINGS], ...], Field(alias="in", min_length=1)]  # type: ignore[valid-type]


class AnswerIs(_Shape):
    """Their last finished answer to an item: one of some, or a number within bounds (both included)."""

    study: str
    questionnaire: str
    item: str
    any_of: Annotated[tuple[str, ...] | None, Field(alias="in")] = None
    at_least: Decimal | None = None
    at_most: Decimal | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if (self.any_of is None) == (self.at_least is None and self.at_most is None):
            raise ValueError("an answer is asked for by `in`, or by `at_least` and `at_most`")
        return self


class VerdictIs(_Shape):
    """What their pre-screening came to, last."""

    study: str
    any_of: Annotated[
        tuple[Literal["likely_eligible", "not_eligible", "needs_review"], ...], Field(alias="in", min_length=1)
    ]


class Permitted(_Shape):
    """A permission in force."""

    purpose: Literal[tuple(PURPOSES)]  # type: ignore[valid-type]
    scope: str | None = None
    study: str | None = None

    @model_validator(mode="after")
    def _has_the_scope(self) -> Self:
        if self.scope is not None and self.scope not in PURPOSES[self.purpose].scopes:
            raise ValueError(f"{self.purpose} has no scope {self.scope}")
        return self


class LastContact(_Shape):
    """When we last wrote to them or they to us; who never had any contact counts as long ago."""

    more_than_days_ago: Annotated[int, Field(ge=1)]


class Clause(_Shape):
    """Exactly one of these."""

    all: Annotated[tuple["Clause", ...] | None, Field(min_length=1)] = None
    any: Annotated[tuple["Clause", ...] | None, Field(min_length=1)] = None
    none: Annotated["Clause | None", Field(alias="not")] = None
    stage: StageIs | None = None
    enrolled: str | None = None
    event: Happened | None = None
    genotype: GenotypeIs | None = None
    answer: AnswerIs | None = None
    verdict: VerdictIs | None = None
    language: Annotated[tuple[str, ...] | None, Field(min_length=1)] = None
    time_zone: Annotated[tuple[str, ...] | None, Field(min_length=1)] = None
    permission: Permitted | None = None
    last_contact: LastContact | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if len(self.said) != 1:
            raise ValueError("a clause says exactly one thing")
        return self

    @property
    def said(self) -> tuple[str, ...]:
        """The names of what is asked, as they are written."""
        fields = type(self).model_fields
        return tuple(field.alias or name for name, field in fields.items() if getattr(self, name) is not None)


Clause.model_rebuild()


def read_question(text: str) -> Clause:
    """The question in a YAML text. Raises `BadCohort` with every fault and where it is."""
    if len(text) > LARGEST:
        raise BadCohort(f"a question of more than {LARGEST} characters")
    try:
        document = yaml.safe_load(text)
        _check_depth(document, 0)
        return Clause.model_validate(document)
    except (yaml.YAMLError, RecursionError) as error:
        raise BadCohort(f"not YAML: {getattr(error, 'problem', None) or 'nested too deeply'}") from None
    except ValidationError as error:
        raise BadCohort("; ".join(_fault(each) for each in error.errors(include_url=False))) from None


def _check_depth(value: Any, depth: int) -> None:
    if depth > DEEPEST * 2:
        raise BadCohort(f"clauses are nested more than {DEEPEST} deep")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        _check_depth(each, depth + 1)


def _fault(error: Any) -> str:
    where = ".".join(map(str, error["loc"]))
    what = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {what}" if where else what
