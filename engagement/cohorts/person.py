"""What is known of one participant, as far as a cohort may ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from engagement.permissions import Standing
from engagement.stages import Event

Answered = str | Decimal | bool
"""A code, label or text; an amount; yes or no."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """`stages`: study → stage. `events`: study → what happened. `genotypes`: (study, gene) → finding.

    `answers`: (study, questionnaire, linkId) → the values last given. `verdicts`: study → the last one.
    """

    id: UUID
    language: str
    time_zone: str | None
    standing: Standing
    stages: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    genotypes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    answers: Mapping[tuple[str, str, str], tuple[Answered, ...]] = field(default_factory=dict)
    verdicts: Mapping[str, str] = field(default_factory=dict)
    last_contact: datetime | None = None
