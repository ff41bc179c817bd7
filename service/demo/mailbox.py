"""The demo's mailboxes: an SMTP server that keeps what the service sends, and a way to write to the service.

Both directions are real SMTP on loopback; nothing is handed over inside the process. Raw bytes are kept, so that what a
mail program would get can be looked at; memory is bounded.
"""

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from itertools import count
from typing import Any

import aiosmtplib
from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

MAX_BYTES = 1_000_000
KEPT_PER_ADDRESS = 50
KEPT_ADDRESSES = 50


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail in a mailbox. `n` counts over all mailboxes; `raw` is what went over the wire."""

    n: int
    direction: str
    address: str
    raw: bytes
    at: datetime

    def shown(self) -> dict[str, Any]:
        """As the page shows it: headers and the plain text."""
        message = message_from_bytes(self.raw, policy=policy.default)
        body = message.get_body(preferencelist=("plain", "html"))
        return {
            "n": self.n,
            "direction": self.direction,
            "from": str(message["From"] or ""),
            "to": str(message["To"] or ""),
            "reply_to": parseaddr(str(message["Reply-To"] or ""))[1],
            "subject": str(message["Subject"] or ""),
            "message_id": str(message["Message-ID"] or ""),
            "text": str(body.get_content()).replace("\r\n", "\n") if body is not None else "",
            "at": self.at.isoformat(),
        }


class Mailboxes:
    """Every address is a mailbox here, as soon as something is sent to it."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._boxes: OrderedDict[str, deque[Mail]] = OrderedDict()

    def record(self, address: str, raw: bytes, *, direction: str, at: datetime) -> Mail:
        """Keeps a mail; the oldest of a full mailbox, and the mailbox idle longest, go."""
        address = address.lower()
        mail = Mail(n=next(self._numbers), direction=direction, address=address, raw=raw, at=at)
        self._boxes.setdefault(address, deque(maxlen=KEPT_PER_ADDRESS)).append(mail)
        self._boxes.move_to_end(address)
        if len(self._boxes) > KEPT_ADDRESSES:
            self._boxes.popitem(last=False)
        return mail

    def of(self, address: str) -> list[Mail]:
        """A mailbox, oldest first."""
        return list(self._boxes.get(address.lower(), ()))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook: a mail has arrived for these recipients."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        for address in envelope.rcpt_tos:
            self.record(address, raw, direction="in", at=datetime.now(UTC))
        return "250 Kept"


class Mailbox:
    """The sink the service's `SMTP_URL` points at, and the JSON the mailbox page asks for.

    `receiver_host`, `receiver_port`: where the service receives mail (SMTP). `port` 0 takes any free one; read
    `port` back after `start()`.
    """

    def __init__(self, *, receiver_host: str, receiver_port: int, host: str = "127.0.0.1", port: int = 0) -> None:
        self.boxes = Mailboxes()
        self.host = host
        self.port = port
        self.receiver = (receiver_host, receiver_port)
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listens."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self.boxes, data_size_limit=MAX_BYTES, enable_SMTPUTF8=True, loop=loop), self.host, self.port
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listens no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def routes(self) -> list[web.RouteDef]:
        """`GET /demo/mailbox/messages`, `POST /demo/mailbox/send`, `GET /demo/mailbox/raw`."""
        return [
            web.get("/demo/mailbox/messages", self._messages),
            web.get("/demo/mailbox/raw", self._raw),
            web.post("/demo/mailbox/send", self._send),
        ]

    async def write(self, *, sender: str, to: str, subject: str, text: str, in_reply_to: str = "") -> Mail:
        """Sends a mail to the service as a mail program would. Raises `aiosmtplib.SMTPException`, `OSError`."""
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = make_msgid(domain="mailbox.example")
        if in_reply_to:
            message["In-Reply-To"] = in_reply_to
            message["References"] = in_reply_to
        message.set_content(text)
        host, port = self.receiver
        await aiosmtplib.send(
            message, sender=parseaddr(sender)[1], hostname=host, port=port, start_tls=False, timeout=10
        )
        return self.boxes.record(parseaddr(sender)[1], message.as_bytes(), direction="out", at=datetime.now(UTC))

    async def _messages(self, request: web.Request) -> web.Response:
        mails = self.boxes.of(request.query.get("address", ""))
        return web.json_response({"messages": [mail.shown() for mail in mails]}, headers={"Cache-Control": "no-store"})

    async def _raw(self, request: web.Request) -> web.Response:
        wanted = request.query.get("n", "")
        for mail in self.boxes.of(request.query.get("address", "")):
            if str(mail.n) == wanted:
                return web.Response(
                    body=mail.raw, content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"}
                )
        raise web.HTTPNotFound

    async def _send(self, request: web.Request) -> web.Response:
        try:
            asked = await request.json()
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            return web.json_response({"error": "not a JSON object"}, status=400)
        # A line break in a header would start another header.
        headers = {
            name: " ".join(str(asked.get(name, "")).split()) for name in ("from", "to", "subject", "in_reply_to")
        }
        if "@" not in headers["from"] or "@" not in headers["to"]:
            return web.json_response({"error": "from and to must be e-mail addresses"}, status=400)
        try:
            mail = await self.write(
                sender=headers["from"],
                to=headers["to"],
                subject=headers["subject"],
                text=str(asked.get("text", ""))[:100_000],
                in_reply_to=headers["in_reply_to"],
            )
        except (aiosmtplib.SMTPException, OSError) as problem:
            return web.json_response({"error": f"{type(problem).__name__}: {problem}"}, status=502)
        return web.json_response({"message": mail.shown()})
