"""What a message came to in a walk-through, and whom it is held with."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from engagement.consent.document import Consents
from engagement.interviews.lines import Line, read_line
from storage.crypto import Keyring


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a message came to: what is said, and `pending` for the conversation.

    `person`: whom to bring in: "asked", or the id of the concept to explain. `link`: to the document, to "read" or "sign",
    of `version`, with `answers` filled in: what the placeholder {document_link} stands for. `ready`: to be signed elsewhere.
    `elsewhere`: the intent that leaves the walk-through for something else.
    """

    said: tuple[Line, ...] = ()
    pending: str | None = None
    person: str = ""
    link: str = ""
    version: str = ""
    answers: dict[str, bool] | None = None
    ready: bool = False
    elsewhere: str = ""

    def to_json(self) -> dict[str, Any]:
        """As it is kept under the message's id. What is pending elsewhere, that action keeps."""
        return {
            "said": [line.to_json() for line in self.said],
            **({} if self.elsewhere else {"pending": self.pending}),
            "person": self.person,
            "link": self.link,
            "version": self.version,
            "answers": self.answers,
            "ready": self.ready,
            "elsewhere": self.elsewhere,
        }


def read_outcome(data: Any) -> Outcome:
    """The inverse of `Outcome.to_json`."""
    return Outcome(
        said=tuple(map(read_line, data["said"])),
        pending=data.get("pending"),
        person=data["person"],
        link=data["link"],
        version=data["version"],
        answers=data["answers"],
        ready=data["ready"],
        elsewhere=data["elsewhere"],
    )


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Whom we talk with, in which study, and how. `today`: the day in the study's time zone; `at`: aware."""

    keyring: Keyring
    consents: Consents
    participant_id: UUID
    message_id: UUID
    study: str
    language: str
    channel: str
    at: datetime
    today: date

    @property
    def spoken(self) -> str:
        """The language that the document is told in: the conversation's, else the study's first."""
        known = self.consents.documents[-1].languages
        return self.language if self.language in known else known[0]
