"""The one place that reads the clock. Pure functions take `at`; ticks, workers and webhooks call `now`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _of_the_machine() -> datetime:
    return datetime.now(UTC)


_read: Callable[[], datetime] = _of_the_machine


def now() -> datetime:
    """This instant, in UTC."""
    return _read()


@contextmanager
def driven_by(read: Callable[[], datetime]) -> Iterator[None]:
    """For the length of the block, the whole process lives by another clock: the simulator's."""
    global _read
    before, _read = _read, read
    try:
        yield
    finally:
        _read = before
