"""The page of permissions, from its link to the ledger: nothing before the code, changed by a form, nothing for anybody else."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from engagement import clock
from engagement.permissions import Cause, Standing, Why, read_standing, record_permission
from engagement.permissions.proof import read_history
from engagement.signatures import open_request
from engagement.signatures.requests import LIFETIME
from tests.conversations.script import Script
from tests.integration.interviewed import whose
from tests.integration.signatures.reader import STUDY, Asked, Reader, ask, reader

SECRETS = ("What you allow", "Keeping your sample", "permission-")


async def asked_for(script: Script) -> Asked:
    """Somebody who permits two things and refused one, and the link that they asked for."""
    phone = script.phone()
    await phone.say("hello")
    await phone.expect("greet")
    participant = await whose(script, phone)
    cause = Cause(actor="participant", said_on="web")
    async with script.service.built.database.begin() as connection:
        for purpose, kind in (
            ("sample_storage", "granted"),
            ("recontact", "granted"),
            ("return_incidental", "withdrawn"),
        ):
            await record_permission(
                connection, participant, kind=kind, purpose=purpose, study=STUDY, at=clock.now(), cause=cause
            )
        request = await open_request(connection, participant, study=STUDY, version="", may_sign=False, at=clock.now())
    return Asked(request=request, link=script.house.document_link(request), phone=phone, participant=participant)


async def standing(script: Script, asked: Asked) -> Standing:
    async with script.service.built.database.begin() as connection:
        return await read_standing(connection, asked.participant, at=clock.now())


def answers(page: Reader) -> dict[str, str]:
    """What is ticked."""
    return dict(re.findall(r'name="(permission-[a-z_/]+)" value="(yes|no)" checked', page.page))


def shows_something(page: Reader) -> bool:
    return any(secret in page.page for secret in SECRETS)


async def test_read_and_changed(script: Script) -> None:
    asked = await asked_for(script)
    async with reader(script, asked) as page:
        assert await page.get() == 200
        assert not shows_something(page)
        await page.enter()
        assert answers(page) == {
            "permission-sample_storage": "yes",
            "permission-return_incidental": "no",
            "permission-recontact": "yes",
        }
        form = (
            page.hidden() | answers(page) | {"permission-sample_storage": "no", "permission-return_incidental": "yes"}
        )
        assert await page.post("permissions", form) == 200
        assert script.words("permissions/page/saved", "webchat", "en") in page.page
        assert answers(page)["permission-sample_storage"] == "no"
        assert await page.post("permissions", form) == 200, "sent twice, it says nothing new"
    now = await standing(script, asked)
    assert now.allows("sample_storage").reason is Why.WITHDRAWN
    assert now.allows("return_incidental", study=STUDY).allowed
    assert now.allows("recontact").allowed
    database = script.service.built.database
    async with database.begin() as connection:
        history = await read_history(connection, database.keyring, asked.participant)
    assert len(history) == 5
    last = {shown.entry.purpose: shown for shown in history[3:]}
    assert last["sample_storage"].words == script.words("permissions/no/sample_storage", "webchat", "en")
    assert {shown.said_on for shown in history[3:]} == {"web"}
    rows = await script.place.rows(
        "select triggers from escalations where participant_id = %s and reason = 'withdrawal'", asked.participant
    )
    assert [row["triggers"] for row in rows] == [["sample_storage"]]


async def test_in_spanish(script: Script) -> None:
    asked = await asked_for(script)
    async with reader(script, asked) as page:
        await page.enter()
        await page.get("?language=es")
        assert script.words("permissions/page/title", "webchat", "es") in page.page
        assert script.words("permissions/yes/sample_storage", "webchat", "es") in page.page


async def test_a_forwarded_link_shows_nothing_and_changes_nothing(script: Script) -> None:
    asked = await asked_for(script)
    async with reader(script, asked) as page:
        await page.enter()
        form = page.hidden() | {"permission-sample_storage": "no"}
        async with reader(script, asked) as other:
            assert await other.get() == 200
            assert not shows_something(other)
            await other.post("permissions", form)
            assert not shows_something(other)
            assert await other.post("open", {"code": "000000"}) == 403
            assert not shows_something(other)
        assert (await standing(script, asked)).allows("sample_storage").allowed


@pytest.mark.parametrize("form", ["", "0" * 64])
async def test_a_form_that_is_not_ours_changes_nothing(script: Script, form: str) -> None:
    asked = await asked_for(script)
    async with reader(script, asked) as page:
        await page.enter()
        await page.post("permissions", {"form": form, "permission-sample_storage": "no"})
    assert (await standing(script, asked)).allows("sample_storage").allowed


async def test_forged_and_expired_links_lead_nowhere(script: Script) -> None:
    asked = await asked_for(script)
    async with reader(script, asked) as page:
        await page.enter()
        form = page.hidden() | {"permission-sample_storage": "no"}
        for link in (asked.link[:-1], script.house.document_link(uuid4()), asked.link + "x"):
            page.link = link
            assert await page.get() == 404
            assert not shows_something(page)
        page.link = asked.link
        with script.advance(days=LIFETIME / timedelta(days=1)):
            assert await page.get() == 404
            assert await page.post("permissions", form) == 404
            assert not shows_something(page)
    assert (await standing(script, asked)).allows("sample_storage").allowed


async def test_a_documents_link_is_none_of_permissions(script: Script) -> None:
    """Neither is of use for the other, and asking for one leaves the other alone."""
    signing = await ask(script)
    async with script.service.built.database.begin() as connection:
        await open_request(connection, signing.participant, study=STUDY, version="", may_sign=False, at=clock.now())
    async with reader(script, signing) as page:
        await page.enter()
        assert page.shows("page/title") or "Larkspur" in page.page
        await page.post("permissions", page.hidden() | {"permission-recontact": "yes"})
    assert not (await standing(script, signing)).allows("recontact").allowed
    asked = await asked_for(script)
    async with reader(script, asked) as page:
        await page.enter()
        await page.post("sign", page.hidden() | {"role": "participant", "name": "Sam", "agreed": "yes"})
        assert "What you allow" in page.page
    assert await script.place.rows("select 1 from signatures where participant_id = %s", asked.participant) == []
