"""Representative and assent, witness, counter-signature: each in its turn, none left out, and nobody takes part before the last."""

import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pypdf
import pytest

from console.accounts import add_coordinator
from engagement.signatures import verify_signatures
from engagement.signatures.ledger import signatures_on
from engagement.signatures.record import SignatureRecord
from tests.conversations.script import Script
from tests.integration.console.desk import EMAIL, PASSWORD, Desk, desk_of
from tests.integration.signatures.reader import STUDY, Asked, Reader, ask, reader, signed_by


@pytest.fixture(scope="module", autouse=True)
async def coordinator(script: Script) -> None:
    database = script.service.built.database
    async with database.begin() as connection:
        await add_coordinator(connection, database.keyring, email=EMAIL, password=PASSWORD, at=datetime.now(UTC))


@pytest.fixture
async def desk(script: Script) -> AsyncIterator[Desk]:
    async with desk_of(script) as desk:
        assert await desk.sign_in() == 303
        yield desk


async def records(script: Script, asked: Asked) -> Sequence[SignatureRecord]:
    database = script.service.built.database
    async with database.begin() as connection:
        return [each.record for each in await signatures_on(connection, database.keyring, asked.request)]


async def stage(script: Script, asked: Asked) -> str:
    (row,) = await script.place.rows(
        "select stage from enrolments where participant_id = %s and study_slug = %s", asked.participant, STUDY
    )
    return str(row["stage"])


async def as_parent(page: Reader) -> int:
    return await page.sign(for_name="Lia Rivera", relationship="parent")


async def test_a_parent_signs_and_the_child_agrees(script: Script) -> None:
    async with signed_by(script, "representative", "assent"):
        asked = await ask(script)
        async with reader(script, asked) as page:
            await page.enter()
            assert await page.sign() == 400
            assert page.shows("problem/for_name")
            assert page.shows("problem/relationship")
            assert await as_parent(page) == 200
            assert page.shows("page/assent_title")
            assert await stage(script, asked) == "first_contact"
            assert await asked.phone.news(0) == []
            assert await page.post("sign", {**page.hidden(), "name": "Lia"}) == 400
            assert page.shows("problem/answer")
            assert await page.post("sign", {**page.hidden(), "name": "Lia", "answer": "agrees"}) == 200
            assert page.shows("page/done_title")
            _, _, pdf = await page.fetch()
        parent, child = await records(script, asked)
        assert (parent.role, parent.name, parent.for_name) == ("representative", "Sam Rivera", "Lia Rivera")
        assert parent.relationship == page.words("page/parent")
        assert (child.role, child.name, child.answer) == ("assent", "Lia", "agrees")
        assert child.meaning == page.words("page/assent_agrees")
        assert [proof.how for proof in child.identity] == ["code", "present"]
        assert len(child.follows) == 1
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
        assert "Lia Rivera" in text
        assert await stage(script, asked) == "consented"
        assert len(await asked.phone.news(1)) == 1


async def test_a_child_who_can_not_answer_is_on_record_with_the_reason(script: Script) -> None:
    async with signed_by(script, "representative", "assent"):
        asked = await ask(script)
        async with reader(script, asked) as page:
            await page.enter()
            await as_parent(page)
            assert await page.post("sign", {**page.hidden(), "answer": "unable"}) == 400
            assert page.shows("problem/reason")
            assert await page.post("sign", {**page.hidden(), "answer": "unable", "reason": "too_young"}) == 200
            assert page.shows("page/done_title")
        _, child = await records(script, asked)
        assert (child.answer, child.reason) == ("unable", page.words("page/too_young"))
        assert await stage(script, asked) == "consented"


async def test_a_child_who_says_no_takes_no_part_and_a_person_calls(script: Script) -> None:
    async with signed_by(script, "representative", "assent"):
        asked = await ask(script)
        async with reader(script, asked) as page:
            await page.enter()
            await as_parent(page)
            form = {**page.hidden(), "name": "Lia", "answer": "declines"}
            assert await page.post("sign", form) == 200
            assert page.shows("page/declined_title")
            assert await page.post("sign", {**form, "answer": "agrees"}) == 200
            assert page.shows("page/declined_title")
            assert (await page.fetch())[0] == 303
        assert [record.answer for record in await records(script, asked)] == ["agrees", "declines"]
        assert await stage(script, asked) == "first_contact"
        assert await script.place.rows("select 1 from permissions where participant_id = %s", asked.participant) == []
        (case,) = await script.place.rows(
            "select triggers from escalations where participant_id = %s", asked.participant
        )
        assert case["triggers"] == ["assent declined"]
        assert len(await asked.phone.news(1)) == 1


