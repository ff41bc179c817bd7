"""The one way out, first half: what is to be said becomes rows, in the transaction of their cause, under unique keys."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.attachments import add_attachments
from conversation.content import Registry, Rendered
from conversation.messages import Attachment
from conversation.say import Say
from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import message_events, messages

Fit = Callable[[str, str], Sequence[str]]
"""Cuts a text to what a channel carries: (text, words that lead on to the rest) → the messages to send."""

CONVERSATION = "conversation"
"""The NOTIFY channel that wakes open web chats; its payload is a participant id."""


# A row and the first line of its timeline, in one statement that is compiled once. No row where the key was there.
_QUEUED = {
    name: bindparam(name, type_=messages.c[name].type)
    for name in (
        *("id", "direction", "channel", "participant_id", "contact_point_id", "study_slug", "our_address", "body"),
        *("status", "created_at", "available_at", "expires_at", "language", "unique_key", "cause_id", "purpose"),
        *("touchpoint_id", "author", "content_keys", "content_version_ids", "replies", "input"),
    )
}
_added = (
    insert(messages)
    .values(_QUEUED)
    .on_conflict_do_nothing(index_elements=["unique_key"], index_where=literal_column("direction = 'out'"))
    .returning(messages.c.id, messages.c.status, messages.c.created_at)
    .cte("added")
)
_ADD = (
    insert(message_events)
    .from_select(
        ["id", "message_id", "status", "at"],
        select(bindparam("event", type_=Uuid), _added.c.id, _added.c.status, _added.c.created_at),
    )
    .returning(message_events.c.message_id)
)


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """To whom and how: everything the wording of a message depends on."""

    participant_id: UUID
    contact_point_id: UUID
    channel: str
    language: str
    study: str
    our_address: str


class Outbox:
    """Queues what is to be said. `fits` and `link` come from the channels, by way of the composition root."""

    def __init__(
        self,
        registry: Registry,
        keyring: Keyring,
        *,
        fits: Mapping[str, Fit],
        link: Callable[[UUID], str],
        lifetime: timedelta = timedelta(days=2),
    ) -> None:
        self.registry = registry
        self.keyring = keyring
        self._fits = fits
        self._link = link
        self._lifetime = lifetime

    async def queue(
        self,
        connection: AsyncConnection,
        says: Sequence[Say],
        *,
        to: Addressee,
        key: str,
        cause_id: UUID | None,
        at: datetime,
        attachments: Sequence[Attachment] = (),
        touchpoint_id: UUID | None = None,
        expires_at: datetime | None = None,
    ) -> int:
        """Queue these says under `key`; what already stands under a key is left as it is. Returns the rows added.

        `attachments` go with the mail; the other channels carry none, there they are left out. `touchpoint_id`: what they are
        part of where nobody has just asked for them. `expires_at`: not sent any more from then on; else after a lifetime.
        """
        rendered = [
            (
                say,
                self.registry.render(
                    say.key,
                    language=to.language,
                    channel=to.channel,
                    study=to.study,
                    values={**say.values, "link": partial(self._link, to.participant_id)},
                    replies=say.replies,
                ),
            )
            for say in says
        ]
        if to.channel == "email" and rendered:
            rendered = [_as_one_mail(rendered)]
        rows: list[dict[str, object]] = []
        for say, what in rendered:
            for text, versions in self._fitted(what, to):
                rows.append(
                    self._row(
                        text,
                        to=to,
                        key=f"{key}:{len(rows)}",
                        cause_id=cause_id,
                        at=at,
                        purpose=say.purpose,
                        content_keys=say.key,
                        versions=versions,
                        replies=what.replies,
                        input_=say.input,
                        author="bot",
                        touchpoint_id=touchpoint_id,
                        expires_at=expires_at,
                    )
                )
        return await self._insert(connection, rows, attachments if to.channel == "email" else ())

    async def queue_words(
        self, connection: AsyncConnection, text: str, *, to: Addressee, key: str, author: str, at: datetime
    ) -> int:
        """Queue a coordinator's own words."""
        parts = self._fits[to.channel](text, "") if to.channel in self._fits else [text]
        return await self._insert(
            connection,
            [
                self._row(
                    part,
                    to=to,
                    key=f"{key}:{number}",
                    cause_id=None,
                    at=at,
                    purpose="coordinator",
                    content_keys=None,
                    versions=(),
                    replies=(),
                    author=author,
                )
                for number, part in enumerate(parts)
            ],
        )

    def _fitted(self, what: Rendered, to: Addressee) -> list[tuple[str, tuple[UUID, ...]]]:
        fit = self._fits.get(to.channel)
        if fit is None:
            return [(what.text, what.versions)]
        parts = fit(what.text, "")
        if len(parts) > 1 and self.registry.has("sms/more_link"):
            more = self.registry.render(
                "sms/more_link",
                language=to.language,
                channel=to.channel,
                study=to.study,
                values={"link": self._link(to.participant_id)},
            )
            return [(part, (*what.versions, *more.versions)) for part in fit(what.text, more.text)]
        return [(part, what.versions) for part in parts]

    def _row(
        self,
        text: str,
        *,
        to: Addressee,
        key: str,
        cause_id: UUID | None,
        at: datetime,
        purpose: str,
        content_keys: str | None,
        versions: Sequence[UUID],
        replies: Sequence[str],
        author: str,
        input_: str = "",
        touchpoint_id: UUID | None = None,
        expires_at: datetime | None = None,
    ) -> dict[str, object]:
        row = new_id()
        return {
            "id": row,
            "direction": "out",
            "channel": to.channel,
            "participant_id": to.participant_id,
            "contact_point_id": to.contact_point_id,
            "study_slug": to.study,
            "our_address": to.our_address,
            "body": self.keyring.seal(text, place="messages.body", row=row),
            "status": "queued",
            "created_at": at,
            "available_at": at,
            "language": to.language,
            "unique_key": key,
            "cause_id": cause_id,
            "purpose": purpose,
            "touchpoint_id": touchpoint_id,
            "author": author,
            "content_keys": content_keys,
            "content_version_ids": list(versions),
            "replies": list(replies),
            "input": input_ or None,
            "expires_at": expires_at or at + self._lifetime,
        }

    async def _insert(
        self,
        connection: AsyncConnection,
        rows: Sequence[Mapping[str, object]],
        attachments: Sequence[Attachment] = (),
    ) -> int:
        added = 0
        for row in rows:
            found = (await connection.execute(_ADD, {**row, "event": new_id()})).first()
            if found is not None:
                added += 1
                await add_attachments(connection, self.keyring, found.message_id, attachments)
        return added


async def wake_web_chats(connection: AsyncConnection, participant_id: object) -> None:
    """Tell every process's open web chats, at commit, that this conversation has moved."""
    await connection.execute(select(func.pg_notify(CONVERSATION, str(participant_id))))


def _as_one_mail(rendered: Sequence[tuple[Say, Rendered]]) -> tuple[Say, Rendered]:
    """Several says of one turn make one mail, not several."""
    says = [say for say, _ in rendered]
    joined = Say(key=",".join(say.key for say in says), purpose=says[0].purpose)
    whole = Rendered(
        text="\n\n".join(what.text for _, what in rendered),
        versions=tuple(version for _, what in rendered for version in what.versions),
        replies=tuple(reply for _, what in rendered for reply in what.replies),
    )
    return joined, whole


def read_details(keyring: Keyring, sealed: bytes | None, row: UUID) -> dict[str, str]:
    """What else a channel knew of an inbound message."""
    return dict(json.loads(keyring.open(sealed, place="messages.details", row=row))) if sealed else {}
