"""The doors of a measured mail: its picture, which is always the same, and its links, which lead where the mail itself led.

What a door answers tells nobody whether it wrote anything down, or why not. Address and program are looked at and forgotten.
"""

import base64
import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.email.doors import MailDoors, links_in
from channels.email.verdict import Look, What, judge_look, purpose_in
from channels.webchat.rate import Meter, Pace
from conversation.measuring import Mail, may_measure, read_before, read_mail, record_look
from conversation.providers import OutreachRules
from storage.database import Database

log = logging.getLogger(__name__)

_PICTURE = base64.b64decode("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
"""One transparent point (GIF89a)."""
_HEADERS = {
    "Cache-Control": "no-store, max-age=0",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
_AWAY = (SQLAlchemyError, OSError, TimeoutError)
_ONE_MAIL = Pace(burst=10, per_minute=10)
"""Looks at one mail, in this process: a mailbox with many windows has room, a flood does not reach the database."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MeasuredMail:
    """The routes. `studies` are those that measure; `gone`: the words for a link that leads nowhere."""

    def __init__(
        self,
        database: Database,
        doors: MailDoors,
        rules: OutreachRules,
        *,
        studies: Collection[str],
        gone: Callable[[], str],
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._database, self._doors, self._rules = database, doors, rules
        self._studies, self._gone, self._now = studies, gone, now
        self._pictures, self._links = Meter(_ONE_MAIL), Meter(_ONE_MAIL)

    def routes(self) -> list[web.RouteDef]:
        """GET and HEAD; nothing else is answered."""
        return [web.get("/m/o/{token}.gif", self._picture), web.get("/m/c/{token}/{place}", self._link)]

    async def _picture(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        if self._doors.is_ours(token) and not self._pictures.take(token, at=self._now()):
            try:
                async with self._database.begin() as connection:
                    mail = await read_mail(connection, self._database.keyring, token)
                    if mail is not None:
                        await self._note(connection, request, mail, what="open", link=None)
            except _AWAY as error:
                log.warning("a look was not counted: error=%s", type(error).__name__)
        return web.Response(body=_PICTURE, content_type="image/gif", headers=_HEADERS)

    async def _link(self, request: web.Request) -> web.Response:
        token, place = request.match_info["token"], request.match_info["place"]
        if not self._doors.is_ours(token) or not place.isascii() or not place.isdigit() or len(place) > 3:
            return self._nowhere()
        if wait := self._links.take(token, at=self._now()):
            return web.Response(status=429, headers={**_HEADERS, "Retry-After": str(int(wait) + 1)})
        try:
            target = await self._follow(request, token, int(place))
        except _AWAY as error:
            log.warning("a link could not be followed: error=%s", type(error).__name__)
            return web.Response(status=503, headers={**_HEADERS, "Retry-After": "5"})
        return web.Response(status=302, headers={**_HEADERS, "Location": target}) if target else self._nowhere()

    async def _follow(self, request: web.Request, token: str, place: int) -> str:
        """Where the mail's link leads; empty where there is none."""
        async with self._database.begin() as connection:
            mail = await read_mail(connection, self._database.keyring, token)
            links = links_in(mail.text) if mail is not None else []
            if mail is None or not 1 <= place <= len(links):
                return ""
            await self._note(connection, request, mail, what="click", link=place)
        return links[place - 1]

    async def _note(
        self, connection: AsyncConnection, request: web.Request, mail: Mail, *, what: What, link: int | None
    ) -> None:
        at = self._now()
        if mail.study not in self._studies or not await may_measure(connection, mail, self._rules, at=at):
            return
        before = await read_before(connection, mail, link=link, at=at)
        judged = judge_look(
            Look(
                what=what,
                method=request.method,
                purpose=purpose_in(request.headers),
                agent=request.headers.get("User-Agent", "")[:500],
                after=at - mail.left_at,
                others=before.others,
                machine_before=before.machine,
            )
        )
        await record_look(connection, mail, what=what, link=link, verdict=judged.verdict, reason=judged.reason, at=at)

    def _nowhere(self) -> web.Response:
        return web.Response(status=404, text=self._gone(), headers=_HEADERS)
