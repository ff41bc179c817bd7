"""Whether somebody has only chosen what we offered: "Under the scalp", from our own list, is an answer and tells of no harm.

Looked for where a message alarms, not before. Only an adverse event is set aside so, and only for the very words of an option:
what such an answer means is known to the question's thresholds. A crisis, an emergency, anything critical stays an alarm.
"""

import re

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.triage import Severity, Triage, TriageKind
from conversation.turn import House, Turn
from storage.tables import messages

_OPTION = re.compile(r"^ *\d+\. (.+)$", re.MULTILINE)
"""A line of a numbered list, as `conversation.content` writes them."""


async def is_our_option(connection: AsyncConnection, house: House, turn: Turn, words: str, found: Triage) -> bool:
    """Whether `words` are an option of our last message to them, and nothing graver than an adverse event was found."""
    if found.kinds != {TriageKind.ADVERSE_EVENT} or found.severity >= Severity.SERIOUS:
        return False
    row = (
        await connection.execute(
            select(messages.c.id, messages.c.body, messages.c.replies)
            .where(messages.c.participant_id == turn.participant_id, messages.c.direction == "out")
            .order_by(messages.c.created_at.desc(), messages.c.id.desc())
            .limit(1)
        )
    ).first()
    if row is None or not any(sign.isalpha() for sign in words):
        return False
    said = house.keyring.open(row.body, place="messages.body", row=row.id)
    return letters_of(words) in {letters_of(option) for option in (*_OPTION.findall(said), *(row.replies or ()))}


def letters_of(text: str) -> str:
    """Letters and digits only: mail programs wrap lines anew and change marks."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())
