"""What a coordinator does to a conversation besides answering: undo an opt-out, settle a send, each with a reason, once."""

import asyncio
from uuid import UUID

import pytest

from engagement.audit import verify_chain
from engagement.optout_history import list_silenced
from engagement.optouts import ALL_CHANNELS, record_opt_in, record_opt_out, silenced_channels
from engagement.participants import find_contact
from service.demo.fake_twilio.faults import Fault
from tests.conversations.script import Phone, Script
from tests.integration.console.desk import EMAIL, Desk, desk_of, waiting

REASON = "Sam called on Monday, gave the date of birth and asked for texts again"


async def whose(script: Script, phone: Phone) -> UUID:
    database = script.service.built.database
    async with database.begin() as connection:
        found = await find_contact(connection, database.keyring, "sms", phone.number)
    assert found is not None
    return found.participant_id


async def silenced(script: Script, who: UUID) -> frozenset[str]:
    async with script.service.built.database.begin() as connection:
        return await silenced_channels(connection, who)


async def stopped(script: Script) -> tuple[Phone, UUID, str]:
    """Somebody who has texted STOP, their id, their page."""
    phone = script.phone()
    await phone.say("STOP")
    await phone.expect("optout/confirmed")
    who = await whose(script, phone)
    return phone, who, f"/console/participants/{who}"


async def unknown(script: Script) -> tuple[Phone, str, str]:
    """Somebody whose last answer may or may not have arrived, their page, the message."""
    phone = script.phone()
    script.place.twilio.script(Fault.dropped(accepted=False))
    await phone.say("cost?")
    who = await whose(script, phone)
    rows = await script.place.rows(
        "select id, status from messages where participant_id = %s and direction = 'out'", who
    )
    assert [row["status"] for row in rows] == ["unknown"]
    return phone, f"/console/participants/{who}", str(rows[0]["id"])


async def test_an_opt_out_is_undone_with_a_reason_and_who_and_why_stay_on_record(script: Script, desk: Desk) -> None:
    phone, who, page = await stopped(script)
    status, where = await desk.post(
        f"{page}/opt-in",
        *(("channel", name) for name in sorted(ALL_CHANNELS)),
        **await desk.form_of(page),
        reason=REASON,
    )
    assert (status, where) == (303, f"{page}#opt-outs")
    assert await silenced(script, who) == frozenset()
    (line,) = await script.place.rows(
        "select actor, reason, channels from opt_outs where participant_id = %s and action = 'in'", who
    )
    (maya,) = await script.place.rows("select id from coordinators")
    assert line["actor"] == str(maya["id"])
    assert REASON.encode() not in line["reason"], "a reason is sealed"
    (event,) = await script.place.rows(
        "select actor, details from audit_events where action = 'opt_in' and subject = %s", str(who)
    )
    assert event == {"actor": str(maya["id"]), "details": {"channels": sorted(ALL_CHANNELS)}}
    async with script.service.built.database.begin() as connection:
        assert (await verify_chain(connection)).broken_at is None
    _, shown = await desk.get(page)
    assert "Nothing is stopped." in shown
    assert REASON in shown
    assert f"coordinator {EMAIL}" in shown
    await phone.expect()  # nothing is sent by it
    await phone.say("cost?")
    await phone.expect("faq/cost")


async def test_only_the_channels_chosen_are_allowed_again(script: Script, desk: Desk) -> None:
    phone, who, page = await stopped(script)
    form = await desk.form_of(page)
    assert (await desk.post(f"{page}/opt-in", **form, channel="email", reason=REASON))[0] == 303
    assert await silenced(script, who) == {"sms", "webchat"}
    await phone.say("cost?")
    await phone.expect()


async def test_a_click_too_many_adds_no_line(script: Script, desk: Desk) -> None:
    _, who, page = await stopped(script)
    form = await desk.form_of(page)
    clicks = (desk.post(f"{page}/opt-in", **form, channel="sms", reason=REASON) for _ in range(4))
    assert {status for status, _ in await asyncio.gather(*clicks)} == {303}
    lines = await script.place.rows("select id from opt_outs where participant_id = %s and action = 'in'", who)
    assert len(lines) == 1


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"reason": "", "channel": "sms"}, "Write the reason"),
        ({"reason": " \n\0", "channel": "sms"}, "Write the reason"),
        ({"reason": "x" * 4001, "channel": "sms"}, "Write the reason"),
        ({"reason": REASON}, "Choose at least one channel."),
    ],
)
async def test_without_reason_or_channel_nothing_is_undone(
    script: Script, desk: Desk, form: dict[str, str], said: str
) -> None:
    _, who, page = await stopped(script)
    status, shown = await desk.post(f"{page}/opt-in", **await desk.form_of(page), **form)
    assert status == 400
    assert said in shown
    assert await silenced(script, who) == ALL_CHANNELS


