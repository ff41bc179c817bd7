"""What all pages of the console share: who may see them, the token their forms carry, how they are rendered."""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from uuid import UUID

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.accounts import SignedIn, signed_in
from engagement import clock
from storage.database import Database

COOKIE = "perennial_console"
MAX_WORDS = 4000
"""Characters of an answer, a note, a reason."""

_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

Page = Callable[[web.Request, SignedIn], Awaitable[web.StreamResponse]]


class Pages:
    """Guards and renders. `templates`: folders besides the console's own."""

    def __init__(self, database: Database, *, templates: Sequence[Path], stylesheets: Sequence[str]) -> None:
        self.database, self._stylesheets = database, list(stylesheets)
        self._templates = Environment(
            loader=FileSystemLoader([Path(__file__).parent / "templates", *templates]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )

    def behind(self, page: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """`page` for those who are signed in; a POST only with their session's token."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            async with self.database.begin() as connection:
                who = await signed_in(connection, request.cookies.get(COOKIE, ""), at=clock.now())
            if who is None:
                raise web.HTTPSeeOther("/console/sign-in")
            if request.method == "POST":
                form = await request.post()
                if not hmac.compare_digest(str(form.get("csrf", "")).encode(), who.csrf.encode()):
                    raise web.HTTPForbidden(text="The form is out of date. Go back, reload the page and try again.")
            return await page(request, who)

        return guarded

    def page(self, template: str, *, status: int = 200, **values: object) -> web.Response:
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


def id_in(request: web.Request, name: str, *, missing: str) -> UUID:
    """The id in an address; 404 that says `missing` where it is none."""
    try:
        return UUID(request.match_info[name])
    except ValueError:
        raise web.HTTPNotFound(text=missing) from None


def words_in(value: object) -> str:
    """What was typed into a form's field."""
    return str(value or "").replace("\0", "").strip()
