"""The addresses of the demo's pages; what they ask for as JSON is served elsewhere (the fake Twilio, the mailbox)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from channels.webchat.assets import AssetFolder
from service.web.assets import TEMPLATES, base_stylesheets

_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """A seeded participant that the newcomer can play."""

    name: str
    number: str
    address: str
    language: str
    """As people call it."""


@dataclass(frozen=True, kw_only=True)
class _Pages:
    people: tuple[DemoPerson, ...]
    site_token: str
    service_number: str
    service_address: str
    console_path: str
    shared: AssetFolder
    assets: AssetFolder
    templates: Environment

    async def landing(self, request: web.Request) -> web.Response:
        return self._page("landing.html", console_path=self.console_path, script=self.assets.url("landing.js"))

    async def phone(self, request: web.Request) -> web.Response:
        return self._page(
            "phone.html", people=self.people, number=self.service_number, script=self.assets.url("phone.js")
        )

    async def mailbox(self, request: web.Request) -> web.Response:
        return self._page(
            "mailbox.html", people=self.people, address=self.service_address, script=self.assets.url("mailbox.js")
        )

    async def study(self, request: web.Request) -> web.Response:
        language = "es" if request.query.get("lang", "").lower().startswith("es") else "en"
        words = json.loads(self.assets.content("study.json"))[language]
        return self._page("study.html", language=language, words=words, site_token=self.site_token, skip=words["skip"])

    def _page(self, template: str, **values: object) -> web.Response:
        stylesheets = [*base_stylesheets(self.shared), self.assets.url("demo.css")]
        text = self.templates.get_template(template).render(stylesheets=stylesheets, **values)
        return web.Response(
            text=text,
            content_type="text/html",
            charset="utf-8",
            headers={
                "Content-Security-Policy": _POLICY,
                "Cache-Control": "no-cache",
                "Referrer-Policy": "same-origin",
                "X-Content-Type-Options": "nosniff",
            },
        )


def demo_routes(
    *,
    shared: AssetFolder,
    people: Sequence[DemoPerson],
    site_token: str,
    service_number: str,
    service_address: str,
    console_path: str,
) -> list[web.RouteDef]:
    """The demo's pages and their static files.

    `shared`: what `service.web.assets.shared_assets()` gave; its own routes are added by the caller. `service_number`,
    `service_address`: where the service is texted and written to. `console_path`: the coordinators' list.
    """
    pages = _Pages(
        people=tuple(people),
        site_token=site_token,
        service_number=service_number,
        service_address=service_address,
        console_path=console_path,
        shared=shared,
        assets=AssetFolder(_HERE / "static", prefix="/demo/static"),
        templates=Environment(
            loader=FileSystemLoader([_HERE / "templates", TEMPLATES]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        ),
    )
    return [
        web.get("/", pages.landing),
        web.get("/demo/phone", pages.phone),
        web.get("/demo/study", pages.study),
        web.get("/demo/mailbox", pages.mailbox),
        *pages.assets.routes(),
    ]
