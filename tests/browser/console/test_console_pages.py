"""The console in a browser: everything by keyboard, at every width, light and dark, with nothing for axe to find."""

import re
from collections.abc import Awaitable, Callable

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser.console.conftest import EMAIL, PASSWORD, Visit, uncertain, waiting
from tests.conversations.script import Script

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


async def sign_in(page: Page) -> None:
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def wrong(page: Page) -> None:
    await page.get_by_label("E-mail").fill("nobody@perennial.example")
    await page.get_by_label("Password").fill("wrong")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("Address or password is wrong.")


async def listed(page: Page) -> None:
    await expect(page.get_by_role("heading", name="Waiting for a person")).to_be_visible()


async def case(page: Page) -> None:
    await page.get_by_role("link", name="crisis").first.click()
    await expect(page.get_by_role("heading", name="Conversation")).to_be_visible()


async def stopped(page: Page) -> None:
    await page.get_by_role("link", name="Stopped messages").click()
    await expect(page.get_by_role("heading", name="Stopped messages")).to_be_visible()
    await expect(page.locator(".cases li").first).to_be_visible()


async def unsettled(page: Page) -> None:
    await page.get_by_role("link", name="Unknown sends").click()
    await expect(page.get_by_role("heading", name="Sends of unknown fate")).to_be_visible()


async def person(page: Page) -> None:
    await unsettled(page)
    await page.locator(".cases a").first.click()
    for details in ("settle it", "Allow messages again"):
        await page.locator("summary", has_text=details).click()
    await expect(page.get_by_role("button", name="Settle")).to_be_visible()
    await expect(page.get_by_role("button", name="Allow again")).to_be_visible()


async def questionnaires(page: Page) -> None:
    await page.get_by_role("link", name=": check in").first.click()
    await expect(page.get_by_role("heading", name="Questionnaires")).to_be_visible()
    for details in await page.locator(".questionnaire summary").all():
        await details.click()
    await expect(page.get_by_text("Not eligible for this study")).to_be_visible()
    await expect(page.get_by_text("<script>alert(1)</script>").last).to_be_visible()


async def nobody_found(page: Page) -> None:
    await stopped(page)
    await page.get_by_label("Find a participant").fill("not a number")
    await page.get_by_role("button", name="Find").click()
    await expect(page.get_by_role("alert")).to_have_text("That is no phone number and no e-mail address.")


PAGES: dict[str, tuple[bool, Callable[[Page], Awaitable[None]]]] = {
    "sign-in": (False, sign_in),
    "list": (True, listed),
    "case": (True, case),
    "stopped": (True, stopped),
    "nobody-found": (True, nobody_found),
    "unsettled": (True, unsettled),
    "person": (True, person),
    "questionnaires": (True, questionnaires),
}


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
async def test_axe_finds_nothing_and_nothing_is_cut_off(visit: Visit, name: str, scheme: str, width: int) -> None:
    signed_in, prepare = PAGES[name]
    page = await visit(
        signed_in=signed_in,
        color_scheme=scheme,
        viewport={"width": width, "height": 640 if width == 320 else 800},
    )
    await prepare(page)
    found = await Axe().run(page, options=RULES)
    assert found.response["violations"] == [], found.generate_report()
    wide = await page.locator("body *").evaluate_all(
        "found => found.filter(one => one.getBoundingClientRect().right > innerWidth + 1)"
        ".map(one => `${one.outerHTML.slice(0, 80)} ${one.getBoundingClientRect().right}`)"
    )
    assert wide == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = await page.locator("button, input:not([type=hidden]), textarea, a, summary").evaluate_all(
        "found => found.map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])"
        ".filter(([, box]) => box.width > 0 && (box.height < 24 || box.width < 24)).map(([html]) => html)"
    )
    assert small == [], "targets below 24 px (WCAG 2.2, 2.5.8)"


async def test_a_wrong_password_is_said_and_axe_agrees(visit: Visit) -> None:
    page = await visit(signed_in=False)
    await wrong(page)
    found = await Axe().run(page, options=RULES)
    assert found.response["violations"] == [], found.generate_report()


