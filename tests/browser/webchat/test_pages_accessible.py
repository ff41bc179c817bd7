"""axe on every page, light and dark, wide and narrow; and what axe does not see: sideways scrolling, small targets."""

from collections.abc import Awaitable, Callable

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from channels.webchat.backend import Author
from tests.browser.webchat.conftest import Demo, OpenPage

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 3


async def talking(demo: Demo, page: Page) -> None:
    """A chat with everything in it that a chat can show."""
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    box = page.get_by_label("Your message")
    await box.fill("How much does the genetic test cost?")
    await box.press("Enter")
    await expect(page.locator(".from-me .state")).to_have_text("Sent")
    await demo.backend.say(f"It is free. Read https://example.org/{LONG}")
    await demo.backend.status(held=True)
    await demo.backend.say("Can I help?", author=Author.PERSON)
    await demo.backend.say("Would you like that?", replies=("Yes, please", "No, thank you"))
    demo.backend.busy = True
    await box.fill("And this one waits.")
    await box.press("Enter")
    await expect(page.locator("#problem")).not_to_be_empty()
    await demo.backend.say("Would you like that now?", replies=("Yes, please", "No, thank you"))
    await demo.backend.typing(on=True)
    await box.fill("x" * 1_900)


async def asking(demo: Demo, page: Page) -> None:
    """A question with a field of its own for the answer."""
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    await demo.backend.say("On what day did you go to the hospital?", input="date")
    await expect(page.get_by_label("Choose a date")).to_be_visible()


async def counting(demo: Demo, page: Page) -> None:
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    await demo.backend.say("¿Cuántas horas?", input="number", language="es")
    await page.get_by_label("Ponga un número").fill("5,5")


async def linking(demo: Demo, page: Page) -> None:
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    await page.get_by_role("button", name="Go on by phone or e-mail").click()
    await page.get_by_label("Mobile number or e-mail").fill("ann@mail.example")
    await page.keyboard.press("Enter")
    await page.get_by_label("The code we sent you").fill("000000")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("That code is not right")).to_be_visible()


async def offline(demo: Demo, page: Page) -> None:
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    await page.context.set_offline(True)
    await expect(page.get_by_text("You are offline")).to_be_visible()


async def chatting(demo: Demo, page: Page) -> None:
    await page.get_by_role("button", name="Chat with us").click()
    await expect(page.frame_locator("iframe").get_by_role("log")).to_have_attribute("aria-live", "polite")
    await demo.backend.say("Hello. How can I help you?", replies=("What is the study?",))
    await expect(page.frame_locator("iframe").get_by_text("Hello.")).to_be_visible()


async def texting(demo: Demo, page: Page) -> None:
    await page.get_by_label("Text message").fill(f"How much does it cost? {LONG}")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".bubble")).to_have_count(2)


async def mailing(demo: Demo, page: Page) -> None:
    await demo.mailbox.write_to_self("ana@mail.example", "Your question", f"It is free.\n\n{LONG}")
    await page.get_by_role("button", name="Your question").click()
    await expect(page.locator("#mail-text")).to_contain_text("It is free.")


async def nothing(demo: Demo, page: Page) -> None:
    await page.wait_for_load_state("networkidle")


CASES: dict[str, tuple[str, Callable[[Demo, Page], Awaitable[None]]]] = {
    "chat": ("/chat/frame?site=site-1", talking),
    "chat-date": ("/chat/frame?site=site-1", asking),
    "chat-number": ("/chat/frame?site=site-1&language=es", counting),
    "chat-link": ("/chat/frame?site=site-1", linking),
    "chat-offline": ("/chat/frame?site=site-1", offline),
    "chat-expired": ("/chat/c/forged", nothing),
    "landing": ("/", nothing),
    "phone": ("/demo/phone", texting),
    "study": ("/demo/study", nothing),
    "study-es": ("/demo/study?lang=es", nothing),
    "study-chat": ("/demo/study", chatting),
    "mailbox": ("/demo/mailbox", nothing),
    "mailbox-mail": ("/demo/mailbox", mailing),
}


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("case", CASES)
async def test_axe_finds_nothing_and_nothing_is_cut_off(
    demo: Demo, open_page: OpenPage, case: str, scheme: str, width: int
) -> None:
    path, prepare = CASES[case]
    page: Page = await open_page(
        demo.url + path,
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 640 if width == 320 else 800},
    )
    await prepare(demo, page)
    found = await Axe().run(page, options=RULES)
    assert found.response["violations"] == [], found.generate_report()
    for frame in page.frames:
        assert await frame.evaluate("document.documentElement.scrollWidth <= innerWidth"), frame.url
    assert await small_targets(page) == []


async def small_targets(page: Page) -> list[str]:
    """Buttons and fields below 44 px, links outside of sentences below 24 px (WCAG 2.2, 2.5.5 and 2.5.8)."""
    small: list[str] = await page.locator("button, input, textarea, select, .button, nav a").evaluate_all(
        """found => found
             .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
             .filter(([, box]) => box.width > 0 && (box.height < 44 || box.width < 44))
             .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
    )
    return small


@pytest.mark.parametrize("path", ["/chat/frame?site=site-1", "/demo/phone"])
async def test_at_four_hundred_percent_everything_can_be_reached(demo: Demo, open_page: OpenPage, path: str) -> None:
    """1280 x 1024 at 400 % is a page of 320 x 256."""
    page = await open_page(demo.url + path, viewport={"width": 320, "height": 256})
    send = page.get_by_role("button", name="Send")
    await send.scroll_into_view_if_needed()
    await expect(send).to_be_in_viewport()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320


async def test_nothing_moves_for_those_who_asked_for_it(demo: Demo, open_page: OpenPage) -> None:
    page = await open_page(demo.chat(), reduced_motion="reduce")
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    await demo.backend.typing(on=True)
    await expect(page.get_by_text("Writing a reply")).to_be_visible()
    assert await page.evaluate("document.getAnimations().length") == 0


async def test_focus_can_be_seen(demo: Demo, open_page: OpenPage) -> None:
    page = await open_page(demo.chat())
    await page.keyboard.press("Tab")
    outline = await page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"
