"""Shares and their differences with 95 % intervals that hold for small numbers too.

Wilson, E. B. (1927), J. Am. Stat. Assoc. 22, 209-212; Newcombe, R. G. (1998), Stat. Med. 17, 873-890 (his method 10).
"""

import math
from dataclasses import dataclass

Z = 1.959963984540054
"""The 97.5 % point of the standard normal distribution: a two-sided interval of 95 %."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate with its lower and upper bound, as shares (0 to 1) or their difference (-1 to 1)."""

    estimate: float
    low: float
    high: float


def wilson(hits: int, of: int) -> Interval:
    """The share of `hits` among `of`. Nothing is known of nobody: 0 of 0 gives the whole range."""
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no share")
    if of == 0:
        return Interval(estimate=math.nan, low=0.0, high=1.0)
    share, z2 = hits / of, Z * Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Interval(estimate=share, low=max(0.0, middle - half), high=min(1.0, middle + half))


def difference(hits: int, of: int, base_hits: int, base_of: int) -> Interval:
    """How much larger the first share is than the second."""
    one, two = wilson(hits, of), wilson(base_hits, base_of)
    if of == 0 or base_of == 0:
        return Interval(estimate=math.nan, low=-1.0, high=1.0)
    gap = one.estimate - two.estimate
    low = gap - math.hypot(one.estimate - one.low, two.high - two.estimate)
    high = gap + math.hypot(one.high - one.estimate, two.estimate - two.low)
    return Interval(estimate=gap, low=max(-1.0, low), high=min(1.0, high))
