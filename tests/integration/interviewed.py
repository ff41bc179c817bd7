"""A questionnaire answered without a bot: each text goes to the use case, as the bot's action would hand it over."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from engagement import clock
from engagement.interviews import Outcome, Topic, answer_interview, start_interview
from engagement.interviews.keeping import Asking
from engagement.participants import find_contact
from storage.tables import messages
from tests.conversations.script import Phone, Script


async def whose(script: Script, phone: Phone) -> UUID:
    """The participant who has this phone."""
    database = script.service.built.database
    async with database.begin() as connection:
        found = await find_contact(connection, database.keyring, "sms", phone.number)
    assert found is not None
    return found.participant_id


async def interview(
    script: Script, who: UUID, texts: Sequence[str], *, kind: str, channel: str = "webchat", at: datetime | None = None
) -> Outcome:
    """Begun and answered with these texts, all under the newest thing they have written."""
    database, house = script.service.built.database, script.house
    study = house.pack(None).slug
    async with database.begin() as connection:
        message = await connection.scalar(
            select(messages.c.id)
            .where(messages.c.participant_id == who, messages.c.direction == "in")
            .order_by(messages.c.created_at.desc())
            .limit(1)
        )
        assert message is not None, "they have written nothing"
        asking = Asking(
            keyring=database.keyring,
            instruments=house.instruments[study],
            participant_id=who,
            message_id=message,
            study=study,
            language="en",
            channel=channel,
            at=at or clock.now(),
        )
        outcome = await start_interview(connection, asking, kind=kind)
        for text in texts:
            outcome = await answer_interview(connection, asking, text, Topic())
        return outcome
