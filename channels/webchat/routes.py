"""The web chat's addresses: the script tag, the page in its iframe, the page behind a signed link, the socket."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from channels.webchat.assets import AssetFolder
from channels.webchat.backend import Site, WebchatBackend
from channels.webchat.frames import MAX_TEXT
from channels.webchat.socket import DEFAULT_LIMITS, ChatSockets, Limits, choose_language, origin_of, utc_now
from channels.webchat.words import check_words

_HERE = Path(__file__).parent
_LAUNCHER_WORDS = ("title", "launcher", "close", "unread")


@dataclass(frozen=True, kw_only=True)
class _Pages:
    backend: WebchatBackend
    public_url: str
    languages: tuple[str, ...]
    stylesheets: tuple[str, ...]
    assets: AssetFolder
    templates: Environment

    async def embed(self, request: web.Request) -> web.Response:
        """`GET /chat/embed.js`: the one script a study's page names, with the words of its button."""
        words = {
            language: {name: self.backend.words(language)[name] for name in _LAUNCHER_WORDS}
            for language in self.languages
        }
        script = self.assets.content("embed.js").decode().replace("{/* words */}", json.dumps(words, sort_keys=True), 1)
        tag = hashlib.sha256(script.encode()).hexdigest()[:16]
        headers = {
            "Cache-Control": "public, max-age=300",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if any(etag.value == tag for etag in request.if_none_match or ()):
            return web.Response(status=304, headers={**headers, "ETag": f'"{tag}"'})
        response = web.Response(text=script, content_type="text/javascript", charset="utf-8", headers=headers)
        response.etag = tag
        return response

    async def frame(self, request: web.Request) -> web.Response:
        """`GET /chat/frame?site=…&language=…`: the chat itself, for the iframe or on its own."""
        site = await self.backend.site(request.query.get("site", "")[:100])
        if site is None:
            raise web.HTTPNotFound
        language = choose_language(request.query.get("language", ""), site)
        return self._chat_page(site, language, link="")

    async def continued(self, request: web.Request) -> web.Response:
        """`GET /chat/c/{token}`: goes on with a conversation. Looking uses nothing up; the socket's hello does."""
        token = request.match_info["token"]
        link = await self.backend.continue_link(token)
        if link is None:
            words = [(language, self.backend.words(language)) for language in self._preferred(request)]
            text = self.templates.get_template("expired.html").render(
                words=words, stylesheets=self._styles(), language=words[0][0]
            )
            return _html(text, status=410, ancestors=("'none'",), private=True)
        return self._chat_page(link.site, choose_language(link.language, link.site), link=token)

    def _chat_page(self, site: Site, language: str, *, link: str) -> web.Response:
        words = check_words(self.backend.words(language), language=language)
        config = {
            "site": site.token,
            "language": language,
            "link": link,
            "parents": [*site.origins, origin_of(self.public_url)],
            "maximum": MAX_TEXT,
            "words": words,
        }
        text = self.templates.get_template("chat.html").render(
            words=words,
            language=language,
            maximum=MAX_TEXT,
            config=json.dumps(config, ensure_ascii=False),
            stylesheets=self._styles(),
            script=self.assets.url("chat.js"),
        )
        ancestors = ("'none'",) if link else ("'self'", *site.origins)
        socket_origin = origin_of(self.public_url).replace("http", "ws", 1)
        return _html(text, ancestors=ancestors, connect=("'self'", socket_origin), private=bool(link))

    def _styles(self) -> list[str]:
        return [*self.stylesheets, self.assets.url("chat.css")]

    def _preferred(self, request: web.Request) -> list[str]:
        accepted = request.headers.get("Accept-Language", "").lower()
        return sorted(self.languages, key=lambda language: accepted.find(language) % 10_000)


def _html(
    text: str,
    *,
    ancestors: Sequence[str],
    connect: Sequence[str] = ("'none'",),
    status: int = 200,
    private: bool = False,
) -> web.Response:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src {' '.join(connect)}; frame-ancestors {' '.join(ancestors)}; base-uri 'none'; form-action 'none'"
    )
    return web.Response(
        text=text,
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers={
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store" if private else "no-cache",
            "Referrer-Policy": "no-referrer" if private else "strict-origin-when-cross-origin",
            "X-Content-Type-Options": "nosniff",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        },
    )


def add_webchat(
    app: web.Application,
    backend: WebchatBackend,
    *,
    public_url: str,
    languages: Sequence[str],
    stylesheets: Sequence[str],
    limits: Limits = DEFAULT_LIMITS,
    clock: Callable[[], datetime] = utc_now,
) -> ChatSockets:
    """Adds the web chat to the application, to be closed with it.

    `public_url`: where browsers reach the service. `languages`: those of the launcher button. `stylesheets`: addresses
    of the design tokens, before the chat's own. Fails at once with `MissingWords` where a label has no text.
    """
    for language in languages:
        check_words(backend.words(language), language=language)
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    pages = _Pages(
        backend=backend,
        public_url=public_url,
        languages=tuple(languages),
        stylesheets=tuple(stylesheets),
        assets=AssetFolder(_HERE / "static", prefix="/chat/static"),
        templates=templates,
    )
    sockets = ChatSockets(backend, public_url=public_url, limits=limits, clock=clock)
    app.add_routes(
        [
            web.get("/chat/ws", sockets.handle),
            web.get("/chat/embed.js", pages.embed),
            web.get("/chat/frame", pages.frame),
            web.get("/chat/c/{token}", pages.continued),
            *pages.assets.routes(),
        ]
    )
    app.on_shutdown.append(sockets.close)
    return sockets
