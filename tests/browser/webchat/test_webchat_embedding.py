import asyncio
from dataclasses import replace

import pytest
from playwright.async_api import expect

from tests.browser.webchat.conftest import SITE, Demo, OpenPage

pytestmark = pytest.mark.browser

HOST_PAGE = """<!doctype html><html lang="en"><head><title>Host</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src {url}; frame-src {url}">
<script src="{url}/chat/embed.js" data-site="{site}" data-identity="{identity}" defer></script></head>
<body><main><h1>Host</h1></main></body></html>"""


async def test_by_keyboard_alone(demo: Demo, open_page: OpenPage) -> None:
    page = await open_page(f"{demo.url}/demo/study")
    button = page.get_by_role("button", name="Chat with us")
    frame = page.frame_locator("iframe")
    box = frame.get_by_label("Your message")
    await expect(button).to_have_attribute("aria-expanded", "false")
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await button.evaluate("one => one.getRootNode().activeElement === one"):
            break
    await page.keyboard.press("Enter")
    await expect(button).to_have_attribute("aria-expanded", "true")
    await expect(box).to_be_focused()
    await page.keyboard.type("Is it free?")
    await page.keyboard.press("Enter")
    await expect(frame.locator(".from-me .state")).to_have_text("Sent")
    await demo.backend.say("Yes.", replies=("Thanks",))
    await expect(frame.get_by_role("button", name="Thanks")).to_be_visible()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(frame.locator(".from-me")).to_have_count(2)
    await expect(box).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(button).to_be_focused()
    await expect(button).to_have_attribute("aria-expanded", "false")
    await expect(page.locator("iframe")).to_be_hidden()
    assert [message.text for message in demo.backend.accepted] == ["Is it free?", "Thanks"]


async def test_an_answer_to_a_closed_chat_is_counted_and_told(demo: Demo, open_page: OpenPage) -> None:
    page = await open_page(f"{demo.url}/demo/study")
    await page.get_by_role("button", name="Chat with us").click()
    frame = page.frame_locator("iframe")
    await expect(frame.get_by_role("log")).to_have_attribute("aria-live", "polite")
    await frame.get_by_role("button", name="Close the chat").click()
    await expect(page.locator("iframe")).to_be_hidden()
    said = await demo.backend.say("Are you there?")
    await expect(page.get_by_role("status")).to_have_text("New messages: 1")
    await expect(page.get_by_role("button", name="Chat with us 1")).to_be_visible()
    assert demo.backend.seen_ids == []
    await page.get_by_role("button", name="Chat with us").click()
    await expect(frame.get_by_text("Are you there?")).to_be_visible()
    await expect(page.get_by_role("button", name="Chat with us", exact=True)).to_be_visible()
    async with asyncio.timeout(5):
        while demo.backend.seen_ids != [said.id]:
            await asyncio.sleep(0.02)


async def test_the_language_of_the_page(demo: Demo, open_page: OpenPage) -> None:
    page = await open_page(f"{demo.url}/demo/study?lang=es")
    await page.get_by_role("button", name="Escríbanos").click()
    await expect(page.frame_locator("iframe").get_by_label("Su mensaje")).to_be_focused()


async def test_on_a_page_with_a_strict_policy_of_another_origin(demo: Demo, open_page: OpenPage) -> None:
    demo.backend.sites[SITE.token] = replace(SITE, origins=(demo.other_url,))
    demo.host_page = "<!doctype html><title>x</title>"
    page = await open_page(f"{demo.other_url}/host")
    before = await page.evaluate("Object.keys(window)")
    demo.host_page = HOST_PAGE.format(url=demo.url, site=SITE.token, identity=demo.backend.sign("identity", "ann"))
    await page.reload()
    await page.get_by_role("button", name="Chat with us").click()
    assert await page.evaluate("Object.keys(window).filter(name => !/^[0-9]+$/.test(name))") == before
    frame = page.frame_locator("iframe")
    await expect(frame.get_by_role("log")).to_have_attribute("aria-live", "polite")
    await frame.get_by_label("Your message").fill("signed")
    await frame.get_by_label("Your message").press("Enter")
    await expect(frame.locator(".from-me .state")).to_have_text("Sent")
    assert demo.backend.accepted[0].sender == "ann"
    # Chromium may forbid storage in a frame of another origin altogether.
    kept = await page.frames[1].evaluate("(() => { try { return localStorage.length } catch { return 0 } })()")
    assert kept == 0


async def test_a_page_that_is_not_allowed_shows_no_chat(demo: Demo, open_page: OpenPage) -> None:
    demo.host_page = f'<!doctype html><title>x</title><body><iframe src="{demo.chat()}"></iframe>'
    page = await open_page("about:blank", refusals_expected=True)
    async with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        await page.goto(f"{demo.other_url}/host")
    assert await page.frames[1].locator("#chat").count() == 0
