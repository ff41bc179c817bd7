"""One person, several browsers and contact points: codes, signed links and the sites' own names tie them together."""

from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.webchat.backend import LinkResult, Site
from conversation.outbox import Addressee, Outbox
from conversation.say import Say
from conversation.turn import House
from engagement import clock
from engagement.contact import parse_contact
from engagement.interviews import move_to_webchat
from engagement.participants import add_contact, ensure_contact, find_contact, mark_verified, merge_participants
from engagement.verification import CodeVerdict, check_code, issue_code
from storage.crypto import Keyring
from storage.database import lock_in_transaction
from storage.tables import conversations, participants

_VERDICTS = {
    CodeVerdict.WRONG: LinkResult.WRONG_CODE,
    CodeVerdict.EXPIRED: LinkResult.EXPIRED,
    CodeVerdict.TOO_MANY: LinkResult.TOO_MANY,
}


class Joining:
    """Each method works in the caller's transaction."""

    def __init__(self, keyring: Keyring, house: House, outbox: Outbox) -> None:
        self._keyring, self._house, self._outbox = keyring, house, outbox

    async def send_code(
        self, connection: AsyncConnection, visitor: UUID, participant_id: UUID, contact: str, *, language: str
    ) -> LinkResult:
        """Send a code to a phone or mailbox. It says `sent` for strangers too: it must not tell who takes part."""
        found = parse_contact(contact)
        if found is None:
            return LinkResult.BAD_CONTACT
        channel, value = found
        study, at = self._house.default_study, clock.now()
        await ensure_contact(
            connection,
            self._keyring,
            "webchat",
            str(visitor),
            study_slug=study,
            language=language,
            at=at,
            verified=True,
        )
        # A stranger's phone becomes a participant of its own, unproven: were it tied to this visitor before the code
        # came back, whoever texts from it would be taken for them.
        target, _ = await ensure_contact(
            connection, self._keyring, channel, value, study_slug=study, language=language, at=at, verified=False
        )
        issued = await issue_code(connection, self._keyring, participant_id, channel=channel, value=value, at=at)
        if issued is None:
            return LinkResult.TOO_MANY
        row, code = issued
        await self._outbox.queue(
            connection,
            [Say(key="identity/code", values={"code": code}, purpose="verification")],
            to=Addressee(
                participant_id=target.participant_id,
                contact_point_id=target.id,
                channel=channel,
                language=language,
                study=study,
                our_address="",
            ),
            key=f"code:{row}",
            cause_id=None,
            at=at,
        )
        return LinkResult.SENT

    async def take_code(self, connection: AsyncConnection, participant_id: UUID, code: str) -> LinkResult:
        """Check a code; the right one joins this chat's participant to the contact's."""
        at = clock.now()
        checked = await check_code(connection, self._keyring, participant_id, code, at=at)
        if checked.verdict is not CodeVerdict.RIGHT:
            return _VERDICTS[checked.verdict]
        target = await find_contact(connection, self._keyring, checked.channel, checked.value)
        if target is None:
            return LinkResult.EXPIRED
        await mark_verified(connection, target.id, at=at)
        await merge_participants(connection, source=participant_id, target=target.participant_id, at=at, cause="code")
        return LinkResult.LINKED

    async def named_by_site(self, connection: AsyncConnection, site: Site, name: str, *, language: str) -> UUID:
        """The participant whom the embedding site calls `name`: the same name is the same person, in every browser."""
        contact, _ = await ensure_contact(
            connection,
            self._keyring,
            "site",
            f"{site.token}:{name}",
            study_slug=site.study,
            language=language,
            at=clock.now(),
            verified=True,
        )
        return contact.participant_id

    async def go_on_here(self, connection: AsyncConnection, visitor: UUID) -> None:
        """Ask what was too private for an SMS, if that is what brought them here."""
        contact = await find_contact(connection, self._keyring, "webchat", str(visitor))
        if contact is None:
            return
        at = clock.now()
        key, lines = await move_to_webchat(
            connection, self._keyring, self._house.instruments, contact.participant_id, at=at
        )
        if not lines:
            return
        row = (
            await connection.execute(
                select(participants.c.language, conversations.c.study_slug)
                .join(conversations, conversations.c.participant_id == participants.c.id)
                .where(participants.c.id == contact.participant_id)
            )
        ).one()
        await self._outbox.queue(
            connection,
            [Say(key=line.key, values=line.values, replies=line.replies, input=line.input) for line in lines],
            to=Addressee(
                participant_id=contact.participant_id,
                contact_point_id=contact.id,
                channel="webchat",
                language=row.language,
                study=row.study_slug,
                our_address="",
            ),
            key=key,
            cause_id=None,
            at=at,
        )

    async def attach(self, connection: AsyncConnection, participant_id: UUID, offered: UUID | None) -> UUID:
        """Let a browser speak for a participant; returns its visitor id, a new one where `offered` is somebody else's."""
        current = await connection.scalar(
            select(func.coalesce(participants.c.merged_into, participants.c.id)).where(
                participants.c.id == participant_id
            )
        )
        participant_id = current or participant_id
        visitor = offered or uuid4()
        await lock_in_transaction(connection, "contact", f"webchat:{visitor}")
        contact = await find_contact(connection, self._keyring, "webchat", str(visitor))
        if contact is not None and contact.participant_id != participant_id:
            visitor, contact = uuid4(), None
        if contact is None:
            await add_contact(
                connection, self._keyring, participant_id, "webchat", str(visitor), verified_at=clock.now()
            )
        return visitor
