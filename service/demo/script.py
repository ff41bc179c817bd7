"""`perennial demo --script`: a conversation over all three channels through the same doors that the world uses.

A signed webhook, a WebSocket, SMTP; every answer is compared with the approved text it should be.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import aiohttp
from rich.console import Console

from service.demo.run import Demo, running_demo, wait_until_ready
from service.demo.seed import PEOPLE, code_of
from service.demo.world import NUMBER
from service.settings import Settings
from storage.embedded import drop_database

PATIENCE_S = 40
QUIET_S = 2.0
SAM, ANA = PEOPLE


class WrongAnswer(Exception):
    """The conversation did not go as it should."""


class Play:
    """One run of the script."""

    def __init__(self, demo: Demo, out: Console) -> None:
        self._demo, self._out = demo, out
        self._phone_seen: dict[str, int] = {}
        self._mail_seen: dict[str, int] = {}
        self.right = 0

    def expected(self, key: str, language: str, channel: str, **values: object) -> str:
        house = self._demo.built.house
        return house.registry.render(
            key, language=language, channel=channel, study=house.default_study, values=values
        ).text

    async def text(self, number: str, words: str, key: str | None, language: str, **values: object) -> None:
        """Text from a phone; expect the SMS for `key`, or silence."""
        self._show("sms", "→", words)
        status = await self._demo.world.twilio.receive(number, NUMBER, words)
        if status != 200:
            raise WrongAnswer(f"the webhook answered {status}")
        await self.expect_sms(number, key, language, **values)

    async def expect_sms(self, number: str, key: str | None, language: str, **values: object) -> None:
        after = self._phone_seen.get(number, 0)
        try:
            found = await self._demo.world.twilio.wait_for(number, after=after, seconds=PATIENCE_S if key else QUIET_S)
        except TimeoutError:
            found = None
        if found is not None:
            self._phone_seen[number] = found.n
        self._check(
            "sms", found.text if found else None, self.expected(key, language, "sms", **values) if key else None
        )

    async def expect_plain_sms(self, number: str, words: str) -> None:
        found = await self._demo.world.twilio.wait_for(
            number, after=self._phone_seen.get(number, 0), seconds=PATIENCE_S
        )
        self._phone_seen[number] = found.n
        self._check("sms", found.text, words)

    async def chat(self, words: str, key: str, language: str) -> None:
        """A fresh visitor of the study's page asks one question."""
        url = self._demo.built.settings.public_url
        site = self._demo.built.house.pack(None).sites[0].token
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{url}/chat/ws", headers={"Origin": url}) as socket,
        ):
            hello = {"type": "hello", "site": site, "session": "", "identity": "", "link": "", "after": ""}
            await socket.send_str(json.dumps({**hello, "language": language}))
            self._show("webchat", "→", words)
            await socket.send_str(json.dumps({"type": "message", "id": str(uuid4()), "text": words}))
            said: str | None = None
            async with asyncio.timeout(PATIENCE_S):
                async for frame in socket:
                    news = json.loads(frame.data)
                    if news["type"] == "message" and news["from"] == "programme":
                        said = news["text"]
                        break
        self._check("webchat", said, self.expected(key, language, "webchat"))

    async def mail(self, address: str, words: str, key: str, language: str) -> None:
        """Reply to the newest mail in a mailbox, as a mail program would."""
        box = self._demo.world.mailbox
        newest = await self._next_mail(address)
        self._show("email", "→", words)
        quoted = "\n".join(f"> {line}" for line in str(newest["text"]).splitlines())
        await box.write(
            sender=address,
            to=str(newest["reply_to"]),
            subject=f"Re: {newest['subject']}",
            text=f"{words}\n\n{quoted}\n",
            in_reply_to=str(newest["message_id"]),
        )
        answer = await self._next_mail(address)
        self._mail_seen[address] -= 1  # it is what the next reply answers
        self._check("email", str(answer["text"]), self.expected(key, language, "email"), within=True)

    async def _next_mail(self, address: str) -> dict[str, object]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                mails = [mail for mail in self._demo.world.mailbox.boxes.of(address) if mail.direction == "in"]
                seen = self._mail_seen.get(address, 0)
                if len(mails) > seen:
                    self._mail_seen[address] = seen + 1
                    return mails[seen].shown()
                await asyncio.sleep(0.1)

    async def coordinator(self, words: str) -> None:
        """Sign in to the console, open the first waiting conversation, answer, close."""
        url = self._demo.built.settings.public_url
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            login = {"email": self._demo.seeded.email, "password": self._demo.seeded.password}
            async with session.post(f"{url}/console/sign-in", data=login) as page:
                found = re.search(r"/console/cases/[0-9a-f-]{36}", await page.text())
            if found is None:
                raise WrongAnswer("no conversation waits in the console")
            self._show("console", "→", words)
            async with session.get(url + found.group()) as page:
                fields = dict(re.findall(r'name="(csrf|key)" value="([^"]+)"', await page.text()))
            await session.post(f"{url}{found.group()}/answer", data={**fields, "text": words})
            await self.expect_plain_sms(SAM.number, words)
            await session.post(f"{url}{found.group()}/close", data={**fields, "note": "answered"})

    def _check(self, channel: str, said: str | None, expected: str | None, *, within: bool = False) -> None:
        self._show(channel, "←", said if said is not None else "(silence)")
        plain, wanted = _plain(said or ""), _plain(expected or "")
        if not (wanted in plain if within else plain == wanted) or (said is None) != (expected is None):
            raise WrongAnswer(f"expected: {expected or '(silence)'}")
        self.right += 1

    def _show(self, channel: str, arrow: str, words: str) -> None:
        self._out.print(f"[dim]{channel:>8}[/dim] {arrow} {' '.join(words.split())}", highlight=False, markup=True)


