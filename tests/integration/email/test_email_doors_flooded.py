"""A flood at the doors of measured mails: what is forged or repeated never reaches the database, whose absence harms no picture."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.exc import OperationalError

from channels.email.doors import MailDoors
from channels.email.measured import MeasuredMail
from conversation.providers import OutreachRules

DOORS = MailDoors(b"key", public_url="https://prn.example")
AT = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


class Away:
    """A database that cannot be reached, and counts who tried."""

    def __init__(self) -> None:
        self.asked = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Any]:
        self.asked += 1
        raise OperationalError("", {}, Exception())
        yield


@pytest.fixture
async def doors() -> AsyncIterator[tuple[Away, "TestClient[Any, Any]"]]:
    database = Away()
    app = web.Application()
    made = MeasuredMail(
        database,  # type: ignore[arg-type]
        DOORS,
        OutreachRules(),
        studies={"oak"},
        gone=lambda: "gone",
        now=lambda: AT,
    )
    app.add_routes(made.routes())
    async with TestClient(TestServer(app)) as client:
        yield database, client


async def test_what_is_forged_costs_no_query(doors: tuple[Away, "TestClient[Any, Any]"]) -> None:
    database, client = doors
    for number in range(200):
        async with client.get(f"/m/o/{number:024d}.gif") as picture:
            assert picture.status == 200
        async with client.get(f"/m/c/{number:024d}/1") as link:
            assert (link.status, await link.text()) == (404, "gone")
    assert database.asked == 0


async def test_repeats_of_one_mail_are_answered_from_memory(doors: tuple[Away, "TestClient[Any, Any]"]) -> None:
    database, client = doors
    token = DOORS.new_token()
    pictures = set()
    for _ in range(100):
        async with client.get(f"/m/o/{token}.gif") as picture:
            pictures.add((picture.status, await picture.read(), picture.headers["Cache-Control"]))
    assert len(pictures) == 1
    assert database.asked == 10


async def test_a_link_says_when_to_try_again(doors: tuple[Away, "TestClient[Any, Any]"]) -> None:
    _, client = doors
    async with client.get(f"/m/c/{DOORS.new_token()}/1", allow_redirects=False) as link:
        assert (link.status, link.headers["Retry-After"]) == (503, "5")


async def test_only_get_and_head(doors: tuple[Away, "TestClient[Any, Any]"]) -> None:
    _, client = doors
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        async with client.request(method, f"/m/o/{DOORS.new_token()}.gif") as answer:
            assert answer.status == 405
