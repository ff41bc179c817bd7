"""How a conversation is written down in a test: `say`, `expect`, `advance`, through the doors the world uses.

`say` waits until the service has nothing left to do; `expect` compares all that was said since the last `expect` with
approved texts, in order: an answer too many fails as surely as a wrong one. `expect()` is silence.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import aiohttp
import time_machine

from service.app import Service
from service.demo.world import DOMAIN
from service.house import fit_sms
from tests.harness.place import Place, until

_NUMBERS = count(1_000)
_LINK = "http"


class Script:
    """One test's conversations with one running service."""

    def __init__(self, place: Place, service: Service) -> None:
        self.place, self.service = place, service
        self.house = service.built.house

    def words(self, key: str, channel: str, language: str, **values: object) -> str:
        """The approved text for a key, as a participant of the default study gets it."""
        return self.house.registry.render(
            key, language=language, channel=channel, study=self.house.default_study, values=values
        ).text

    def phone(self, language: str = "en", number: str = "") -> "Phone":
        return Phone(self, number or f"+1202555{next(_NUMBERS)}", language)

    @asynccontextmanager
    async def chat(self, language: str = "en", **hello: str) -> AsyncIterator["Chat"]:
        """A browser on the study's page."""
        url = self.place.settings.public_url
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{url}/chat/ws", headers={"Origin": url}) as socket,
        ):
            chat = Chat(self, socket, language)
            await chat.enter(**hello)
            try:
                yield chat
            finally:
                await chat.leave()

    def mailbox(self, language: str = "en", address: str = "") -> "Mailbox":
        return Mailbox(self, address or f"person{next(_NUMBERS)}@mailbox.example", language)

    @contextmanager
    def advance(self, **time: float) -> Iterator[None]:
        """So much later (days=3), for the length of the block."""
        with time_machine.travel(datetime.now(UTC) + timedelta(**time), tick=True):
            yield

    async def settled(self) -> None:
        await self.place.idle(seconds=30)


_HOURS_OF_A_DAY = 24


class _Talker:
    channel = ""

    def __init__(self, script: Script, language: str) -> None:
        self.script, self.language = script, language
        self._seen = 0

    async def heard(self) -> list[str]:
        """Everything said to this person, oldest first."""
        raise NotImplementedError

    async def news(self, wanted: int) -> list[str]:
        """What was said since the last time."""
        await self.script.settled()
        news = (await self.heard())[self._seen :]
        self._seen += len(news)
        return news

    async def expect(self, *keys: str, **values: object) -> list[str]:
        """Exactly these were said since the last `expect`, in this person's language."""
        news = await self.news(len(keys))
        wanted = [self.words(key, **values) for key in keys]
        assert len(news) == len(wanted), f"wanted {list(keys)}, was told {news}"
        for key, said, text in zip(keys, news, wanted, strict=True):
            assert same(said, text), f"wanted {key}, was told: {said}"
        return news

    async def expect_one_of(self, *keys: str) -> str:
        """One thing was said, and it is one of these."""
        news = await self.news(1)
        assert len(news) == 1, f"wanted one of {list(keys)}, was told {news}"
        for key in keys:
            if same(news[0], self.words(key)):
                return key
        raise AssertionError(f"wanted one of {list(keys)}, was told: {news[0]}")

    async def expect_person_coming(self, *before: str) -> None:
        """A person was called, and that was said with the expected time."""
        told = await self.news(len(before) + 1)
        assert len(told) == len(before) + 1, told
        for key, said in zip(before, told, strict=False):
            assert same(said, self.words(key)), said
        for kind in ("within_hours", "next_working_day"):
            for within in range(_HOURS_OF_A_DAY + 1):  # before office hours it is those until they begin, and some
                if same(told[-1], self.words("person/coming", expected=f"@expected/{kind}", hours=within)):
                    return
        raise AssertionError(f"wanted person/coming, was told: {told[-1]}")

    def words(self, key: str, **values: object) -> str:
        return self.script.words(key, self.channel, self.language, **values)


class Phone(_Talker):
    """Texts through the signed webhook, gets what Twilio was asked to send."""

    channel = "sms"

    def __init__(self, script: Script, number: str, language: str) -> None:
        super().__init__(script, language)
        self.number = number

    async def say(self, text: str, **more: str) -> None:
        assert await self.script.place.text(self.number, text, **more) == 200
        await self.script.settled()

    async def heard(self) -> list[str]:
        return [message.text for message in self.script.place.answers(self.number)]

    def words(self, key: str, **values: object) -> str:
        return fit_sms(super().words(key, **values), "")[0]


