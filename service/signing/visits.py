"""One look at one link: whose it is, in which language, and whether this browser has proven that it may go on."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.webchat.links import LinkSigner
from conversation.turn import House
from engagement import clock
from engagement.signatures.identity import form_token, in_session
from engagement.signatures.requests import SigningRequest, read_request
from service.signing.pages import Pages
from storage.tables import participants

COOKIE = "perennial_document"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """`language`: that of the page; `token`: as it stands in the address."""

    token: str
    request: SigningRequest
    language: str
    at: datetime


class Visits:
    """Reads links."""

    def __init__(self, house: House, links: LinkSigner, pages: Pages) -> None:
        self._house, self._links, self._pages = house, links, pages

    async def read(self, request: web.Request, connection: AsyncConnection, *, lock: bool = False) -> Visit:
        """Whose link this is; a link that leads nowhere gets the same answer whatever is wrong with it."""
        token, at = request.match_info["token"], clock.now()
        request_id = self._links.read_document(token)
        found = await read_request(connection, request_id, lock=lock) if request_id is not None else None
        wished = request.query.get("language", "")
        if found is None or not found.open_at(at) or found.study not in self._house.packs:
            language = _accepted(request, self._house.languages)
            raise self._pages.nothing(language=language, study=self._house.default_study)
        spoken = self._house.packs[found.study].languages
        if wished not in spoken:
            theirs = await connection.scalar(
                select(participants.c.language).where(participants.c.id == found.participant_id)
            )
            wished = theirs if theirs in spoken else spoken[0]
        return Visit(token=token, request=found, language=wished, at=at)


def proven(request: web.Request, visit: Visit) -> bool:
    """Whether this browser gave the code, within the hour."""
    return in_session(visit.request, request.cookies.get(COOKIE, ""), at=visit.at)


async def check_session(request: web.Request, visit: Visit) -> None:
    """A form counts only from the browser that gave the code, and only from our own page; else back to the page."""
    cookie, form = request.cookies.get(COOKIE, ""), await request.post()
    token = str(form.get("form", ""))
    if not proven(request, visit) or not hmac.compare_digest(token.encode(), form_token(cookie).encode()):
        raise to(visit)


def to(visit: Visit) -> web.HTTPSeeOther:
    """Back to the page by GET, so that going back or loading it again sends nothing twice."""
    return web.HTTPSeeOther(f"/consent/{visit.token}?language={visit.language}")


def _accepted(request: web.Request, languages: Sequence[str]) -> str:
    """The browser's language, of those there are."""
    wished = request.query.get("language", "")
    accepted = request.headers.get("Accept-Language", "").lower()
    return wished if wished in languages else min(languages, key=lambda one: accepted.find(one) % 10_000)
