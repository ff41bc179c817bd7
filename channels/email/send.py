"""Send one mail through a relay and say truly what became of it.

The moment that matters is the end of DATA: before it a lost connection means the mail was not taken and may be tried
again; after it only the relay knows (RFC 5321 section 6.1), and trying again might deliver twice.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.policy import SMTP as SMTP_POLICY
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPNotSupported,
    SMTPResponseException,
)

from channels.email.addresses import AddressBook
from channels.email.compose import compose_email
from channels.email.message_id import make_message_id
from channels.email.smtp_codes import decide_problem, enhanced_code
from conversation.errors import FateUnknown, SendFailed
from conversation.messages import Accepted, OutboundMessage, SendProblem


@dataclass(frozen=True, kw_only=True)
class Relay:
    """Where mail goes out, from a URL by `parse_smtp_url`. `starttls`: True demands it, None takes it if offered."""

    host: str
    port: int
    tls: bool = False
    starttls: bool | None = None
    username: str = ""
    password: str = field(default="", repr=False)


def parse_smtp_url(url: str) -> Relay:
    """`smtp://user:pass@host:587?starttls=1` or `smtps://…`. Raises ValueError with the reason (never the password)."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("SMTP_URL must look like smtp://user:password@host:587?starttls=1 or smtps://host")
    wish = parse_qs(parts.query).get("starttls", [""])[0].lower()
    if wish not in {"", "0", "1", "true", "false"}:
        raise ValueError("starttls in SMTP_URL must be 0 or 1")
    tls = parts.scheme == "smtps"
    starttls = False if tls else {"": None, "1": True, "true": True}.get(wish, False)
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Relay(
        host=parts.hostname,
        port=parts.port or (465 if tls else 587 if starttls else 25),
        tls=tls,
        starttls=starttls,
        username=username,
        password=password,
    )


def _now() -> datetime:
    return datetime.now(UTC)


class EmailSender:
    """A `Sender` (see `conversation.messages`) that speaks SMTP to one relay, one connection a mail.

    `timeout` is in seconds and holds for each step. The envelope sender is the signed bounce address of the outbox id,
    so every bounce names its send.
    """

    def __init__(
        self,
        relay: Relay,
        *,
        addresses: AddressBook,
        timeout: float = 30,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._relay = relay
        self._addresses = addresses
        self._timeout = timeout
        self._now = now

    async def send(self, message: OutboundMessage) -> Accepted:
        """Send; the provider id is our own Message-ID. Raises SendFailed or FateUnknown."""
        try:
            mail = compose_email(message, domain=self._addresses.domain, at=self._now())
            content = mail.as_bytes(policy=SMTP_POLICY)
        except ValueError as error:
            raise SendFailed(str(error), problem=SendProblem.REJECTED, code="compose") from None
        client = SMTP(
            hostname=self._relay.host,
            port=self._relay.port,
            use_tls=self._relay.tls,
            start_tls=self._relay.starttls,
            username=self._relay.username or None,
            password=self._relay.password or None,
            local_hostname=self._addresses.domain,
            timeout=self._timeout,
        )
        try:
            await self._open(client)
            await self._name(client, message)
            await self._deliver(client, content)
            await self._part(client)
        finally:
            client.close()
        return Accepted(provider_id=make_message_id(message.id, self._addresses.domain))

    async def _open(self, client: SMTP) -> None:
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except SMTPAuthenticationError as error:
            raise SendFailed(
                "the relay refused our credentials", problem=SendProblem.RETRY, code=_code(error)
            ) from None
        except SMTPNotSupported:
            raise SendFailed(
                "the relay lacks what is demanded", problem=SendProblem.RETRY, code="unsupported"
            ) from None
        except SMTPResponseException as error:
            raise SendFailed("the relay turned us away", problem=SendProblem.RETRY, code=_code(error)) from None
        except (SMTPConnectError, SMTPException, OSError, TimeoutError) as error:
            name = type(error).__name__
            raise SendFailed(
                f"the relay cannot be reached ({name})", problem=SendProblem.RETRY, code="connect"
            ) from None

    async def _name(self, client: SMTP, message: OutboundMessage) -> None:
        """MAIL FROM and RCPT TO."""
        at_recipient = False
        try:
            await client.mail(self._addresses.bounce_address(message.id))
            at_recipient = True
            await client.rcpt(message.to)
        except SMTPResponseException as error:
            problem = decide_problem(error.code, error.message, at_recipient=at_recipient)
            raise SendFailed("the relay refused the mail", problem=problem, code=_code(error)) from None
        except (SMTPException, OSError, TimeoutError) as error:
            name = type(error).__name__
            raise SendFailed(f"the relay was lost ({name})", problem=SendProblem.RETRY, code="lost") from None

    async def _deliver(self, client: SMTP, content: bytes) -> None:
        """DATA in two steps, because what a lost connection means differs between them."""
        try:
            response = await client.execute_command(b"DATA")
        except SMTPResponseException as error:
            raise _refused(error.code, error.message) from None
        except (SMTPException, OSError, TimeoutError) as error:
            name = type(error).__name__
            raise SendFailed(f"the relay was lost ({name})", problem=SendProblem.RETRY, code="lost") from None
        if response.code != 354:
            raise _refused(response.code, response.message)
        try:
            await asyncio.wait_for(_write_body(client, content), self._timeout * 4)
        except (SMTPException, OSError, TimeoutError) as error:
            name = type(error).__name__
            raise SendFailed(f"the relay was lost ({name})", problem=SendProblem.RETRY, code="lost") from None
        try:
            code, text = await _write_end(client)
        except SMTPResponseException as error:
            raise FateUnknown(f"no readable answer to the end of DATA ({error.code})") from None
        except (SMTPException, OSError, TimeoutError) as error:
            raise FateUnknown(f"no answer to the end of DATA ({type(error).__name__})") from None
        if code != 250:
            raise _refused(code, text)

    async def _part(self, client: SMTP) -> None:
        """QUIT; the mail is accepted, so nothing that happens now matters."""
        try:
            await client.quit(timeout=2)
        except (SMTPException, OSError, TimeoutError):
            return


async def _write_body(client: SMTP, content: bytes) -> None:
    """Write the mail, dot-stuffed (RFC 5321 section 4.5.2), and wait until the system has taken it all.

    Its end is not among it: as long as that has not been written, the relay cannot have accepted the mail.
    """
    lines = content.rstrip(b"\r\n").replace(b"\r\n.", b"\r\n..")
    stuffed = b"." + lines if lines.startswith(b".") else lines
    if client.protocol is None:
        raise ConnectionResetError
    client.protocol.write(stuffed)
    # The client tells only itself when its buffer has drained.
    while isinstance(client.transport, asyncio.WriteTransport) and client.transport.get_write_buffer_size():  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    if not client.is_connected:
        raise ConnectionResetError


async def _write_end(client: SMTP) -> tuple[int, str]:
    """Write the end of the mail and read the one reply."""
    if client.protocol is None:
        raise ConnectionResetError
    client.protocol.write(b"\r\n.\r\n")
    response = await client.protocol.read_response(timeout=client.timeout)
    return response.code, response.message


def _refused(code: int, text: str) -> SendFailed:
    problem = decide_problem(code, text, at_recipient=False)
    return SendFailed("the relay refused the mail", problem=problem, code=enhanced_code(text) or str(code))


def _code(error: SMTPResponseException) -> str:
    return enhanced_code(str(error.message)) or str(error.code)
