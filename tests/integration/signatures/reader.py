"""Somebody who opens a document's link: a browser without the browser."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from html import unescape
from uuid import UUID

import aiohttp

from engagement import clock
from engagement.consent import ConsentDocument, Consents
from engagement.signatures import open_request
from tests.conversations.script import Mailbox, Phone, Script
from tests.integration.interviewed import whose

STUDY = "parkinson-lrrk2-gba1"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request to sign, and who it is for."""

    request: UUID
    link: str
    phone: Phone
    participant: UUID


@asynccontextmanager
async def signed_by(script: Script, *signers: str) -> AsyncIterator[ConsentDocument]:
    """The study's document in force, signed by these roles for the length of the block."""
    consents = script.house.consents
    assert isinstance(consents, dict)
    before: Consents = consents[STUDY]
    document = before.in_force(clock.now().date())
    assert document is not None
    assent = document.assent or document.agreement
    changed = replace(document, signers=signers, assent=assent if "assent" in signers else document.assent)
    consents[STUDY] = replace(before, documents=(changed,))
    try:
        yield changed
    finally:
        consents[STUDY] = before


async def ask(
    script: Script,
    phone: Phone | None = None,
    *,
    may_sign: bool = True,
    answers: Mapping[str, bool] | None = None,
    study: str = STUDY,
) -> Asked:
    """Somebody with a phone is asked to sign the document of a study."""
    if phone is None:
        phone = script.phone()
        await phone.say("hello")
        await phone.expect("greet")
    participant = await whose(script, phone)
    document = script.house.consents[study].in_force(clock.now().date())
    assert document is not None
    async with script.service.built.database.begin() as connection:
        request = await open_request(
            connection,
            participant,
            study=study,
            version=document.version,
            may_sign=may_sign,
            at=clock.now(),
            answers=answers,
        )
    return Asked(request=request, link=script.house.document_link(request), phone=phone, participant=participant)


class Reader:
    """One browser at one link. `told`: who gets the codes."""

    def __init__(self, script: Script, session: aiohttp.ClientSession, link: str, told: Phone | Mailbox) -> None:
        self.script, self.session, self.link, self.told, self.page = script, session, link, told, ""

    async def get(self, more: str = "") -> int:
        async with self.session.get(self.link + more) as answer:
            self.page = unescape(await answer.text(errors="replace"))
            return answer.status

    async def fetch(self) -> tuple[int, str, bytes]:
        """The copy: status, type, bytes."""
        async with self.session.get(f"{self.link}/copy", allow_redirects=False) as answer:
            return answer.status, answer.content_type, await answer.read()

    async def post(self, what: str, form: Mapping[str, str] | None = None) -> int:
        """Send a form and go where it leads."""
        async with self.session.post(f"{self.link}/{what}", data=dict(form or {})) as answer:
            self.page = unescape(await answer.text())
            return answer.status

    async def code(self) -> str:
        """The code that has just been sent."""
        (told,) = await self.told.news(1)
        found = re.search(r"\b\d{6}\b", told)
        assert found, told
        return found.group()

    async def enter(self) -> None:
        """Prove who they are."""
        assert await self.post("code", {"channel": self.told.channel}) == 200
        assert await self.post("open", {"code": await self.code()}) == 200

    def hidden(self) -> dict[str, str]:
        """What the page's form carries unseen."""
        return dict(re.findall(r'type="hidden" name="(form|role|sha256)" value="([^"]*)"', self.page))

    def permissions(self, **but: str) -> dict[str, str]:
        """Yes to everything that is asked, `but` these."""
        asked = set(re.findall(r'name="(permission-[a-z_0-9]+)"', self.page))
        return {**dict.fromkeys(sorted(asked), "yes"), **{f"permission-{name}": value for name, value in but.items()}}

    async def signing_code(self) -> str:
        assert await self.post("signing-code", self.hidden()) == 200
        return await self.code()

    def form(self, code: str, **but: str) -> dict[str, str]:
        """A form filled in as it should be, `but` these fields."""
        return {**self.hidden(), **self.permissions(), "name": "Sam Rivera", "agreed": "yes", "code": code, **but}

    async def sign(self, **but: str) -> int:
        return await self.post("sign", self.form(await self.signing_code(), **but))

    def words(self, key: str) -> str:
        return self.script.words(f"signing/{key}", "webchat", "en")

    def shows(self, key: str) -> bool:
        return self.words(key) in self.page


@asynccontextmanager
async def reader_of(script: Script, link: str, told: Phone | Mailbox) -> AsyncIterator[Reader]:
    """A browser with nothing in it, at a link that somebody was told."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Reader(script, session, link, told)


@asynccontextmanager
async def reader(script: Script, asked: Asked) -> AsyncIterator[Reader]:
    async with reader_of(script, asked.link, asked.phone) as opened:
        yield opened
