"""What a participant permitted on any day: the ledger replayed to the end of it, and every entry with the proof of it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import select

from console.accounts import SignedIn
from console.pages import Pages, id_in, words_in
from console.people import label_of, names_of
from engagement import clock
from engagement.audit import record_audit
from engagement.permissions import standing_at
from engagement.permissions.dates import BadDate, read_instant
from engagement.permissions.proof import find_missing, read_history
from storage.tables import participants

_NO_PERSON = "There is no such participant."


class PermissionsPage:
    """One page; reading it is on the audit trail."""

    def __init__(self, pages: Pages) -> None:
        self._pages, self._database = pages, pages.database

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/console/participants/{participant}/permissions", self._pages.behind(self._show))]

    async def _show(self, request: web.Request, who: SignedIn) -> web.Response:
        participant = id_in(request, "participant", missing=_NO_PERSON)
        asked, now, keyring = words_in(request.query.get("on"))[:10], clock.now(), self._database.keyring
        async with self._database.begin() as connection:
            row = (
                await connection.execute(
                    select(participants.c.name, participants.c.time_zone).where(participants.c.id == participant)
                )
            ).first()
            if row is None:
                raise web.HTTPNotFound(text=_NO_PERSON)
            zone = row.time_zone or "UTC"
            at, problem = _moment(asked, zone, now)
            await record_audit(
                connection, actor=str(who.coordinator_id), action="permissions_read", subject=str(participant), at=now
            )
            history = await read_history(connection, keyring, participant)
            missing = await find_missing(connection, participant)
            names = await names_of(connection, keyring, {shown.actor for shown in history})
        standing = standing_at((shown.entry for shown in history), at)
        return self._pages.page(
            "permissions.html",
            status=400 if problem else 200,
            participant=participant,
            label=label_of(keyring, participant, row.name),
            zone=zone,
            on=at.astimezone(ZoneInfo(zone)).date().isoformat(),
            at=at,
            problem=problem,
            held=sorted(standing.held.items()),
            ended=sorted(standing.ended.items()),
            history=[shown for shown in history if shown.entry.at <= at],
            later=sum(shown.entry.at > at for shown in history),
            bad=[shown.entry.id for shown in history if not shown.good],
            missing=missing,
            names=names,
            csrf=who.csrf,
        )


def _moment(asked: str, zone: str, now: datetime) -> tuple[datetime, str]:
    """The end of the day asked for, or now; and what is wrong with what was asked."""
    if not asked:
        return now, ""
    try:
        return min(read_instant(asked, zone=ZoneInfo(zone)), now), ""
    except BadDate:
        return now, "That is no date such as 2026-11-24."
