import re
from html import unescape

import pytest

from tests.integration.webchat.support import Chat


async def test_the_script_names_no_global_and_brings_its_words(chat: Chat) -> None:
    response = await chat.client.get(chat.server.make_url("/chat/embed.js"))
    script = await response.text()
    assert response.content_type == "text/javascript"
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert '"launcher": "Chat with us"' in script
    assert "Escr\\u00edbanos" in script
    again = await chat.client.get(
        chat.server.make_url("/chat/embed.js"), headers={"If-None-Match": response.headers["ETag"]}
    )
    assert again.status == 304


@pytest.mark.parametrize(
    ("asked", "language", "label"), [("es-MX", "es", "Su mensaje"), ("en", "en", "Your message"), ("fr", "en", "Send")]
)
async def test_the_frame_speaks_the_language_of_the_page(chat: Chat, asked: str, language: str, label: str) -> None:
    response = await chat.client.get(chat.server.make_url(f"/chat/frame?site=site-1&language={asked}"))
    text = await response.text()
    assert f'<html lang="{language}">' in text
    assert label in text


async def test_the_frame_may_be_framed_by_the_sites_pages_only_and_runs_nothing_inline(chat: Chat) -> None:
    response = await chat.client.get(chat.server.make_url("/chat/frame?site=site-1"))
    policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"] == "'self' https://study.example.org"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"] == "'self' wss://chat.example.org"
    text = await response.text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", text)


async def test_an_unknown_site_has_no_frame(chat: Chat) -> None:
    response = await chat.client.get(chat.server.make_url("/chat/frame?site=%3Cscript%3E"))
    assert response.status == 404


async def test_a_link_opens_the_chat_and_is_kept_secret(chat: Chat) -> None:
    token = chat.backend.sign("link", "ann")
    response = await chat.client.get(chat.server.make_url(f"/chat/c/{token}"))
    text = unescape(await response.text())
    assert response.status == 200
    assert '<html lang="es">' in text
    assert f'"link": "{token}"' in text
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert chat.backend.talks == {}


async def test_an_old_link_is_explained_in_the_readers_language_first(chat: Chat) -> None:
    response = await chat.client.get(
        chat.server.make_url("/chat/c/forged"), headers={"Accept-Language": "es-US,es;q=0.9"}
    )
    text = await response.text()
    assert response.status == 410
    assert text.index("Este enlace ya no sirve") < text.index("This link is too old")


async def test_static_files_are_kept_for_a_year_under_their_version_only(chat: Chat) -> None:
    page = await (await chat.client.get(chat.server.make_url("/chat/frame?site=site-1"))).text()
    found = re.search(r'src="(/chat/static/\w+/chat\.js)"', page)
    assert found
    current = await chat.client.get(chat.server.make_url(found[1]))
    assert "immutable" in current.headers["Cache-Control"]
    assert current.headers["Content-Type"] == "text/javascript; charset=utf-8"
    other = await chat.client.get(chat.server.make_url("/chat/static/other/chat.js"))
    assert other.headers["Cache-Control"] == "no-cache"
    for name in ("nothing.js", "..%2F..%2Frate.py", "%2Fetc%2Fpasswd"):
        assert (await chat.client.get(chat.server.make_url(f"/chat/static/x/{name}"))).status == 404
