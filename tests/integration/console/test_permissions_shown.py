"""What a participant permitted on any day, as a coordinator sees it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from engagement.permissions import Cause, record_permission
from tests.conversations.script import Script
from tests.integration.console.desk import Desk
from tests.integration.interviewed import whose

STUDY = "parkinson-lrrk2-gba1"
FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def somebody(script: Script) -> UUID:
    """Permits contact about other studies by mail from 1 March 2026, and no more from 11 March on."""
    phone = script.phone()
    await phone.say("hello")
    await phone.expect("greet")
    who = await whose(script, phone)
    database = script.service.built.database
    cause = Cause(actor="participant", said_on="web")
    async with database.begin() as connection:
        await record_permission(
            connection,
            who,
            kind="granted",
            purpose="recontact",
            study=STUDY,
            scopes=["sponsor"],
            channels=["email"],
            per_year=4,
            at=FIRST,
            cause=cause,
            reason="asked at the visit <b>",
            keyring=database.keyring,
        )
        await record_permission(
            connection, who, kind="withdrawn", purpose="recontact", at=FIRST + timedelta(days=10), cause=cause
        )
    return who


async def test_what_stood_on_a_day(script: Script, desk: Desk) -> None:
    who = await somebody(script)
    at = f"/console/participants/{who}"
    _, page = await desk.get(at)
    assert f'href="{at}/permissions"' in page
    status, page = await desk.get(f"{at}/permissions?on=2026-03-10")
    assert status == 200
    standing, _, entries = page.partition('id="entries"')
    assert "recontact: sponsor" in standing
    assert "only by e-mail · at most 4 a year" in standing
    assert "Refused or ended" not in standing
    assert "1 came later." in entries
    assert "asked at the visit &lt;b&gt;" in entries
    _, page = await desk.get(f"{at}/permissions?on=2026-03-11")
    standing, _, entries = page.partition('id="entries"')
    assert "withdrawn" in standing
    assert "Refused or ended" in standing
    assert "came later" not in entries
    _, page = await desk.get(f"{at}/permissions?on=2026-02-28")
    assert "<p>Nothing.</p>" in page
    _, now = await desk.get(f"{at}/permissions")
    assert "withdrawn" in now


async def test_reading_it_is_on_the_trail(script: Script, desk: Desk) -> None:
    who = await somebody(script)
    await desk.get(f"/console/participants/{who}/permissions")
    rows = await script.place.rows(
        "select actor from audit_events where action = 'permissions_read' and subject = %s", str(who)
    )
    assert len(rows) == 1


async def test_an_altered_entry_is_shown_as_one(script: Script, desk: Desk) -> None:
    who = await somebody(script)
    async with script.service.built.database.begin() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        await connection.execute(
            text("update permissions set per_year = 400 where participant_id = :who and kind = 'granted'"), {"who": who}
        )
    _, page = await desk.get(f"/console/participants/{who}/permissions")
    assert "The ledger is not what the audit trail vouches for" in page


async def test_what_is_no_date_and_who_is_nobody(script: Script, desk: Desk) -> None:
    who = await somebody(script)
    status, page = await desk.get(f"/console/participants/{who}/permissions?on=yesterday")
    assert (status, "That is no date" in page) == (400, True)
    assert (await desk.get("/console/participants/0192f0c1-2d3e-7abc-8def-0123456789ab/permissions"))[0] == 404
    assert (await desk.get("/console/participants/nobody/permissions"))[0] == 404
