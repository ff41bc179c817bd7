"""What the programme sends by itself, as coordinators see it: what did not arrive, and why each touchpoint was (not) sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.accounts import SignedIn
from console.pages import Pages, id_in
from console.people import label_of
from engagement import clock
from engagement.audit import record_audit
from storage.crypto import Keyring
from storage.tables import message_events, messages, participants, touchpoint_events, touchpoints

_NO_PERSON = "There is no such participant."
_MOST = 200
_LATELY = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Undelivered:
    """A message that reached nobody, and the last thing that is known of why."""

    message_id: UUID
    participant_id: UUID
    label: str
    channel: str
    at: datetime
    reason: str
    touchpoint: str


async def undelivered(connection: AsyncConnection, keyring: Keyring, *, since: datetime) -> Sequence[Undelivered]:
    """Messages that failed for good, the newest first. What went by another channel instead is among them."""
    last = (
        select(message_events.c.reason, message_events.c.code)
        .where(message_events.c.message_id == messages.c.id, message_events.c.status == "failed")
        .order_by(message_events.c.id.desc())
        .limit(1)
        .lateral()
    )
    rows = await connection.execute(
        select(messages, participants.c.name, touchpoints.c.item, last.c.reason, last.c.code)
        .join(participants, participants.c.id == messages.c.participant_id)
        .outerjoin(touchpoints, touchpoints.c.id == messages.c.touchpoint_id)
        .outerjoin(last, last.c.reason.is_not(None) | last.c.code.is_not(None))
        .where(messages.c.direction == "out", messages.c.status == "failed", messages.c.created_at > since)
        .order_by(messages.c.created_at.desc(), messages.c.id)
        .limit(_MOST)
    )
    return [
        Undelivered(
            message_id=row.id,
            participant_id=row.participant_id,
            label=label_of(keyring, row.participant_id, row.name),
            channel=row.channel,
            at=row.created_at,
            reason=" ".join(filter(None, (row.reason, row.code))),
            touchpoint=row.item or "",
        )
        for row in rows
    ]


class OutreachPages:
    """Two pages to read; nothing is sent or changed by them."""

    def __init__(self, pages: Pages) -> None:
        self._pages, self._database = pages, pages.database

    def routes(self) -> list[web.RouteDef]:
        behind = self._pages.behind
        return [
            web.get("/console/undelivered", behind(self._undelivered)),
            web.get("/console/participants/{participant}/touchpoints", behind(self._touchpoints)),
        ]

    async def _undelivered(self, request: web.Request, who: SignedIn) -> web.Response:
        async with self._database.begin() as connection:
            found = await undelivered(connection, self._database.keyring, since=clock.now() - _LATELY)
        return self._pages.page("undelivered.html", sends=found, most=_MOST, csrf=who.csrf)

    async def _touchpoints(self, request: web.Request, who: SignedIn) -> web.Response:
        participant = id_in(request, "participant", missing=_NO_PERSON)
        async with self._database.begin() as connection:
            row = (
                await connection.execute(select(participants.c.name).where(participants.c.id == participant))
            ).first()
            if row is None:
                raise web.HTTPNotFound(text=_NO_PERSON)
            await record_audit(
                connection,
                actor=str(who.coordinator_id),
                action="touchpoints_read",
                subject=str(participant),
                at=clock.now(),
            )
            planned = (
                await connection.execute(
                    select(touchpoints)
                    .where(touchpoints.c.participant_id == participant)
                    .order_by(touchpoints.c.due_at.desc(), touchpoints.c.id)
                    .limit(_MOST)
                )
            ).all()
            history = await _history(connection, [one.id for one in planned])
        return self._pages.page(
            "touchpoints.html",
            participant=participant,
            label=label_of(self._database.keyring, participant, row.name),
            touchpoints=planned,
            history=history,
            csrf=who.csrf,
        )


async def _history(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    rows = await connection.execute(
        select(touchpoint_events)
        .where(touchpoint_events.c.touchpoint_id.in_(ids))
        .order_by(touchpoint_events.c.at, touchpoint_events.c.id)
    )
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.touchpoint_id, []).append(row)
    return found
