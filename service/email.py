"""E-mail on the real service: what a mail carries on its way out, what becomes of a mail that comes in, unsubscribing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from email.utils import parseaddr
from uuid import UUID

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.email.addresses import AddressBook
from channels.email.doors import MailDoors
from channels.email.inbound import failed_send, to_inbound
from channels.email.measured import MeasuredMail
from channels.email.parsed import EmailKind, ParsedEmail
from channels.email.receive import DEFAULT_LOCAL_PARTS, EmailReceiver, ReceivedEnvelope, parse_listen
from channels.email.send import EmailSender, parse_smtp_url
from channels.webchat.links import LinkSigner
from conversation.intake import accept
from conversation.measuring import measure_mail
from conversation.messages import (
    Accepted,
    ChannelName,
    DeliveryStatus,
    InboundMessage,
    OutboundMessage,
    SendProblem,
    StatusUpdate,
)
from conversation.outbox import read_details
from conversation.status import record_status
from conversation.turn import House
from engagement import clock
from engagement.optouts import record_opt_out, silenced_channels
from service.built import Built
from service.settings import Settings
from service.web.assets import TEMPLATES
from storage.database import Database
from storage.tables import messages, participants

_FIRST_SUBJECT = "email/subject"


class ProgrammeMail:
    """A `Sender`: mail leaves from the programme's own mailbox, whatever address of ours was written to."""

    def __init__(self, sender: EmailSender, *, mailbox: str) -> None:
        self._sender, self._mailbox = sender, mailbox

    async def send(self, message: OutboundMessage) -> Accepted:
        return await self._sender.send(replace(message, sender=self._mailbox))


def email_sender(settings: Settings, addresses: AddressBook) -> ProgrammeMail:
    """The sender for the configured relay. Raises ValueError where `SMTP_URL` is not one."""
    return ProgrammeMail(
        EmailSender(parse_smtp_url(settings.smtp_url), addresses=addresses, timeout=15),
        mailbox=f"{settings.email_from}@{settings.email_domain}",
    )


