"""One turn through Rasa: understand, decide, act, until the bot listens again.

Rasa's MessageProcessor does the same for every kind of bot. Here an action that fails ends the turn (stock Rasa logs it
and goes on, so the participant would get half an answer), and what no rule of ours can need is left out: copies of the
tracker, copies of events for debug logs, session checks.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Dict, List, Sequence

import aiohttp
from rasa.core.actions.action import Action, ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import UserMessage
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.constants import DEFAULT_SLOT_NAMES, SlotMappingType
from rasa.shared.core.events import ActionExecutionRejected, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from components.fallback import ALSO
from dialogue.graph import StraightLine, Together
from dialogue.replies import Replies

_AWAY = (aiohttp.ClientConnectionError, asyncio.TimeoutError)


class ActionsUnavailable(Exception):
    """An action of the service could not be run."""


class ActionFailed(ActionsUnavailable):
    """An action of the service was reached, and it broke or answered what cannot be used."""


class TurnUnfinished(Exception):
    """The bot kept acting and never came to listen."""


@dataclass
class Stopwatch:
    """Milliseconds by part of a turn."""

    parts: Dict[str, float] = field(default_factory=lambda: {"understanding": 0.0, "policy": 0.0, "actions": 0.0})

    def add(self, part: str, started: float) -> float:
        """Adds the time since `started` (a perf_counter value) to `part`; returns the present one."""
        now = time.perf_counter()
        self.parts[part] += (now - started) * 1000
        return now


class TurnProcessor:
    """Runs turns on a loaded Rasa model."""

    def __init__(self, stock: MessageProcessor) -> None:
        self._stock = stock
        self._extracts_slots = _extracts_slots(stock)
        self._policies = StraightLine(stock.graph_runner, stock.model_metadata.core_target)
        self._pipeline = StraightLine(stock.graph_runner, stock.model_metadata.nlu_target)
        self._understanding = Together(self._parse)

    async def run(
        self, tracker: DialogueStateTracker, message: UserMessage, replies: Replies, watch: Stopwatch
    ) -> Dict[str, Any]:
        """Runs one turn on `tracker`, which is changed even where the turn fails: drop it then. Returns the parse.

        Raises ActionsUnavailable and TurnUnfinished.
        """
        started = time.perf_counter()
        parse = await self._understanding.ask(message)
        self._hear(tracker, message, parse)
        started = watch.add("understanding", started)
        if self._extracts_slots:
            await self._stock.run_action_extract_slots(replies, tracker)
            started = watch.add("actions", started)
        # While a question of ours is open, the form's action answers what was asked besides.
        also: Sequence[str] = [] if tracker.active_loop_name else parse.get(ALSO, [])
        for _ in range(self._stock.max_number_of_predictions + 1):
            prediction = self._predict(tracker)
            action = self._action(prediction)
            started = watch.add("policy", started)
            if self._stock.should_predict_another_action(action.name()):
                await self._act(action, prediction, tracker, replies)
                await self._answer_also(also, tracker, replies)
                also = []
                started = watch.add("actions", started)
                continue
            await self._act(action, prediction, tracker, replies)
            watch.add("actions", started)
            return parse
        raise TurnUnfinished(TurnUnfinished.__doc__)

    def _parse(self, messages: List[UserMessage]) -> List[Dict[str, Any]]:
        # No component of the pipeline reads the tracker; a batch would have no single one to give.
        parsed = self._pipeline.run({PLACEHOLDER_MESSAGE: messages, PLACEHOLDER_TRACKER: None})
        parses = []
        for message in parsed:
            parse = {"text": "", "intent": {"name": None, "confidence": 0.0}, "entities": []}
            parse.update(message.as_dict(only_output_properties=True))
            self._stock._update_full_retrieval_intent(parse)
            parses.append(parse)
        return parses

    async def _answer_also(self, topics: Sequence[str], tracker: DialogueStateTracker, replies: Replies) -> None:
        """Says the approved answers to the topics that were asked besides; the policies know nothing of them."""
        for topic in topics:
            action = self._stock._get_action(f"utter_{topic}")
            for event in await action.run(replies, self._stock.nlg, tracker, self._stock.domain):
                if isinstance(event, BotUttered):
                    await replies.send_response(tracker.sender_id, event.message())
                    tracker.update(event, self._stock.domain)

    def _predict(self, tracker: DialogueStateTracker) -> PolicyPrediction:
        if tracker.followup_action:
            return self._stock._predict_next_with_tracker(tracker)
        return self._policies.run({PLACEHOLDER_TRACKER: tracker})

    def _hear(self, tracker: DialogueStateTracker, message: UserMessage, parse: Dict[str, Any]) -> None:
        tracker.update(
            UserUttered(
                message.text,
                parse["intent"],
                parse["entities"],
                parse,
                input_channel=message.input_channel,
                message_id=message.message_id,
                metadata=message.metadata,
            ),
            self._stock.domain,
        )

    def _action(self, prediction: PolicyPrediction) -> Action:
        name = self._stock.domain.action_names_or_texts[prediction.max_confidence_index]
        return self._stock._get_action(name)

    async def _act(
        self, action: Action, prediction: PolicyPrediction, tracker: DialogueStateTracker, replies: Replies
    ) -> None:
        domain = self._stock.domain
        # Events of a prediction are undone where the action rejects itself, so the action sees them on a copy.
        seen = tracker.copy() if prediction.events else tracker
        seen.update_with_events(prediction.events, domain) if prediction.events else None
        try:
            events: List[Event] = await action.run(replies, self._stock.nlg, seen, domain) or []
            for event in events:
                if isinstance(event, BotUttered):
                    await replies.send_response(tracker.sender_id, event.message())
        except ActionExecutionRejection:
            tracker.update(ActionExecutionRejected(action.name(), prediction.policy_name, prediction.max_confidence))
            return
        except Exception as error:
            if isinstance(action, RemoteAction) or tracker.active_loop_name:
                away = any(isinstance(each, _AWAY) for each in (error, error.__cause__, error.__context__))
                raise (ActionsUnavailable if away else ActionFailed)(
                    f"{action.name()}: {type(error).__name__}"
                ) from error
            raise
        if not any(isinstance(event, ActionExecutionRejected) for event in events):
            tracker.update_with_events(prediction.events, domain)
            tracker.update(action.event_for_successful_execution(prediction))
        tracker.update_with_events(events, domain)
        if any(isinstance(event, UserUttered) for event in events) and self._extracts_slots:
            await self._stock.run_action_extract_slots(replies, tracker)


def _extracts_slots(stock: MessageProcessor) -> bool:
    """Whether any slot is filled from what is said: ours are all set by the service or by its actions."""
    for slot in stock.domain.slots:
        if slot.name in DEFAULT_SLOT_NAMES:
            continue
        for mapping in slot.mappings:
            if mapping.get("type") != str(SlotMappingType.CUSTOM) or mapping.get("action"):
                return True
    return False
