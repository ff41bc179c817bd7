"""What the document's pages look like: templates filled, and the headers that keep them to themselves."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conversation.content import Registry
from engagement.signatures.sheet import Sheet
from service.signing.words import REASONS, RELATIONSHIPS, page_words
from service.web.assets import TEMPLATES

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class Pages:
    """Draws them. `stylesheets`: addresses, the shared ones first."""

    def __init__(self, registry: Registry, *, stylesheets: Sequence[str]) -> None:
        self._registry, self._stylesheets = registry, list(stylesheets)
        self._templates = Environment(
            loader=FileSystemLoader([Path(__file__).parent / "templates", TEMPLATES]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )

    def nothing(self, *, language: str, study: str) -> web.HTTPException:
        """A link that leads nowhere: forged, too old, superseded; nobody is told which."""
        words = self._words(language, study)
        text = self._render("notice.html", words, language=language, title=words["link_title"], text=words["link_text"])
        return web.HTTPNotFound(text=text, content_type="text/html", headers=_HEADERS)

    def who(
        self,
        *,
        token: str,
        language: str,
        study: str,
        channels: Sequence[str],
        sent: bool,
        problems: Sequence[str],
        status: int,
    ) -> web.Response:
        """Before anything is shown."""
        words = self._words(language, study)
        if not channels:
            title, text = words["no_reach_title"], words["no_reach_text"]
            return self._page("notice.html", words, language=language, title=title, text=text)
        return self._page(
            "who.html",
            words,
            status=status,
            language=language,
            at=f"/consent/{token}",
            channels=channels,
            sent=sent,
            problems=problems,
        )

    def document(
        self,
        *,
        token: str,
        language: str,
        study: str,
        sheet: Sheet,
        languages: Sequence[str],
        role: str,
        code_sent: bool,
        answers: Mapping[str, bool],
        form: str,
        filled: Mapping[str, object],
        problems: Sequence[str],
        status: int,
    ) -> web.Response:
        """The document, and the part of whoever's turn it is; `role` is "" where it is only read."""
        said = {f"permission-{name}": "yes" if yes else "no" for name, yes in answers.items()}
        return self._page(
            "document.html",
            self._words(language, study),
            status=status,
            language=language,
            at=f"/consent/{token}",
            sheet=sheet,
            languages=languages,
            role=role,
            code_sent=code_sent,
            form=form,
            filled={**said, **filled},
            problems=problems,
            relationships=RELATIONSHIPS,
            reasons=REASONS,
        )

    def done(self, *, token: str, language: str, study: str, ended_as: str, waiting: bool) -> web.Response:
        """After it was signed, or declined."""
        words = self._words(language, study)
        if ended_as == "declined":
            title, text = words["declined_title"], words["declined_text"]
            return self._page("notice.html", words, language=language, title=title, text=text)
        return self._page("done.html", words, language=language, at=f"/consent/{token}", waiting=waiting)

    def permissions(
        self,
        *,
        token: str,
        language: str,
        languages: Sequence[str],
        study: str,
        form: str,
        saved: bool,
        values: Mapping[str, object],
    ) -> web.Response:
        """What they permit, each with a yes and a no. `values`: of `service.signing.permissions.page_values`."""
        return self._page(
            "permissions.html",
            self._words(language, study),
            language=language,
            at=f"/consent/{token}",
            languages=languages,
            form=form,
            saved=saved,
            labels=values["labels"],
            items=values["items"],
        )

    def outdated(self, *, token: str, language: str, study: str) -> web.Response:
        """The document is not in force any more."""
        words = self._words(language, study)
        title, text = words["outdated_title"], words["outdated_text"]
        return self._page("notice.html", words, status=410, language=language, title=title, text=text)

    def _words(self, language: str, study: str) -> Mapping[str, str]:
        return page_words(self._registry, language=language, study=study)

    def _page(self, template: str, words: Mapping[str, str], *, status: int = 200, **values: object) -> web.Response:
        text = self._render(template, words, **values)
        return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=_HEADERS)

    def _render(self, template: str, words: Mapping[str, str], **values: object) -> str:
        return self._templates.get_template(template).render(
            stylesheets=self._stylesheets, words=words, skip=words["skip"], **values
        )
