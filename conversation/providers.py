"""How fast outreach may go, and whether a provider is well enough to be asked at all.

A provider that fails again and again is left alone for a while, longer each time; replies keep trying on their own. The state
is shared by all processes: one row for each channel.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import case, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.plans import Limits
from storage.tables import providers

OPENS_AFTER = 5
"""Failures in a row before a provider is left alone."""
_FIRST_REST = timedelta(seconds=30)
_LONGEST_REST = timedelta(minutes=10)
_FORGOTTEN_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast a provider may be asked to carry outreach; 0: no limit. The day is that of UTC."""

    per_second: float = 0
    per_day: int = 0


@dataclass(frozen=True, kw_only=True)
class OutreachRules:
    """What outreach keeps to: each study's limits, each channel's pace; each study's sponsor, whose other studies one may allow."""

    limits: Mapping[str, Limits] = field(default_factory=dict)
    sponsors: Mapping[str, str] = field(default_factory=dict)
    paces: Mapping[str, Pace] = field(default_factory=dict)

    def limits_of(self, study: str) -> Limits:
        return self.limits.get(study) or Limits()


async def take_slot(
    connection: AsyncConnection, channel: str, pace: Pace, *, closed_until: datetime | None, at: datetime
) -> tuple[str, datetime] | None:
    """Room for one send now: None, and it is counted; else why not, and until when. `closed_until`: the provider rests."""
    if closed_until is not None and closed_until > at:
        return "provider_closed", closed_until
    if not pace.per_second and not pace.per_day:
        return None
    burst = max(1.0, pace.per_second)
    filled = func.least(
        burst,
        providers.c.tokens
        + func.extract("epoch", literal(at) - func.coalesce(providers.c.filled_at, at)) * pace.per_second,
    )
    today = at.astimezone(UTC).date()
    sent = case((providers.c.day == today, providers.c.sent_today), else_=0)
    taken = await connection.execute(
        insert(providers)
        .values(channel=channel, tokens=burst - 1, filled_at=at, day=today, sent_today=1)
        .on_conflict_do_update(
            index_elements=["channel"],
            set_={"tokens": filled - 1, "filled_at": at, "day": today, "sent_today": sent + 1},
            where=(filled >= 1 if pace.per_second else literal(True)) & (sent < pace.per_day if pace.per_day else True),
        )
        .returning(providers.c.channel)
    )
    if taken.first() is not None:
        return None
    used = await connection.scalar(select(sent).where(providers.c.channel == channel)) or 0
    if pace.per_day and used >= pace.per_day:
        return "daily_limit", datetime.combine(today + timedelta(days=1), time(), tzinfo=UTC)
    return "throttled", at + timedelta(seconds=1 / pace.per_second)


async def note_failure(connection: AsyncConnection, channel: str, *, at: datetime) -> None:
    """The provider was down, or nobody knows; after `OPENS_AFTER` of these it is left alone."""
    row = (
        await connection.execute(
            insert(providers)
            .values(channel=channel, failures=1, failed_at=at)
            .on_conflict_do_update(
                index_elements=["channel"],
                set_={
                    "failures": case(
                        (providers.c.failed_at > at - _FORGOTTEN_AFTER, providers.c.failures + 1), else_=1
                    ),
                    "failed_at": at,
                },
            )
            .returning(providers.c.failures)
        )
    ).one()
    if row.failures >= OPENS_AFTER:
        rest = min(_FIRST_REST * 2 ** min(row.failures - OPENS_AFTER, 10), _LONGEST_REST)
        await connection.execute(update(providers).where(providers.c.channel == channel).values(closed_until=at + rest))


async def note_success(connection: AsyncConnection, channel: str) -> None:
    """It carries messages again."""
    await connection.execute(
        update(providers)
        .where(providers.c.channel == channel, providers.c.failures > 0)
        .values(failures=0, failed_at=None, closed_until=None)
    )
