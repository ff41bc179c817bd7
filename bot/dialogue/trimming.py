"""Keeps a tracker short: rules look at the last turn, and everything older is state that fits a few events.

Rasa replays all events of a tracker on every prediction, so an untrimmed conversation gets slower with each turn and
never stops growing.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, Restarted, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker


def opening(slots: Dict[str, Any], loop: Optional[str] = None) -> List[Event]:
    """The events a tracker begins with: a session in which `slots` are set and `loop` runs, waiting for the participant."""
    events: List[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    events.extend(SlotSet(name, value) for name, value in slots.items())
    if loop:
        events.append(ActiveLoop(loop))
    events.append(ActionExecuted(ACTION_LISTEN_NAME))
    return events


def trim_tracker(tracker: DialogueStateTracker, turns: int) -> DialogueStateTracker:
    """`tracker` if it holds at most `turns` messages of the participant, else a copy with only the last `turns`."""
    events = list(tracker.events)
    spoken = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(spoken) <= turns:
        return tracker
    # A turn begins after the `action_listen` before the message: the slots set for it belong to it.
    cut = spoken[-turns]
    while not (isinstance(events[cut - 1], ActionExecuted) and events[cut - 1].action_name == ACTION_LISTEN_NAME):
        cut -= 1
    slots: Dict[str, Any] = {}
    loop: Optional[str] = None
    for event in events[:cut]:
        if isinstance(event, SlotSet):
            slots[event.key] = event.value
        elif isinstance(event, ActiveLoop):
            loop = event.name
        elif isinstance(event, Restarted):
            slots, loop = {}, None
    short = DialogueStateTracker(tracker.sender_id, tracker.slots.values())
    short._reset_slots()
    short.model_id, short.assistant_id = tracker.model_id, tracker.assistant_id
    for event in [*opening(slots, loop), *events[cut:]]:
        short.update(event)
    return short
