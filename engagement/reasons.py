"""Why a person is brought in. Apart from the database, for whoever only checks a name."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A kind of escalation. `severity` 1 (at once) to 4; `holds`: the bot stays silent until a coordinator closes it."""

    name: str
    severity: int
    holds: bool


REASONS = {
    reason.name: reason
    for reason in (
        Reason(name="crisis", severity=1, holds=True),
        Reason(name="emergency", severity=1, holds=True),
        Reason(name="overdose", severity=1, holds=True),
        Reason(name="adverse_event", severity=2, holds=False),
        Reason(name="medication_error", severity=2, holds=False),
        Reason(name="pregnancy", severity=2, holds=False),
        Reason(name="distress", severity=2, holds=True),
        Reason(name="asked", severity=3, holds=True),
        Reason(name="missed", severity=3, holds=True),
        Reason(name="problem", severity=3, holds=True),
        Reason(name="check_in", severity=3, holds=False),
        Reason(name="review", severity=3, holds=False),
        Reason(name="appointment", severity=3, holds=False),
        Reason(name="withdrawal", severity=2, holds=False),
        Reason(name="consent_unclear", severity=3, holds=True),
        Reason(name="consent_to_sign", severity=3, holds=False),
    )
}
