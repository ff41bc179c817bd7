"""What every action needs: the tools, and whose turn it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from conversation.turn import House
from engagement.interviews import Topic
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
    dispatcher: CollectingDispatcher,
    key: str,
    /,
    *,
    replies: Sequence[str] = (),
    input: str = "",
    purpose: str = "",
    **values: Any,
) -> None:
    """Answer with a content key; `replies`: content keys offered as quick replies; others as in `conversation.say.Say`."""
    said: dict[str, Any] = {"say": key, "with": values}
    if replies:
        said["replies"] = list(replies)
    if input:
        said["input"] = input
    if purpose:
        said["purpose"] = purpose
    dispatcher.utter_message(json_message=said)


def read_topic(tracker: Tracker, call: Call) -> Topic:
    """What the message asks, where it answers nothing of ours: the approved texts that the dialogue would say to it."""
    latest = tracker.latest_message
    topics: list[str] = []
    if call.intent == "faq":
        selected = ((latest.get("response_selector") or {}).get("faq") or {}).get("response") or {}
        topics = [key for key in (selected.get("intent_response_key"), *(latest.get("also") or [])) if key]
    if call.intent == "medical_advice":
        topics = ["medical_advice"]
    return Topic(intent=call.intent, keys=tuple(map(str, topics)))
