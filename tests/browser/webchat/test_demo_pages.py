import re

import pytest
from playwright.async_api import expect

from tests.browser.webchat.conftest import Demo, OpenPage

pytestmark = pytest.mark.browser


async def test_the_landing_page_says_when_the_assistant_is_ready(demo: Demo, open_page: OpenPage) -> None:
    demo.ready = False
    page = await open_page(demo.url)
    await expect(page.locator("#ready")).to_contain_text("still starting")
    demo.ready = True
    await expect(page.locator("#ready")).to_have_text("The assistant is ready.")
    links = await page.locator(".cards a").evaluate_all("links => links.map(link => link.pathname)")
    assert links == ["/demo/phone", "/demo/study", "/demo/mailbox", "/console"]


async def test_a_text_message_and_its_answer(demo: Demo, open_page: OpenPage) -> None:
    demo.phone.add("+12025550102", "Hello Sam", "delivered", from_me=False)
    page = await open_page(f"{demo.url}/demo/phone")
    await page.get_by_label("Text message").fill("<b>cost?</b>")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".bubble")).to_have_text([re.compile("<b>cost"), re.compile("It is free")])
    demo.phone.messages[-1]["status"] = "read"
    await expect(page.get_by_text("read")).to_be_visible()
    await page.get_by_label("Number", exact=True).select_option("+12025550102")
    await expect(page.locator(".bubble")).to_have_text([re.compile("Hello Sam")])
    await page.get_by_label("Number", exact=True).select_option("")
    await page.get_by_label("New number").fill("+1 202 555 0155")
    await page.get_by_role("button", name="Use this number").click()
    await page.get_by_label("Text message").fill("new")
    await page.keyboard.press("Enter")
    await expect(page.locator(".bubble")).to_have_count(2)
    assert demo.phone.messages[-1]["person"] == "+12025550155"


async def test_a_mail_is_read_and_answered(demo: Demo, open_page: OpenPage) -> None:
    demo.mailbox.receiver = (demo.mailbox.host, demo.mailbox.port)
    await demo.mailbox.write_to_self("ana@mail.example", "Your question", "It is free.")
    page = await open_page(f"{demo.url}/demo/mailbox")
    await page.get_by_role("button", name="Your question").click()
    await expect(page.locator("#mail-text")).to_contain_text("It is free.")
    await page.get_by_role("button", name="Reply").click()
    await expect(page.get_by_label("To", exact=True)).to_have_value("r+signed@programme.example")
    await expect(page.get_by_label("Subject")).to_have_value("Re: Your question")
    await page.get_by_label("Text").press_sequentially("Thank you")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("Sent.", exact=True)).to_be_visible()
    (arrived,) = demo.mailbox.boxes.of("r+signed@programme.example")
    assert arrived.shown()["text"].startswith("Thank you\n\n> It is free.")
    assert b"In-Reply-To: <" in arrived.raw
