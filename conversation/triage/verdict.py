"""What triage says: a kind, a severity, and the reasons a coordinator is shown."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class TriageKind(StrEnum):
    """What kind of trouble, the most pressing last."""

    NONE = "none"
    ADVICE = "advice"
    """A wish for individual medical advice; found by the understanding, not by patterns."""
    ADVERSE_EVENT = "adverse_event"
    """Anything unwanted that happened, whether or not a medicine is blamed (ICH E2A)."""
    MEDICATION_ERROR = "medication_error"
    PREGNANCY = "pregnancy"
    OVERDOSE = "overdose"
    EMERGENCY = "emergency"
    CRISIS = "crisis"
    """Suicidality, self-harm, violence, abuse, danger to others."""


class Severity(IntEnum):
    """How fast a person must look."""

    NONE = 0
    LOW = 1
    MODERATE = 2
    SERIOUS = 3
    """Seriousness criteria of ICH E2A: death, hospital, disability, and what is medically important."""
    CRITICAL = 4


_ORDER = list(TriageKind)


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """One reason: the rule (`language/kind/name`) and the words of the message, folded, that met it."""

    rule: str
    kind: TriageKind
    severity: Severity
    matched: str


@dataclass(frozen=True, kw_only=True)
class Triage:
    """The verdict on one message: its most pressing kind, its highest severity, all reasons."""

    kind: TriageKind = TriageKind.NONE
    severity: Severity = Severity.NONE
    triggers: tuple[Trigger, ...] = ()

    @property
    def kinds(self) -> frozenset[TriageKind]:
        """Every kind that was found: a message may tell of a missed dose and of a fall."""
        return frozenset(trigger.kind for trigger in self.triggers) or frozenset({self.kind})


def verdict_of(triggers: tuple[Trigger, ...]) -> Triage:
    """The verdict that follows from the reasons: critical kinds first, then the order of `TriageKind`."""
    if not triggers:
        return Triage()
    kind = max(triggers, key=lambda each: (each.severity >= Severity.CRITICAL, _ORDER.index(each.kind))).kind
    return Triage(kind=kind, severity=max(trigger.severity for trigger in triggers), triggers=triggers)


def more_severe(one: Triage, other: Triage) -> Triage:
    """Two judges joined: the graver kind, the higher severity, the reasons of both (those of `one` first)."""
    kind = max(one, other, key=lambda each: (each.severity >= Severity.CRITICAL, _ORDER.index(each.kind))).kind
    triggers = (*one.triggers, *(each for each in other.triggers if each not in one.triggers))
    return Triage(kind=kind, severity=max(one.severity, other.severity), triggers=triggers)
