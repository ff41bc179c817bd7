"""A laboratory, courier or site in a test: it has a key, knows codes, and posts over real HTTP."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Self
from uuid import UUID, uuid4

import aiohttp

from channels.events.model import KINDS
from engagement.api_keys import add_key
from engagement.codes import give_code
from engagement.participants import find_contact
from engagement.permissions import Cause, grant_by_taking_part
from tests.conversations.script import Phone, Script

STUDY, OTHER = "parkinson-lrrk2-gba1", "batten-cln2"
AT = (datetime.now(UTC) - timedelta(days=2)).replace(microsecond=0)
_NUMBERS = count(1)


class Lab:
    """`post` sends as a source; `known` makes a participant with a code."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.url = script.place.settings.public_url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._session is not None
        await self._session.close()

    async def key(
        self, source: str = "", kinds: tuple[str, ...] = KINDS, studies: tuple[str, ...] = (STUDY,)
    ) -> tuple[UUID, str]:
        """A fresh key; of a source of its own where none is named."""
        async with self.script.service.built.database.begin() as connection:
            return await add_key(
                connection,
                source=source or f"lab-{next(_NUMBERS)}",
                kinds=kinds,
                studies=studies,
                actor="test",
                at=datetime.now(UTC),
            )

    async def known(self, phone: Phone | None = None, *, allowed: bool = True) -> tuple[UUID, str]:
        """Somebody who has written once, takes part, and has a code: their id and the code."""
        phone = phone or self.script.phone()
        await phone.say("hello")
        await phone.news(1)
        database = self.script.service.built.database
        async with database.begin() as connection:
            contact = await find_contact(connection, database.keyring, "sms", phone.number)
            assert contact is not None
            who, now = contact.participant_id, datetime.now(UTC)
            code = await give_code(connection, database.keyring, who, STUDY, at=now)
            if allowed:
                await grant_by_taking_part(
                    connection, who, STUDY, at=now, cause=Cause(actor="participant", said_on="sms")
                )
        return who, code

    async def post(
        self, body: object, *, key: str = "", path: str = "/api/v1/events", method: str = "POST", **headers: str
    ) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        """Status, JSON and headers. `body`: JSON, or bytes as they are."""
        assert self._session is not None
        sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            sent["Authorization"] = f"Bearer {key}"
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self._session.request(method, self.url + path, data=data, headers=sent) as answer:
            return answer.status, json.loads(await answer.text()), answer.headers

    async def stage(self, who: UUID, study: str = STUDY) -> str:
        (row,) = await self.script.place.rows(
            "select stage from enrolments where participant_id = %s and study_slug = %s", who, study
        )
        return str(row["stage"])


def event(code: str, kind: str = "kit_delivered", *, hours: float = 0, **more: object) -> dict[str, object]:
    """An event as a source sends it."""
    return {
        "id": uuid4().hex,
        "study": STUDY,
        "participant": code,
        "kind": kind,
        "at": (AT + timedelta(hours=hours)).isoformat(),
        **more,
    }
