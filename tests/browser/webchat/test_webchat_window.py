import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.webchat.conftest import Demo, OpenPage
from tests.integration.webchat.fake_backend import RIGHT_CODE

pytestmark = pytest.mark.browser


async def texts(page: Page) -> list[str]:
    return await page.locator(".message .text").all_inner_texts()


async def write(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.get_by_label("Your message").press("Enter")


async def enter(demo: Demo, open_page: OpenPage, **options: object) -> Page:
    page: Page = await open_page(demo.chat(), **options)
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    return page


async def test_what_is_written_is_sent_and_the_answer_shown(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    await write(page, "How much does it cost?")
    await expect(page.locator(".from-me .state")).to_have_text("Sent")
    await demo.backend.typing(on=True)
    await expect(page.get_by_text("Writing a reply")).to_be_visible()
    await demo.backend.say("The test is free for you.\n\nSee https://example.org/cost.")
    await expect(page.get_by_text("Writing a reply")).to_be_hidden()
    await expect(page.get_by_role("link", name="https://example.org/cost")).to_have_attribute(
        "href", "https://example.org/cost"
    )
    assert [message.text for message in demo.backend.accepted] == ["How much does it cost?"]
    assert await texts(page) == [
        "How much does it cost?",
        "The test is free for you.\n\nSee https://example.org/cost.",
    ]


async def test_shift_enter_makes_a_line_and_enter_sends(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    box = page.get_by_label("Your message")
    await box.press_sequentially("one")
    await box.press("Shift+Enter")
    await box.press_sequentially("two")
    await box.press("Enter")
    await expect(page.locator(".from-me .state")).to_have_text("Sent")
    assert demo.backend.accepted[0].text == "one\ntwo"
    await expect(box).to_be_focused()


async def test_written_without_a_service_goes_out_once_and_in_order(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    await write(page, "one")
    await expect(page.locator(".from-me .state")).to_have_text("Sent")
    await demo.down()
    await expect(page.get_by_text("You are offline")).to_be_visible()
    for text in ("two", "three", "four"):
        await write(page, text)
    await expect(page.get_by_text("Waiting to be sent")).to_have_count(3)
    await demo.up()
    await expect(page.locator(".state", has_text=re.compile("^Sent$"))).to_have_count(4, timeout=20_000)
    await expect(page.get_by_text("You are offline")).to_be_hidden()
    assert [message.text for message in demo.backend.accepted] == ["one", "two", "three", "four"]
    assert await texts(page) == ["one", "two", "three", "four"]


async def test_a_browser_that_is_offline_says_so_and_comes_back(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    await page.context.set_offline(True)
    await expect(page.get_by_text("You are offline")).to_be_visible()
    await write(page, "kept")
    await expect(page.get_by_text("Waiting to be sent")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.locator(".from-me .state")).to_have_text("Sent")
    assert [message.text for message in demo.backend.accepted] == ["kept"]


async def test_unsent_words_survive_a_reload_and_history_is_shown_once(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    await write(page, "one")
    await expect(page.locator(".from-me .state")).to_have_text("Sent")
    await demo.backend.say("answer")
    demo.backend.busy = True
    await write(page, "two")
    await expect(page.get_by_text("We have a problem right now")).to_be_visible()
    demo.backend.busy = False
    await page.reload()
    await expect(page.locator(".state", has_text=re.compile("^Sent$"))).to_have_count(2)
    assert await texts(page) == ["one", "answer", "two"]
    assert [message.text for message in demo.backend.accepted] == ["one", "two"]
    await page.reload()
    await expect(page.locator(".message")).to_have_count(3)
    assert len(demo.backend.talks) == 1


async def test_what_was_said_meanwhile_is_brought_and_nothing_twice(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    await demo.backend.say("one")
    await expect(page.locator(".message")).to_have_count(1)
    await demo.down()
    await demo.backend.say("two")
    await demo.up()
    await demo.backend.say("three")
    await expect(page.locator(".message")).to_have_count(3, timeout=20_000)
    assert await texts(page) == ["one", "two", "three"]


async def test_another_window_shows_the_same_conversation(demo: Demo, open_page: OpenPage) -> None:
    first = await enter(demo, open_page)
    second = await enter(demo, open_page, context=first.context)
    await write(first, "from the first")
    await expect(second.locator(".from-me")).to_have_count(1)
    await write(second, "from the second")
    await expect(first.locator(".from-me")).to_have_count(2)
    assert await texts(first) == await texts(second) == ["from the first", "from the second"]


async def test_a_quick_reply_is_sent_as_if_typed(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    await demo.backend.say("Would you like to talk to a person?", replies=("Yes, please", "No"))
    group = page.get_by_role("group", name="Answers you can choose")
    await expect(group.get_by_role("button")).to_have_text(["Yes, please", "No"])
    await group.get_by_role("button", name="Yes, please").click()
    await expect(group).to_be_hidden()
    await expect(page.get_by_label("Your message")).to_be_focused()
    await expect(page.locator(".from-me .state")).to_have_text("Sent")
    assert [message.text for message in demo.backend.accepted] == ["Yes, please"]


async def test_a_date_is_chosen_and_goes_out_as_iso_text(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    await demo.backend.say("On what day did you go?", input="date")
    field = page.get_by_label("Choose a date")
    await expect(field).to_have_attribute("type", "date")
    await field.press("Enter")
    await expect(field).to_be_focused()
    await field.fill("2026-03-04")
    await page.get_by_role("button", name="Send this answer").click()
    await expect(field).to_be_hidden()
    await expect(page.get_by_label("Your message")).to_be_focused()
    await expect(page.locator(".from-me .state")).to_have_text("Sent")
    assert [message.text for message in demo.backend.accepted] == ["2026-03-04"]


async def test_a_number_has_the_keys_for_it_and_words_can_still_be_written(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    await demo.backend.say("How many hours?", input="number")
    field = page.get_by_label("Enter a number")
    await expect(field).to_have_attribute("inputmode", "decimal")
    await expect(field).to_have_attribute("type", "text")
    await write(page, "about five")
    await expect(field).to_be_hidden()
    await demo.backend.say("How many hours, in digits?", input="number")
    await expect(field).to_have_value("")
    await field.fill(" 5.5 ")
    await field.press("Enter")
    await expect(page.locator(".from-me .state", has_text=re.compile("^Sent$"))).to_have_count(2)
    assert [message.text for message in demo.backend.accepted] == ["about five", "5.5"]


async def test_the_field_is_that_of_the_newest_question_also_after_a_reload(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    await write(page, "hello")
    await demo.backend.say("How many hours?", input="number")
    await demo.backend.say("On what day?", input="date")
    await expect(page.get_by_label("Choose a date")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Choose a date")).to_be_visible()
    await expect(page.get_by_label("Enter a number")).to_have_count(0)
    await page.locator("#entry-value").focus()
    await demo.backend.say("Thank you.")
    await expect(page.locator("#entry")).to_be_hidden()
    await expect(page.get_by_label("Your message")).to_be_focused()
    await demo.backend.say("An unknown field is none.", input="colour")
    await expect(page.get_by_text("An unknown field is none.")).to_be_visible()
    await expect(page.locator("#entry")).to_be_hidden()


async def test_markup_is_shown_as_it_was_written(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    hostile = (
        '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script> javascript:alert(1)'
    )
    await write(page, hostile)
    await demo.backend.say(hostile + ' https://x.example/"onmouseover=alert(1)', replies=("<b>bold</b>",))
    await expect(page.locator(".message")).to_have_count(2)
    assert (await texts(page))[0] == hostile
    assert await page.locator("#log img, #log script, #replies b").count() == 0
    hrefs = await page.locator("#log a").evaluate_all("links => links.map(link => link.href)")
    assert hrefs == ["https://x.example/"]
    assert await page.title() == "Chat"


async def test_right_to_left_words_do_not_turn_the_rest_round(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    await write(page, "‮شكرا abc")
    await expect(page.locator(".from-me .state")).to_have_text("Sent")
    assert await page.locator(".from-me .text").evaluate("one => getComputedStyle(one).direction") == "rtl"
    assert await page.locator(".from-me .foot").evaluate("one => getComputedStyle(one).direction") == "ltr"


async def test_history_is_not_read_aloud_and_later_messages_are(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    for number in range(30):
        await demo.backend.say(f"message {number}")
    await expect(page.locator(".message")).to_have_count(30)
    await page.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
          window.liveAt = [];
          const log = document.getElementById("log");
          new MutationObserver(() => window.liveAt.push(log.ariaLive)).observe(log, {childList: true});
        });"""
    )
    await page.reload()
    await expect(page.locator(".message")).to_have_count(30)
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    await demo.backend.say("new")
    await expect(page.locator(".message")).to_have_count(31)
    live = await page.evaluate("window.liveAt")
    assert live[0] == "off"
    assert live[-1] == "polite"
    assert await page.locator("#scroll").evaluate("one => one.scrollHeight - one.scrollTop - one.clientHeight") < 5


_AT_END = """() => {
    const one = document.querySelector("#scroll");
    return one.scrollHeight - one.scrollTop - one.clientHeight < 5;
}"""


async def test_who_reads_further_up_is_not_pulled_down(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    for number in range(30):
        await demo.backend.say(f"message {number}")
    await expect(page.locator(".message")).to_have_count(30)
    await page.wait_for_function(_AT_END)
    # The window hears of a scroll a frame later; news that comes before that frame finds it still at the end.
    await page.locator("#scroll").evaluate(
        """one => new Promise(done => {
            one.addEventListener("scroll", () => requestAnimationFrame(() => requestAnimationFrame(done)), {once: true});
            one.scrollTop = 0;
        })"""
    )
    await demo.backend.say("news")
    await expect(page.get_by_role("button", name="New messages below")).to_be_visible()
    assert await page.locator("#scroll").evaluate("one => one.scrollTop") == 0
    await page.get_by_role("button", name="New messages below").click()
    await expect(page.get_by_text("news", exact=True)).to_be_in_viewport()


async def test_banners_say_where_the_conversation_stands(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    await demo.backend.status(held=True)
    await expect(page.locator("#banner")).to_have_text("A person from our team will answer you here.")
    await demo.backend.status(opted_out=True)
    await expect(page.locator("#banner")).to_contain_text("write START")
    await demo.backend.status()
    await expect(page.locator("#banner")).to_be_empty()


async def test_a_flood_waits_its_turn_and_all_of_it_arrives(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    for number in range(32):
        await write(page, str(number))
    await expect(page.get_by_text("You are writing very fast")).to_be_visible()
    await expect(page.locator(".state", has_text=re.compile("^Sent$"))).to_have_count(32, timeout=20_000)
    assert [message.text for message in demo.backend.accepted] == [str(number) for number in range(32)]
    await expect(page.locator("#problem")).to_be_empty()


async def test_the_chat_is_joined_with_a_mailbox_by_keyboard(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    demo.backend.talk("joined")
    await demo.backend.say("from your mailbox", key="joined")
    opener = page.get_by_role("button", name="Go on by phone or e-mail")
    await opener.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Mobile number or e-mail")).to_be_focused()
    await page.keyboard.type("nonsense")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Mobile number or e-mail")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Mobile number or e-mail").fill("ann@mail.example")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("The code we sent you")).to_be_focused()
    await page.keyboard.type("000000")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("That code is not right")).to_be_visible()
    await page.get_by_label("The code we sent you").fill(RIGHT_CODE)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Done. You can now go on")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    assert await texts(page) == ["from your mailbox"]


async def test_the_chat_can_be_removed_from_a_shared_device(demo: Demo, open_page: OpenPage) -> None:
    page = await enter(demo, open_page)
    await write(page, "private")
    await expect(page.locator(".from-me .state")).to_have_text("Sent")
    await page.get_by_role("button", name="Go on by phone or e-mail").click()
    await page.get_by_role("button", name="Remove this chat from this device").click()
    await expect(page.get_by_text("no longer on this device")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    assert await texts(page) == []


async def test_a_signed_link_goes_on_with_the_conversation_and_leaves_no_trace(demo: Demo, open_page: OpenPage) -> None:
    demo.backend.talk("ann")
    await demo.backend.say("Hola de nuevo", key="ann")
    token = demo.backend.sign("link", "ann")
    page = await open_page(f"{demo.url}/chat/c/{token}")
    await expect(page.get_by_text("Hola de nuevo")).to_be_visible()
    await expect(page.get_by_label("Su mensaje")).to_be_focused()
    assert token not in page.url
    await page.reload()
    await expect(page.get_by_text("Hola de nuevo")).to_be_visible()


async def test_a_page_without_storage_still_chats(demo: Demo, open_page: OpenPage) -> None:
    page = await open_page("about:blank")
    await page.add_init_script(
        """for (const area of ["localStorage", "sessionStorage"])
          Object.defineProperty(window, area, {get() { throw new DOMException("denied", "SecurityError"); }});"""
    )
    await page.goto(demo.chat())
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    await write(page, "hello")
    await expect(page.locator(".from-me .state")).to_have_text("Sent")
