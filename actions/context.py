"""What every action needs: the tools, whose turn it is, how to say something."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.turn import House
from engagement.interviews import Topic
from engagement.interviews.lines import Line
from storage.database import Database
from storage.tables import messages, participants


@dataclass(frozen=True, kw_only=True)
class Tools:
    """The database and the house."""

    database: Database
    house: House


@dataclass(frozen=True, kw_only=True)
class Call:
    """The turn that an action call belongs to, from the metadata the service gave Rasa with the message.

    `text`: what they wrote; `topic`: what it asks, where it answers nothing of ours.
    """

    message_id: UUID
    participant_id: UUID
    language: str
    study: str
    intent: str
    text: str
    topic: Topic

    @property
    def wants_person(self) -> str:
        """For which reason a person is called, where one is wanted in the middle of something else."""
        return self.intent if self.intent in ("distress", "report_problem") else "ask_person"


class OwnAction(Action):  # type: ignore[misc]  # rasa-sdk is untyped
    """An action of ours: `called` as the domain has it; `act` is run for each call, with its turn read."""

    called: ClassVar[str]

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def name(self) -> str:
        return self.called

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        return await self.act(dispatcher, read_call(tracker))

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        """Do it, and say it. Returns Rasa's events."""
        raise NotImplementedError


def form_events(pending: str | None, *, goes_on: bool = True) -> list[dict[str, Any]]:
    """What a form's validation answers: it runs on while something is `pending`, unless another one takes over."""
    events = [SlotSet("pending", pending)]
    return events if pending and goes_on else [*events, SlotSet("requested_slot", None)]


def read_call(tracker: Tracker) -> Call:
    """The call's turn. Raises `KeyError` or `ValueError` where the call is not from one of our turns."""
    latest: Mapping[str, Any] = tracker.latest_message
    metadata = latest["metadata"]
    intent = str((latest.get("intent") or {}).get("name") or "")
    return Call(
        message_id=UUID(metadata["turn"]),
        participant_id=UUID(metadata["participant"]),
        language=str(metadata["language"]),
        study=str(metadata["study"]),
        intent=intent,
        text=str(latest.get("text") or ""),
        topic=_topic(latest, intent),
    )


def _topic(latest: Mapping[str, Any], intent: str) -> Topic:
    """The approved texts that the dialogue would say to the message."""
    topics: list[str] = []
    if intent == "faq":
        selected = ((latest.get("response_selector") or {}).get("faq") or {}).get("response") or {}
        topics = [key for key in (selected.get("intent_response_key"), *(latest.get("also") or [])) if key]
    if intent == "medical_advice":
        topics = ["medical_advice"]
    return Topic(intent=intent, keys=tuple(map(str, topics)))


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """Where a message came from: its channel, and the time zone where they live, as far as is known."""

    channel: str
    zone: ZoneInfo


async def read_whereabouts(connection: AsyncConnection, tools: Tools, call: Call) -> Whereabouts:
    """Those of the call's message."""
    row = (
        await connection.execute(
            select(participants.c.time_zone, messages.c.channel)
            .join_from(messages, participants, participants.c.id == call.participant_id)
            .where(messages.c.id == call.message_id)
        )
    ).one()
    return Whereabouts(channel=row.channel, zone=ZoneInfo(row.time_zone or tools.house.pack(call.study).time_zone))


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


def say_all(dispatcher: CollectingDispatcher, lines: Iterable[Line], *, purpose: str = "", **values: Any) -> None:
    """Answer with all of these; `values`: for each of them, beside its own."""
    for line in lines:
        say(dispatcher, line.key, replies=line.replies, input=line.input, purpose=purpose, **line.values, **values)
