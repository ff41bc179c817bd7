"""The service: one public web server, one internal one for the bot's action calls, the mail receiver, the workers."""

import asyncio
import logging
from collections.abc import Sequence

from aiohttp import web

from actions.context import Tools
from actions.server import action_routes
from channels.events.routes import events_routes
from channels.sms.routes import routes as sms_routes
from channels.sms.signature import SignatureCheck
from channels.webchat.assets import AssetFolder
from channels.webchat.live import LiveBackend
from channels.webchat.routes import add_webchat
from console.countersigning import Countersigning
from console.outreach import OutreachPages
from console.pages import Pages
from console.permissions import PermissionsPage
from console.routes import Console
from console.upkeep import Upkeep
from conversation.hub import Hub
from conversation.intake import accept
from conversation.messages import InboundMessage, StatusUpdate
from conversation.status import record_status
from engagement import clock
from scheduler.ticker import Ticker
from service.built import Built
from service.email import MailRoom, measured_mail, unsubscribe_routes
from service.events import event_desk
from service.house import twilio_tokens
from service.settings import ROOT
from service.signing.routes import DocumentPages
from service.web.assets import TEMPLATES, base_stylesheets, shared_assets

log = logging.getLogger(__name__)

MAX_BODY = 256 * 1024
_DOMAIN_AND_TRACKER = 16 * 1024 * 1024


class Service:
    """One process of the service. `extra` routes are the demo's pages."""

    def __init__(self, built: Built, *, extra: Sequence[web.RouteDef] = ()) -> None:
        self.built = built
        self.hub = Hub(built.database.dsn)
        self._ticker = Ticker(built.database, built.desk, refresh=self._refresh, ring=built.workers.ring_outreach)
        self._mail = MailRoom(built) if built.settings.email_listen else None
        self._runners: list[web.AppRunner] = []
        self._extra = extra

    async def start(self) -> None:
        settings = self.built.settings
        await self._serve(self.public_app(), settings.listen)
        tools = Tools(database=self.built.database, house=self.built.house)
        internal = web.Application(client_max_size=_DOMAIN_AND_TRACKER)
        internal.add_routes(action_routes(tools, token=self.built.secrets.bot_token))
        await self._serve(internal, settings.internal_listen)
        if self._mail is not None:
            await self._mail.start()
        self.hub.start()
        self.built.workers.start()
        self._ticker.start()
        log.info("serving on %s", settings.public_url)

    async def stop(self) -> None:
        """Stop taking messages, then stop working; what is unfinished waits in the database."""
        if self._mail is not None:
            await self._mail.stop()
        for runner in self._runners:
            await runner.cleanup()
        await self._ticker.stop()
        await self.hub.stop()
        await self.built.close()

    def public_app(self) -> web.Application:
        built, settings = self.built, self.built.settings
        app = web.Application(client_max_size=MAX_BODY)
        shared = shared_assets()
        app.add_routes(shared.routes())
        app.add_routes([web.get("/health/live", _live), web.get("/health/ready", self._ready)])
        app.add_routes(
            events_routes(
                event_desk(built), public_url=settings.public_url, per_minute=settings.api_requests_per_minute
            )
        )
        app.add_routes(unsubscribe_routes(built, base_stylesheets(shared)))
        app.add_routes(measured_mail(built).routes())
        if settings.twilio_account_sid:
            check = SignatureCheck(public_url=settings.public_url, auth_tokens=twilio_tokens(settings))
            app.add_routes(sms_routes(signature=check, accept=self._accept, record_status=self._record_status))
        backend = LiveBackend(
            built.database,
            built.house,
            built.outbox,
            self.hub,
            built.links,
            rules=built.desk.rules,
            received=built.workers.ring_received,
            queued=built.workers.ring_queued,
        )
        add_webchat(
            app,
            backend,
            public_url=settings.public_url,
            languages=built.house.languages,
            stylesheets=base_stylesheets(shared),
        )
        app.add_routes(self._document_routes(shared))
        own = AssetFolder(ROOT / "console" / "static", prefix="/console-static")
        app.add_routes(own.routes())
        pages = Pages(
            built.database, templates=[TEMPLATES], stylesheets=[*base_stylesheets(shared), own.url("console.css")]
        )
        console = Console(
            pages,
            built.outbox,
            built.house.instruments,
            list_script=own.url("list.js"),
            secure=settings.public_url.startswith("https://"),
            queued=built.workers.ring_queued,
        )
        upkeep = Upkeep(pages, built.outbox, built.house.instruments, queued=built.workers.ring_queued)
        countersigning = Countersigning(pages, built.house, built.outbox, queued=built.workers.ring_queued)
        app.add_routes(
            [
                *console.routes(),
                *upkeep.routes(),
                *countersigning.routes(),
                *PermissionsPage(pages).routes(),
                *OutreachPages(pages).routes(),
            ]
        )
        app.add_routes(list(self._extra))
        return app

    def _document_routes(self, shared: AssetFolder) -> list[web.RouteDef]:
        """The pages on which a consent document is read and signed."""
        built = self.built
        own = AssetFolder(ROOT / "service" / "signing" / "static", prefix="/consent-static")
        pages = DocumentPages(
            built.database,
            built.house,
            built.outbox,
            built.links,
            stylesheets=[*base_stylesheets(shared), own.url("consent.css")],
            secure=built.settings.public_url.startswith("https://"),
            queued=built.workers.ring_queued,
        )
        return [*own.routes(), *pages.routes()]

    async def _serve(self, app: web.Application, listen: str) -> None:
        host, _, port = listen.rpartition(":")
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, host.strip("[]"), int(port)).start()

    async def _accept(self, message: InboundMessage) -> None:
        await accept(self.built.database, message)
        self.built.workers.ring_received()

    async def _record_status(self, update: StatusUpdate) -> None:
        await record_status(self.built.database, update, at=clock.now())

    async def _ready(self, request: web.Request) -> web.Response:
        """200 once the bot answers; the service takes messages before that, and answers them then."""
        bot = await self.built.rasa.ready()
        return web.json_response({"ready": bot, "bot": "ready" if bot else "starting"}, status=200 if bot else 503)

    async def _refresh(self) -> None:
        async with self.built.database.begin() as connection:
            await self.built.house.registry.load(connection, at=clock.now())


async def _live(request: web.Request) -> web.Response:
    return web.json_response({"live": True})


async def serve_until(service: Service, stopped: asyncio.Event) -> None:
    """Run the service until `stopped` is set."""
    await service.start()
    try:
        await stopped.wait()
    finally:
        await service.stop()
