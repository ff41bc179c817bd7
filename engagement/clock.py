"""The one place that reads the clock. Pure functions take `at`; ticks, workers and webhooks call `now`."""

from datetime import UTC, datetime


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)
