"""The web chat's backend on the real service: sessions, history, news, joining with a phone or mailbox."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
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
from channels.webchat.contact import parse_contact
from channels.webchat.links import LinkSigner, read_identity
from conversation.hub import Hub
from conversation.intake import accept
from conversation.messages import DeliveryStatus, InboundMessage
from conversation.outbox import Addressee, Outbox
from conversation.say import Say
from conversation.status import move_status
from conversation.transcript import OVERLAP, Entry, read_transcript
from conversation.turn import House
from engagement import clock
from engagement.escalations import holding_escalation
from engagement.optouts import silenced_channels
from engagement.participants import (
    add_contact,
    ensure_contact,
    find_contact,
    mark_verified,
    merge_participants,
)
from engagement.verification import CodeVerdict, check_code, issue_code
from storage.database import Database, lock_in_transaction
from storage.tables import conversations, messages, participants

_VERDICTS = {
    CodeVerdict.WRONG: LinkResult.WRONG_CODE,
    CodeVerdict.EXPIRED: LinkResult.EXPIRED,
    CodeVerdict.TOO_MANY: LinkResult.TOO_MANY,
}


class LiveBackend:
    """Implements `WebchatBackend`. `received` and `queued` ring the workers of this process."""

    def __init__(
        self,
        database: Database,
        house: House,
        outbox: Outbox,
        hub: Hub,
        links: LinkSigner,
        *,
        received: Callable[[], None],
        queued: Callable[[], None],
    ) -> None:
        self._database, self._house, self._outbox, self._hub, self._links = database, house, outbox, hub, links
        self._received, self._queued = received, queued

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
            return await self._join(site, participant_id, session, language)
        if identity:
            return await self._identified(site, identity, session, language)
        visitor = self._links.read_session(session) if session else None
        known = visitor is not None
        visitor = visitor or uuid4()
        return await self._visitor(visitor, language, reset=not known)

    async def history(self, visitor: Visitor, after: str) -> Sequence[ChatMessage]:
        async with self._reading() as connection:
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
        found = parse_contact(contact)
        if found is None:
            return LinkOutcome(result=LinkResult.BAD_CONTACT)
        channel, value = found
        at = clock.now()
        async with self._reading() as connection:
            await self._ensure_visitor(connection, visitor, at)
            target, _ = await ensure_contact(
                connection,
                self._database.keyring,
                channel,
                value,
                study_slug=self._house.default_study,
                language=visitor.language,
                at=at,
                verified=False,
            )
            issued = await issue_code(
                connection, self._database.keyring, visitor.participant_id, channel=channel, value=value, at=at
            )
            if issued is None:
                return LinkOutcome(result=LinkResult.TOO_MANY)
            row, code = issued
            await self._outbox.queue(
                connection,
                [Say(key="identity/code", values={"code": code}, purpose="verification")],
                to=Addressee(
                    participant_id=target.participant_id,
                    contact_point_id=target.id,
                    channel=channel,
                    language=visitor.language,
                    study=self._house.default_study,
                    our_address="",
                ),
                key=f"code:{row}",
                cause_id=None,
                at=at,
            )
        self._queued()
        return LinkOutcome(result=LinkResult.SENT)

    async def verify(self, visitor: Visitor, code: str) -> LinkOutcome:
        at = clock.now()
        async with self._reading() as connection:
            checked = await check_code(connection, self._database.keyring, visitor.participant_id, code, at=at)
            if checked.verdict is not CodeVerdict.RIGHT:
                return LinkOutcome(result=_VERDICTS[checked.verdict])
            target = await find_contact(connection, self._database.keyring, checked.channel, checked.value)
            if target is None:
                return LinkOutcome(result=LinkResult.EXPIRED)
            await mark_verified(connection, target.id, at=at)
            await merge_participants(
                connection, source=visitor.participant_id, target=target.participant_id, at=at, cause="code"
            )
        joined = await self._visitor(UUID(visitor.key), visitor.language, reset=True)
        return LinkOutcome(result=LinkResult.LINKED, visitor=joined)

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

    async def _join(self, site: Site, participant_id: UUID, session: str, language: str) -> Visitor:
        """A browser that holds a signed link (or identity) speaks for that participant from now on."""
        visitor = (self._links.read_session(session) if session else None) or uuid4()
        at = clock.now()
        async with self._reading() as connection:
            participant_id = (
                await connection.scalar(
                    select(func.coalesce(participants.c.merged_into, participants.c.id)).where(
                        participants.c.id == participant_id
                    )
                )
                or participant_id
            )
            await lock_in_transaction(connection, "contact", f"webchat:{visitor}")
            contact = await find_contact(connection, self._database.keyring, "webchat", str(visitor))
            if contact is not None and contact.participant_id != participant_id:
                # This browser spoke for somebody else before: it gets a chat of its own for this participant.
                visitor, contact = uuid4(), None
            if contact is None:
                await add_contact(
                    connection, self._database.keyring, participant_id, "webchat", str(visitor), verified_at=at
                )
        return await self._visitor(visitor, language, reset=True)

    async def _identified(self, site: Site, identity: str, session: str, language: str) -> Visitor:
        """The embedding site vouches for its visitor: the same name is the same participant, in every browser."""
        secret = next(
            (
                known.identity_secret
                for known in self._house.packs[site.study].sites
                if known.token == site.token and known.identity_secret
            ),
            None,
        )
        name = read_identity(identity, secret=secret) if secret else None
        if name is None:
            raise SessionRefused
        async with self._reading() as connection:
            contact, _ = await ensure_contact(
                connection,
                self._database.keyring,
                "site",
                f"{site.token}:{name}",
                study_slug=site.study,
                language=language,
                at=clock.now(),
                verified=True,
            )
        return await self._join(site, contact.participant_id, session, language)

    async def _ensure_visitor(self, connection: AsyncConnection, visitor: Visitor, at: datetime) -> None:
        await ensure_contact(
            connection,
            self._database.keyring,
            "webchat",
            visitor.key,
            study_slug=self._house.default_study,
            language=visitor.language,
            at=at,
            verified=True,
        )

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
        client_id=client_id_of(entry.provider_id)
        if entry.inbound and entry.channel == "webchat" and entry.provider_id
        else "",
    )
