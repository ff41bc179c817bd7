"""What the fake can be told to do wrong, as Twilio and the network do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


@dataclass(frozen=True, kw_only=True)
class CallbackPlan:
    """Which status callbacks follow an accepted message, when, and how often.

    `delay` seconds pass before the first and `gap` before each further one; each is posted `repeat` times.
    `error_code` goes with `failed` and `undelivered`.
    """

    statuses: Sequence[str] = ("queued", "sent", "delivered")
    delay: float = 0
    gap: float = 0
    repeat: int = 1
    error_code: int | None = None

    @classmethod
    def late(cls, seconds: float) -> Self:
        return cls(delay=seconds)

    @classmethod
    def twice(cls) -> Self:
        return cls(repeat=2)

    @classmethod
    def out_of_order(cls) -> Self:
        return cls(statuses=("delivered", "sent", "queued"))

    @classmethod
    def none(cls) -> Self:
        return cls(statuses=())

    @classmethod
    def failing(cls, error_code: int) -> Self:
        return cls(statuses=("queued", "sent", "undelivered"), error_code=error_code)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens to one POST of a message, once it has passed every check.

    `accepted`: Twilio takes the message all the same (it is recorded, its callbacks follow). Then silence for `hang`
    seconds, then the connection cut (`drop`), or `status` with Twilio's `code`, or the usual 201 where that is None.
    `callbacks` replaces the fake's plan for this message.
    """

    status: int | None = None
    code: int | None = None
    retry_after: int | None = None
    accepted: bool = True
    hang: float = 0
    drop: bool = False
    callbacks: CallbackPlan | None = None

    @classmethod
    def rate_limited(cls, *, retry_after: int | None = None) -> Self:
        return cls(status=429, code=20429, retry_after=retry_after, accepted=False)

    @classmethod
    def server_error(cls, status: int = 500, *, accepted: bool = False) -> Self:
        return cls(status=status, code=20500 if status == 500 else 20503, accepted=accepted)

    @classmethod
    def timeout_after_accepting(cls, *, hang: float = 3600) -> Self:
        return cls(hang=hang)

    @classmethod
    def dropped(cls, *, accepted: bool) -> Self:
        return cls(drop=True, accepted=accepted)

    @classmethod
    def refused(cls, code: int, *, status: int = 400) -> Self:
        return cls(status=status, code=code, accepted=False)

    @classmethod
    def none(cls, *, callbacks: CallbackPlan | None = None) -> Self:
        """No fault: a place holder in a script, or another plan of callbacks for one message."""
        return cls(callbacks=callbacks)


class OptOutMode(StrEnum):
    """What Twilio itself does with STOP, START and HELP.

    https://help.twilio.com/articles/223134027 (default) and https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
    """

    OFF = "off"
    """Nothing: as for a toll-free or short code with opt-out handling switched off."""
    DEFAULT = "default"
    """Answers the person, then refuses further messages to them with 21610. The webhook says nothing of it."""
    ADVANCED = "advanced"
    """As `DEFAULT`, and the webhook carries `OptOutType`."""
