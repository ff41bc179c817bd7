"""A whole service, and people who are asked to sign in a real browser."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page

from tests.conversations.script import Script
from tests.harness.postgres import Postgres
from tests.integration.scripted import scripted

type Visit = Callable[..., Coroutine[Any, Any, Page]]


@pytest.fixture(scope="package")
async def script(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Script]:
    async with scripted(postgres, tmp_path_factory.mktemp("consent")) as opened:
        yield opened


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """Opens a link in a browser of its own; what the page complains of fails the test."""
    complaints: list[str] = []
    async with AsyncExitStack() as stack:

        async def open_link(link: str, **options: Any) -> Page:
            context = await browser.new_context(**options)
            stack.push_async_callback(context.close)
            page = await context.new_page()

            def complain(said: ConsoleMessage) -> None:
                refused = "status of 40" in said.text  # a form refused is answered so
                if said.type in ("error", "warning") and not refused and not said.location["url"].endswith(".ico"):
                    complaints.append(said.text)

            page.on("console", complain)
            await page.goto(link)
            return page

        yield open_link
    assert complaints == []
