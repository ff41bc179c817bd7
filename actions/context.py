"""What every action needs: the tools, and whose turn it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from conversation.turn import House
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Tools:
    """The database and the house."""

    database: Database
    house: House


@dataclass(frozen=True, kw_only=True)
class Call:
    """The turn that an action call belongs to, from the metadata the service gave Rasa with the message."""

    message_id: UUID
    participant_id: UUID
    language: str
    study: str
    intent: str


def read_call(tracker: Tracker) -> Call:
    """The call's turn. Raises `KeyError` or `ValueError` where the call is not from one of our turns."""
    latest: Mapping[str, Any] = tracker.latest_message
    metadata = latest["metadata"]
    return Call(
        message_id=UUID(metadata["turn"]),
        participant_id=UUID(metadata["participant"]),
        language=str(metadata["language"]),
        study=str(metadata["study"]),
        intent=str((latest.get("intent") or {}).get("name") or ""),
    )


def say(
    dispatcher: CollectingDispatcher, key: str, /, *, replies: Sequence[str] = (), input: str = "", **values: Any
) -> None:
    """Answer with a content key; `replies`: content keys offered as quick replies; `input` as in `conversation.say.Say`."""
    said: dict[str, Any] = {"say": key, "with": values}
    if replies:
        said["replies"] = list(replies)
    if input:
        said["input"] = input
    dispatcher.utter_message(json_message=said)
