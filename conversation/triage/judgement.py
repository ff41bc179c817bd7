"""What the judges before the bot made of a message, and what becomes of it once the bot's judge has spoken.

Patterns and words judge at once and need nobody. The bot's judge knows sentences by their sense, but the bot may be away. So
what is `sure` is acted on at once; everything else goes on to the bot with its sums, and both are weighed together. Where the
bot has no judgement, a suspicion counts as an alarm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conversation.triage.learned import HEADS, SEVERITY
from conversation.triage.verdict import Severity, Triage, TriageKind, Trigger, verdict_of

SURE = {"any": 1.6, TriageKind.CRISIS: 0.9}
"""Sums from which words alone are believed, by head."""

SURE_PATTERN = -0.1
"""The sum of its own head from which a critical pattern is believed at once."""

WEIGHT = 0.5
"""What a sum of words counts beside one of the vectors."""

JOINT_LIMIT = -0.15
"""The joint sum from which a message alarms; chosen by cross-validation (docs/safety-triage.md)."""

JOINT_NAMED = {
    TriageKind.CRISIS: -1.0,
    TriageKind.EMERGENCY: -0.8,
    TriageKind.OVERDOSE: -0.8,
    TriageKind.PREGNANCY: -0.8,
    TriageKind.MEDICATION_ERROR: -0.8,
}
"""The joint sum of its own head from which a kind is named, once a message alarms."""

JOINT_CRISIS = -0.6
"""The joint sum of its own head from which a crisis alarms by itself."""

JOINT_RIVAL = 1.6
"""A kind is not named where `adverse_event` says this much more than it."""

LONGEST = 600
"""Characters of a message that vectors may clear: of more, an encoder reads only the beginning."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """`verdict`: what patterns and words say; `sums`: the highest of its sentences head by head (`HEADS`), patterns added."""

    verdict: Triage
    sums: tuple[float, ...]

    @property
    def alarms(self) -> bool:
        """Whether it would escalate by itself."""
        return is_alarm(self.verdict)

    @property
    def sure(self) -> bool:
        """Whether words alone are enough: nothing that the bot could say would clear it."""
        if not self.alarms:
            return False
        said = dict(zip(HEADS, self.sums, strict=True))
        return any(said[head] >= limit for head, limit in SURE.items()) or any(
            each.severity is Severity.CRITICAL
            and not each.rule.startswith("learned/")
            and said[each.kind] >= SURE_PATTERN
            for each in self.verdict.triggers
        )

    def as_json(self) -> dict[str, Any]:
        """For the database: rules and sums, never the participant's words."""
        return {
            "alarms": self.alarms,
            "triggers": [[each.rule, each.kind.value, each.severity.value] for each in self.verdict.triggers],
            "sums": [round(each, 3) for each in self.sums],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Judgement":
        """The inverse of `as_json`, without the words."""
        triggers = (
            Trigger(rule=rule, kind=TriageKind(kind), severity=Severity(severity), matched="")
            for rule, kind, severity in stored["triggers"]
        )
        return cls(verdict=verdict_of(tuple(triggers)), sums=tuple(stored["sums"]))


def is_alarm(verdict: Triage) -> bool:
    """Whether a person must look: advice wanted is the understanding's to see, and no alarm."""
    return verdict.kind not in (TriageKind.NONE, TriageKind.ADVICE)


def join_judgements(words: Judgement, vectors: Mapping[str, float] | None) -> Triage:
    """The verdict of both. `vectors`: sum by head, of the bot's judge; None where it has none: then words alone decide.

    An alarm raised or confirmed by the vectors has the trigger `vectors/<kind>`.
    """
    if words.sure or vectors is None or any(head not in vectors for head in HEADS):
        return words.verdict
    joint = {head: vectors[head] + WEIGHT * total for head, total in zip(HEADS, words.sums, strict=True)}
    alarmed = joint["any"] >= JOINT_LIMIT
    limits = JOINT_NAMED if alarmed else {TriageKind.CRISIS: JOINT_CRISIS}
    rival = joint[TriageKind.ADVERSE_EVENT] - JOINT_RIVAL
    named = [kind for kind, limit in limits.items() if joint[kind] >= max(limit, rival)]
    if not alarmed and not named:
        return Triage()
    # A kind that words named by weight alone needs the vectors' support; what a pattern met stays a reason.
    told = [*named, TriageKind.ADVERSE_EVENT]
    kept = [each for each in words.verdict.triggers if not each.rule.startswith("learned/") or each.kind in told]
    if not named and not kept:
        named = [TriageKind.ADVERSE_EVENT]
    triggers = [Trigger(rule=f"vectors/{kind}", kind=kind, severity=_severity(kind), matched="") for kind in named]
    return verdict_of((*kept, *triggers))


def _severity(kind: TriageKind) -> Severity:
    return SEVERITY.get(kind, Severity.MODERATE)
