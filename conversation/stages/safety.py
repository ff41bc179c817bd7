"""Safety triage: before Rasa, without Rasa, erring towards a person."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.alarm import open_alarm, say_safety
from conversation.our_options import is_our_option, letters_of
from conversation.triage import judge_words
from conversation.triage.judgement import LONGEST
from conversation.turn import House, Turn
from storage.tables import messages

_QUOTED_MESSAGES = 20
"""As many of our last messages as a mail may quote."""


async def triage_safety(turn: Turn, connection: AsyncConnection, house: House) -> Turn:
    """Where someone is plainly in trouble: the approved text at once, an escalation, and no dialogue over it.

    What is only suspected goes on to the bot, which confirms or clears it, if the bot will hear all that was judged.
    """
    words = await _their_words(turn, connection, house)
    judged = judge_words(words, languages=house.languages)
    if judged.alarms and await is_our_option(connection, house, turn, words, judged.verdict):
        return replace(turn, judged=None)
    if not judged.alarms or (not judged.sure and _bot_hears(turn, words)):
        return replace(turn, judged=judged)
    await open_alarm(turn, connection, judged.verdict)
    return say_safety(turn, judged.verdict.kind)


def _bot_hears(turn: Turn, words: str) -> bool:
    """Whether the dialogue gets this turn, with every word of it."""
    return turn.identity == "verified" and not turn.held and words == turn.text and 0 < len(words) <= LONGEST


async def _their_words(turn: Turn, connection: AsyncConnection, house: House) -> str:
    """All that they wrote, less what they quote of ours: our own "in an emergency, call …" is no emergency."""
    if not turn.full_text or turn.full_text == turn.text:
        return turn.text
    rows = await connection.execute(
        select(messages.c.id, messages.c.body)
        .where(messages.c.participant_id == turn.participant_id, messages.c.direction == "out")
        .order_by(messages.c.created_at.desc())
        .limit(_QUOTED_MESSAGES)
    )
    ours = [letters_of(house.keyring.open(row.body, place="messages.body", row=row.id)) for row in rows]
    lines = [line for line in turn.full_text.splitlines() if not any(letters_of(line) in said for said in ours)]
    return "\n".join([turn.text, *lines])
