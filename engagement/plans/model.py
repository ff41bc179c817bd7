"""A study's plan, as plans.yml says it: what its participants are written by the clock, how often at most, and when."""

import hashlib
from collections.abc import Mapping
from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from engagement import written
from engagement.local_time import Span
from engagement.stages import KINDS, STAGES

LEFT = ("prescreen_left", "check_in_left")
"""Anchors that are no events: a questionnaire of this kind was begun and left; the instant is that of the last answer."""
FIRST_CONTACT = "first_contact"
OPENED = "opened"
"""An experiment's outcome that only a study whose mails are measured can see."""

type Length = Annotated[Span, BeforeValidator(written.span)]
type ClockTime = Annotated[time, BeforeValidator(written.clock_time)]
type Zone = Annotated[str, AfterValidator(written.time_zone)]
type Kind = Annotated[str, AfterValidator(written.one_of(KINDS, "kind of event"))]
type Stage = Annotated[str, AfterValidator(written.one_of(STAGES, "stage"))]
type Channel = Literal["preferred", "sms", "email", "webchat"]
"""`preferred`: where they last wrote, of those that ring (SMS, e-mail). What stands in the web chat waits there for a visit, so it is
used only where it is named, and fit for the last place."""
type Purpose = Literal["study_contact", "recontact"]
"""The permissions (`engagement.permissions.PURPOSES`) that permit us to write."""
type Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
type Many = Annotated[int, Field(ge=1, le=1000)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Quiet(_Part):
    """When nobody is written to, where they live. `from` the evening `to` the morning."""

    begins: Annotated[ClockTime, Field(alias="from")] = time(21, 0)
    ends: Annotated[ClockTime, Field(alias="to")] = time(8, 0)


class Caps(_Part):
    """At most so many touchpoints of all studies together, in any stretch of that length."""

    day: Many = 1
    week: Many = 3
    month: Many = 8
    purposes: Mapping[
        Purpose, Annotated[Mapping[Literal["day", "week", "month", "year"], Many], Field(min_length=1)]
    ] = {}


class Limits(_Part):
    """What holds for all touchpoints of the study."""

    quiet: Quiet = Quiet()
    zones: Annotated[tuple[Zone, ...], Field(strict=False)] = ()
    """Where its participants may live: all must permit where one's zone is not known."""
    caps: Caps = Caps()


class Item(_Part):
    """One line of the plan. Exactly one of `after`, `before` and `follows` says what it hangs on."""

    after: Name | None = None
    """An event, first_contact, or a questionnaire that was left."""
    before: Name | None = None
    """A date that was set (`engagement.journeys.set_date`)."""
    follows: Name | None = None
    """Another item, from the moment at which it was sent."""
    delay: Annotated[Length, Field(alias="in")]
    at: ClockTime | None = None
    """The local time; without it, the time of day of what it hangs on."""
    every: Length | None = None
    times: Annotated[int, Field(ge=1, le=1000)] | None = None
    window: Length | None = None
    """Nothing is due later than this after what it hangs on."""
    unless: Annotated[tuple[Kind, ...], Field(strict=False)] | None = None
    """What makes it needless once it has happened. Not said: what the stage awaits."""
    stages: Annotated[tuple[Stage, ...], Field(strict=False)] = ()
    """Only in these stages; none said: in all but withdrawn."""
    expires: Length
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, strict=False)]
    purpose: Purpose = "study_contact"
    says: Annotated[str, StringConstraints(pattern=r"^[a-z_]+/[a-z0-9_/]+$")]

    @property
    def version(self) -> str:
        """Hash of all that the item says."""
        return _hash(self)


class Variant(_Part):
    """What an arm of an experiment changes of its touchpoint; nothing: the touchpoint as it stands. `weight`: its share."""

    says: Annotated[str, StringConstraints(pattern=r"^[a-z_]+/[a-z0-9_/]+$")] | None = None
    delay: Annotated[Length | None, Field(alias="in")] = None
    at: ClockTime | None = None
    weight: Annotated[int, Field(ge=1, le=100)] = 1

    def of(self, item: Item) -> Item:
        """The touchpoint as this arm gets it."""
        changed = {name: value for name in ("says", "delay", "at") if (value := getattr(self, name)) is not None}
        return item.model_copy(update=changed)


class Experiment(_Part):
    """Which wording or timing of a touchpoint does better; see docs/experiments.md."""

    touchpoint: Name
    seed: int
    arms: Annotated[Mapping[Name, Variant], Field(min_length=2)]
    strata: Annotated[tuple[Literal["language", "channel", "stage"], ...], Field(strict=False)] = ("language",)
    outcome: Annotated[str, AfterValidator(written.one_of(("replied", OPENED, *KINDS), "outcome"))]
    within_days: Annotated[int, Field(ge=1, le=365)]


class Plan(_Part):
    """The plan of one study."""

    limits: Limits = Limits()
    awaits: Mapping[Stage, Kind] = {}
    """Stage → the event that it waits for."""
    touchpoints: Mapping[Name, Item] = {}
    experiments: Mapping[Name, Experiment] = {}

    @property
    def version(self) -> str:
        """Hash of all that the plan says."""
        return _hash(self)

    def with_arms(self, arms: Mapping[str, str]) -> "Plan":
        """The plan as it is for somebody in these arms, by experiment."""
        changed = {
            each.touchpoint: each.arms[arms[name]].of(self.touchpoints[each.touchpoint])
            for name, each in self.experiments.items()
            if arms.get(name) in each.arms
        }
        return self.model_copy(update={"touchpoints": {**self.touchpoints, **changed}}) if changed else self

    def awaited(self, item: Item) -> tuple[str, ...]:
        """The kinds of event that make an item needless."""
        if item.unless is not None:
            return item.unless
        awaited = self.awaits.get(item.after or "")
        return (awaited,) if awaited else ()


def _hash(part: BaseModel) -> str:
    return hashlib.sha256(part.model_dump_json(by_alias=True).encode()).hexdigest()
