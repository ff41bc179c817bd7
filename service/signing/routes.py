"""The addresses of a document's page: prove who you are, read, sign, fetch the copy.

Nothing is shown before a code came back: neither what the document is about nor that there is one. Every form is a POST, so that
a mail scanner's look at the link changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.webchat.links import LinkSigner
from conversation.outbox import Addressee, Outbox
from conversation.say import Say
from conversation.signed import document_of, follow_signature
from conversation.turn import House
from engagement.consent import ConsentDocument
from engagement.signatures.identity import (
    OPENING,
    SESSION,
    SIGNING,
    Issued,
    begin_session,
    form_token,
    prove,
    reaches,
    send_code,
)
from engagement.signatures.ledger import newest_copy, signatures_on
from engagement.signatures.record import Proof
from engagement.signatures.sheet import lay_out
from engagement.signatures.signing import Refused, Signed, next_role, sign
from service.signing.forms import read_form
from service.signing.pages import Pages
from service.signing.permissions import is_of_permissions, page_values, read_items, save
from service.signing.visits import COOKIE, Visit, Visits, check_session, proven, to
from service.signing.words import page_words
from storage.database import Database
from storage.tables import participants


class DocumentPages:
    """Reading and signing. `secure` marks the cookie for https; `queued` rings the delivery."""

    def __init__(
        self,
        database: Database,
        house: House,
        outbox: Outbox,
        links: LinkSigner,
        *,
        stylesheets: Sequence[str],
        secure: bool,
        queued: Callable[[], None],
    ) -> None:
        self._database, self._house, self._outbox = database, house, outbox
        self._secure, self._queued = secure, queued
        self._pages = Pages(house.registry, stylesheets=stylesheets)
        self._visits = Visits(house, links, self._pages)

    def routes(self) -> list[web.RouteDef]:
        at = "/consent/{token}"
        return [
            web.get(at, self._look),
            web.post(f"{at}/code", self._send_opening_code),
            web.post(f"{at}/open", self._open),
            web.post(f"{at}/signing-code", self._send_signing_code),
            web.post(f"{at}/sign", self._sign),
            web.get(f"{at}/copy", self._copy),
            web.post(f"{at}/permissions", self._change),
        ]

    async def _look(self, request: web.Request) -> web.Response:
        async with self._database.begin() as connection:
            visit = await self._visits.read(request, connection)
            return await self._show(request, connection, visit)

    async def _send_opening_code(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        async with self._database.begin() as connection:
            visit = await self._visits.read(request, connection, lock=True)
            sent = await self._send(connection, visit, channel=str(form.get("channel", "")), purpose=OPENING)
            if not sent:
                return await self._ask_who(connection, visit, problems=("not_sent",), status=429)
        self._queued()
        raise to(visit)

    async def _open(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        async with self._database.begin() as connection:
            visit = await self._visits.read(request, connection, lock=True)
            code = str(form.get("code", ""))[:20]
            proof = await prove(connection, self._database.keyring, visit.request, code, purpose=OPENING, at=visit.at)
            if not isinstance(proof, Proof):
                return await self._ask_who(connection, visit, problems=(f"code_{proof.value}",), status=403)
            cookie = await begin_session(connection, visit.request.id, proof, at=visit.at)
        response = to(visit)
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=int(SESSION.total_seconds()),
            httponly=True,
            secure=self._secure,
            samesite="Lax",
            path=f"/consent/{visit.token}",
        )
        raise response

    async def _send_signing_code(self, request: web.Request) -> web.StreamResponse:
        """Answered by the page itself: what is filled in so far must not be lost."""
        form = dict(await request.post())
        async with self._database.begin() as connection:
            visit = await self._visits.read(request, connection, lock=True)
            await check_session(request, visit)
            channel = visit.request.identity.channel if visit.request.identity else ""
            sent = await self._send(connection, visit, channel=channel, purpose=SIGNING)
            page = await self._show(
                request,
                connection,
                replace(visit, request=replace(visit.request, code_for=SIGNING)) if sent else visit,
                problems=() if sent else ("not_sent",),
                filled=form,
                status=200 if sent else 429,
            )
        self._queued()
        return page

    async def _sign(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        async with self._database.begin() as connection:
            visit = await self._visits.read(request, connection, lock=True)
            await check_session(request, visit)
            document = self._document(visit)
            if document is None or not _to_sign(document, visit):
                return await self._show(request, connection, visit, status=409)
            words = page_words(self._house.registry, language=visit.language, study=visit.request.study)
            given = read_form(
                form,
                document,
                lay_out(document, visit.language),
                words,
                role=str(form.get("role", "")),
            )
            signed = await sign(
                connection,
                self._database.keyring,
                visit.request,
                given,
                document=document,
                time_zone=await self._zone(connection, visit),
                at=visit.at,
            )
            if isinstance(signed, Refused):
                return await self._show(
                    request, connection, visit, problems=signed.problems, filled=dict(form), status=400
                )
            if isinstance(signed, Signed):
                await follow_signature(connection, self._outbox, self._house, visit.request, at=visit.at)
        self._queued()
        raise to(visit)

    async def _change(self, request: web.Request) -> web.StreamResponse:
        """The page of permissions, sent back."""
        form = dict(await request.post())
        async with self._database.begin() as connection:
            visit = await self._visits.read(request, connection, lock=True)
            await check_session(request, visit)
            if is_of_permissions(visit.request):
                await save(connection, self._house.registry, visit.request, form, language=visit.language, at=visit.at)
        raise web.HTTPSeeOther(f"{to(visit).location}&saved=1")

    async def _copy(self, request: web.Request) -> web.StreamResponse:
        async with self._database.begin() as connection:
            visit = await self._visits.read(request, connection)
            if not proven(request, visit):
                raise to(visit)
            pdf = await newest_copy(connection, self._database.keyring, visit.request.id)
        if pdf is None:
            raise to(visit)
        headers = {
            "Content-Disposition": 'attachment; filename="consent.pdf"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=pdf, content_type="application/pdf", headers=headers)

    def _document(self, visit: Visit) -> ConsentDocument | None:
        """The document, where it is the one in force today; a signature under another one would be worth nothing."""
        try:
            document = document_of(self._house, visit.request)
        except KeyError:
            return None
        today = visit.at.astimezone(ZoneInfo(self._house.packs[visit.request.study].time_zone)).date()
        newest = self._house.consents[visit.request.study].in_force(today)
        return document if newest is not None and newest.version == document.version else None

    async def _show(
        self,
        request: web.Request,
        connection: AsyncConnection,
        visit: Visit,
        *,
        problems: Sequence[str] = (),
        filled: Mapping[str, object] | None = None,
        status: int = 200,
    ) -> web.Response:
        if not proven(request, visit):
            return await self._ask_who(connection, visit)
        if is_of_permissions(visit.request):
            return await self._show_permissions(request, connection, visit)
        signed = await signatures_on(connection, self._database.keyring, visit.request.id)
        values = {"token": visit.token, "language": visit.language, "study": visit.request.study}
        if visit.request.ended_as:
            known = document_of(self._house, visit.request)
            waiting = bool(next_role(known, signed, staff=True))
            return self._pages.done(**values, ended_as=visit.request.ended_as, waiting=waiting)
        document = self._document(visit)
        if document is None:
            return self._pages.outdated(**values)
        return self._pages.document(
            **values,
            sheet=lay_out(document, visit.language),
            languages=document.languages,
            role=next_role(document, signed) if _to_sign(document, visit) else "",
            code_sent=visit.request.code_for == SIGNING,
            answers=visit.request.answers,
            form=form_token(request.cookies.get(COOKIE, "")),
            filled=filled or {},
            problems=problems,
            status=status,
        )

    async def _show_permissions(self, request: web.Request, connection: AsyncConnection, visit: Visit) -> web.Response:
        study = visit.request.study
        items = await read_items(connection, visit.request, at=visit.at)
        return self._pages.permissions(
            token=visit.token,
            language=visit.language,
            languages=self._house.packs[study].languages,
            study=study,
            form=form_token(request.cookies.get(COOKIE, "")),
            saved="saved" in request.query,
            values=page_values(self._house.registry, items, language=visit.language, study=study),
        )

    async def _ask_who(
        self, connection: AsyncConnection, visit: Visit, *, problems: Sequence[str] = (), status: int = 200
    ) -> web.Response:
        return self._pages.who(
            token=visit.token,
            language=visit.language,
            study=visit.request.study,
            channels=[reach.channel for reach in await reaches(connection, visit.request.participant_id)],
            sent=visit.request.code_for == OPENING,
            problems=problems,
            status=status,
        )

    async def _send(self, connection: AsyncConnection, visit: Visit, *, channel: str, purpose: str) -> Issued | None:
        issued = await send_code(
            connection, self._database.keyring, visit.request, channel=channel, purpose=purpose, at=visit.at
        )
        if issued is not None:
            await self._outbox.queue(
                connection,
                [Say(key="signing/code", values={"code": issued.code}, purpose="verification")],
                to=Addressee(
                    participant_id=visit.request.participant_id,
                    contact_point_id=issued.reach.contact_point,
                    channel=channel,
                    language=visit.language,
                    study=visit.request.study,
                    our_address="",
                ),
                key=f"code:{issued.id}",
                cause_id=None,
                at=visit.at,
            )
        return issued

    async def _zone(self, connection: AsyncConnection, visit: Visit) -> str:
        theirs = await connection.scalar(
            select(participants.c.time_zone).where(participants.c.id == visit.request.participant_id)
        )
        return theirs or self._house.packs[visit.request.study].time_zone


def _to_sign(document: ConsentDocument, visit: Visit) -> bool:
    """Whether this page takes signatures at all, or is for reading."""
    return visit.request.may_sign and document.mode == "electronic"
