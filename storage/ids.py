"""Row ids: UUID version 7 (RFC 9562), so that ids sort by time and the newest rows share index pages."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A fresh UUIDv7. Made before the row is written, because a row's id is bound into its ciphertext."""
    return uuid_utils.compat.uuid7()
