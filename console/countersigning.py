"""Signed documents: those of a participant, those that wait for the study team, and the counter-signature of a coordinator, their
password given again (21 CFR 11.200(a)(1)).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from aiohttp import web
from sqlalchemy import select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from console.accounts import SignedIn, password_of
from console.pages import Pages, id_in
from console.people import label_of
from conversation.outbox import Outbox
from conversation.signed import document_of, follow_signature
from conversation.turn import House
from engagement import clock
from engagement.audit import record_audit
from engagement.signatures.ledger import newest_copy, signatures_on
from engagement.signatures.requests import SigningRequest, read_request
from engagement.signatures.signing import STAFF, Refused, countersign
from storage.tables import participants, signatures, signing_requests

_NOTHING = "There is no such document."
_ATTEMPTS_A_MINUTE = 5


@dataclass(frozen=True, kw_only=True)
class Document:
    """One document that a participant has signed. `waits`: the study team has yet to sign it."""

    request: UUID
    label: str
    study: str
    version: str
    since: datetime
    waits: bool


class Countersigning:
    """The list, one document, its copy, the signature. `queued` rings the delivery."""

    def __init__(self, pages: Pages, house: House, outbox: Outbox, *, queued: Callable[[], None]) -> None:
        self._pages, self._database, self._house = pages, pages.database, house
        self._outbox, self._queued = outbox, queued
        self._attempts: dict[UUID, list[datetime]] = {}

    def routes(self) -> list[web.RouteDef]:
        behind = self._pages.behind
        return [
            web.get("/console/signatures", behind(self._list)),
            web.get("/console/participants/{participant}/signed", behind(self._of_participant)),
            web.get("/console/signatures/{request}", behind(self._look)),
            web.get("/console/signatures/{request}/copy", behind(self._copy)),
            web.post("/console/signatures/{request}", behind(self._sign)),
        ]

    async def _list(self, request: web.Request, who: SignedIn) -> web.Response:
        async with self._database.begin() as connection:
            documents = [each for each in await self._documents(connection) if each.waits]
        return self._pages.page("signatures.html", documents=documents, participant=None, csrf=who.csrf)

    async def _of_participant(self, request: web.Request, who: SignedIn) -> web.Response:
        participant = id_in(request, "participant", missing="There is no such participant.")
        async with self._database.begin() as connection:
            documents = await self._documents(connection, participant)
        return self._pages.page("signatures.html", documents=documents, participant=participant, csrf=who.csrf)

    async def _look(self, request: web.Request, who: SignedIn) -> web.Response:
        async with self._database.begin() as connection:
            return await self._page(connection, await self._asked(connection, request), who)

    async def _copy(self, request: web.Request, who: SignedIn) -> web.Response:
        async with self._database.begin() as connection:
            asked = await self._asked(connection, request)
            pdf = await newest_copy(connection, self._database.keyring, asked.id)
            await record_audit(
                connection,
                actor=str(who.coordinator_id),
                action="signed_copy_read",
                subject=str(asked.participant_id),
                at=clock.now(),
                details={"request": str(asked.id)},
            )
        headers = {
            "Content-Disposition": 'attachment; filename="consent.pdf"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=pdf, content_type="application/pdf", headers=headers)

    async def _sign(self, request: web.Request, who: SignedIn) -> web.StreamResponse:
        form, at = await request.post(), clock.now()
        self._count(who.coordinator_id, at)
        async with self._database.begin() as connection:
            asked = await self._asked(connection, request, lock=True)
            document = document_of(self._house, asked)
            if not await password_of(connection, who.coordinator_id, str(form.get("password", ""))[:1000]):
                return await self._page(connection, asked, who, status=403, problem="The password is wrong.")
            before = await signatures_on(connection, self._database.keyring, asked.id)
            signed = await countersign(
                connection,
                self._database.keyring,
                asked,
                name=str(form.get("name", ""))[:200],
                meaning=self._meaning(asked, before[0].record.language),
                by=str(who.coordinator_id),
                document=document,
                time_zone=self._house.pack(asked.study).time_zone,
                at=at,
            )
            if isinstance(signed, Refused):
                return await self._page(connection, asked, who, status=400, problem="Type your full name.")
            if signed is not None:
                await follow_signature(connection, self._outbox, self._house, asked, at=at)
        self._queued()
        raise web.HTTPSeeOther("/console/signatures")

    async def _page(
        self, connection: AsyncConnection, asked: SigningRequest, who: SignedIn, *, status: int = 200, problem: str = ""
    ) -> web.Response:
        signed = [each.record for each in await signatures_on(connection, self._database.keyring, asked.id)]
        name = await connection.scalar(select(participants.c.name).where(participants.c.id == asked.participant_id))
        language = signed[0].language
        return self._pages.page(
            "countersign.html",
            status=status,
            problem=problem,
            request_id=asked.id,
            label=label_of(self._database.keyring, asked.participant_id, name),
            title=document_of(self._house, asked).title.in_(language),
            version=asked.version,
            language=language,
            signed=signed,
            waits=STAFF in document_of(self._house, asked).signers and signed[-1].role != STAFF,
            meaning=self._meaning(asked, language),
            csrf=who.csrf,
        )

    async def _asked(self, connection: AsyncConnection, request: web.Request, *, lock: bool = False) -> SigningRequest:
        """The signed request in the address; 404 for anything else."""
        asked = await read_request(connection, id_in(request, "request", missing=_NOTHING), lock=lock)
        if asked is None or asked.ended_as != "signed":
            raise web.HTTPNotFound(text=_NOTHING)
        return asked

    async def _documents(self, connection: AsyncConnection, participant: UUID | None = None) -> Sequence[Document]:
        """Signed documents, the oldest first; all, or those of one participant."""
        staff = select(signatures.c.id).where(
            signatures.c.request_id == signing_requests.c.id, signatures.c.role == STAFF
        )
        rows = await connection.execute(
            select(signing_requests, participants.c.name, staff.exists().label("by_staff"))
            .join(participants, participants.c.id == signing_requests.c.participant_id)
            .where(
                signing_requests.c.ended_as == "signed",
                true() if participant is None else signing_requests.c.participant_id == participant,
            )
            .order_by(signing_requests.c.ended_at)
        )
        return [
            Document(
                request=row.id,
                label=label_of(self._database.keyring, row.participant_id, row.name),
                study=row.study_slug,
                version=row.document_version,
                since=row.ended_at,
                waits=not row.by_staff and STAFF in document.signers,
            )
            for row in rows
            if (consents := self._house.consents.get(row.study_slug)) is not None
            and (document := consents.version(row.document_version)) is not None
        ]

    def _meaning(self, asked: SigningRequest, language: str) -> str:
        return self._house.registry.render(
            "signing/page/staff_meaning", language=language, channel="webchat", study=asked.study
        ).text

    def _count(self, coordinator: UUID, at: datetime) -> None:
        """Nobody tries out passwords at somebody's open desk."""
        lately = [moment for moment in self._attempts.get(coordinator, []) if (at - moment).total_seconds() < 60]
        if len(lately) >= _ATTEMPTS_A_MINUTE:
            raise web.HTTPTooManyRequests(text="Too many attempts. Wait a minute and try again.")
        self._attempts[coordinator] = [*lately, at]
