"""The outside world, on loopback: a strict fake of Twilio's API and an SMTP server with everybody's mailboxes."""

import contextlib
import itertools
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from aiohttp import web

from service.demo.fake_twilio.server import FakeTwilio
from service.demo.mailbox import Mailbox
from service.settings import Mode, Settings

ACCOUNT = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "demo-twilio-auth-token"
NUMBER = "+15005550006"
DOMAIN = "perennial.example"


_FIRST, _LAST = 15_000, 32_000
"""Below the ports that the operating system gives to outgoing connections, one of which might take it before it is used."""
_turn = itertools.count(secrets.randbelow(_LAST - _FIRST))


def free_port() -> int:
    """A port nobody listens on now, and that this process has not given away before: who got one may be slow to use it."""
    while True:
        port = _FIRST + next(_turn) % (_LAST - _FIRST)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Where everything of one demo listens."""

    web: int
    internal: int
    bot: int
    twilio: int
    smtp_in: int
    smtp_out: int

    @classmethod
    def choose(cls, web_port: int | None = None) -> Self:
        return cls(
            web=web_port or free_port(),
            internal=free_port(),
            bot=free_port(),
            twilio=free_port(),
            smtp_in=free_port(),
            smtp_out=free_port(),
        )


def demo_settings(settings: Settings, ports: Ports, *, database_url: str | None) -> Settings:
    """The settings of a demo: everything points at this machine."""
    from pydantic import SecretStr  # only the demo makes secrets of constants

    return settings.model_copy(
        update={
            "mode": Mode.DEMO,
            "database_url": database_url,
            "public_url": f"http://127.0.0.1:{ports.web}",
            "listen": f"127.0.0.1:{ports.web}",
            "internal_listen": f"127.0.0.1:{ports.internal}",
            "rasa_url": f"http://127.0.0.1:{ports.bot}",
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": SecretStr(AUTH_TOKEN),
            "twilio_from": NUMBER,
            "twilio_api_url": f"http://127.0.0.1:{ports.twilio}",
            "smtp_url": f"smtp://127.0.0.1:{ports.smtp_out}",
            "email_listen": f"smtp://127.0.0.1:{ports.smtp_in}",
            "email_domain": DOMAIN,
        }
    )


class World:
    """Starts and stops the fakes."""

    def __init__(self, ports: Ports, *, numbers: Sequence[str] = (NUMBER,)) -> None:
        self._ports = ports
        self.twilio = FakeTwilio(
            account_sid=ACCOUNT,
            auth_token=AUTH_TOKEN,
            numbers=numbers,
            webhook_url=f"http://127.0.0.1:{ports.web}/channels/sms/inbound",
        )
        self.mailbox = Mailbox(receiver_host="127.0.0.1", receiver_port=ports.smtp_in, port=ports.smtp_out)
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        self._runner = web.AppRunner(self.twilio.app(), access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._ports.twilio).start()
        await self.mailbox.start()

    async def stop(self) -> None:
        await self.mailbox.stop()
        if self._runner is not None:
            await self._runner.cleanup()
