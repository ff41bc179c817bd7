"""What somebody permits, on a page of its own: reached by the same kind of link as a document, with the same code before it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.content import Registry
from engagement.permissions import read_standing
from engagement.permissions.changes import Change
from engagement.permissions.hearing import limits
from engagement.permissions.listing import RECONTACT, Item, list_items, words_for
from engagement.permissions.speaking import spoken_by
from engagement.permissions.taking import record_change
from engagement.permissions.withdrawing import call_to_act
from engagement.signatures.requests import SigningRequest
from storage.database import lock_in_transaction
from storage.ids import new_id

_WEB = "web"
_LABELS = ("title", "intro", "save", "saved", "leave")


def is_of_permissions(request: SigningRequest) -> bool:
    """Whether a link leads here, and not to a document."""
    return not request.version


async def read_items(connection: AsyncConnection, request: SigningRequest, *, at: datetime) -> Sequence[Item]:
    """What is listed on the page."""
    return list_items(await read_standing(connection, request.participant_id, at=at), request.study)


def page_values(registry: Registry, items: Sequence[Item], *, language: str, study: str) -> Mapping[str, Any]:
    """What the template needs: labels, and each item with its two answers in words."""

    def words(key: str) -> str:
        return registry.render(key, language=language, channel="webchat", study=study).text

    return {
        "labels": {name: words(f"permissions/page/{name}") for name in _LABELS},
        "items": [
            {
                "id": item.id,
                "on": item.on,
                "what": words(f"permissions/what/{item.id}"),
                "yes": words(_agreed_words(item)),
                "no": words(words_for(item.purpose, item.scope, on=False)),
                "limits": [words(key.removeprefix("@")) for key in limits(item)],
            }
            for item in items
        ],
    }


async def save(
    connection: AsyncConnection,
    registry: Registry,
    request: SigningRequest,
    form: Mapping[str, object],
    *,
    language: str,
    at: datetime,
) -> int:
    """Record what the form says differently from the ledger; returns how many entries that made.

    Sent once more, it says nothing different. What the form does not mention stays.
    """
    await lock_in_transaction(connection, "permissions", request.participant_id)
    made, to_do = 0, list[str]()
    for item in await read_items(connection, request, at=at):
        answer = form.get(f"permission-{item.id}")
        if answer not in ("yes", "no") or (answer == "yes") == item.on:
            continue
        change = Change(item=item.id, on=answer == "yes")
        key = _agreed_words(item) if change.on else words_for(item.purpose, item.scope, on=False)
        version = registry.find(key, language=language, channel="webchat", study=request.study)
        cause = await spoken_by(
            connection, request.participant_id, request.study, said_on=_WEB, content_version_id=version.id
        )
        to_do += await record_change(connection, request.participant_id, request.study, change, at=at, cause=cause)
        made += 1
    if to_do:
        await call_to_act(connection, request.participant_id, request.study, to_do, at=at, cause_id=new_id())
    return made


def _agreed_words(item: Item) -> str:
    """The words of a yes: for invitations that are off, those of the widest reach, which is what a yes gives."""
    scope = "any" if item.purpose == RECONTACT and not item.on else item.scope
    return words_for(item.purpose, scope, on=True)
