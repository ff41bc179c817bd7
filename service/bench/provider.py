"""The SMS provider of the benchmark: takes every message at once, as Twilio's API does, and checks nothing.

Delivery goes on while turns are measured, but the provider's own work must not be: the demo's fake, which validates
every request by Twilio's schema, would take a good part of a small machine.
"""

from datetime import UTC, datetime
from uuid import uuid4

from aiohttp import web

from service.demo.fake_twilio.message import FakeMessage, resource_of


async def _take(request: web.Request) -> web.Response:
    form = await request.post()
    message = FakeMessage(
        n=0,
        sid=f"SM{uuid4().hex}",
        account_sid=request.match_info["account"],
        direction="outbound-api",
        sender=str(form["From"]),
        recipient=str(form["To"]),
        text=str(form["Body"]),
        status="queued",
        created_at=datetime.now(UTC),
    )
    return web.json_response(resource_of(message), status=201)


async def start_provider(port: int) -> web.AppRunner:
    """Serve on loopback; `cleanup()` of what is returned stops it."""
    app = web.Application()
    app.add_routes([web.post("/2010-04-01/Accounts/{account}/Messages.json", _take)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner
