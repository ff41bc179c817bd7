"""Safety triage: before Rasa, without Rasa, erring towards a person."""

import re
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.alarm import open_alarm, say_safety
from conversation.triage import judge_words
from conversation.triage.judgement import LONGEST
from conversation.turn import House, Turn
from storage.tables import messages

_QUOTED_MESSAGES = 20
"""As many of our last messages as a mail may quote."""
_OPTION = re.compile(r"^ *\d+\. (.+)$", re.MULTILINE)
"""A line of a numbered list, as `conversation.content` writes them."""


async def triage_safety(turn: Turn, connection: AsyncConnection, house: House) -> Turn:
    """Where someone is plainly in trouble: the approved text at once, an escalation, and no dialogue over it.

    What is only suspected goes on to the bot, which confirms or clears it, if the bot will hear all that was judged.
    """
    words = await _their_words(turn, connection, house)
    if await _says_our_option(turn, words, connection, house):
        return replace(turn, judged=None)
    judged = judge_words(words, languages=house.languages)
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
    ours = [_letters(house.keyring.open(row.body, place="messages.body", row=row.id)) for row in rows]
    lines = [line for line in turn.full_text.splitlines() if not any(_letters(line) in said for said in ours)]
    return "\n".join([turn.text, *lines])


async def _says_our_option(turn: Turn, words: str, connection: AsyncConnection, house: House) -> bool:
    """Whether they say just what an option of our last message says ("under the scalp"): it is the question's thresholds that
    know what such an answer means, and neither these words nor the bot's judgement of them alarm.
    """
    if not 0 < len(words) <= LONGEST:
        return False
    body = (
        await connection.execute(
            select(messages.c.id, messages.c.body)
            .where(messages.c.participant_id == turn.participant_id, messages.c.direction == "out")
            .order_by(messages.c.created_at.desc(), messages.c.id.desc())
            .limit(1)
        )
    ).first()
    if body is None or not any(sign.isalpha() for sign in words):
        return False
    said = house.keyring.open(body.body, place="messages.body", row=body.id)
    return _letters(words) in {_letters(option) for option in _OPTION.findall(said)}


def _letters(text: str) -> str:
    """Letters and digits only: mail programs wrap lines anew and change marks."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())
