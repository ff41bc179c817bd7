"""The web chat's backend on the real service: sessions, history, news. Who is who is settled in `joining`."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.webchat.backend import (
    AcceptedMessage,
    Author,
    BackendBusy,
    ChatEvent,
    ChatMessage,
    ContinueLink,
    LinkOutcome,
    LinkResult,
    NewsEvent,
    SessionRefused,
    Site,
    StatusEvent,
    TypingEvent,
    Visitor,
    client_id_of,
)
from channels.webchat.joining import Joining
from channels.webchat.links import LinkSigner, read_identity
from conversation.hub import Hub
from conversation.intake import accept
from conversation.messages import DeliveryStatus, InboundMessage
from conversation.outbox import Outbox
from conversation.providers import OutreachRules
from conversation.status import move_status
from conversation.transcript import OVERLAP, Entry, read_transcript
from conversation.turn import House
from conversation.unseen import take_back_unseen
from engagement import clock
from engagement.escalations import holding_escalation
from engagement.optouts import silenced_channels
from engagement.participants import (
    find_contact,
)
from storage.database import Database
from storage.tables import conversations, messages, participants


class LiveBackend:
    """Implements `WebchatBackend`. `rules`: what outreach keeps to; `received` and `queued` ring the workers of this process."""

    def __init__(
        self,
        database: Database,
        house: House,
        outbox: Outbox,
        hub: Hub,
        links: LinkSigner,
        *,
        rules: OutreachRules,
        received: Callable[[], None],
        queued: Callable[[], None],
    ) -> None:
        self._database, self._house, self._hub, self._links = database, house, hub, links
        self._joining = Joining(database.keyring, house, outbox)
        self._rules, self._received, self._queued = rules, received, queued

    async def site(self, token: str) -> Site | None:
        return next((site for site in self._sites() if site.token == token), None)

    async def continue_link(self, token: str) -> ContinueLink | None:
        participant_id = self._links.read_link(token)
        if participant_id is None:
            return None
        async with self._reading() as connection:
            row = (
                await connection.execute(
                    select(participants.c.language, conversations.c.study_slug)
                    .join(conversations, conversations.c.participant_id == participants.c.id)
                    .where(participants.c.id == participant_id)
                )
            ).first()
        if row is None:
            return None
        site = next((site for site in self._sites() if site.study == row.study_slug), None)
        return None if site is None else ContinueLink(site=site, language=row.language)

    async def open(self, site: Site, *, session: str, identity: str, link: str, language: str) -> Visitor:
        if link:
            participant_id = self._links.read_link(link)
            if participant_id is None:
                raise SessionRefused
            return await self._join(participant_id, session, language)
        if identity:
            secret = self._identity_secret(site)
            name = read_identity(identity, secret=secret) if secret else None
            if name is None:
                raise SessionRefused
            async with self._reading() as connection:
                participant_id = await self._joining.named_by_site(connection, site, name, language=language)
            return await self._join(participant_id, session, language)
        visitor = self._links.read_session(session) if session else None
        known = visitor is not None
        visitor = visitor or uuid4()
        return await self._visitor(visitor, language, reset=not known)

    async def history(self, visitor: Visitor, after: str) -> Sequence[ChatMessage]:
        async with self._reading() as connection:
            await take_back_unseen(connection, visitor.participant_id, self._rules, at=clock.now())
            since = await self._moment(connection, visitor, after) if after else None
            entries = await read_transcript(
                connection,
                self._database.keyring,
                visitor.participant_id,
                since=since - OVERLAP if since else None,
            )
        return [_shown(entry) for entry in entries]

    async def accept(self, message: InboundMessage) -> AcceptedMessage:
        try:
            received = await accept(self._database, message)
        except (OperationalError, InterfaceError):
            raise BackendBusy from None
        self._received()
        return AcceptedMessage(id=str(received.id), repeated=received.repeated)

    @asynccontextmanager
    async def subscribe(self, visitor: Visitor) -> AsyncIterator[AsyncIterator[ChatEvent]]:
        async with self._hub.listen(visitor.participant_id) as nudge:

            async def events() -> AsyncIterator[ChatEvent]:
                while True:
                    await nudge.wait()
                    nudge.clear()
                    async with self._reading() as connection:
                        status = await self._status(connection, visitor.participant_id)
                        waiting = await self._answer_is_coming(connection, visitor.participant_id)
                    yield NewsEvent()
                    yield TypingEvent(on=waiting and not status.held)
                    yield status

            yield events()

    async def seen(self, visitor: Visitor, message_id: str) -> None:
        async with self._reading() as connection:
            moment = await self._moment(connection, visitor, message_id)
            if moment is None:
                return
            unseen = await connection.execute(
                select(messages.c.id).where(
                    messages.c.participant_id == visitor.participant_id,
                    messages.c.direction == "out",
                    messages.c.channel == "webchat",
                    messages.c.status == "sent",
                    messages.c.created_at <= moment,
                )
            )
            for shown in list(unseen.scalars()):
                await move_status(connection, shown, DeliveryStatus.DELIVERED, at=clock.now(), reason="seen")

    async def request_link(self, visitor: Visitor, contact: str) -> LinkOutcome:
        async with self._reading() as connection:
            result = await self._joining.send_code(
                connection, UUID(visitor.key), visitor.participant_id, contact, language=visitor.language
            )
        self._queued()
        return LinkOutcome(result=result)

    async def verify(self, visitor: Visitor, code: str) -> LinkOutcome:
        async with self._reading() as connection:
            result = await self._joining.take_code(connection, visitor.participant_id, code)
        if result is not LinkResult.LINKED:
            return LinkOutcome(result=result)
        joined = await self._visitor(UUID(visitor.key), visitor.language, reset=True)
        return LinkOutcome(result=result, visitor=joined)

    def words(self, language: str) -> Mapping[str, str]:
        return self._house.registry.words("webchat/", language=language)

    def _sites(self) -> list[Site]:
        return [
            Site(token=site.token, study=slug, origins=site.origins, languages=pack.languages)
            for slug, pack in self._house.packs.items()
            for site in pack.sites
        ]

    async def _visitor(self, visitor: UUID, language: str, *, reset: bool) -> Visitor:
        async with self._reading() as connection:
            contact = await find_contact(connection, self._database.keyring, "webchat", str(visitor))
            participant_id = contact.participant_id if contact else visitor
            status = await self._status(connection, participant_id)
        return Visitor(
            participant_id=participant_id,
            key=str(visitor),
            session=self._links.session(visitor),
            language=language,
            held=status.held,
            opted_out=status.opted_out,
            reset=reset,
        )

    async def _join(self, participant_id: UUID, session: str, language: str) -> Visitor:
        """A browser that holds a signed link (or identity) speaks for that participant from now on."""
        offered = self._links.read_session(session) if session else None
        async with self._reading() as connection:
            visitor = await self._joining.attach(connection, participant_id, offered)
            await self._joining.go_on_here(connection, visitor)
        self._queued()
        return await self._visitor(visitor, language, reset=True)

    def _identity_secret(self, site: Site) -> str | None:
        known = self._house.packs[site.study].sites
        return next((one.identity_secret for one in known if one.token == site.token), None)

    async def _status(self, connection: AsyncConnection, participant_id: UUID) -> StatusEvent:
        return StatusEvent(
            held=await holding_escalation(connection, participant_id) is not None,
            opted_out="webchat" in await silenced_channels(connection, participant_id),
        )

    async def _answer_is_coming(self, connection: AsyncConnection, participant_id: UUID) -> bool:
        return bool(
            await connection.scalar(
                select(messages.c.id)
                .where(
                    messages.c.participant_id == participant_id,
                    messages.c.direction == "in",
                    messages.c.status != "done",
                )
                .limit(1)
            )
        )

    async def _moment(self, connection: AsyncConnection, visitor: Visitor, message_id: str) -> datetime | None:
        try:
            row = UUID(message_id)
        except ValueError:
            return None
        found: datetime | None = await connection.scalar(
            select(messages.c.created_at).where(
                messages.c.id == row, messages.c.participant_id == visitor.participant_id
            )
        )
        return found

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._database.begin() as connection:
                yield connection
        except (TimeoutError, OperationalError, InterfaceError):
            raise BackendBusy from None


def _shown(entry: Entry) -> ChatMessage:
    author = Author.ME if entry.inbound else Author.PROGRAMME if entry.author == "bot" else Author.PERSON
    return ChatMessage(
        id=str(entry.id),
        author=author,
        text=entry.text,
        at=entry.at,
        language=entry.language,
        replies=entry.replies,
        input=entry.input,
        client_id=client_id_of(entry.provider_id)
        if entry.inbound and entry.channel == "webchat" and entry.provider_id
        else "",
    )