def _plain(text: str) -> str:
    return " ".join(text.split())


async def play(demo: Demo, out: Console) -> int:
    """The script. Returns how many answers were right; `WrongAnswer` at the first that was not."""
    run = Play(demo, out)
    for person in PEOPLE:
        await run.expect_sms(person.number, "welcome/participant", code_of(person))
    await run.text(SAM.number, "How much does the test cost?", "faq/cost", "en")
    await run.text(ANA.number, "¿Cuánto tardan los resultados?", "faq/how_long_results", "es")
    await run.chat("Who can see my data?", "faq/privacy_data_use", "en")
    await run.chat("¿Qué es una prueba genética?", "faq/what_is_genetic_testing", "es")
    await run.mail(
        SAM.address, "Can I lose my health insurance because of the result?", "faq/insurance_discrimination", "en"
    )
    await run.mail(ANA.address, "¿Puedo dejar el estudio cuando quiera?", "faq/withdraw", "es")
    coming = _expected_now(demo)
    await run.text(SAM.number, "I want to talk to a person please", "person/coming", "en", **coming)
    await run.text(SAM.number, "How much does the test cost?", None, "en")
    await run.coordinator("Hello Sam, this is Maya. How can I help?")
    await run.text(SAM.number, "How much does the test cost?", "faq/cost", "en")
    await run.text(SAM.number, "STOP", "optout/confirmed", "en")
    await run.text(SAM.number, "How much does the test cost?", None, "en")
    await run.text(SAM.number, "START", "optin/confirmed", "en")
    await run.text(SAM.number, "How is the sample taken?", "faq/how_sample_taken", "en")
    return run.right


def _expected_now(demo: Demo) -> Mapping[str, Any]:
    """What is said of when a person comes, at this hour."""
    from conversation.say import when_expected
    from engagement import clock
    from engagement.studies import decide_expected

    expected = decide_expected(demo.built.house.pack(None), clock.now())
    return when_expected(str(expected.kind), expected.hours or 0)


async def run_script(settings: Settings) -> bool:
    """Play it against a database of its own. True where every answer was right."""
    out = Console(width=120)
    name = f"script_{uuid4().hex[:8]}"
    try:
        async with running_demo(settings, out, port=None, database=name) as demo:
            out.print("• waiting for the bot")
            await wait_until_ready(demo)
            right = await play(demo, out)
        out.print(f"{right} answers, all right")
        return True
    except (WrongAnswer, TimeoutError) as error:
        out.print(f"[red]wrong: {type(error).__name__}[/red] {error}", markup=True)
        return False
    finally:
        drop_database(settings.data_dir / "postgres", name)
