"""Talks about permissions in the database: what is agreed to is recorded once for each message, with the words it answers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.interviews import Topic
from engagement.interviews.lines import Line
from engagement.permissions.changes import Change
from engagement.permissions.entry import GRANTED
from engagement.permissions.hearing import ELSEWHERE, LIST, PAGE, Heard, change_values, hear_talk, open_talk
from engagement.permissions.ledger import Cause, read_standing, record_permission
from engagement.permissions.listing import RECONTACT, Item, list_items
from engagement.permissions.outcome import Asking, Outcome, read_outcome
from engagement.permissions.speaking import REPRESENTATIVE, spoken_by
from engagement.permissions.withdrawing import call_to_act, withdraw
from storage.database import lock_in_transaction
from storage.tables import content_versions, conversations, effects, messages

NEEDS_PERSON = ("genetic_testing", "sample_storage")
"""What a no makes work for: a laboratory has to be told."""
RESULT = "permissions"
"""The effect under which a message's outcome is kept; the next message goes on from it."""


async def begin_talk(connection: AsyncConnection, asking: Asking, intent: str, text: str) -> Outcome:
    """A message that asks about permissions, or to change them, or to leave, with nothing of ours open."""
    items = await _items(connection, asking)
    heard = open_talk(intent, text, items, language=asking.language, channel=asking.channel)
    return await _follow(connection, asking, heard, items)


async def go_on(connection: AsyncConnection, asking: Asking, text: str, topic: Topic) -> Outcome:
    """A message while such a talk is open."""
    before = await _last(connection, asking)
    if before is None or before.talk is None:
        return Outcome(said=(Line(key="permissions/unchanged"),))
    items = await _items(connection, asking)
    heard = hear_talk(
        before.talk,
        text,
        items,
        topic=topic,
        language=asking.language,
        channel=asking.channel,
        today=asking.at.date(),
    )
    return await _follow(connection, asking, heard, items)


async def _follow(connection: AsyncConnection, asking: Asking, heard: Heard, items: Sequence[Item]) -> Outcome:
    if heard.wishes:
        return await withdraw(connection, asking, heard.wishes)
    if heard.change is None:
        keys = {line.key for line in heard.lines}
        said = heard.lines
        if keys & {LIST, ELSEWHERE}:
            spoken = await spoken_by(connection, asking.participant_id, asking.study, said_on=asking.channel)
            said = (Line(key="permissions/for_another"), *said) if spoken.actor == REPRESENTATIVE else said
        return Outcome(said=said, talk=heard.talk, person=heard.person, link=bool(keys & {ELSEWHERE, PAGE}))
    told = change_values(heard.change, items)
    shown = await words_shown(connection, asking.participant_id, told[0].removeprefix("@"))
    cause = await spoken_by(
        connection,
        asking.participant_id,
        asking.study,
        said_on=asking.channel,
        message_id=asking.message_id,
        content_version_id=shown,
    )
    to_do = await record_change(
        connection, asking.participant_id, asking.study, heard.change, at=asking.at, cause=cause
    )
    done = [Line(key="permissions/changed", values={"change": told})]
    if to_do:
        await call_to_act(
            connection, asking.participant_id, asking.study, to_do, at=asking.at, cause_id=asking.message_id
        )
        done.append(Line(key="withdraw/person"))
    return Outcome(said=tuple(done))


async def record_change(
    connection: AsyncConnection, participant_id: UUID, study: str, change: Change, *, at: datetime, cause: Cause
) -> Sequence[str]:
    """Put a change that was agreed to into the ledger. Returns what a person has to do something about, if anything."""
    purpose, _, scope = change.item.partition("/")
    # Who refuses to be told of other studies means all of them; a limit is one for all invitations too.
    everywhere = purpose == RECONTACT and change.kind != GRANTED
    await record_permission(
        connection,
        participant_id,
        kind=change.kind,
        purpose=purpose,
        study=None if everywhere else study,
        scopes=[scope] if scope else None,
        channels=change.channels,
        per_year=change.per_year,
        at=at,
        cause=cause,
    )
    return [change.item] if change.item in NEEDS_PERSON and not change.on else []


async def words_shown(connection: AsyncConnection, participant_id: UUID, key: str) -> UUID | None:
    """The version of the text `key` that this participant was sent last."""
    found: UUID | None = await connection.scalar(
        select(content_versions.c.id)
        .join(messages, content_versions.c.id == messages.c.content_version_ids.any_())
        .where(
            messages.c.participant_id == participant_id,
            messages.c.direction == "out",
            content_versions.c.key == key,
        )
        .order_by(messages.c.created_at.desc(), messages.c.id.desc())
        .limit(1)
    )
    return found


async def _items(connection: AsyncConnection, asking: Asking) -> Sequence[Item]:
    await lock_in_transaction(connection, "permissions", asking.participant_id)
    return list_items(await read_standing(connection, asking.participant_id, at=asking.at), asking.study)


async def _last(connection: AsyncConnection, asking: Asking) -> Outcome | None:
    """What the turn before came to, where it was one of ours."""
    kept = await connection.scalar(
        select(effects.c.result)
        .join(conversations, conversations.c.last_turn_id == effects.c.message_id)
        .where(conversations.c.participant_id == asking.participant_id, effects.c.name == RESULT)
    )
    return None if kept is None else read_outcome(kept)
