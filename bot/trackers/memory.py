"""Conversations as live objects in memory, bounded: the database of the service is the truth, this is a cache.

Rasa's own in-memory store turns each tracker into JSON and back every turn and grows without end. A conversation that
fell out of this one is simply begun afresh by the channel.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Iterable, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


class BoundedMemory(TrackerStore):
    """At most `conversations` trackers; the one used longest ago goes first."""

    def __init__(
        self,
        domain: Optional[Domain] = None,
        event_broker: Optional[EventBroker] = None,
        conversations: int = 20_000,
        **kwargs: Any,
    ) -> None:
        """`conversations` comes from endpoints.yml."""
        super().__init__(domain, event_broker)
        self._bound = int(conversations)
        if self._bound < 1:
            raise ValueError("tracker_store.conversations must be at least 1")
        self._trackers: OrderedDict[str, DialogueStateTracker] = OrderedDict()

    @property
    def domain(self) -> Domain:
        """The model's domain; Rasa sets it when the model is loaded."""
        return self._domain

    @domain.setter
    def domain(self, domain: Optional[Domain]) -> None:
        self._domain = domain or Domain.empty()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keeps the object itself, as the one used last."""
        self._trackers[tracker.sender_id] = tracker
        self._trackers.move_to_end(tracker.sender_id)
        while len(self._trackers) > self._bound:
            self._trackers.popitem(last=False)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """The object that was saved, or None."""
        return self._trackers.get(sender_id)

    async def keys(self) -> Iterable[str]:
        """The conversations held."""
        return list(self._trackers)

    def forget(self, sender_id: str) -> None:
        """Drops a conversation; none held is no error."""
        self._trackers.pop(sender_id, None)
