"""The addresses beside the escalations: any participant's page, opt-outs and their undoing, sends of unknown fate."""

from collections.abc import Callable, Mapping
from uuid import UUID

from aiohttp import web

from console.accounts import SignedIn
from console.pages import MAX_WORDS, Pages, id_in, words_in
from console.people import read_person, stopped, unsettled
from console.writing import write_to
from conversation.outbox import Outbox, wake_web_chats
from conversation.settling import settle_unknown
from engagement import clock
from engagement.contact import parse_contact
from engagement.instruments import Instruments
from engagement.optout_history import HasWrittenSince, undo_opt_out
from engagement.participants import find_contact

_NO_PERSON = "There is no such participant."
_NO_REASON = f"Write the reason: 1 to {MAX_WORDS} characters."


class Upkeep:
    """What a coordinator does to a conversation that waits for nobody. Nothing is sent but their own words."""

    def __init__(
        self, pages: Pages, outbox: Outbox, instruments: Mapping[str, Instruments], *, queued: Callable[[], None]
    ) -> None:
        self._pages, self._database, self._instruments = pages, pages.database, instruments
        self._outbox, self._queued = outbox, queued

    def routes(self) -> list[web.RouteDef]:
        behind = self._pages.behind
        return [
            web.get("/console/stopped", behind(self._stopped)),
            web.post("/console/find", behind(self._find)),
            web.get("/console/unsettled", behind(self._unsettled)),
            web.get("/console/participants/{participant}", behind(self._person)),
            web.post("/console/participants/{participant}/write", behind(self._write)),
            web.post("/console/participants/{participant}/opt-in", behind(self._opt_in)),
            web.post("/console/participants/{participant}/sends/{message}", behind(self._settle)),
        ]

    async def _stopped(self, request: web.Request, who: SignedIn) -> web.Response:
        return await self._stopped_page(who)

    async def _stopped_page(self, who: SignedIn, *, status: int = 200, problem: str = "") -> web.Response:
        async with self._database.begin() as connection:
            people = await stopped(connection, self._database.keyring)
        return self._pages.page("stopped.html", status=status, people=people, problem=problem, csrf=who.csrf)

    async def _find(self, request: web.Request, who: SignedIn) -> web.StreamResponse:
        """By POST: a number or an address in a URL would stand in logs and histories."""
        form = await request.post()
        parsed = parse_contact(words_in(form.get("contact"))[:254])
        if parsed is None:
            return await self._stopped_page(who, status=400, problem="That is no phone number and no e-mail address.")
        async with self._database.begin() as connection:
            contact = await find_contact(connection, self._database.keyring, *parsed)
        if contact is None:
            return await self._stopped_page(who, status=404, problem="Nobody is known by that.")
        raise web.HTTPSeeOther(f"/console/participants/{contact.participant_id}")

    async def _unsettled(self, request: web.Request, who: SignedIn) -> web.Response:
        async with self._database.begin() as connection:
            sends = await unsettled(connection, self._database.keyring)
        return self._pages.page("unsettled.html", sends=sends, csrf=who.csrf)

    async def _person(self, request: web.Request, who: SignedIn) -> web.Response:
        return await self._person_page(request, who)

    async def _person_page(
        self, request: web.Request, who: SignedIn, *, status: int = 200, problem: str = ""
    ) -> web.Response:
        participant = _participant(request)
        async with self._database.begin() as connection:
            person = await read_person(
                connection,
                self._database.keyring,
                participant,
                instruments=self._instruments,
                by=who.coordinator_id,
                at=clock.now(),
            )
        if person is None:
            raise web.HTTPNotFound(text=_NO_PERSON)
        return self._pages.page(
            "person.html",
            status=status,
            person=person,
            problem=problem,
            back=f"/console/participants/{person.id}",
            csrf=who.csrf,
            key=clock.now().timestamp(),
            maximum=MAX_WORDS,
        )

    async def _write(self, request: web.Request, who: SignedIn) -> web.StreamResponse:
        form, participant = await request.post(), _participant(request)
        text = words_in(form.get("text"))
        if not text or len(text) > MAX_WORDS:
            told = f"A message has 1 to {MAX_WORDS} characters."
            return await self._person_page(request, who, status=400, problem=told)
        async with self._database.begin() as connection:
            found = await write_to(
                connection,
                self._outbox,
                participant,
                text,
                by=who.coordinator_id,
                key=f"{participant}:{str(form.get('key', ''))[:40]}",
                at=clock.now(),
            )
        if not found:
            told = "They have never written: there is nowhere to answer."
            return await self._person_page(request, who, status=409, problem=told)
        self._queued()
        raise web.HTTPSeeOther(f"/console/participants/{participant}#write")

    async def _opt_in(self, request: web.Request, who: SignedIn) -> web.StreamResponse:
        form, participant = await request.post(), _participant(request)
        reason = words_in(form.get("reason"))
        channels = [str(channel) for channel in form.getall("channel", [])]
        if not reason or len(reason) > MAX_WORDS:
            return await self._person_page(request, who, status=400, problem=_NO_REASON)
        if not channels:
            return await self._person_page(request, who, status=400, problem="Choose at least one channel.")
        try:
            async with self._database.begin() as connection:
                await undo_opt_out(
                    connection,
                    self._database.keyring,
                    participant,
                    channels=channels,
                    by=who.coordinator_id,
                    reason=reason,
                    seen=_uuid(form.get("seen")),
                    at=clock.now(),
                )
                await wake_web_chats(connection, participant)
        except HasWrittenSince:
            told = "They have written since you opened the page. Read it first; nothing was changed."
            return await self._person_page(request, who, status=409, problem=told)
        raise web.HTTPSeeOther(f"{_back(form.get('back'), participant)}#opt-outs")

    async def _settle(self, request: web.Request, who: SignedIn) -> web.StreamResponse:
        form, participant = await request.post(), _participant(request)
        message = id_in(request, "message", missing="There is no such message.")
        reason, fate = words_in(form.get("reason")), form.get("fate")
        if not reason or len(reason) > MAX_WORDS:
            return await self._person_page(request, who, status=400, problem=_NO_REASON)
        if fate not in ("arrived", "lost"):
            return await self._person_page(request, who, status=400, problem="Say whether it arrived.")
        async with self._database.begin() as connection:
            settled = await settle_unknown(
                connection,
                self._database.keyring,
                message,
                arrived=fate == "arrived",
                by=who.coordinator_id,
                reason=reason,
                at=clock.now(),
            )
        if not settled:
            told = "That send is settled already; nothing was changed."
            return await self._person_page(request, who, status=409, problem=told)
        raise web.HTTPSeeOther(f"{_back(form.get('back'), participant)}#m-{message}")


def _participant(request: web.Request) -> UUID:
    return id_in(request, "participant", missing=_NO_PERSON)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _back(value: object, participant: UUID) -> str:
    """The page the form stood on: this participant's, or a case by its id; never an address from the form itself."""
    case = _uuid(str(value or "").removeprefix("/console/cases/"))
    return f"/console/cases/{case}" if case else f"/console/participants/{participant}"
