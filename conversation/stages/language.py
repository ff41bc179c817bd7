"""Which language? The participant's own, until they ask for another or plainly write in it.

Settled before anything is said, so that also a safety text is in the words they wrote in just now.
"""

from dataclasses import replace

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.language import LanguageReason, decide_language
from conversation.turn import House, Turn
from engagement.interviews import PENDING as QUESTION
from storage.tables import participants

_A_REQUEST_ALONE = 5
"""Words: "can you speak English please" asks for a language and nothing else; a longer message also asks a question."""


async def settle_language(turn: Turn, connection: AsyncConnection, house: House) -> Turn:
    """Switch when sure; kept for the participant where the sender is proven."""
    served = tuple(house.pack(turn.study).languages)
    decision = decide_language(turn.text, current=turn.language, served=served)
    asked = decision.reason is LanguageReason.ASKED
    if asked and turn.pending == QUESTION and len(turn.text.split()) == 1:
        return turn  # "English" may well be the answer to what we asked
    if decision.switched and turn.identity == "verified":
        await connection.execute(
            update(participants).where(participants.c.id == turn.participant_id).values(language=decision.language)
        )
    return replace(turn, language=decision.language, language_asked=asked)


async def answer_language_request(turn: Turn, _connection: AsyncConnection, _house: House) -> Turn:
    """A message that does nothing but ask for a language is answered in it, and ends here."""
    if turn.language_asked and len(turn.text.split()) <= _A_REQUEST_ALONE:
        return turn.saying("language/switched").ended("language")
    return turn
