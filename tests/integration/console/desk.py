"""A coordinator's browser without the browser, and somebody who waits for them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import FormData

from tests.conversations.script import Phone, Script

EMAIL, PASSWORD = "maya@perennial.example", "correct horse battery"


class Desk:
    """A coordinator's browser."""

    def __init__(self, script: Script, session: aiohttp.ClientSession) -> None:
        self.url, self.session = script.place.settings.public_url, session

    async def get(self, path: str) -> tuple[int, str]:
        async with self.session.get(self.url + path) as page:
            return page.status, await page.text()

    async def post(self, path: str, *fields: tuple[str, str], **form: str) -> tuple[int, str]:
        """Without following where it leads: status, and where to. `fields`: those that may come more than once."""
        data = FormData([*form.items(), *fields])
        async with self.session.post(self.url + path, data=data, allow_redirects=False) as page:
            return page.status, page.headers.get("Location", "") or await page.text()

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> int:
        return (await self.post("/console/sign-in", email=email, password=password))[0]

    async def case_of(self, reason: str = "asked") -> str:
        """The path of the newest case that waits for this reason."""
        _, page = await self.get("/console")
        return str(
            re.findall(rf'href="(/console/cases/[0-9a-f-]{{36}})">\s*<strong>[^<]*: {reason}</strong>', page)[-1]
        )

    async def form_of(self, case: str) -> dict[str, str]:
        _, page = await self.get(case)
        return dict(re.findall(r'name="(csrf|key|seen|back)" value="([^"]+)"', page))


@asynccontextmanager
async def desk_of(script: Script) -> AsyncIterator[Desk]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Desk(script, session)


async def waiting(script: Script) -> Phone:
    phone = script.phone()
    await phone.say("person")
    await phone.expect_person_coming()
    return phone
