"""Journeys: what happens to a participant in a study, the stage that follows from it, and what is planned around it.

Events are facts with the instant at which they happened. They may be reported twice, late or in the wrong order: the stage is
worked out anew from all of them, so whatever the order in which they came, it ends the same.

    await record_event(connection, participant, "parkinson-lrrk2-gba1", "kit_delivered", at=at, now=now, source="courier", key="K-1")

A date is something still to come that may move or be called off, such as an appointment: `set_date`, `clear_date`.
Each of these makes the plan of the participant be looked at again (`enrolments.replan_at`).
"""

from engagement.journeys.recording import Recorded, clear_date, look_again, record_event, set_date, set_time_zone
from engagement.stages import KINDS, Event, effective, stage_after

__all__ = [
    "KINDS",
    "Event",
    "Recorded",
    "clear_date",
    "effective",
    "look_again",
    "record_event",
    "set_date",
    "set_time_zone",
    "stage_after",
]