async def test_a_witness_signs_after_the_participant(script: Script) -> None:
    async with signed_by(script, "participant", "witness"):
        asked = await ask(script)
        async with reader(script, asked) as page:
            await page.enter()
            assert await page.post("sign", {**page.form(""), "role": "witness"}) == 200, "not their turn"
            assert await records(script, asked) == []
            assert await page.sign() == 200
            assert page.shows("page/witness_title")
            form = {**page.hidden(), "name": "Wei Lin", "agreed": "yes"}
            assert await page.post("sign", form) == 200
        participant, witness = await records(script, asked)
        assert (participant.role, witness.role, witness.name) == ("participant", "witness", "Wei Lin")
        assert witness.meaning == page.words("page/witness_meaning")
        assert witness.permissions == ()


async def test_the_study_team_counter_signs(script: Script, desk: Desk) -> None:
    async with signed_by(script, "participant", "staff"):
        asked = await ask(script)
        async with reader(script, asked) as page:
            await page.enter()
            assert await page.sign() == 200
            assert page.shows("page/waiting_text")
            _, _, first = await page.fetch()
            assert await stage(script, asked) == "first_contact"
            assert len(await asked.phone.news(1)) == 1
            path = f"/console/signatures/{asked.request}"
            assert path in (await desk.get("/console/signatures"))[1]
            _, shown = await desk.get(path)
            assert "Sam Rivera" in shown
            csrf = (await desk.form_of(path))["csrf"]
            sign = {"csrf": csrf, "name": "Priya Lindqvist", "password": PASSWORD}
            assert (await desk.post(path, **{**sign, "password": "wrong"}))[0] == 403
            assert (await desk.post(path, **{**sign, "name": ""}))[0] == 400
            assert len(await records(script, asked)) == 1
            assert await desk.post(path, **sign) == (303, "/console/signatures")
            assert await desk.post(path, **sign) == (303, "/console/signatures"), "a second click"
            await page.get()
            assert page.shows("page/done_text")
            _, _, second = await page.fetch()
        assert second != first
        participant, staff = await records(script, asked)
        assert (staff.role, staff.name) == ("staff", "Priya Lindqvist")
        assert [proof.how for proof in staff.identity] == ["password"]
        assert staff.document_sha256 == participant.document_sha256
        assert staff.by
        assert await stage(script, asked) == "consented"
        assert len(await asked.phone.news(1)) == 1
        assert path not in (await desk.get("/console/signatures"))[1]
        assert path in (await desk.get(f"/console/participants/{asked.participant}/signed"))[1]
        assert 'name="password"' not in (await desk.get(path))[1]
        async with desk.session.get(f"{desk.url}{path}/copy") as answer:
            assert await answer.read() == second
        (read,) = await script.place.rows(
            "select actor from audit_events where action = 'signed_copy_read' and subject = %s", str(asked.participant)
        )
        assert read["actor"] == staff.by


async def test_nobody_counter_signs_what_is_not_signed(script: Script, desk: Desk) -> None:
    async with signed_by(script, "participant", "staff"):
        asked = await ask(script)
        assert (await desk.get(f"/console/signatures/{asked.request}"))[0] == 404
        assert (await desk.get("/console/signatures/x"))[0] == 404


async def test_what_needs_no_counter_signature_gets_none(script: Script, desk: Desk) -> None:
    asked = await ask(script)
    async with reader(script, asked) as page:
        await page.enter()
        assert await page.sign() == 200
    path = f"/console/signatures/{asked.request}"
    assert path not in (await desk.get("/console/signatures"))[1]
    csrf = (await desk.form_of(path))["csrf"]
    assert (await desk.post(path, csrf=csrf, name="Priya Lindqvist", password=PASSWORD))[0] == 303
    assert [record.role for record in await records(script, asked)] == ["participant"]


async def test_nobody_tries_out_passwords(script: Script, desk: Desk) -> None:
    async with signed_by(script, "participant", "staff"):
        asked = await ask(script)
        async with reader(script, asked) as page:
            await page.enter()
            await page.sign()
        path = f"/console/signatures/{asked.request}"
        csrf = (await desk.form_of(path))["csrf"]
        with script.advance(minutes=2):
            tries = [(await desk.post(path, csrf=csrf, name="P L", password=f"try {n}"))[0] for n in range(7)]
    assert tries == [403] * 5 + [429] * 2


async def test_all_that_was_signed_here_verifies(script: Script) -> None:
    database = script.service.built.database
    async with database.begin() as connection:
        checked = await verify_signatures(connection, database.keyring)
    assert checked.findings == ()
    assert checked.signatures
