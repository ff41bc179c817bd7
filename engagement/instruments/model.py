"""What a study asks and what it makes of the answers: frozen values, read by `loading`, used by `judging`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engagement.fhirpath import Expr
from engagement.questionnaires import Form, Item

SENSITIVE = "https://perennial.example/fhir/StructureDefinition/sensitive"
"""Our extension on an item that never goes by SMS."""


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """One questionnaire of a pack. `sha256` is that of the file: a response names the very questions it answers."""

    name: str
    form: Form
    sha256: str

    def is_sensitive(self, item: Item) -> bool:
        """Whether the item, or what it stands in, must not go by SMS."""
        above: Item | None = item
        while above is not None:
            if SENSITIVE in above.signals:
                return True
            above = None if above.parent is None else self.form.items[above.parent]
        return False


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One condition of taking part. `expression` is FHIRPath over the response (%resource): true, false, or unknown."""

    id: str
    version: int
    text: str
    expression: Expr
    meaning: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Eligibility:
    """The pre-screening. `name_criterion`: whether a participant may be told what excludes them."""

    questionnaire: str
    name_criterion: bool
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """An answer or score that brings a person in. `reason` is one of `engagement.escalations.REASONS`."""

    id: str
    text: str
    expression: Expr
    reason: str
    meaning: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class CheckIn:
    """A questionnaire on a schedule. `scores`: linkIds of calculated items that a coordinator follows over time."""

    questionnaire: str
    every_days: int
    title: Mapping[str, str]
    scores: tuple[str, ...]
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True, kw_only=True)
class Instruments:
    """All of one study, by name."""

    study: str = ""
    forms: Mapping[str, Instrument] = field(default_factory=dict)
    eligibility: Eligibility | None = None
    check_ins: tuple[CheckIn, ...] = ()

    def check_in(self, questionnaire: str) -> CheckIn | None:
        """The check-in that uses this questionnaire."""
        return next((one for one in self.check_ins if one.questionnaire == questionnaire), None)
