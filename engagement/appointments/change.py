"""What changes of an appointment come to: a replay in the order in which they happened. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engagement.errors import EngagementError

BOOKED, MOVED, CANCELLED = KINDS = ("appointment_booked", "appointment_moved", "appointment_cancelled")
DEFAULT_MINUTES = 60


class BadChange(EngagementError):
    """An appointment that is booked or moved needs its start."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change, as it was reported. `at`: when it was made, which is not when it was reported.

    What is None stays as it was before. `zone`: IANA name where the place is; `place`: as the source says.
    """

    kind: str
    at: datetime
    starts_at: datetime | None = None
    minutes: int | None = None
    zone: str | None = None
    place: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadChange(f"'{self.kind}' is no change of an appointment; known are {', '.join(KINDS)}")
        if self.kind != CANCELLED and self.starts_at is None:
            raise BadChange

    def to_json(self) -> dict[str, Any]:
        """What is kept sealed: everything but the kind and the instant."""
        return {
            "starts_at": self.starts_at.isoformat() if self.starts_at else None,
            "minutes": self.minutes,
            "zone": self.zone,
            "place": self.place,
        }

    @classmethod
    def from_json(cls, kind: str, at: datetime, said: dict[str, Any]) -> "Change":
        """The inverse of `to_json`."""
        starts_at = said.pop("starts_at")
        return cls(kind=kind, at=at, starts_at=datetime.fromisoformat(starts_at) if starts_at else None, **said)


@dataclass(frozen=True, kw_only=True)
class Appointment:
    """As it stands. `starts_at` is None only where all that is known is that it was cancelled."""

    booked: bool
    starts_at: datetime | None
    minutes: int = DEFAULT_MINUTES
    zone: str | None = None
    place: str | None = None


def appointment_after(changes: Iterable[Change]) -> Appointment:
    """The appointment after these changes (one at least), whatever order they are given in.

    Of two made at the same instant the one further along the way counts: booked, moved, cancelled. What a later change does
    not mention is as an earlier one said, even if that one was reported later.
    """
    ordered = sorted(changes, key=_order)

    def last[Value](values: Iterable[Value | None]) -> Value | None:
        return next((value for value in reversed(list(values)) if value is not None), None)

    return Appointment(
        booked=ordered[-1].kind != CANCELLED,
        starts_at=last(change.starts_at for change in ordered),
        minutes=last(change.minutes for change in ordered) or DEFAULT_MINUTES,
        zone=last(change.zone for change in ordered),
        place=last(change.place for change in ordered),
    )


def _order(change: Change) -> tuple[datetime, int, str]:
    return change.at, KINDS.index(change.kind), str(change.to_json())
