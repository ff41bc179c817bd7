"""What a message about permissions came to, as it is kept under the message's id."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engagement.interviews.lines import Line, read_line
from engagement.permissions.hearing import Talk, read_talk
from storage.crypto import Keyring

PENDING = "permissions"
"""What a conversation waits for while such a talk is open."""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who writes about their permissions, in which study, and how. `at`: aware, in the participant's time zone."""

    keyring: Keyring
    participant_id: UUID
    message_id: UUID
    study: str
    language: str
    channel: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`said`; `talk`: what is open then, None for nothing; `person`: bring one in.

    `quiet`: they get nothing after this. `link`: what is said needs the link to the page of permissions.
    """

    said: tuple[Line, ...] = ()
    talk: Talk | None = None
    person: bool = False
    quiet: bool = False
    link: bool = False

    @property
    def pending(self) -> str | None:
        """What the conversation waits for."""
        return None if self.talk is None else PENDING

    def to_json(self) -> dict[str, Any]:
        """As it is kept under the message's id."""
        return {
            "said": [line.to_json() for line in self.said],
            "talk": self.talk and self.talk.to_json(),
            "person": self.person,
            "quiet": self.quiet,
            "link": self.link,
            "pending": self.pending,
        }


def read_outcome(data: Any) -> Outcome:
    """The inverse of `Outcome.to_json`."""
    return Outcome(
        said=tuple(map(read_line, data["said"])),
        talk=read_talk(data["talk"]) if data["talk"] else None,
        person=data["person"],
        quiet=data["quiet"],
        link=data["link"],
    )
