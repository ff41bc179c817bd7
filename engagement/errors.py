"""The errors of what the programme knows and decides. One base; a class's docstring is its default message."""


class EngagementError(Exception):
    """Something went wrong in what the programme knows or decides."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__ or "")
