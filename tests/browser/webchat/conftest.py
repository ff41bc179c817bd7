"""The chat and the demo's pages on a real server, with a backend that says what a test wants."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest
from aiohttp import web
from playwright.async_api import Browser, ConsoleMessage, Error, Page

from channels.webchat.backend import Site
from channels.webchat.routes import add_webchat
from service.demo.mailbox import Mailbox
from service.demo.pages import DemoPerson, demo_routes
from service.web.assets import base_stylesheets, shared_assets
from tests.integration.webchat.fake_backend import FakeBackend

SITE = Site(token="site-1", study="parkinson", origins=(), languages=("en", "es"))
PEOPLE = (
    DemoPerson(name="Ana Ruiz", number="+12025550101", address="ana@mail.example", language="Spanish"),
    DemoPerson(name="Sam Lee", number="+12025550102", address="sam@mail.example", language="English"),
)


class Phone:
    """What the fake Twilio answers to the phone page (`service.demo.fake_twilio.phone`)."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def add(self, person: str, text: str, status: str, *, from_me: bool) -> None:
        at = datetime.now(UTC).isoformat()
        number = len(self.messages) + 1
        self.messages.append(
            {"n": number, "person": person, "from_me": from_me, "text": text, "at": at, "status": status}
        )

    async def list(self, request: web.Request) -> web.Response:
        number, after = request.query["number"], int(request.query["after"])
        mine = [one for one in self.messages if one["person"] == number and one["n"] > after]
        return web.json_response({"messages": mine})

    async def send(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.add(asked["number"], asked["text"], "received", from_me=True)
        self.add(asked["number"], "It is free.", "delivered", from_me=False)
        return web.json_response({"status": 200})


class TestMailbox(Mailbox):
    """A mailbox that a test puts a mail into."""

    __test__ = False

    async def write_to_self(self, address: str, subject: str, text: str) -> None:
        message = EmailMessage()
        message["From"] = "Study <study@programme.example>"
        message["To"] = address
        message["Reply-To"] = "The programme <r+signed@programme.example>"
        message["Message-ID"] = "<1@programme.example>"
        message["Subject"] = subject
        message.set_content(text)
        await aiosmtplib.send(message, hostname=self.host, port=self.port, start_tls=False)


class Demo:
    """A server that can go away and come back on the same port."""

    def __init__(self) -> None:
        self.backend = FakeBackend(SITE)
        self.phone = Phone()
        self.mailbox = TestMailbox(receiver_host="127.0.0.1", receiver_port=1)
        self.ready = True
        self.host_page = ""
        """What `/host` answers: some other site's page."""
        self.port = 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def other_url(self) -> str:
        """The same server under a name that makes it another origin."""
        return f"http://localhost:{self.port}"

    def chat(self, language: str = "en") -> str:
        return f"{self.url}/chat/frame?site={SITE.token}&language={language}"

    async def up(self) -> None:
        app, shared = web.Application(), shared_assets()
        add_webchat(
            app,
            self.backend,
            public_url=self.url,
            languages=("en", "es"),
            stylesheets=base_stylesheets(shared),
        )
        app.add_routes(
            [
                *shared.routes(),
                *demo_routes(
                    shared=shared,
                    people=PEOPLE,
                    site_token=SITE.token,
                    service_number="+12025550100",
                    service_address="study@programme.example",
                    console_path="/console",
                ),
                *self.mailbox.routes(),
                web.get("/demo/phone/messages", self.phone.list),
                web.post("/demo/phone/send", self.phone.send),
                web.get("/health/ready", self._health),
                web.get("/favicon.ico", self._icon),
                web.get("/host", self._host),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def down(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({}, status=200 if self.ready else 503)

    async def _host(self, request: web.Request) -> web.Response:
        return web.Response(text=self.host_page, content_type="text/html")

    async def _icon(self, request: web.Request) -> web.Response:
        return web.Response(status=204)


type OpenPage = Callable[..., Any]


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    made = Demo()
    await made.mailbox.start()
    await made.up()
    yield made
    await made.down()
    await made.mailbox.stop()


@pytest.fixture
async def open_page(browser: Browser, demo: Demo) -> AsyncIterator[OpenPage]:
    """Opens a page in a context of its own. Afterwards nothing may have been refused by the page's own policy."""
    faults: list[str] = []
    async with AsyncExitStack() as stack:

        async def make(url: str, *, context: Any = None, refusals_expected: bool = False, **options: Any) -> Page:
            if context is None:
                context = await browser.new_context(**options)
                stack.push_async_callback(context.close)
            page: Page = await context.new_page()

            def hear(message: ConsoleMessage) -> None:
                if not refusals_expected and message.type == "error" and "Content Security Policy" in message.text:
                    faults.append(message.text)

            def fail(error: Error) -> None:
                faults.append(str(error))

            page.on("console", hear)
            page.on("pageerror", fail)
            await page.goto(url)
            return page

        yield make
    assert faults == []
