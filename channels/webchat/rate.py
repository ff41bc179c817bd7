"""How fast one visitor may write: pure token buckets, so that a test sees a flood refused as it is on a bad day."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Pace:
    """At most `burst` at once and `per_minute` in the long run."""

    burst: int
    per_minute: float


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """What is left of a pace at one instant."""

    pace: Pace
    left: float
    as_of: datetime


def full_bucket(pace: Pace, *, at: datetime) -> Bucket:
    """A bucket nobody has drawn from."""
    return Bucket(pace=pace, left=pace.burst, as_of=at)


def take_token(bucket: Bucket, *, at: datetime) -> tuple[Bucket, float]:
    """The bucket after one more try, and the seconds to wait (0.0: taken). A refused try costs nothing.

    A clock that runs backwards neither gives nor takes.
    """
    per_second = bucket.pace.per_minute / 60
    gained = max(0.0, (at - bucket.as_of).total_seconds()) * per_second
    left = min(float(bucket.pace.burst), bucket.left + gained)
    now = replace(bucket, left=left, as_of=max(at, bucket.as_of))
    if left < 1:
        return now, (1 - left) / per_second
    return replace(now, left=left - 1), 0.0


class Meter:
    """Buckets by key, bounded: the one idle longest is forgotten first, which at worst gives it a full bucket again."""

    def __init__(self, pace: Pace, *, keep: int = 10_000) -> None:
        self._pace = pace
        self._keep = keep
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str, *, at: datetime) -> float:
        """Seconds `key` has to wait; 0.0 when it may go."""
        bucket = self._buckets.get(key) or full_bucket(self._pace, at=at)
        self._buckets[key], wait = take_token(bucket, at=at)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._keep:
            self._buckets.popitem(last=False)
        return wait
