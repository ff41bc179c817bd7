"""The coordinators' pages over HTTP: who may in, that no form works without its token, that a click counts once."""

import re

import pytest

from tests.conversations.script import Script
from tests.integration.console.desk import EMAIL, PASSWORD, Desk, desk_of, waiting


@pytest.mark.parametrize("path", ["/console", f"/console/cases/{'0' * 8}-0000-7000-8000-{'0' * 12}"])
async def test_nothing_is_shown_to_strangers(script: Script, path: str) -> None:
    async with desk_of(script) as stranger:
        for cookie in ("", "forged", "x" * 5000):
            async with stranger.session.get(
                stranger.url + path, cookies={"perennial_console": cookie}, allow_redirects=False
            ) as page:
                assert (page.status, page.headers["Location"]) == (303, "/console/sign-in")


async def test_strangers_change_nothing(script: Script) -> None:
    phone = await waiting(script)
    async with desk_of(script) as known, desk_of(script) as stranger:
        await known.sign_in()
        case = await known.case_of()
        for action in ("answer", "close"):
            assert await stranger.post(f"{case}/{action}", text="hi", csrf="x") == (303, "/console/sign-in")
    await phone.expect()


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "wrong"), (EMAIL, ""), ("nobody@perennial.example", PASSWORD), ("", ""), (EMAIL, PASSWORD + " ")],
)
async def test_a_wrong_address_or_password_says_the_same(script: Script, email: str, password: str) -> None:
    with script.advance(hours=1):  # away from the other attempts
        async with desk_of(script) as desk:
            form = {"email": email, "password": password}
            async with desk.session.post(f"{desk.url}/console/sign-in", data=form) as page:
                assert page.status == 401
                assert "Address or password is wrong." in await page.text()
                assert "Set-Cookie" not in page.headers


async def test_an_address_in_other_letters_is_the_same(script: Script) -> None:
    async with desk_of(script) as desk:
        assert await desk.sign_in(f"  {EMAIL.upper()} ") == 303


async def test_too_many_wrong_passwords_must_wait(script: Script) -> None:
    with script.advance(hours=2):
        async with desk_of(script) as desk:
            statuses = [await desk.sign_in(password="wrong") for _ in range(11)]
            assert statuses == [401] * 10 + [429]
            assert await desk.sign_in() == 429
    with script.advance(hours=2, minutes=2):
        async with desk_of(script) as desk:
            assert await desk.sign_in() == 303


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(script: Script) -> None:
    async with desk_of(script) as desk:
        form = {"email": EMAIL, "password": PASSWORD}
        async with desk.session.post(f"{desk.url}/console/sign-in", data=form, allow_redirects=False) as page:
            cookie = page.headers["Set-Cookie"]
        assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/console"))
        async with desk.session.get(f"{desk.url}/console") as page:
            policy = page.headers["Content-Security-Policy"]
            assert page.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


async def test_a_session_ends_by_time_and_by_signing_out(script: Script) -> None:
    async with desk_of(script) as desk:
        await desk.sign_in()
        with script.advance(hours=13):
            async with desk.session.get(f"{desk.url}/console", allow_redirects=False) as page:
                assert page.status == 303
    async with desk_of(script) as desk:
        await desk.sign_in()
        cookie = next(one.value for one in desk.session.cookie_jar if one.key == "perennial_console")
        csrf = re.search(r'name="csrf" value="([^"]+)"', (await desk.get("/console"))[1])
        assert csrf
        await desk.post("/console/sign-out", csrf=csrf.group(1))
        async with desk.session.get(
            f"{desk.url}/console", cookies={"perennial_console": cookie}, allow_redirects=False
        ) as page:
            assert page.status == 303, "the cookie must be worth nothing afterwards"


@pytest.mark.parametrize("csrf", ["", "wrong", "ÿ"])
async def test_no_form_works_without_its_token(script: Script, desk: Desk, csrf: str) -> None:
    phone = await waiting(script)
    case = await desk.case_of()
    form = await desk.form_of(case)
    for action in ("answer", "close"):
        status, _ = await desk.post(f"{case}/{action}", **{**form, "csrf": csrf, "text": "hi"})
        assert status == 403
    assert (await desk.post("/console/sign-out", csrf=csrf))[0] == 403
    await phone.expect()


