"""A coordinator sees what did not arrive, and why each touchpoint was or was not sent."""

from datetime import timedelta
from uuid import uuid4

from engagement import clock
from engagement.journeys import record_event
from engagement.optouts import record_opt_out
from scheduler.ticker import work_off
from tests.conversations.script import Script
from tests.integration.console.desk import Desk
from tests.integration.console.test_upkeep import whose

STUDY = "parkinson-lrrk2-gba1"


async def test_why_a_touchpoint_was_not_sent(script: Script, desk: Desk) -> None:
    phone = script.phone()
    await phone.say("hello")
    who = await whose(script, phone)
    built, now = script.service.built, clock.now()
    async with built.database.begin() as connection:
        delivered = now - timedelta(days=2, hours=1)
        await record_event(
            connection, who, STUDY, "kit_delivered", at=delivered, now=now, source="courier", key=str(uuid4())
        )
        await record_opt_out(connection, who, at=now, actor="participant")
    await work_off(built.desk, ring=built.workers.ring_outreach)
    page = f"/console/participants/{who}"
    assert f'href="{page}/touchpoints"' in (await desk.get(page))[1]
    _, shown = await desk.get(f"{page}/touchpoints")
    assert shown.count("kit reminder: planned") == 3
    with script.advance(days=1, hours=23):
        await work_off(built.desk, ring=built.workers.ring_outreach)
    _, shown = await desk.get(f"{page}/touchpoints")
    assert "kit reminder: refused</strong> (opted out)" in shown
    reads = await script.place.rows(
        "select count(*) n from audit_events where action = 'touchpoints_read' and subject = %s", str(who)
    )
    assert reads == [{"n": 2}]
    assert (await desk.get(f"/console/participants/{uuid4()}/touchpoints"))[0] == 404


async def test_what_did_not_arrive_is_listed(script: Script, desk: Desk) -> None:
    phone = script.phone()
    await phone.say("hello")
    who = await whose(script, phone)
    rows = await script.place.rows(
        "update messages set status = 'failed' where participant_id = %s and direction = 'out' returning id", who
    )
    await script.place.rows(
        "insert into message_events (id, message_id, status, at, code, reason)"
        " values (gen_random_uuid(), %s, 'failed', now(), '30005', 'bad_contact') returning id",
        rows[0]["id"],
    )
    _, shown = await desk.get("/console/undelivered")
    assert f"/console/participants/{who}#m-{rows[0]['id']}" in shown
    assert "bad contact 30005" in shown
