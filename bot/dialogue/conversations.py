"""Which tracker a turn runs on, and that turns of one conversation never overlap.

The service's database is the truth; a tracker is only used if the last turn it finished is the turn the service says
came before. Otherwise (Rasa restarted, a turn was half run and is run again, another Rasa served it) it is dropped and
a fresh one is made, for which the service sends the slots.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Dict, Optional, Tuple
from weakref import WeakValueDictionary

from rasa.core.agent import Agent
from rasa.core.lock_store import InMemoryLockStore
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.events import ActiveLoop, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from dialogue.trimming import opening, trim_tracker

TURN_SLOT, ANSWER_SLOT = "turn", "answer"
QUESTION, QUESTION_FORM = "question", "questionnaire_form"
# A rule holds one message of the participant at most, so it sees no further back than the end of the turn before.
TURNS_KEPT = 1


class Conversations:
    """The trackers of a loaded agent, by conversation id."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._store = getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def lock(self, conversation: str) -> AsyncIterator[None]:
        """Holds the conversation: within this process always, across servers where a lock store is configured."""
        lock = self._locks.get(conversation)
        if lock is None:
            lock = self._locks[conversation] = asyncio.Lock()
        async with lock:
            if isinstance(self._agent.lock_store, InMemoryLockStore):
                yield
            else:
                async with self._agent.lock_store.lock(conversation, wait_time_in_seconds=0.05):
                    yield

    async def open(self, conversation: str, previous: Optional[str]) -> Tuple[DialogueStateTracker, bool]:
        """The tracker that finished turn `previous`, or a fresh one; and whether it is fresh."""
        tracker = await self._store.retrieve(conversation)
        if tracker is not None and previous is not None and tracker.get_slot(TURN_SLOT) == previous:
            return tracker, False
        if tracker is not None:
            await self.drop(conversation)
        processor = self._agent.processor
        tracker = DialogueStateTracker(conversation, processor.domain.slots)
        tracker.model_id = processor.model_metadata.model_id
        tracker.assistant_id = processor.model_metadata.assistant_id
        tracker.update_with_events(opening({}), processor.domain)
        return tracker, True

    async def keep(self, tracker: DialogueStateTracker, turn: str) -> None:
        """Records that `turn` is finished and stores the tracker, trimmed."""
        tracker.update(SlotSet(TURN_SLOT, turn), self._agent.processor.domain)
        if tracker.latest_message is not None:
            # The rankings are most of a tracker's size, and answered by now.
            for detail in ("full_intent_ranking", "intent_ranking", "response_selector", "safety"):
                tracker.latest_message.parse_data.pop(detail, None)
        short = trim_tracker(tracker, TURNS_KEPT)
        if short is not tracker and not hasattr(self._store, "forget"):
            # Rasa's Redis store merges what it holds with what it gets; without this nothing would ever be trimmed.
            await self.drop(tracker.sender_id)
        await self._store.save(short)

    async def drop(self, conversation: str) -> None:
        """Forgets the conversation, in our memory or in Redis."""
        if hasattr(self._store, "forget"):
            self._store.forget(conversation)
        elif hasattr(self._store, "red"):
            self._store.red.delete(self._store.key_prefix + conversation)
        else:
            raise TypeError(f"{type(self._store).__name__} cannot forget a conversation: use BoundedMemory or redis")


def keep_form(tracker: DialogueStateTracker, pending: Optional[str], domain: Any) -> None:
    """A form runs while, and only while, the service says that what it waits for is open.

    That is the questionnaire's form for `question`, else the form named after what is pending, where there is one.
    """
    wanted = QUESTION_FORM if pending == QUESTION else f"{pending}_form"
    if wanted not in domain.form_names:
        wanted = None
    running = tracker.active_loop_name
    if running and running != wanted:
        tracker.update_with_events([ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)], domain)
    if wanted and running != wanted:
        tracker.update_with_events([ActiveLoop(wanted), SlotSet(REQUESTED_SLOT, ANSWER_SLOT)], domain)


def set_slots(tracker: DialogueStateTracker, slots: Dict[str, Any], domain: Any) -> None:
    """Sets those slots whose value differs."""
    for name, value in slots.items():
        if tracker.get_slot(name) != value:
            tracker.update(SlotSet(name, value), domain)
