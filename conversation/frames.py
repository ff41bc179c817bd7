"""What the next message may be an answer to although no turn has asked: a reminder or an invitation, sent by the clock.

Read before Rasa, purely and cheaply: only a message that sounds like such an answer costs a look into the database.
"""

from dataclasses import replace

from conversation.turn import Turn
from engagement.appointments import hear_reply
from engagement.appointments.replying import awaits_reply
from engagement.campaigns.hearing import hear_interest
from engagement.campaigns.replying import awaits_interest
from storage.database import Database

APPOINTMENT, INVITATION = "appointment", "invitation"
_SHORT = 200
"""Characters. A longer message is a story, whatever it begins with; Rasa hears a wish to move in it."""


async def find_frame(turn: Turn, database: Database) -> Turn:
    """The turn with `pending` set where it answers one of these. What a turn has asked since goes first."""
    if turn.pending is not None or turn.participant_id is None or len(turn.text) > _SHORT:
        return turn
    reply = hear_reply(turn.text, language=turn.language)
    interested = hear_interest(turn.text, language=turn.language) is not None
    if reply is None and not interested:
        return turn
    who, message, at = turn.participant_id, turn.message_id, turn.received_at
    async with database.autocommit() as connection:
        if reply is not None and await awaits_reply(connection, who, message, reply, received_at=at):
            return replace(turn, pending=APPOINTMENT)
        if interested and await awaits_interest(connection, who, message, received_at=at):
            return replace(turn, pending=INVITATION)
    return turn