async def test_whoever_has_written_since_is_read_first(script: Script, desk: Desk) -> None:
    """A second STOP adds no line to the ledger; the coordinator who has not seen it must not pass over it."""
    phone, who, page = await stopped(script)
    form = await desk.form_of(page)
    await phone.say("STOP, I said")
    status, shown = await desk.post(f"{page}/opt-in", **form, channel="sms", reason=REASON)
    assert status == 409
    assert "They have written since" in shown
    assert "STOP, I said" in shown
    assert await silenced(script, who) == ALL_CHANNELS
    for seen in ("", "nonsense", str(who)):
        assert (await desk.post(f"{page}/opt-in", **{**form, "seen": seen}, channel="sms", reason=REASON))[0] == 409
    assert (await desk.post(f"{page}/opt-in", **await desk.form_of(page), channel="sms", reason=REASON))[0] == 303


async def test_a_later_stop_counts_again(script: Script, desk: Desk) -> None:
    phone, who, page = await stopped(script)
    await desk.post(f"{page}/opt-in", **await desk.form_of(page), channel="sms", reason=REASON)
    await phone.say("STOP")
    await phone.expect("optout/confirmed")
    assert await silenced(script, who) == ALL_CHANNELS
    shown = (await desk.get(page))[1]
    order = [shown.index(part) for part in ("<strong>Stopped", "<strong>Allowed again", REASON)]
    assert order == sorted(order), "the newest comes first"
    assert shown.count("<strong>Stopped") == 2


async def test_a_case_shows_what_is_stopped_and_its_form_leads_back_to_it(script: Script, desk: Desk) -> None:
    phone = await waiting(script)
    case = await desk.case_of()
    assert "Nothing is stopped." in (await desk.get(case))[1]
    await phone.say("STOP")
    _, shown = await desk.get(case)
    assert "has stopped messages by e-mail, text message, web chat" in shown
    assert "their message" in shown
    who = await whose(script, phone)
    form = await desk.form_of(case)
    where = await desk.post(f"/console/participants/{who}/opt-in", **form, channel="sms", reason=REASON)
    assert where == (303, f"{case}#opt-outs")


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "/console/cases/../x", ""])
async def test_a_form_never_leads_elsewhere(script: Script, desk: Desk, back: str) -> None:
    _, _, page = await stopped(script)
    form = {**await desk.form_of(page), "back": back}
    assert (await desk.post(f"{page}/opt-in", **form, channel="sms", reason=REASON))[1] == f"{page}#opt-outs"


async def test_whoever_stopped_is_listed_until_it_is_undone(script: Script, desk: Desk) -> None:
    _, who, page = await stopped(script)
    assert f'href="{page}#opt-outs"' in (await desk.get("/console/stopped"))[1]
    await desk.post(
        f"{page}/opt-in", *(("channel", name) for name in ALL_CHANNELS), **await desk.form_of(page), reason=REASON
    )
    assert str(who) not in (await desk.get("/console/stopped"))[1]


async def test_the_list_agrees_with_the_ledger_replayed(script: Script) -> None:
    people = {await whose(script, phone): phone for phone in [await _hello(script) for _ in range(4)]}
    plans: list[list[tuple[bool, list[str] | None]]] = [
        [(True, None)],
        [(True, None), (False, ["sms"])],
        [(True, ["email"]), (True, ["sms"]), (False, None)],
        [(False, None), (True, ["webchat"])],
    ]
    database = script.service.built.database
    async with database.begin() as connection:
        at = (await script.place.rows("select now() as at"))[0]["at"]
        for who, plan in zip(people, plans, strict=True):
            for out, channels in plan:
                record = record_opt_out if out else record_opt_in
                await record(connection, who, at=at, actor="participant", channels=channels)
        listed = {one.participant_id: frozenset(one.channels) for one in await list_silenced(connection, limit=1000)}
        for who in people:
            assert listed.get(who, frozenset()) == await silenced_channels(connection, who)
    assert sum(who in listed for who in people) == 3


async def _hello(script: Script) -> Phone:
    phone = script.phone()
    await phone.say("hello")
    await phone.expect("greet")
    return phone


