"""A coordinator counter-signs in Chromium with the keyboard; axe on the list, the document and what was signed."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from console.accounts import add_coordinator
from engagement.signatures.ledger import signatures_on
from tests.browser.consent.conftest import Visit
from tests.browser.consent.test_signing_in_chromium import NARROW, WIDE, check_page, tab_to
from tests.conversations.script import Script
from tests.integration.console.desk import EMAIL, PASSWORD
from tests.integration.signatures.reader import ask, reader, signed_by

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["320px", "1280px"])
async def test_counter_signed(script: Script, visit: Visit, size: dict[str, int]) -> None:
    database, url = script.service.built.database, script.place.settings.public_url
    async with database.begin() as connection:
        await add_coordinator(connection, database.keyring, email=EMAIL, password=PASSWORD, at=datetime.now(UTC))
    async with signed_by(script, "participant", "staff"):
        asked = await ask(script)
        async with reader(script, asked) as page_of_theirs:
            await page_of_theirs.enter()
            assert await page_of_theirs.sign(name="Rindfleischetikettierungsüberwachungsaufgabe") == 200
        page = await visit(f"{url}/console/sign-in", viewport=size)
        await page.get_by_label("E-mail").fill(EMAIL)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/console")
        await page.goto(f"{url}/console/signatures")
        await check_page(page)
        await tab_to(page, f'a[href="/console/signatures/{asked.request}"]')
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Your full name")).to_be_visible()
        await check_page(page)
        await tab_to(page, "#name")
        await page.keyboard.type("Priya Lindqvist")
        await tab_to(page, "#password")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/console/signatures")
        await page.goto(f"{url}/console/participants/{asked.participant}/signed")
        await check_page(page)
        async with database.begin() as connection:
            signed = await signatures_on(connection, database.keyring, asked.request)
    assert [each.record.role for each in signed] == ["participant", "staff"]
