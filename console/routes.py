"""The console's addresses: sign in, list, one conversation, answer, close. Every form carries the session's token."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from aiohttp import web

from console.accounts import LIFETIME, SignedIn, sign_in, sign_out
from console.cases import answer_case, close_case, list_cases, open_case
from console.pages import COOKIE, MAX_WORDS, Pages, id_in, words_in
from console.people import count_unsettled
from conversation.outbox import Outbox
from engagement import clock
from engagement.instruments import Instruments

_ATTEMPTS_A_MINUTE = 10
_NO_CASE = "There is no such case."


class Console:
    """Signing in and the escalations. `secure` marks the cookie for https; `queued` rings the delivery."""

    def __init__(
        self,
        pages: Pages,
        outbox: Outbox,
        instruments: Mapping[str, Instruments],
        *,
        list_script: str,
        secure: bool,
        queued: Callable[[], None],
    ) -> None:
        self._pages, self._database, self._instruments = pages, pages.database, instruments
        self._outbox, self._secure, self._queued = outbox, secure, queued
        self._list_script = list_script
        self._attempts: list[datetime] = []

    def routes(self) -> list[web.RouteDef]:
        behind = self._pages.behind
        return [
            web.get("/console", behind(self._list)),
            web.get("/console/sign-in", self._sign_in_page),
            web.post("/console/sign-in", self._sign_in),
            web.post("/console/sign-out", behind(self._sign_out)),
            web.get("/console/cases/{case}", behind(self._case)),
            web.post("/console/cases/{case}/answer", behind(self._answer)),
            web.post("/console/cases/{case}/close", behind(self._close)),
        ]

    async def _sign_in_page(self, request: web.Request) -> web.Response:
        return self._pages.page("sign_in.html", wrong=False)

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        at = clock.now()
        self._attempts = [moment for moment in self._attempts if (at - moment).total_seconds() < 60]
        if len(self._attempts) >= _ATTEMPTS_A_MINUTE:
            raise web.HTTPTooManyRequests(text="Too many attempts. Wait a minute and try again.")
        async with self._database.begin() as connection:
            cookie = await sign_in(
                connection,
                self._database.keyring,
                email=str(form.get("email", ""))[:320],
                password=str(form.get("password", ""))[:1000],
                at=at,
            )
        if cookie is None:
            self._attempts.append(at)
            return self._pages.page("sign_in.html", status=401, wrong=True)
        response = web.HTTPSeeOther("/console")
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=int(LIFETIME.total_seconds()),
            httponly=True,
            secure=self._secure,
            samesite="Lax",
            path="/console",
        )
        raise response

    async def _sign_out(self, request: web.Request, who: SignedIn) -> web.StreamResponse:
        async with self._database.begin() as connection:
            await sign_out(connection, request.cookies.get(COOKIE, ""))
        response = web.HTTPSeeOther("/console/sign-in")
        response.del_cookie(COOKIE, path="/console")
        raise response

    async def _list(self, request: web.Request, who: SignedIn) -> web.Response:
        async with self._database.begin() as connection:
            cases = await list_cases(connection, self._database.keyring, at=clock.now())
            unsettled = await count_unsettled(connection)
        return self._pages.page(
            "list.html", cases=cases, unsettled=unsettled, csrf=who.csrf, list_script=self._list_script
        )

    async def _case(self, request: web.Request, who: SignedIn) -> web.Response:
        async with self._database.begin() as connection:
            file = await open_case(
                connection,
                self._database.keyring,
                _case_id(request),
                instruments=self._instruments,
                by=who.coordinator_id,
                at=clock.now(),
            )
        if file is None:
            raise web.HTTPNotFound(text=_NO_CASE)
        return self._pages.page(
            "case.html",
            file=file,
            person=file.person,
            back=f"/console/cases/{file.case.id}",
            csrf=who.csrf,
            key=clock.now().timestamp(),
            maximum=MAX_WORDS,
        )

    async def _answer(self, request: web.Request, who: SignedIn) -> web.StreamResponse:
        form = await request.post()
        text = words_in(form.get("text"))
        case = _case_id(request)
        if not text or len(text) > MAX_WORDS:
            raise web.HTTPBadRequest(text=f"An answer has 1 to {MAX_WORDS} characters.")
        async with self._database.begin() as connection:
            found = await answer_case(
                connection,
                self._outbox,
                case,
                text,
                by=who.coordinator_id,
                key=str(form.get("key", ""))[:40],
                at=clock.now(),
            )
        if not found:
            raise web.HTTPNotFound(text=_NO_CASE)
        self._queued()
        raise web.HTTPSeeOther(f"/console/cases/{case}#answer")

    async def _close(self, request: web.Request, who: SignedIn) -> web.StreamResponse:
        form = await request.post()
        async with self._database.begin() as connection:
            await close_case(
                connection,
                self._database.keyring,
                _case_id(request),
                by=who.coordinator_id,
                note=str(form.get("note", ""))[:MAX_WORDS],
                at=clock.now(),
            )
        raise web.HTTPSeeOther("/console")


def _case_id(request: web.Request) -> UUID:
    return id_in(request, "case", missing=_NO_CASE)
