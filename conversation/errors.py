"""The errors of Perennial. One base; a class's docstring is its default message."""

from conversation.messages import SendProblem


class PerennialError(Exception):
    """Something went wrong in Perennial."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__ or "")


class SendFailed(PerennialError):
    """The provider refused the message."""

    def __init__(
        self, message: str | None = None, *, problem: SendProblem, code: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.problem = problem
        self.code = code
        self.retry_after = retry_after
        """Seconds the provider asked us to wait, where it said so."""

    @property
    def retryable(self) -> bool:
        """True where the same request may succeed later and certainly was not accepted now."""
        return self.problem is SendProblem.RETRY


class FateUnknown(PerennialError):
    """The request left, no answer came: only the provider knows. Never send again; its callback settles it."""


class TurnFailed(PerennialError):
    """An action of ours failed in this turn: trying for ever would help nobody."""


class DialogueUnavailable(PerennialError):
    """Rasa cannot be reached or does not answer; the turn waits and is tried again."""
