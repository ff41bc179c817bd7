"""The console's addresses: sign in, list, one conversation, answer, close. Every form carries the session's token."""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.accounts import LIFETIME, SignedIn, sign_in, sign_out, signed_in
from console.cases import answer, close_case, list_cases, open_case, unsettled_sends
from conversation.outbox import Outbox
from engagement import clock
from storage.database import Database

COOKIE = "perennial_console"
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_MAX_ANSWER = 4000
_ATTEMPTS_A_MINUTE = 10

Page = Callable[[web.Request, SignedIn], Awaitable[web.StreamResponse]]


class Console:
    """The pages. `secure` marks the cookie for https."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        *,
        templates: Sequence[Path],
        stylesheets: Sequence[str],
        list_script: str,
        secure: bool,
        queued: Callable[[], None],
    ) -> None:
        self._database, self._outbox, self._secure, self._queued = database, outbox, secure, queued
        self._stylesheets, self._list_script = list(stylesheets), list_script
        self._attempts: list[datetime] = []
        self._templates = Environment(
            loader=FileSystemLoader([Path(__file__).parent / "templates", *templates]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/console", self._behind(self._list)),
            web.get("/console/sign-in", self._sign_in_page),
            web.post("/console/sign-in", self._sign_in),
            web.post("/console/sign-out", self._behind(self._sign_out)),
            web.get("/console/cases/{case}", self._behind(self._case)),
            web.post("/console/cases/{case}/answer", self._behind(self._answer)),
            web.post("/console/cases/{case}/close", self._behind(self._close)),
        ]

    def _behind(self, page: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            async with self._database.begin() as connection:
                who = await signed_in(connection, request.cookies.get(COOKIE, ""), at=clock.now())
            if who is None:
                raise web.HTTPSeeOther("/console/sign-in")
            if request.method == "POST":
                form = await request.post()
                if not hmac.compare_digest(str(form.get("csrf", "")).encode(), who.csrf.encode()):
                    raise web.HTTPForbidden(text="The form is out of date. Go back, reload the page and try again.")
            return await page(request, who)

        return guarded

    async def _sign_in_page(self, request: web.Request) -> web.Response:
        return self._page("sign_in.html", wrong=False)

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
            return self._page("sign_in.html", status=401, wrong=True)
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
            unsettled = await unsettled_sends(connection)
        return self._page("list.html", cases=cases, unsettled=unsettled, csrf=who.csrf, list_script=self._list_script)

    async def _case(self, request: web.Request, who: SignedIn) -> web.Response:
        async with self._database.begin() as connection:
            file = await open_case(
                connection, self._database.keyring, _case_id(request), by=who.coordinator_id, at=clock.now()
            )
        if file is None:
            raise web.HTTPNotFound(text="There is no such case.")
        return self._page("case.html", file=file, csrf=who.csrf, key=clock.now().timestamp(), maximum=_MAX_ANSWER)

    async def _answer(self, request: web.Request, who: SignedIn) -> web.StreamResponse:
        form = await request.post()
        text = str(form.get("text", "")).replace("\0", "").strip()
        case = _case_id(request)
        if not text or len(text) > _MAX_ANSWER:
            raise web.HTTPBadRequest(text=f"An answer has 1 to {_MAX_ANSWER} characters.")
        async with self._database.begin() as connection:
            found = await answer(
                connection,
                self._outbox,
                case,
                text,
                by=who.coordinator_id,
                key=str(form.get("key", ""))[:40],
                at=clock.now(),
            )
        if not found:
            raise web.HTTPNotFound(text="There is no such case.")
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
                note=str(form.get("note", ""))[:_MAX_ANSWER],
                at=clock.now(),
            )
        raise web.HTTPSeeOther("/console")

    def _page(self, template: str, *, status: int = 200, **values: object) -> web.Response:
        text = self._templates.get_template(template).render(stylesheets=self._stylesheets, **values)
        return web.Response(
            text=text,
            status=status,
            content_type="text/html",
            charset="utf-8",
            headers={
                "Content-Security-Policy": _POLICY,
                "Cache-Control": "no-store",
                "Referrer-Policy": "no-referrer",
                "X-Content-Type-Options": "nosniff",
            },
        )


def _case_id(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["case"])
    except ValueError:
        raise web.HTTPNotFound(text="There is no such case.") from None
