"""What is true of a simulated person: where they live, what they allow, what has happened to them. The checker's side of the story."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Happened:
    """An event of the journey. `known_at`: when it was reported, never before it happened."""

    kind: str
    at: datetime
    known_at: datetime


@dataclass(kw_only=True)
class Stretches:
    """Stretches of time in which something holds; the last one may be open."""

    parts: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    def begin(self, at: datetime) -> None:
        if not self.parts or self.parts[-1][1] is not None:
            self.parts.append((at, None))

    def end(self, at: datetime) -> None:
        if self.parts and self.parts[-1][1] is None:
            self.parts[-1] = (self.parts[-1][0], at)

    def holds(self, at: datetime) -> bool:
        return any(start <= at and (end is None or at < end) for start, end in self.parts)


@dataclass(kw_only=True)
class Life:
    """One person. `zones`: since when we know them to live where; None: unknown to us. `since`: first contact.

    `broken`: channel → since when nothing reaches them there. `wrote`: when they wrote to us, and on which channel. `web`: their
    browser's name, where they have nothing but the web chat.
    """

    number: str
    mail: str
    language: str
    since: datetime
    zones: list[tuple[datetime, str | None]]
    stopped: Stretches = field(default_factory=Stretches)
    permitted: Stretches = field(default_factory=Stretches)
    events: list[Happened] = field(default_factory=list)
    broken: dict[str, datetime] = field(default_factory=dict)
    wrote: list[tuple[datetime, str]] = field(default_factory=list)
    web: str = ""

    @property
    def channels(self) -> tuple[str, ...]:
        """Where they can be written to."""
        return ("webchat",) if self.web else ("sms", "email")

    @property
    def addresses(self) -> tuple[str, ...]:
        """All that somebody could write to them at."""
        return tuple(self.address(channel) for channel in self.channels)

    def zone(self, at: datetime) -> str | None:
        """Where we know them to live at this instant."""
        return [zone for since, zone in self.zones if since <= at][-1]

    def address(self, channel: str) -> str:
        return {"sms": self.number, "email": self.mail, "webchat": self.web}[channel]


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request as a provider saw it. `arrived`: the person has it; False where the provider lost it or could not deliver.

    `answered`: what we were told: taken, undelivered (later), refused, or nothing (a time-out); died: the process died with it in
    its hands, and nobody took it.
    """

    at: datetime
    channel: str
    address: str
    text: str
    arrived: bool
    answered: str
