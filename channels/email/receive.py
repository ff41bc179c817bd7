"""Receive mail by SMTP or LMTP inside our own event loop, and say 250 only when the mail is stored.

aiosmtpd's controllers run a thread with a loop of its own; here its protocol is served by the loop that has the
database. It logs addresses and commands at level INFO, which no log of ours may hold: its logger is turned down.
"""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.email.address import normal_address, split_address
from channels.email.addresses import AddressBook, Purpose
from channels.email.parse import parse_email
from channels.email.parsed import BadEmail, ParsedEmail

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.CRITICAL)

DEFAULT_LOCAL_PARTS = frozenset({"hello", "postmaster", "abuse"})
"""RFC 5321 section 4.5.1 and RFC 2142 ask for the last two; `hello` is where strangers write."""


@dataclass(frozen=True, kw_only=True)
class ReceivedEnvelope:
    """What SMTP said around the mail: `mail_from` is empty for the null sender; `rcpt_tos` are all accepted ones."""

    mail_from: str
    rcpt_tos: tuple[str, ...]
    received_at: datetime
    size: int


Handle = Callable[[ParsedEmail, ReceivedEnvelope], Awaitable[None]]
"""Stores the mail; returns when it is safe. Whatever it raises is answered with 451: the sender tries again."""


@dataclass(frozen=True, kw_only=True)
class ListenAddress:
    """`smtp://host:port` or `lmtp://host:port` (port 0 takes any free one)."""

    protocol: str
    host: str
    port: int


def parse_listen(listen: str) -> ListenAddress:
    """Read the setting EMAIL_LISTEN. Raises ValueError with the reason."""
    parts = urlsplit(listen if "://" in listen else f"smtp://{listen}")
    if parts.scheme not in {"smtp", "lmtp"} or not parts.hostname or parts.port is None:
        raise ValueError("EMAIL_LISTEN must look like smtp://127.0.0.1:2525 or lmtp://127.0.0.1:2424")
    return ListenAddress(protocol=parts.scheme, host=parts.hostname, port=parts.port)


@dataclass(frozen=True, kw_only=True)
class ReceiverLimits:
    """Bounds of the receiver: bytes, counts, seconds. `timeout` bounds each step, and so the whole of one DATA."""

    size: int = 10_485_760
    connections: int = 100
    recipients: int = 20
    commands: int = 200
    timeout: float = 60
    line: int = 65_536


@dataclass(kw_only=True)
class EmailReceiver:
    """The server. `start` it in the running loop, `close` it when done; `port` is the one it listens on.

    `markers` are the first lines of our own mails in all languages, as in `parse_email`.
    """

    listen: ListenAddress
    handle: Handle
    addresses: AddressBook
    local_parts: frozenset[str] = DEFAULT_LOCAL_PARTS
    markers: tuple[str, ...] = ()
    limits: ReceiverLimits = field(default_factory=ReceiverLimits)
    tls: ssl.SSLContext | None = None
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    port: int = 0
    _server: asyncio.Server | None = None
    connections: set[asyncio.BaseTransport] = field(default_factory=set)

    async def start(self) -> None:
        """Listen. Raises OSError where the address is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, self.listen.host, self.listen.port, backlog=100)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and end what is open; a mail that is not stored yet is not acknowledged."""
        if self._server is None:
            return
        self._server.close()
        for transport in list(self.connections):
            transport.close()
        await self._server.wait_closed()
        self._server = None

    def _protocol(self) -> SMTP:
        options = {
            "data_size_limit": self.limits.size,
            "enable_SMTPUTF8": True,
            "hostname": self.addresses.domain,
            "ident": "Perennial",
            "timeout": self.limits.timeout,
            "command_call_limit": self.limits.commands,
            "tls_context": self.tls,
            "auth_exclude_mechanism": ("LOGIN", "PLAIN"),
            "loop": asyncio.get_running_loop(),
        }
        kind = _Lmtp if self.listen.protocol == "lmtp" else _Smtp
        return kind(_Handler(self), self, options)

    def check_recipient(self, address: str) -> bool:
        """True for an address that is ours: a known local part, or a signed address that we made."""
        local, domain = split_address(address)
        if domain != self.addresses.domain.lower():
            return False
        word, plus, _ = local.partition("+")
        if plus and word in set(Purpose):
            return self.addresses.read(address, Purpose(word)) is not None
        return local in self.local_parts or word in self.local_parts