class Chat(_Talker):
    """A chat window without the window."""

    channel = "webchat"

    def __init__(self, script: Script, socket: aiohttp.ClientWebSocketResponse, language: str) -> None:
        super().__init__(script, language)
        self.socket = socket
        self.frames: list[dict[str, Any]] = []
        self._told: dict[str, str] = {}
        self._reader: asyncio.Task[None] | None = None

    async def enter(self, **hello: str) -> None:
        site = self.script.house.pack(None).sites[0].token
        first = {"type": "hello", "site": site, "session": "", "identity": "", "link": "", "after": ""}
        await self.socket.send_str(json.dumps({**first, "language": self.language, **hello}))
        self._reader = asyncio.create_task(self._read())
        await self.frame("welcome", "error")

    async def leave(self) -> None:
        if self._reader is not None:
            self._reader.cancel()

    async def _read(self) -> None:
        async for received in self.socket:
            frame = json.loads(received.data)
            self.frames.append(frame)
            for message in [frame] if frame["type"] == "message" else frame.get("history", []):
                if message["from"] != "me":
                    self._told[message["id"]] = message["text"]

    async def send(self, **frame: object) -> None:
        await self.socket.send_str(json.dumps(frame))

    async def frame(self, *types: str, seconds: float = 10) -> dict[str, Any]:
        """The newest frame of one of these types, waited for."""
        await until(lambda: any(frame["type"] in types for frame in self.frames), seconds=seconds)
        return next(frame for frame in reversed(self.frames) if frame["type"] in types)

    async def say(self, text: str, message_id: str = "") -> None:
        """Whoever is told that this was too fast waits as long as they are told to, and sends it again."""
        message_id = message_id or str(uuid4())
        while wait := await self._hand_in(message_id, text):
            await asyncio.sleep(wait)
        await self.script.settled()

    async def _hand_in(self, message_id: str, text: str) -> float:
        """Send it; after how many seconds it is to be sent again, 0 where it was taken or refused for good."""
        before = len(self.frames)
        await self.send(type="message", id=message_id, text=text)

        def answers() -> list[dict[str, Any]]:
            return [f for f in self.frames[before:] if f["type"] in ("accepted", "error") and f.get("id") == message_id]

        await until(answers)
        return float(answers()[0].get("retry_after") or 0)

    async def heard(self) -> list[str]:
        return list(self._told.values())

    async def news(self, wanted: int) -> list[str]:
        await self.script.settled()
        if wanted:
            await until(lambda: len(self._told) >= self._seen + wanted, seconds=5)
        else:
            await asyncio.sleep(0.2)  # what comes by NOTIFY needs a moment to come, if it comes
        return await super().news(wanted)


class Mailbox(_Talker):
    """Writes by SMTP, and replies as a mail program does: to Reply-To, with what it answers quoted below."""

    channel = "email"

    def __init__(self, script: Script, address: str, language: str) -> None:
        super().__init__(script, language)
        self.address = address

    def mails(self) -> list[dict[str, Any]]:
        box = self.script.place.world.mailbox.boxes
        return [mail.shown() for mail in box.of(self.address) if mail.direction == "in"]

    async def write(self, text: str, *, to: str = "", subject: str = "A question") -> None:
        """A mail of their own, not a reply; to the default study's address, if no other."""
        to = to or f"{self.script.house.pack(None).email.local_parts[0]}@{DOMAIN}"
        await self.script.place.world.mailbox.write(sender=self.address, to=to, subject=subject, text=text)
        await self.script.settled()

    async def say(self, text: str) -> None:
        """A reply to the newest mail."""
        newest = self.mails()[-1]
        quoted = "\n".join(f"> {line}" for line in str(newest["text"]).splitlines())
        await self.script.place.world.mailbox.write(
            sender=self.address,
            to=str(newest["reply_to"]),
            subject=f"Re: {newest['subject']}",
            text=f"{text}\n\nOn Tuesday, Perennial Research wrote:\n{quoted}\n",
            in_reply_to=str(newest["message_id"]),
        )
        await self.script.settled()

    async def confirm(self) -> None:
        """First contact by mail: a stranger writes, is asked to reply, and replies."""
        await self.write("Hello")
        await self.expect("email/unknown_sender")
        await self.say("Yes, this is my address")
        await self.news(1)

    async def heard(self) -> list[str]:
        return [str(mail["text"]) for mail in self.mails()]

    async def expect(self, *keys: str, **values: object) -> list[str]:
        """One mail that says all of these (the says of one turn are one mail), or none."""
        news = await self.news(1)
        assert len(news) == min(1, len(keys)), f"wanted {list(keys)}, was told {news}"
        for key in keys:
            assert plain(self.words(key, **values)) in plain(news[0]), f"wanted {key}, was told: {news[0]}"
        return news

    async def expect_person_coming(self, *before: str) -> None:
        news = await self.news(1)
        assert len(news) == 1, news
        for key in before:
            assert plain(self.words(key)) in plain(news[0])
        assert plain(self.words("person/coming", expected="{}", hours=0).partition("{}")[0]) in plain(news[0]), news


def plain(text: str) -> str:
    """A text with its line breaks and spaces made alike."""
    return " ".join(text.split())


def same(said: str, text: str) -> bool:
    """Whether that was said; a long SMS is its beginning and a link."""
    said, text = plain(said), plain(text)
    if said == text:
        return True
    head = said.partition(_LINK)[0].rpartition(". ")[0]
    return _LINK in said and len(head) > 80 and text.startswith(head)
