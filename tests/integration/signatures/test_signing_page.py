"""The document's page from link to copy: identity first, signed once, and all that follows from it."""

import asyncio
import hashlib
import io
import re
from datetime import UTC, datetime

import pypdf
import pytest

from engagement import clock
from engagement.permissions import read_standing
from engagement.signatures.ledger import signatures_on
from engagement.verification import ATTEMPTS
from tests.conversations.script import Script
from tests.integration.signatures.reader import STUDY, Asked, ask, reader

TITLE = "Larkspur"


async def kept(script: Script, asked: Asked) -> list[str]:
    """The roles that have signed."""
    database = script.service.built.database
    async with database.begin() as connection:
        return [each.record.role for each in await signatures_on(connection, database.keyring, asked.request)]


async def stage(script: Script, asked: Asked) -> str:
    (row,) = await script.place.rows(
        "select stage from enrolments where participant_id = %s and study_slug = %s", asked.participant, STUDY
    )
    return str(row["stage"])


async def test_nothing_is_shown_before_the_code(script: Script) -> None:
    asked = await ask(script)
    async with reader(script, asked) as page:
        assert await page.get() == 200
        assert page.shows("page/who_title")
        assert TITLE not in page.page
        assert asked.phone.number[-4:] not in page.page
        assert await asked.phone.news(0) == [], "looking at a link sends nothing"
        await page.enter()
        assert TITLE in page.page
        assert re.findall(r"<h2 id=\"part-(\w+)\"", page.page)[0] == "key_information"


async def test_signed(script: Script) -> None:
    asked = await ask(script, answers={"share_commercial": False})
    async with reader(script, asked) as page:
        await page.enter()
        assert re.search(r'name="permission-share_commercial" value="no" required checked', page.page)
        before = datetime.now(UTC)
        assert await page.sign(**page.permissions(share_commercial="no")) == 200
        assert page.shows("page/done_title")
        status, kind, pdf = await page.fetch()
    assert (status, kind) == (200, "application/pdf")
    database = script.service.built.database
    async with database.begin() as connection:
        (signature,) = await signatures_on(connection, database.keyring, asked.request)
        standing = await read_standing(connection, asked.participant, at=clock.now())
    record = signature.record
    document = script.house.consents[STUDY].version(record.version)
    assert document is not None
    assert (record.name, record.role, record.language) == ("Sam Rivera", "participant", "en")
    assert record.document_sha256 == document.sha256("en")
    assert record.meaning == document.agreement.in_("en")
    assert before <= record.at <= datetime.now(UTC)
    assert record.time_zone == script.house.pack(STUDY).time_zone
    assert [proof.how for proof in record.identity] == ["code", "code"]
    assert record.identity[0].code != record.identity[1].code, "a fresh code for signing"
    text = "".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())
    for part in ("Sam Rivera", document.sha256("en"), signature.sha256, record.meaning):
        assert "".join(part.split()) in text
    (copy,) = await script.place.rows("select pdf_sha256 from signed_copies where request_id = %s", asked.request)
    assert hashlib.sha256(pdf).hexdigest() == copy["pdf_sha256"]
    assert await stage(script, asked) == "consented"
    assert standing.allows("genetic_testing", study=STUDY).allowed
    assert standing.allows("study_contact", study=STUDY, channel="sms").allowed
    assert standing.allows("data_sharing", study=STUDY, scope="academic").allowed
    refused = standing.allows("data_sharing", study=STUDY, scope="commercial")
    assert (refused.allowed, refused.reason) == (False, "withdrawn")
    (told,) = await asked.phone.news(1)
    assert "/consent/" in told


async def test_a_second_click_signs_nothing_more(script: Script) -> None:
    asked = await ask(script)
    async with reader(script, asked) as page:
        await page.enter()
        form = page.form(await page.signing_code())
        clicks = await asyncio.gather(
            *(page.session.post(f"{asked.link}/sign", data=form, allow_redirects=False) for _ in range(4))
        )
        assert [click.status for click in clicks] == [303] * 4
    assert await kept(script, asked) == ["participant"]
    assert len(await asked.phone.news(1)) == 1
    rows = await script.place.rows("select 1 from signed_copies where request_id = %s", asked.request)
    assert len(rows) == 1


