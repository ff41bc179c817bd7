"""A campaign as a value: what it says to whom, how fast, and which steps it may take."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from engagement.errors import EngagementError

DRAFT, CHECKED, APPROVED = "draft", "checked", "approved"
RUNNING, PAUSED, STOPPED, DONE = "running", "paused", "stopped", "done"

STEPS: Mapping[str, tuple[frozenset[str], str]] = {
    # A dry run of what has been approved asks for a new approval.
    "dry-run": (frozenset({DRAFT, CHECKED, APPROVED}), CHECKED),
    "approve": (frozenset({CHECKED}), APPROVED),
    "start": (frozenset({APPROVED, PAUSED, STOPPED}), RUNNING),
    "pause": (frozenset({RUNNING}), PAUSED),
    "stop": (frozenset({APPROVED, RUNNING, PAUSED}), STOPPED),
}
"""Step → the statuses from which it may be taken, and the one it leads to."""


class CampaignRefused(EngagementError):
    """The campaign can't take this step."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """`wave_size` people a wave, `wave_every` apart; within a wave `per_hour`."""

    wave_size: int
    wave_every: timedelta
    per_hour: int

    def due_after(self, number: int) -> timedelta:
        """How long after the start the `number`-th (from 0) is due."""
        wave, place = divmod(number, self.wave_size)
        return wave * self.wave_every + timedelta(hours=1) * place / self.per_hour

    def due_by(self, since: timedelta) -> int:
        """How many are due `since` the start: the inverse of `due_after`."""
        if since < timedelta():
            return 0
        waves, rest = divmod(since, self.wave_every)
        return waves * self.wave_size + min(self.wave_size, int(rest * self.per_hour / timedelta(hours=1)) + 1)


def check_pace(pace: Pace) -> None:
    """`CampaignRefused` where it is no pace, or a wave is not out before the next one begins."""
    if pace.wave_size < 1 or pace.per_hour < 1 or pace.wave_every < timedelta(hours=1):
        raise CampaignRefused("a wave has one person or more, one an hour or more, and an hour or more to the next")
    if timedelta(hours=1) * pace.wave_size / pace.per_hour > pace.wave_every:
        raise CampaignRefused("a wave of that size is not out before the next one begins: slow waves, or fewer people")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a coordinator writes down. `study`: the slug of the study they are invited to; `cohort`: a question in YAML.

    `says`: a content key, approved on each of `channels` in each language served.
    """

    name: str
    study: str
    cohort: str
    says: str
    channels: tuple[str, ...]
    pace: Pace
    starts_at: datetime
    ends_at: datetime
    expires: timedelta


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """A draft and how far it has come. `dry_run`: the hash that an approval is given for."""

    id: UUID
    draft: Draft
    status: str
    created_by: str
    approved_by: str | None
    dry_run: str | None
    running_since: datetime | None
    running_from: int


def check_step(campaign: Campaign, step: str) -> str:
    """The status that a step leads to. `CampaignRefused` where it may not be taken now."""
    before, after = STEPS[step]
    if campaign.status not in before:
        raise CampaignRefused(
            f"'{step}' is for a campaign that is {' or '.join(sorted(before))}; this is {campaign.status}"
        )
    return after