async def test_a_participant_is_found_by_number_and_never_by_what_is_no_number(script: Script, desk: Desk) -> None:
    phone, _, page = await stopped(script)
    csrf = (await desk.form_of(page))["csrf"]
    digits = phone.number.removeprefix("+1")
    for typed in (phone.number, f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"):
        assert await desk.post("/console/find", csrf=csrf, contact=typed) == (303, page)
    for typed, status, said in (
        ("+12025559999", 404, "Nobody is known by that."),
        ("nobody@mailbox.example", 404, "Nobody is known by that."),
        ("hello", 400, "That is no phone number"),
        ("", 400, "That is no phone number"),
    ):
        found = await desk.post("/console/find", csrf=csrf, contact=typed)
        assert found[0] == status
        assert said in found[1]


@pytest.mark.parametrize(("fate", "status", "said"), [("arrived", "delivered", "Delivered"), ("lost", "failed", "Not")])
async def test_a_send_of_unknown_fate_is_settled_and_not_sent_again(
    script: Script, desk: Desk, fate: str, status: str, said: str
) -> None:
    phone, page, message = await unknown(script)
    assert f'href="{page}#m-{message}"' in (await desk.get("/console/unsettled"))[1]
    posts = script.place.twilio.posts
    form = {**await desk.form_of(page), "fate": fate, "reason": "Asked them on the phone"}
    assert await desk.post(f"{page}/sends/{message}", **form) == (303, f"{page}#m-{message}")
    rows = await script.place.rows("select status from messages where id = %s", UUID(message))
    assert rows == [{"status": status}]
    events = await script.place.rows(
        "select status, reason from message_events where message_id = %s order by id", UUID(message)
    )
    assert events[-1] == {"status": status, "reason": "settled_by_coordinator"}
    audit = await script.place.rows(
        "select details from audit_events where action = 'send_settled' and details->>'message' = %s", message
    )
    assert audit == [{"details": {"message": message, "arrived": fate == "arrived"}}]
    _, shown = await desk.get(page)
    assert f"{said}" in shown
    assert f"as coordinator {EMAIL} found out" in shown
    assert "Asked them on the phone" in shown
    assert message not in (await desk.get("/console/unsettled"))[1]
    # Settled once; another opinion changes nothing, and neither click has sent anything.
    again, refused = await desk.post(f"{page}/sends/{message}", **{**form, "fate": "lost"})
    assert again == 409
    assert "settled already" in refused
    assert script.place.twilio.posts == posts
    await phone.say("hello")
    assert script.place.twilio.posts == posts + 1


async def test_a_new_message_is_theirs_to_write_and_two_clicks_are_one(script: Script, desk: Desk) -> None:
    phone, page, message = await unknown(script)
    form = await desk.form_of(page)
    await desk.post(f"{page}/sends/{message}", **form, fate="lost", reason="Asked them on the phone")
    for _ in range(2):
        assert await desk.post(f"{page}/write", **form, text="The test is free.") == (303, f"{page}#write")
    assert await phone.news(1) == ["The test is free."]
    for text in ("", " \0 ", "x" * 4001):
        assert (await desk.post(f"{page}/write", **await desk.form_of(page), text=text))[0] == 400
    await phone.expect()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"fate": "arrived", "reason": ""}, "Write the reason"),
        ({"fate": "arrived", "reason": "x" * 4001}, "Write the reason"),
        ({"reason": "Asked them"}, "Say whether it arrived."),
        ({"fate": "perhaps", "reason": "Asked them"}, "Say whether it arrived."),
    ],
)
async def test_without_a_reason_or_a_fate_nothing_is_settled(
    script: Script, desk: Desk, form: dict[str, str], said: str
) -> None:
    _, page, message = await unknown(script)
    status, shown = await desk.post(f"{page}/sends/{message}", **await desk.form_of(page), **form)
    assert status == 400
    assert said in shown
    assert f"#m-{message}" in (await desk.get("/console/unsettled"))[1]


async def test_what_has_another_fate_cannot_be_settled(script: Script, desk: Desk) -> None:
    phone = await _hello(script)
    page = f"/console/participants/{await whose(script, phone)}"
    form = {**await desk.form_of(page), "fate": "lost", "reason": "x"}
    rows = await script.place.rows(
        "select id, direction, status from messages where participant_id = %s", UUID(page[-36:])
    )
    for row in rows:
        assert (await desk.post(f"{page}/sends/{row['id']}", **form))[0] == 409
    assert rows == await script.place.rows(
        "select id, direction, status from messages where participant_id = %s", UUID(page[-36:])
    )


async def test_strangers_and_forged_forms_change_nothing(script: Script, desk: Desk) -> None:
    _, who, page = await stopped(script)
    _, other, message = await unknown(script)
    forms = {
        f"{page}/opt-in": {"channel": "sms", "reason": REASON, "seen": (await desk.form_of(page))["seen"]},
        f"{other}/sends/{message}": {"fate": "arrived", "reason": REASON},
        f"{page}/write": {"text": "hi"},
        "/console/find": {"contact": "+12025550100"},
    }
    async with desk_of(script) as stranger:
        for path in ("/console/stopped", "/console/unsettled", page):
            async with stranger.session.get(stranger.url + path, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (303, "/console/sign-in")
        for path, form in forms.items():
            assert await stranger.post(path, **form, csrf="x") == (303, "/console/sign-in")
    for path, form in forms.items():
        for csrf in ("", "wrong"):
            assert (await desk.post(path, **form, csrf=csrf))[0] == 403
    assert await silenced(script, who) == ALL_CHANNELS
    assert f"#m-{message}" in (await desk.get("/console/unsettled"))[1]


@pytest.mark.parametrize("who", ["0192f0c1-2d3e-7abc-8def-0123456789ab", "1", "%00", "..", "'"])
async def test_a_participant_who_is_not_there(desk: Desk, who: str) -> None:
    assert (await desk.get(f"/console/participants/{who}"))[0] == 404
