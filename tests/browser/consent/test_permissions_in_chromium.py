"""The page of permissions in Chromium: by keyboard alone, narrow and wide, axe on every step, light and dark, both languages."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.consent.conftest import Visit
from tests.browser.consent.test_signing_in_chromium import NARROW, WIDE, check_page, code, tab_to
from tests.conversations.script import Phone, Script
from tests.integration.signatures.reader import STUDY
from tests.integration.signatures.test_permissions_page import asked_for, standing

pytestmark = pytest.mark.browser


async def open_by_keyboard(page: Page, phone: Phone) -> None:
    await tab_to(page, "main button")
    await page.keyboard.press("Enter")
    await expect(page.locator("#code")).to_be_focused()
    await page.keyboard.type(await code(phone))
    await page.keyboard.press("Enter")
    await expect(page.locator("fieldset").first).to_be_visible()


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["320px", "1280px"])
async def test_changed_with_the_keyboard_alone(script: Script, visit: Visit, size: dict[str, int]) -> None:
    asked = await asked_for(script)
    page = await visit(asked.link, viewport=size)
    await open_by_keyboard(page, asked.phone)
    await check_page(page)
    await tab_to(page, 'input[name="permission-sample_storage"]')
    await page.keyboard.press("ArrowDown")
    await tab_to(page, "form button")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_be_visible()
    await check_page(page)
    now = await standing(script, asked)
    assert not now.allows("sample_storage", study=STUDY).allowed
    assert now.allows("recontact").allowed


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "es"])
async def test_light_and_dark_in_both_languages(script: Script, visit: Visit, scheme: str, language: str) -> None:
    asked = await asked_for(script)
    page = await visit(f"{asked.link}?language={language}", viewport=NARROW, color_scheme=scheme)
    await open_by_keyboard(page, asked.phone)
    await expect(page.locator("h1")).to_have_text(script.words("permissions/page/title", "webchat", language))
    await check_page(page)