async def test_another_coordinator_s_token_is_not_ours(script: Script, desk: Desk) -> None:
    await waiting(script)
    case = await desk.case_of()
    async with desk_of(script) as other:
        await other.sign_in()
        theirs = await other.form_of(case)
    assert (await desk.post(f"{case}/answer", **theirs, text="hi"))[0] == 403


async def test_answered_twice_is_sent_once_and_closed_twice_is_closed_once(script: Script, desk: Desk) -> None:
    phone = await waiting(script)
    case = await desk.case_of()
    form = await desk.form_of(case)
    for _ in range(3):
        assert await desk.post(f"{case}/answer", **form, text="Hello, this is Maya.") == (303, f"{case}#answer")
    assert await phone.news(1) == ["Hello, this is Maya."]
    again = await desk.form_of(case)
    assert again["key"] != form["key"]
    await desk.post(f"{case}/answer", **again, text="Hello, this is Maya.")
    assert await phone.news(1) == ["Hello, this is Maya."]
    for _ in range(2):
        assert (await desk.post(f"{case}/close", **form, note="called back"))[1] == "/console"
    rows = await script.place.rows(
        "select count(*) from audit_events where action = 'escalation_closed' and details->>'escalation' = %s",
        case.rpartition("/")[2],
    )
    assert rows == [{"count": 1}]
    await phone.say("cost?")
    await phone.expect("faq/cost")
    status, page = await desk.get(case)
    assert status == 200
    assert "This is closed." in page


async def test_what_is_read_stands_on_the_audit_trail(script: Script, desk: Desk) -> None:
    await waiting(script)
    case = await desk.case_of()
    query = "select count(*) from audit_events where action = 'transcript_read'"
    before = (await script.place.rows(query))[0]["count"]
    await desk.get(case)
    assert (await script.place.rows(query))[0]["count"] == before + 1


@pytest.mark.parametrize("text", ["", "   ", "\0", "x" * 4001])
async def test_an_answer_of_no_use_is_refused(script: Script, desk: Desk, text: str) -> None:
    phone = await waiting(script)
    case = await desk.case_of()
    assert (await desk.post(f"{case}/answer", **await desk.form_of(case), text=text))[0] == 400
    await phone.expect()


@pytest.mark.parametrize("case", ["0192f0c1-2d3e-7abc-8def-0123456789ab", "1", "%00", "..", "'"])
async def test_a_case_that_is_not_there(desk: Desk, case: str) -> None:
    assert (await desk.get(f"/console/cases/{case}"))[0] == 404


async def test_what_people_write_is_shown_as_text(script: Script, desk: Desk) -> None:
    phone = script.phone()
    await phone.say("person")
    await phone.say("<script>alert(1)</script><img src=x onerror=alert(2)> \"'&amp; \u202eabc")
    _, page = await desk.get(await desk.case_of())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img" in page
    assert "<script" not in page
    assert "<img" not in page


async def test_an_answer_to_someone_who_has_stopped_is_held_back_and_that_is_said(script: Script, desk: Desk) -> None:
    phone = await waiting(script)
    case = await desk.case_of()
    await phone.say("STOP")
    await phone.expect("optout/confirmed")
    _, page = await desk.get(case)
    assert "has stopped messages" in page
    await desk.post(f"{case}/answer", **await desk.form_of(case), text="Are you there?")
    await phone.expect()
    assert "held back" in (await desk.get(case))[1]


async def test_a_cry_for_help_from_an_unproven_mailbox_can_be_read_and_answered(script: Script, desk: Desk) -> None:
    """Nobody knows whose mailbox it is, but somebody may be in danger: a person must see what was written."""
    box = script.mailbox()
    await box.write("I want to kill myself tonight")
    await box.expect("safety/crisis")
    rows = await script.place.rows("select id from escalations where reason = 'crisis' order by opened_at desc limit 1")
    status, page = await desk.get(f"/console/cases/{rows[0]['id']}")
    assert status == 200
    assert "I want to kill myself tonight" in page
    assert "sender not proven" in page
    case = f"/console/cases/{rows[0]['id']}"
    assert (await desk.post(f"{case}/answer", **await desk.form_of(case), text="Please call 988."))[0] == 303
    (told,) = await box.news(1)
    assert "Please call 988." in told