async def prepare_email(
    connection: AsyncConnection,
    message_id: UUID,
    *,
    house: House,
    addresses: AddressBook,
    links: LinkSigner,
    doors: MailDoors,
) -> Mapping[str, str]:
    """Subject, threading and signed addresses of an outgoing mail (see `channels.email.compose`)."""
    row = (await connection.execute(select(messages).where(messages.c.id == message_id))).one()

    def words(key: str) -> str:
        return house.registry.render(key, language=row.language, channel="email", study=row.study_slug or "").text

    attributes = {
        "subject": words(_FIRST_SUBJECT),
        "from_name": words("programme/name"),
        "reply_to": addresses.reply_address(row.participant_id),
        "marker": words("email/marker"),
        "footer": words("email/footer"),
        "unsubscribe_words": words("email/unsubscribe"),
        "unsubscribe_mailto": addresses.unsubscribe_address(row.participant_id),
    }
    url = links.unsubscribe_url(row.participant_id)
    if url.startswith("https:"):
        attributes["unsubscribe_url"] = url
    if row.touchpoint_id is not None and house.pack(row.study_slug).email.measured:
        # Nothing that somebody asked for, and nothing that must arrive whatever happens, is ever measured.
        token = await measure_mail(connection, message_id, token=doors.new_token(), at=clock.now())
        attributes["picture_url"] = doors.picture_url(token)
        attributes["links_url"] = doors.links_url(token)
        attributes["footer"] = f"{attributes['footer']}\n\n{words('email/measured')}"
    if row.cause_id is not None:
        cause = (
            await connection.execute(
                select(messages.c.details, messages.c.channel).where(messages.c.id == row.cause_id)
            )
        ).first()
        if cause is not None and cause.channel == "email":
            details = read_details(house.keyring, cause.details, row.cause_id)
            subject = details.get("subject", "")
            if subject:
                attributes["subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
            attributes["in_reply_to"] = f"<{details['message_id']}>" if details.get("message_id") else ""
            attributes["references"] = details.get("references", "")
    return attributes


class MailRoom:
    """Receives mail and sorts it: messages to the conversation, bounces and complaints to the contact point's record."""

    def __init__(self, built: Built) -> None:
        self._built = built
        registry = built.house.registry
        self._receiver = EmailReceiver(
            listen=parse_listen(built.settings.email_listen),
            handle=self._handle,
            addresses=built.addresses,
            local_parts=frozenset(
                {part for pack in built.house.packs.values() for part in pack.email.local_parts}
                | {built.settings.email_from}
            )
            | DEFAULT_LOCAL_PARTS,
            markers=tuple(
                registry.render("email/marker", language=language, channel="email", study="").text
                for language in built.house.languages
            ),
        )

    async def start(self) -> None:
        await self._receiver.start()

    async def stop(self) -> None:
        await self._receiver.close()

    async def _handle(self, parsed: ParsedEmail, envelope: ReceivedEnvelope) -> None:
        """Store what came, whatever it is; returning means it may be acknowledged."""
        built = self._built
        if parsed.kind is EmailKind.MESSAGE:
            await accept(built.database, _with_opt_out(to_inbound(parsed, addresses=built.addresses)))
            built.workers.ring_received()
            return
        # Never answered (RFC 3834): on record, and no more than that.
        await accept(
            built.database,
            InboundMessage(
                channel=ChannelName.EMAIL,
                provider_id=parsed.message_id,
                sender=parseaddr(parsed.sender)[1] or "unknown",
                recipient=next(iter(parsed.recipients), ""),
                text=parsed.visible_text,
                received_at=parsed.received_at,
            ),
            handled_as=parsed.kind.value,
        )
        await self._take_report(parsed)

    async def _take_report(self, parsed: ParsedEmail) -> None:
        outbox_id = failed_send(parsed, addresses=self._built.addresses)
        if outbox_id is None:
            return
        if parsed.bounce is not None and parsed.bounce.final:
            await record_status(
                self._built.database,
                StatusUpdate(
                    channel=ChannelName.EMAIL,
                    status=DeliveryStatus.FAILED,
                    provider_id="",
                    outbox_id=outbox_id,
                    code=parsed.bounce.status,
                    problem=SendProblem.BAD_CONTACT if parsed.bounce.marks_contact else SendProblem.REJECTED,
                ),
                at=clock.now(),
            )
        if parsed.complaint is not None and parsed.complaint.by_person:
            await _silence_mail_of(self._built.database, outbox_id)


def measured_mail(built: Built) -> MeasuredMail:
    """The doors of measured mails; where no study measures, they answer all the same and write nothing."""
    house = built.house

    def gone() -> str:
        return house.registry.render(
            "email/link_gone", language=house.languages[0], channel="webchat", study=house.default_study
        ).text

    return MeasuredMail(
        built.database,
        built.doors,
        built.desk.rules,
        studies={slug for slug, pack in house.packs.items() if pack.email.measured},
        gone=gone,
        now=clock.now,
    )


def unsubscribe_routes(built: Built, stylesheets: Sequence[str]) -> list[web.RouteDef]:
    """One-click unsubscribe (RFC 8058): POST acts, GET only asks, so that a scanner's look changes nothing."""
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )

    async def ask(request: web.Request) -> web.Response:
        return await page(request, done=False)

    async def act(request: web.Request) -> web.Response:
        participant = built.links.read_unsubscribe(request.match_info["token"])
        if participant is not None:
            async with built.database.begin() as connection:
                await _silence_mail(connection, participant)
        return await page(request, done=True)

    async def page(request: web.Request, *, done: bool) -> web.Response:
        participant = built.links.read_unsubscribe(request.match_info["token"])
        registry, language = built.house.registry, built.house.languages[0]
        if participant is None:
            text = registry.render(
                "unsubscribe/invalid", language=language, channel="webchat", study=built.house.default_study
            ).text
            return web.Response(status=404, text=text)
        async with built.database.begin() as connection:
            language = (
                await connection.scalar(select(participants.c.language).where(participants.c.id == participant))
                or language
            )
        words = {
            name: registry.render(
                f"unsubscribe/{name}", language=language, channel="webchat", study=built.house.default_study
            ).text
            for name in ("title", "question", "button", "done")
        }
        html = templates.get_template("unsubscribe.html").render(
            stylesheets=list(stylesheets), words=words, done=done, language=language
        )
        return web.Response(
            text=html,
            content_type="text/html",
            charset="utf-8",
            headers={
                "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'",
                "Cache-Control": "no-store",
                "Referrer-Policy": "no-referrer",
            },
        )

    return [web.get("/email/unsubscribe/{token}", ask), web.post("/email/unsubscribe/{token}", act)]


def _with_opt_out(message: InboundMessage) -> InboundMessage:
    """A mail to the signed unsubscribe address, or one that is nothing but the word, is a STOP for e-mail."""
    if message.attributes.get("opt_out") == "yes":
        return replace(message, attributes={**message.attributes, "opt_out_channel": "email"})
    return message


async def _silence_mail_of(database: Database, outbox_id: UUID) -> None:
    async with database.begin() as connection:
        participant = await connection.scalar(select(messages.c.participant_id).where(messages.c.id == outbox_id))
        if participant is not None:
            await _silence_mail(connection, participant)


async def _silence_mail(connection: AsyncConnection, participant: UUID) -> None:
    if "email" not in await silenced_channels(connection, participant):
        await record_opt_out(connection, participant, at=clock.now(), actor="participant", channels=["email"])
