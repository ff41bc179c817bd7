"""The document's page in Chromium: signed with the keyboard alone, narrow and wide; axe on every step, light and dark; on paper."""

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from engagement.signatures.ledger import signatures_on
from tests.browser.consent.conftest import Visit
from tests.conversations.script import Phone, Script
from tests.integration.signatures.reader import Asked, ask, signed_by

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}
TARGET_PX = 24


async def code(phone: Phone) -> str:
    (told,) = await phone.news(1)
    found = re.search(r"\b\d{6}\b", told)
    assert found
    return found.group()


async def tab_to(page: Page, selector: str) -> None:
    """By the Tab key alone."""
    for _ in range(150):
        if await page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard never gets to {selector}")


async def prove(page: Page, phone: Phone) -> None:
    """Enter the code that opens the document; the field has the focus once it is there."""
    await tab_to(page, "main button")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_be_visible()
    await expect(page.locator("#code")).to_be_focused()
    await page.keyboard.type(await code(phone))
    await page.keyboard.press("Enter")
    await expect(page.locator("article h1")).to_be_visible()


async def fill_by_keyboard(page: Page, phone: Phone) -> None:
    """Everything but the last Enter."""
    count = await page.locator("fieldset").count()
    for number in range(count):
        await tab_to(page, f"form fieldset:nth-of-type({number + 1}) input")
        await page.keyboard.press("Space")
        await page.keyboard.press("Tab")
    await tab_to(page, "#name")
    await page.keyboard.type("Sam Rivera")
    await tab_to(page, "input[name=agreed]")
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#code")).to_be_focused()
    assert await page.locator("#name").input_value() == "Sam Rivera", "nothing that was filled in is lost"
    await page.keyboard.type(await code(phone))


async def check_page(page: Page) -> None:
    """No violation, no sideways scrolling, nothing too small to press."""
    results = await Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await page.evaluate(wide)
    small = await page.evaluate(
        """least => [...document.querySelectorAll("main a, button, input:not([type=hidden])")]
            .filter(one => { const box = one.getBoundingClientRect(); return box.height && (box.height < least || box.width < least) })
            .map(one => one.outerHTML.slice(0, 80))""",
        TARGET_PX,
    )
    assert small == []


async def roles(script: Script, asked: Asked) -> list[str]:
    database = script.service.built.database
    async with database.begin() as connection:
        return [each.record.role for each in await signatures_on(connection, database.keyring, asked.request)]


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["320px", "1280px"])
async def test_signed_with_the_keyboard_alone(script: Script, visit: Visit, size: dict[str, int]) -> None:
    asked = await ask(script)
    page = await visit(asked.link, viewport=size)
    await prove(page, asked.phone)
    await fill_by_keyboard(page, asked.phone)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Download your copy")).to_be_visible()
    async with page.expect_download() as begun:
        await tab_to(page, "a.button")
        await page.keyboard.press("Enter")
    assert (await begun.value).suggested_filename == "consent.pdf"
    assert await roles(script, asked) == ["participant"]


async def test_a_double_click_signs_once(script: Script, visit: Visit) -> None:
    asked = await ask(script)
    page = await visit(asked.link, viewport=WIDE)
    await prove(page, asked.phone)
    await fill_by_keyboard(page, asked.phone)
    await page.get_by_role("button", name="Sign now").dblclick()
    await expect(page.get_by_role("link", name="Download your copy")).to_be_visible()
    assert await roles(script, asked) == ["participant"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["320px", "1280px"])
async def test_every_step_is_accessible(script: Script, visit: Visit, size: dict[str, int], scheme: str) -> None:
    async with signed_by(script, "representative", "assent", "witness"):
        asked = await ask(script)
        page = await visit(asked.link, viewport=size, color_scheme=scheme)
        await check_page(page)
        await page.get_by_role("button", name="Send me a code").click()
        await expect(page.locator("#code")).to_be_focused()
        await check_page(page)
        right = await code(asked.phone)
        await page.get_by_label("The code we sent you").fill("000000" if right != "000000" else "111111")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_be_focused()
        await check_page(page)
        await page.get_by_label("The code we sent you").fill(right)
        await page.keyboard.press("Enter")
        await expect(page.locator("article h1")).to_be_visible()
        await check_page(page)
        for fieldset in await page.locator("fieldset").all():
            await fieldset.locator("input").first.check()
        await page.get_by_label("Full name of the person").fill("Lia Rivera")
        await page.get_by_label("Type your full name").fill("Sam 😀")
        await page.get_by_label("Yes, I agree").check()
        await page.get_by_role("button", name="Send me a code to sign").click()
        await expect(page.locator("#code")).to_be_focused()
        await check_page(page)
        await page.locator("#code").fill(await code(asked.phone))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_be_focused()
        await check_page(page)
        await page.get_by_label("Type your full name").fill("Sam Rivera")
        await page.get_by_role("button", name="Send a new code").click()
        await expect(page.locator("#code")).to_be_focused()
        await page.locator("#code").fill(await code(asked.phone))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Save the answer")).to_be_visible()
        await check_page(page)
        await page.get_by_label("Yes, I want to take part").check()
        await page.get_by_label("Name of your child").fill("Lia")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Now the witness signs")).to_be_visible()
        await check_page(page)
        await page.get_by_label("Full name of the witness").fill("Wei Lin")
        await page.get_by_label("Yes, this is true").check()
        await page.get_by_role("button", name="Sign now").click()
        await expect(page.get_by_role("link", name="Download your copy")).to_be_visible()
        await check_page(page)
        assert await roles(script, asked) == ["representative", "assent", "witness"]


async def test_a_dead_link_and_one_without_a_phone_are_accessible(script: Script, visit: Visit) -> None:
    page = await visit(f"{script.place.settings.public_url}/consent/none", viewport=NARROW)
    await expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
    await check_page(page)


async def test_read_in_spanish_and_on_paper(script: Script, visit: Visit) -> None:
    asked = await ask(script, may_sign=False)
    page = await visit(asked.link, viewport=WIDE)
    await prove(page, asked.phone)
    await page.get_by_role("link", name="Español").click()
    await expect(page.locator("html")).to_have_attribute("lang", "es")
    await expect(page.locator("form")).to_have_count(0)
    await check_page(page)
    await page.emulate_media(media="print")
    await expect(page.locator(".contents")).to_be_hidden()
    await expect(page.locator(".languages")).to_be_hidden()
    await expect(page.locator("section.key")).to_be_visible()