class _Limited:
    """What both protocols add: a bound on open connections, and room for the long lines that real mail has."""

    receiver: EmailReceiver
    transport: asyncio.BaseTransport | None

    def admit(self, transport: asyncio.BaseTransport) -> bool:
        """Count a new connection; where there are too many, say so and close it."""
        if len(self.receiver.connections) >= self.receiver.limits.connections:
            if isinstance(transport, asyncio.WriteTransport):
                transport.write(b"421 4.7.0 Too many connections, try again later\r\n")
            transport.close()
            return False
        self.receiver.connections.add(transport)
        return True


class _Smtp(SMTP, _Limited):
    def __init__(self, handler: "_Handler", receiver: EmailReceiver, options: dict[str, Any]) -> None:
        self.receiver = receiver
        self.line_length_limit = receiver.limits.line
        self._admitted: asyncio.BaseTransport | None = None
        super().__init__(handler, **options)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._original_transport is None:
            if not self.admit(transport):
                return
            self._admitted = transport
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._admitted is None:
            return
        self.receiver.connections.discard(self._admitted)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self._admitted is not None:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return bool(super().eof_received()) if self._admitted is not None else False

    async def smtp_VRFY(self, arg: str) -> None:
        """Names nobody (RFC 5321 section 7.3)."""
        await self.push("252 2.5.0 Cannot verify, but will take mail")


class _Lmtp(_Smtp, LMTP):
    """RFC 2033: the greeting is LHLO, and DATA is answered once for each recipient."""


class _Handler:
    """aiosmtpd's hooks. Replies carry enhanced status codes (RFC 3463) and never what the sender wrote."""

    def __init__(self, receiver: EmailReceiver) -> None:
        self._receiver = receiver

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        # Within TLS aiosmtpd offers to take passwords, which nobody has here.
        return [response for response in responses if not response.startswith("250-AUTH")]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= self._receiver.limits.recipients:
            return "452 4.5.3 Too many recipients"
        if not self._receiver.check_recipient(address):
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        reply = await self._store(envelope)
        count = len(envelope.rcpt_tos) if isinstance(server, _Lmtp) else 1
        return "\r\n".join([reply] * count)

    async def handle_exception(self, error: Exception) -> str:
        log.error("e-mail receiver: %s in a session", type(error).__name__)
        return "451 4.3.0 Something went wrong here, try again later"

    async def _store(self, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        received = ReceivedEnvelope(
            mail_from=normal_address(envelope.mail_from or ""),
            rcpt_tos=tuple(normal_address(address) for address in envelope.rcpt_tos),
            received_at=self._receiver.now(),
            size=len(content),
        )
        try:
            # In a thread: a large mail takes most of a second, and the loop has conversations to carry.
            parsed = await asyncio.to_thread(
                parse_email,
                content,
                received_at=received.received_at,
                envelope_from=received.mail_from,
                envelope_to=received.rcpt_tos,
                own_domain=self._receiver.addresses.domain,
                markers=self._receiver.markers,
            )
        except BadEmail as error:
            log.info("e-mail refused: %s", error)
            return "554 5.6.0 This mail cannot be read"
        try:
            await self._receiver.handle(parsed, received)
        except Exception as error:  # noqa: BLE001  (whatever stopped it from being stored, the sender keeps the mail)
            log.error("e-mail not stored: %s", type(error).__name__)
            return "451 4.3.0 Not stored, try again later"
        return "250 2.0.0 Stored"