async def tab_to(page: Page, name: str) -> None:
    """By the Tab key alone."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        focused = await page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"
        )
        if name in focused:
            return
    raise AssertionError(f"Tab never reaches {name}")


async def test_a_whole_case_by_keyboard(visit: Visit, script: Script) -> None:
    phone = await waiting(script)
    page = await visit(signed_in=False)
    await tab_to(page, "E-mail")
    await page.keyboard.type(EMAIL)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console")
    who = (await script.place.rows("select participant_id from escalations order by opened_at desc limit 1"))[0]
    label = f"Participant {str(who['participant_id'])[-6:]}"
    await tab_to(page, f"{label}: asked")
    outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "focus must be seen"
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=label)).to_be_visible()
    await tab_to(page, "Answer")
    await page.keyboard.type("Hello, this is Maya.")
    await tab_to(page, "Send")
    await page.keyboard.press("Enter")
    await expect(page.locator(".transcript .out").last).to_contain_text("Hello, this is Maya.")
    assert await phone.news(1) == ["Hello, this is Maya."]
    await tab_to(page, "Note on how it ended")
    await page.keyboard.type("called back")
    await tab_to(page, "Close, the assistant answers again")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console")
    await expect(page.get_by_role("link", name=label)).to_have_count(0)
    await tab_to(page, "Sign out")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/sign-in")
    await phone.say("cost?")
    await phone.expect("faq/cost")


async def test_a_questionnaire_is_read_by_keyboard(visit: Visit) -> None:
    page = await visit()
    await page.get_by_role("link", name=": check in").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Questionnaires")).to_be_visible()
    newest = page.locator(".questionnaire").first
    await expect(newest).to_contain_text("Had a fall since the last check-in")
    await expect(newest.get_by_role("listitem").first).to_contain_text("Much worse")
    question = newest.get_by_text("Did you get hurt in a fall?")
    await expect(question.last).to_be_hidden()
    await tab_to(page, "Questions and answers")
    await page.keyboard.press("Enter")
    await expect(question.last).to_be_visible()


async def test_an_opt_out_is_undone_by_keyboard(visit: Visit, script: Script) -> None:
    phone = script.phone()
    await phone.say("STOP")
    await phone.expect("optout/confirmed")
    page = await visit("/console/stopped")
    await tab_to(page, "Find a participant")
    await page.keyboard.type(phone.number)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/participants/*")
    await expect(
        page.get_by_text("This participant has stopped messages by e-mail, text message, web chat")
    ).to_be_visible()
    await tab_to(page, "Allow messages again")
    await page.keyboard.press("Enter")
    await tab_to(page, "text message")
    await page.keyboard.press("Space")
    await tab_to(page, "Reason")
    await page.keyboard.type("Called and asked for texts again")
    await tab_to(page, "Allow again")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**#opt-outs")
    await expect(page.get_by_text("This participant has stopped messages by e-mail, web chat")).to_be_visible()
    await expect(page.locator(".ledger li").first).to_contain_text("Allowed again: text message")
    await expect(page.locator(".ledger li").first).to_contain_text(EMAIL)
    await expect(page.locator(".ledger li").first).to_contain_text("Called and asked for texts again")
    await phone.say("cost?")
    await phone.expect("faq/cost")


async def test_an_unknown_send_is_settled_by_keyboard(visit: Visit, script: Script) -> None:
    phone = await uncertain(script)
    page = await visit("/console/unsettled")
    before = await page.locator(".cases li").count()
    await page.locator(".cases a").last.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/participants/*")
    await tab_to(page, "settle it")
    await page.keyboard.press("Enter")
    await tab_to(page, "It arrived")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_label("It did not arrive")).to_be_checked()
    await tab_to(page, "How do you know?")
    await page.keyboard.type("They never got it")
    await tab_to(page, "Settle")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Not delivered, as coordinator")).to_contain_text("They never got it")
    await page.goto("/console/unsettled")
    await expect(page.locator(".cases li")).to_have_count(before - 1)
    await phone.expect()


async def test_without_a_reason_the_browser_says_so(visit: Visit) -> None:
    page = await visit()
    await person(page)
    await page.get_by_role("button", name="Allow again").click()
    assert await page.get_by_label("Reason").evaluate("field => field.matches(':invalid')")
    await expect(page).to_have_url(re.compile(r"/console/participants/[0-9a-f-]+#m-"))


async def test_the_most_severe_comes_first_and_says_so_without_colour(visit: Visit) -> None:
    page = await visit()
    first = page.locator(".cases li").first
    await expect(first).to_contain_text("crisis")
    await expect(first).to_contain_text("Severity 1")


async def test_script_in_a_message_is_text(visit: Visit) -> None:
    page = await visit()
    await case(page)
    await expect(page.get_by_text("<script>alert(1)</script>")).to_be_visible()


async def test_it_works_without_scripts(visit: Visit, script: Script) -> None:
    phone = await waiting(script)
    page = await visit(java_script_enabled=False)
    await page.get_by_role("link", name="asked").last.click()
    await page.get_by_label("Answer").fill("Without scripts.")
    await page.get_by_role("button", name="Send").click()
    assert await phone.news(1) == ["Without scripts."]


async def test_the_list_keeps_itself_current(visit: Visit, script: Script) -> None:
    page = await visit("/console", before=lambda page: page.clock.install())
    count = await page.locator(".cases li").count()
    await waiting(script)
    await page.clock.fast_forward(16_000)
    await expect(page.locator(".cases li")).to_have_count(count + 1)
