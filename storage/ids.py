"""Row ids: UUID version 7 (RFC 9562), so that ids sort by time and the newest rows share index pages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import uuid_utils.compat

_make: Callable[[], UUID] = uuid_utils.compat.uuid7


def new_id() -> UUID:
    """A fresh UUIDv7. Made before the row is written, because a row's id is bound into its ciphertext."""
    return _make()


@contextmanager
def made_by(make: Callable[[], UUID]) -> Iterator[None]:
    """For the length of the block, ids come from `make`: a simulation that runs again makes the same ones."""
    global _make
    before, _make = _make, make
    try:
        yield
    finally:
        _make = before
