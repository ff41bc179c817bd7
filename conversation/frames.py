"""What the next message may be an answer to although no turn has asked: a reminder, sent by the clock.

Read before Rasa, purely and cheaply: only a message that sounds like such an answer costs a look into the database.
"""

from dataclasses import replace

from conversation.turn import Turn
from engagement.appointments import hear_reply
from engagement.appointments.replying import awaits_reply
from storage.database import Database

APPOINTMENT = "appointment"
_SHORT = 200
"""Characters. A longer message is a story, whatever it begins with; Rasa hears a wish to move in it."""


async def find_frame(turn: Turn, database: Database) -> Turn:
    """The turn with `pending` set where it answers a reminder. What a turn has asked since goes first."""
    if turn.pending is not None or turn.participant_id is None or len(turn.text) > _SHORT:
        return turn
    if hear_reply(turn.text, language=turn.language) is None:
        return turn
    async with database.autocommit() as connection:
        waited = await awaits_reply(connection, turn.participant_id, turn.message_id, received_at=turn.received_at)
    return replace(turn, pending=APPOINTMENT) if waited else turn
