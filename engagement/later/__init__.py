"""Not now, tomorrow evening: when somebody wants to hear from us again, read from their words. Pure."""

from engagement.later.reading import Later, read_later

__all__ = ["Later", "read_later"]
