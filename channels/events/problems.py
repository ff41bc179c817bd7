"""What goes wrong, said the way RFC 9457 says it; nothing of what was sent is repeated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MEDIA_TYPE = "application/problem+json"
PROBLEMS_PATH = "/api/v1/problems"

PROBLEMS: Mapping[str, tuple[int, str]] = {
    "malformed": (400, "The request cannot be read"),
    "key-missing": (400, "An event needs an id, or the request an Idempotency-Key"),
    "unauthorized": (401, "A key in force is needed"),
    "forbidden": (403, "The key does not permit this"),
    "not-found": (404, "There is nothing here"),
    "unknown-participant": (404, "The study knows no participant by this code"),
    "method": (405, "The method does not exist here"),
    "id-reused": (409, "The id, or the appointment's, stands for something else already"),
    "in-progress": (409, "A request with this Idempotency-Key is being worked on"),
    "too-large": (413, "The body is too large"),
    "media-type": (415, "The body must be application/json"),
    "invalid": (422, "The event is not as agreed"),
    "key-reused": (422, "The Idempotency-Key stands for another request already"),
    "too-many": (429, "Too many requests"),
    "failed": (500, "Nothing was recorded; the same request may be sent again"),
}
"""Name → HTTP status and title. The name ends the problem's `type`."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong in a body. `pointer`: RFC 6901, within the body."""

    pointer: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One of `PROBLEMS`. `retry_after`: seconds, where waiting helps."""

    name: str
    detail: str = ""
    faults: Sequence[Fault] = ()
    retry_after: int | None = None

    @property
    def status(self) -> int:
        return PROBLEMS[self.name][0]

    def to_json(self) -> dict[str, Any]:
        """The problem details object (RFC 9457 section 3.1); `errors` as in its section 3's example."""
        status, title = PROBLEMS[self.name]
        body: dict[str, Any] = {"type": f"{PROBLEMS_PATH}/{self.name}", "title": title, "status": status}
        if self.detail:
            body["detail"] = self.detail
        if self.faults:
            body["errors"] = [{"detail": fault.detail, "pointer": fault.pointer} for fault in self.faults]
        return body


class Refused(Exception):
    """A request, or one event of it, is refused."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.name)
        self.problem = problem