async def test_a_link_signs_once(script: Script) -> None:
    """Replayed: with a browser, a code and a form of its own."""
    asked = await ask(script)
    async with reader(script, asked) as first:
        await first.enter()
        form = first.form("")
        assert await first.sign() == 200
    await asked.phone.news(1)
    async with reader(script, asked) as again:
        assert await again.get() == 200
        assert "Sam" not in again.page
        assert (await again.fetch())[0] == 303, "no copy without a code"
        assert await again.post("sign", form) == 200
        assert again.shows("page/who_title")
        await again.enter()
        assert again.shows("page/done_title")
        assert (await again.fetch())[0] == 200
    assert await kept(script, asked) == ["participant"]


async def test_a_forwarded_link_shows_nothing_and_signs_nothing(script: Script) -> None:
    """Opened by somebody else, while the right one is reading: no cookie, so no page, no form, no copy."""
    asked = await ask(script)
    async with reader(script, asked) as mine, reader(script, asked) as theirs:
        await mine.enter()
        form = mine.form(await mine.signing_code())
        for what in ("sign", "signing-code"):
            assert await theirs.post(what, form) == 200
            assert theirs.shows("page/who_title")
            assert TITLE not in theirs.page
        assert await theirs.post("open", {"code": "000000"}) == 403
        assert await kept(script, asked) == []
        assert await mine.post("sign", form) == 200
    assert await kept(script, asked) == ["participant"]


async def test_a_forged_link_leads_nowhere(script: Script) -> None:
    asked = await ask(script)
    forged = asked.link[:-1] + ("A" if asked.link[-1] != "A" else "B")
    async with reader(script, asked) as page:
        for link in (forged, asked.link + "x", asked.link.rsplit("/", 1)[0] + "/x"):
            async with page.session.get(link) as answer:
                assert answer.status == 404
            for what in ("code", "open", "sign", "signing-code"):
                async with page.session.post(f"{link}/{what}", data={"channel": "sms", "code": "1"}) as answer:
                    assert answer.status == 404
                    assert TITLE not in await answer.text()
    assert await asked.phone.news(0) == []


async def test_an_expired_link_leads_nowhere(script: Script) -> None:
    asked = await ask(script)
    async with reader(script, asked) as page:
        await page.enter()
        form = page.form(await page.signing_code())
        with script.advance(days=3, minutes=1):
            assert await page.get() == 404
            assert page.shows("page/link_title")
            assert await page.post("sign", form) == 404
    assert await kept(script, asked) == []


async def test_a_newer_link_takes_the_older_ones_place(script: Script) -> None:
    asked = await ask(script)
    newer = await ask(script, asked.phone)
    async with reader(script, asked) as page:
        assert await page.get() == 404
    async with reader(script, newer) as page:
        assert await page.get() == 200


async def test_a_session_ends(script: Script) -> None:
    asked = await ask(script)
    async with reader(script, asked) as page:
        await page.enter()
        form = page.form(await page.signing_code())
        with script.advance(hours=1, minutes=1):
            assert await page.post("sign", form) == 200
            assert page.shows("page/who_title")
    assert await kept(script, asked) == []


async def test_a_form_from_elsewhere_signs_nothing(script: Script) -> None:
    """With the cookie, as a browser would send it along, but without our page's token."""
    asked = await ask(script)
    async with reader(script, asked) as page:
        await page.enter()
        form = page.form(await page.signing_code(), form="0" * 64)
        assert await page.post("sign", form) == 200
    assert await kept(script, asked) == []


async def test_a_wrong_code_opens_nothing_and_five_are_enough(script: Script) -> None:
    asked = await ask(script)
    async with reader(script, asked) as page:
        await page.post("code", {"channel": "sms"})
        code = await page.code()
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        for _ in range(ATTEMPTS):
            assert await page.post("open", {"code": wrong}) == 403
            assert page.shows("problem/code_wrong")
        assert await page.post("open", {"code": code}) == 403
        assert page.shows("problem/code_too_many")
        await page.enter()
        assert TITLE in page.page


