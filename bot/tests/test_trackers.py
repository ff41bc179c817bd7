"""Trackers stay short, and no conversation mixes with another or grows for ever."""

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from dialogue.trimming import opening, trim_tracker
from trackers.memory import BoundedMemory

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [faq]
slots:
  pending: {type: text, mappings: [{type: custom}]}
  language: {type: text, mappings: [{type: custom}]}
forms:
  form: {required_slots: [pending]}
"""
)


def conversation(turns, pending=None):
    tracker = DialogueStateTracker("c", DOMAIN.slots)
    tracker.update_with_events(opening({"language": "es"}), DOMAIN)
    for number in range(turns):
        tracker.update(SlotSet("pending", f"p{number}"))
        tracker.update(UserUttered(f"text {number}", intent={"name": "faq"}))
        tracker.update(ActionExecuted("action_listen"))
    return tracker


def test_short_stays_itself():
    tracker = conversation(2)
    assert trim_tracker(tracker, 2) is tracker


def test_long_keeps_state_and_loses_words():
    tracker = conversation(9)
    short = trim_tracker(tracker, 2)
    assert [event.text for event in short.events if isinstance(event, UserUttered)] == ["text 7", "text 8"]
    assert short.current_slot_values() == tracker.current_slot_values()
    assert short.get_slot("language") == "es"
    assert short.latest_message.text == "text 8"
    assert len(trim_tracker(short, 2).events) == len(short.events)


def test_a_slot_of_the_kept_turn_is_not_set_before_it():
    first = [
        event.value
        for event in trim_tracker(conversation(3), 1).events
        if isinstance(event, SlotSet) and event.key == "pending"
    ]
    assert first == ["p1", "p2"]


def test_a_running_form_goes_on():
    tracker = conversation(1)
    tracker.update(ActiveLoop("form"))
    tracker.update(ActionExecuted("action_listen"))
    for number in range(3):
        tracker.update(UserUttered(str(number), intent={"name": "faq"}))
        tracker.update(ActionExecuted("action_listen"))
    assert trim_tracker(tracker, 1).active_loop_name == "form"


async def test_the_one_used_longest_ago_goes():
    memory = BoundedMemory(DOMAIN, conversations=2)
    a, b, c = (DialogueStateTracker(name, DOMAIN.slots) for name in "abc")
    for tracker in (a, b, a, c):
        await memory.save(tracker)
    assert list(await memory.keys()) == ["a", "c"]
    assert await memory.retrieve("a") is a
    memory.forget("a")
    assert await memory.retrieve("a") is None
