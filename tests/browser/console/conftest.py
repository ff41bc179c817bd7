"""The console of a whole service, with a conversation in it that has everything a case can show."""

import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page

from console.accounts import add_coordinator
from service.demo.fake_twilio.faults import Fault
from tests.conversations.script import Phone, Script
from tests.harness.postgres import Postgres
from tests.integration.interviewed import interview, whose
from tests.integration.scripted import scripted

EMAIL, PASSWORD = "maya@perennial.example", "correct horse battery"
LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 3

type Visit = Callable[..., Coroutine[Any, Any, Page]]


@pytest.fixture(scope="package")
async def script(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Script]:
    async with scripted(postgres, tmp_path_factory.mktemp("console")) as opened:
        database = opened.service.built.database
        async with database.begin() as connection:
            await add_coordinator(connection, database.keyring, email=EMAIL, password=PASSWORD, at=datetime.now(UTC))
        await waiting(opened, f"My daughter asks: {LONG} <script>alert(1)</script>", "I want to kill myself")
        await uncertain(opened)
        await answered(opened)
        yield opened


async def uncertain(script: Script) -> Phone:
    """Somebody whose answer may not have arrived, and who has texted STOP since."""
    phone = script.phone()
    script.place.twilio.script(Fault.dropped(accepted=False))
    await phone.say("cost?")
    await phone.say("STOP")
    await phone.expect("optout/confirmed")
    return phone


async def answered(script: Script) -> Phone:
    """Somebody who was not eligible, and fell since the check-in before: a questionnaire has everything it can show."""
    phone = script.phone()
    await phone.say("cost?")
    who, now = await whose(script, phone), datetime.now(UTC)
    well = ["2", "no", "2", "0", "no", "no", "1", "no", "70 kg", "1", "1", "skip"]
    worse = ["much worse", "yes", "two", "no", *well[2:10], "2", f"<script>alert(1)</script> {LONG}"]
    young = [
        "35",
        "yes",
        "yes",
        "yes",
        "no",
        "skip",
        "no",
        "1",
        LONG,
        "male",
        "no",
        "4",
        "none of these",
        "skip",
        "yes",
    ]
    for kind, texts, days in (
        ("prescreen", young, 50),
        ("check_in", well, 40),
        ("check_in", ["1"] * 9, 39),
        ("check_in", worse, 0),
    ):
        outcome = await interview(script, who, texts, kind=kind, at=now - timedelta(days=days))
        assert outcome.pending is None
    return phone


async def waiting(script: Script, *words: str) -> Phone:
    """Somebody who asked for a person and wrote more."""
    phone = script.phone()
    for said in ("person", *words):
        await phone.say(said)
    await phone.news(1)
    return phone


@pytest.fixture
async def visit(browser: Browser, script: Script) -> AsyncIterator[Visit]:
    """Opens a page of the console in a browser of its own; what the page complains of fails the test."""
    complaints: list[str] = []
    async with AsyncExitStack() as stack:

        async def open_page(
            path: str = "/console/sign-in", *, signed_in: bool = True, before: Any = None, **options: Any
        ) -> Page:
            context = await browser.new_context(base_url=script.place.settings.public_url, **options)
            stack.push_async_callback(context.close)
            page = await context.new_page()
            if before is not None:
                await before(page)

            def complain(said: ConsoleMessage) -> None:
                if (
                    said.type in ("error", "warning")
                    and not said.location["url"].endswith("favicon.ico")
                    and not re.search(r"status of 40[01]", said.text)  # a form refused is answered so
                ):
                    complaints.append(said.text)

            def fail(error: Error) -> None:
                complaints.append(error.message)

            page.on("console", complain)
            page.on("pageerror", fail)
            if signed_in:
                await page.goto("/console/sign-in")
                await page.get_by_label("E-mail").fill(EMAIL)
                await page.get_by_label("Password").fill(PASSWORD)
                await page.keyboard.press("Enter")
                await page.wait_for_url("**/console")
            if not signed_in or path != "/console/sign-in":
                await page.goto(path)
            return page

        yield open_page
    assert complaints == []
