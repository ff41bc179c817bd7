"""What the service and the bot write down of whole conversations: no number, no address, no words."""

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.demo.fake_twilio.faults import Fault
from service.logs import set_up_logs
from tests.conversations.script import Script
from tests.harness.real_bot import RealBot

pytestmark = pytest.mark.conversation

WORDS = {
    "How much would the marmalade test cost?",
    "Quiero hablar con una persona, tengo el zafiro",
    "I want to kill myself, periwinkle",
    "please stop texting me you albatross",
    "xkcd qwzzt blorp",
}
RARE = ("marmalade", "zafiro", "periwinkle", "albatross", "qwzzt", "quokka")
PASSWORD = "tangerine-submarine"


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that reaches the log at DEBUG, libraries included, as the service would write it."""
    kept, levels = io.StringIO(), {name: logging.getLogger(name).level for name in logging.root.manager.loggerDict}
    root, handlers, level = logging.getLogger(), logging.root.handlers[:], logging.root.level
    for handler in handlers:
        root.removeHandler(handler)  # before set_up_logs, which would close them
    monkeypatch.setattr("sys.stderr", kept)
    set_up_logs("DEBUG")
    yield kept
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


async def test_no_log_holds_what_people_said_or_who_they_are(
    script: Script, real_bot: RealBot, logged: io.StringIO
) -> None:
    twilio = script.place.twilio
    people = [script.phone() for _ in WORDS]
    for phone, words in zip(people, sorted(WORDS), strict=True):
        twilio.script(Fault.refused(30007), Fault.none())
        await phone.say(words)
        await phone.say("quokka 4155550123")
    twilio.script(Fault.server_error(), Fault.refused(21211))
    lost = script.phone()
    await lost.say("hello quokka")
    async with script.chat() as chat:
        for words in WORDS:
            await chat.say(words)
        await chat.send(type="link", contact=people[0].number)
        await chat.send(type="nonsense", text="quokka")
        await chat.frame("link", "error")
    box = script.mailbox()
    await box.confirm()
    for words in WORDS:
        await box.say(words)
    # A forged signature, a malformed form: whatever is refused may quote what it refuses.
    await _knock(script, people[0].number)
    await script.settled()
    twilio._script.clear()  # what was not used must not fall on the next test

    service, bot = logged.getvalue(), Path(real_bot._log).read_text(encoding="utf-8", errors="replace")
    logging.getLogger("test").warning("the log is being written")
    assert "the log is being written" in logged.getvalue(), "the guard must see the log"
    secrets = [
        *RARE,
        *(phone.number.removeprefix("+") for phone in [*people, lost]),
        *(phone.number.removeprefix("+1") for phone in [*people, lost]),
        box.address,
        box.address.partition("@")[0],
        "4155550123",
        PASSWORD,
        "maya.quokka",
    ]
    for name, log in (("service", service), ("bot", bot)):
        found = [(secret, line[:300]) for secret in secrets for line in log.splitlines() if secret in line.casefold()]
        assert found == [], f"the {name}'s log"
        assert re.findall(r"\+1\d{10}\b", log) == [], f"the {name}'s log"


async def _knock(script: Script, number: str) -> None:
    import aiohttp

    url = script.place.settings.public_url
    async with aiohttp.ClientSession() as session:
        for path, form in (
            ("/channels/sms/inbound", {"From": number, "Body": "quokka", "MessageSid": "SM1"}),
            ("/channels/sms/status", {"To": number, "MessageStatus": "sent", "MessageSid": "SM1"}),
            ("/console/sign-in", {"email": "maya.quokka@perennial.example", "password": PASSWORD}),
        ):
            async with session.post(url + path, data=form) as answer:
                assert answer.status in (401, 403)
        async with session.get(f"{url}/chat/c/quokka", params={"number": number}) as answer:
            assert answer.status >= 400