async def test_the_code_that_opens_does_not_sign(script: Script) -> None:
    asked = await ask(script)
    async with reader(script, asked) as page:
        await page.post("code", {"channel": "sms"})
        code = await page.code()
        await page.post("open", {"code": code})
        assert await page.post("sign", page.form(code)) == 400
        assert page.shows("problem/code_expired")
        right = await page.signing_code()
        assert await page.post("sign", page.form(code)) == 400
        assert await page.post("sign", page.form(right)) == 200
    assert await kept(script, asked) == ["participant"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": " "}, "name"),
        ({"name": "Sam\u202eRivera"}, "name"),
        ({"name": "x" * 150}, "name"),
        ({"agreed": ""}, "agreed"),
        ({"permission-recontact": ""}, "permissions"),
        ({"permission-genetic_testing": "no"}, "needed"),
        ({"sha256": "0" * 64}, "changed"),
        ({"code": "000000"}, "code_wrong"),
    ],
)
async def test_a_form_that_lacks_something_signs_nothing(script: Script, change: dict[str, str], problem: str) -> None:
    asked = await ask(script)
    async with reader(script, asked) as page:
        await page.enter()
        code = await page.signing_code()
        assert await page.post("sign", {**page.form(code), **change}) == 400
        assert page.shows(f"problem/{problem}")
        assert await kept(script, asked) == []
        assert await page.post("sign", page.form(code)) == 200, "the code is still good"
    assert await kept(script, asked) == ["participant"]


async def test_a_hostile_name_is_a_name(script: Script) -> None:
    asked = await ask(script)
    name = '<script>alert(1)</script> #import "x": * $1'
    async with reader(script, asked) as page:
        await page.enter()
        assert await page.sign(name=name) == 200
        _, _, pdf = await page.fetch()
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert name in text


async def test_a_document_to_be_read_can_not_be_signed(script: Script) -> None:
    asked = await ask(script, may_sign=False)
    async with reader(script, asked) as page:
        await page.enter()
        assert TITLE in page.page
        assert page.shows("page/read_only")
        assert page.hidden() == {}
        assert await page.post("sign", {"role": "participant"}) == 200
    assert await kept(script, asked) == []


async def test_in_spanish(script: Script) -> None:
    asked = await ask(script)
    async with reader(script, asked) as page:
        await page.enter()
        await page.get("?language=es")
        assert '<html lang="es">' in page.page
        assert await page.post("signing-code?language=es", page.hidden()) == 200
        assert await page.post("sign?language=es", page.form(await page.code())) == 200
        _, _, pdf = await page.fetch()
    assert str(pypdf.PdfReader(io.BytesIO(pdf)).root_object["/Lang"]) == "es"
    database = script.service.built.database
    async with database.begin() as connection:
        (signature,) = await signatures_on(connection, database.keyring, asked.request)
    document = script.house.consents[STUDY].version(signature.record.version)
    assert document is not None
    assert signature.record.document_sha256 == document.sha256("es") != document.sha256("en")


async def test_who_has_no_phone_and_no_mailbox_is_told_how(script: Script) -> None:
    async with script.chat() as chat:
        await chat.say("hello")
        await chat.expect("greet")
        visitor = (await chat.frame("welcome"))["visitor"]
        asked = await ask(script)
        await script.place.rows(
            "update signing_requests set participant_id = (select participant_id from contact_points "
            "where channel = 'webchat' and participant_id = %s) where id = %s returning id",
            visitor,
            asked.request,
        )
        async with reader(script, asked) as page:
            assert await page.get() == 200
            assert page.shows("page/no_reach_title")
            assert await page.post("code", {"channel": "sms"}) == 200
            assert await page.post("code", {"channel": "webchat"}) == 200
    assert await asked.phone.news(0) == []
