"""A real aiohttp server on loopback around the fake backend."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from channels.webchat.routes import add_webchat
from channels.webchat.socket import Limits
from tests.integration.webchat.fake_backend import FakeBackend
from tests.integration.webchat.support import PUBLIC, SITE, Chat, Clock, MakeChat


@pytest.fixture
async def make_chat() -> AsyncIterator[MakeChat]:
    servers: list[TestServer] = []
    client = ClientSession()

    async def make(**limits: Any) -> Chat:
        backend, clock, app = FakeBackend(SITE), Clock(), web.Application()
        add_webchat(
            app,
            backend,
            public_url=PUBLIC,
            languages=("en", "es"),
            stylesheets=["/static/v/tokens.css"],
            limits=Limits(**limits),
            clock=clock,
        )
        server = TestServer(app)
        await server.start_server()
        servers.append(server)
        return Chat(server, backend, client, clock)

    yield make
    await client.close()
    for server in servers:
        await server.close()


@pytest.fixture
async def chat(make_chat: MakeChat) -> Chat:
    made: Chat = await make_chat()
    return made
