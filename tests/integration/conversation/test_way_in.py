"""From the door to the answer: once each, opt-outs before everything, silence while a person has it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from conversation.messages import ChannelName, InboundMessage
from engagement.escalations import close_escalation, holding_escalation
from engagement.optouts import silenced_channels
from engagement.participants import find_contact
from service.demo.fake_twilio.faults import OptOutMode
from tests.conversations.script import Phone, Script
from tests.harness.place import new_sid


async def participant(script: Script, channel: str, value: str) -> UUID:
    database = script.service.built.database
    async with database.begin() as connection:
        found = await find_contact(connection, database.keyring, channel, value)
    assert found is not None
    return found.participant_id


async def silenced(script: Script, phone: Phone) -> frozenset[str]:
    who = await participant(script, "sms", phone.number)
    async with script.service.built.database.begin() as connection:
        return await silenced_channels(connection, who)


async def test_a_repeat_is_acknowledged_and_dropped(script: Script) -> None:
    phone, sid = script.phone(), new_sid()
    for _ in range(3):
        await phone.say("cost?", sid=sid)
    await phone.expect("faq/cost")
    rows = await script.place.rows("select count(*) from messages where provider_id = %s", sid)
    assert rows == [{"count": 1}]


async def test_the_same_words_in_another_message_are_another_message(script: Script) -> None:
    phone = script.phone()
    for _ in range(2):
        await phone.say("cost?")
    await phone.expect("faq/cost", "faq/cost")


async def test_only_start_undoes_stop(script: Script) -> None:
    phone = script.phone()
    await phone.say("STOP")
    await phone.expect("optout/confirmed")
    for words in ("cost?", "hello", "yes", "please write to me again", "stop", "KEEP", "HELP"):
        await phone.say(words)
    await phone.expect()
    assert await silenced(script, phone) == {"sms", "webchat", "email"}
    await phone.say("START")
    await phone.expect("optin/confirmed")
    await phone.say("cost?")
    await phone.expect("faq/cost")


async def test_a_second_stop_says_and_records_nothing(script: Script) -> None:
    phone = script.phone()
    for _ in range(3):
        await phone.say("STOP")
    await phone.expect("optout/confirmed")
    who = await participant(script, "sms", phone.number)
    assert len(await script.place.rows("select 1 from opt_outs where participant_id = %s", who)) == 1


async def test_an_opt_out_can_be_narrowed(script: Script) -> None:
    phone = script.phone()
    await phone.say("please stop texting me, email is fine")
    await phone.expect("optout/confirmed")
    assert await silenced(script, phone) == {"sms"}


async def test_what_twilio_has_answered_is_not_answered_again(script: Script) -> None:
    phone, twilio = script.phone(), script.place.twilio
    twilio.opt_out = OptOutMode.ADVANCED
    try:
        for words, outcome, after in (
            ("STOP", "opted_out", {"sms", "webchat", "email"}),
            ("HELP", "help", {"sms", "webchat", "email"}),
            ("START", "opted_in", set[str]()),
        ):
            before = twilio.posts
            await phone.say(words)
            assert twilio.posts == before, words
            assert await silenced(script, phone) == after
            who = await participant(script, "sms", phone.number)
            last = await script.place.rows(
                "select outcome from messages where participant_id = %s order by created_at desc limit 1", who
            )
            assert last == [{"outcome": outcome}]
            assert not await script.place.rows(
                "select 1 from messages where participant_id = %s and direction = 'out'", who
            )
    finally:
        twilio.opt_out = OptOutMode.OFF


async def test_a_held_conversation_is_silent_until_it_is_closed(script: Script) -> None:
    phone, database = script.phone(), script.service.built.database
    await phone.say("person")
    await phone.expect_person_coming()
    for words in ("cost?", "hello"):
        await phone.say(words)
    await phone.expect()
    who = await participant(script, "sms", phone.number)
    at = datetime.now(UTC)
    async with database.begin() as connection:
        case = await holding_escalation(connection, who)
        assert case is not None
        coordinator = await _a_coordinator(script)
    async with database.begin() as connection:
        assert await close_escalation(connection, case, by=coordinator, note="", at=at, keyring=database.keyring)
        assert not await close_escalation(connection, case, by=coordinator, note="", at=at, keyring=database.keyring)
    await phone.say("cost?")
    await phone.expect("faq/cost")


async def _a_coordinator(script: Script) -> UUID:
    from console.accounts import add_coordinator

    database = script.service.built.database
    async with database.begin() as connection:
        return await add_coordinator(
            connection, database.keyring, email="maya@perennial.example", password="x" * 12, at=datetime.now(UTC)
        )


async def test_stop_and_a_cry_for_help_count_while_a_person_has_it(script: Script) -> None:
    phone = script.phone()
    await phone.say("person")
    await phone.expect_person_coming()
    await phone.say("I want to kill myself")
    await phone.expect("safety/crisis")
    await phone.say("STOP")
    await phone.expect("optout/confirmed")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("ya no quiero vivir, me quiero matar", "safety/crisis"),
        ("ya no quiero recibir más mensajes de ustedes, por favor", "optout/confirmed"),
    ],
)
async def test_what_is_said_at_once_is_said_in_the_language_of_the_message(script: Script, text: str, key: str) -> None:
    phone = script.phone()
    await phone.say("cost?")
    await phone.expect("faq/cost")
    phone.language = "es"
    await phone.say(text)
    await phone.expect(key)


async def test_one_message_opens_one_escalation(script: Script) -> None:
    phone, sid = script.phone(), new_sid()
    for _ in range(2):
        await phone.say("I want to kill myself", sid=sid)
    await phone.expect("safety/crisis")
    who = await participant(script, "sms", phone.number)
    assert len(await script.place.rows("select 1 from escalations where participant_id = %s", who)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "🙂" * 700,
        "مرحبا، كم تكلفة الاختبار؟",
        "\u202egnp.tset\u202c",
        "a\0b",
        "x" * 1600,
        "<script>alert(1)</script>",
        "'; --",
        "🧬",
    ],
)
async def test_odd_texts_are_stored_as_they_came_and_answered(script: Script, text: str) -> None:
    phone, database = script.phone(), script.service.built.database
    await phone.say(text)
    assert len(await phone.heard()) == 1
    who = await participant(script, "sms", phone.number)
    rows = await script.place.rows("select id, body from messages where participant_id = %s and direction = 'in'", who)
    stored = [database.keyring.open(row["body"], place="messages.body", row=row["id"]) for row in rows]
    assert stored == [text.replace("\0", "")] or stored == [text.replace("\0", "\ufffd")]


async def test_nothing_lies_unencrypted_in_the_tables(script: Script) -> None:
    phone = script.phone()
    await phone.say("my secret is a lavender umbrella")
    dump = ""
    for row in await script.place.rows(
        "select table_name from information_schema.tables where table_schema = 'public'"
    ):
        for found in await script.place.rows(f"select to_jsonb(t)::text as row from {row['table_name']} t"):  # noqa: S608
            dump += found["row"]
    assert len(dump) > 10_000
    assert "umbrella" not in dump
    assert b"umbrella".hex() not in dump
    assert phone.number.removeprefix("+") not in dump


async def test_accept_twice_at_once_stores_one(script: Script) -> None:
    import asyncio

    from conversation.intake import accept

    database = script.service.built.database
    message = InboundMessage(
        channel=ChannelName.SMS,
        provider_id=new_sid(),
        sender=script.phone().number,
        recipient="+15005550006",
        text="hello",
        received_at=datetime.now(UTC),
    )
    received = await asyncio.gather(*(accept(database, message) for _ in range(6)))
    assert sorted(one.repeated for one in received) == [False, *[True] * 5]
    assert len({one.id for one in received}) == 1
    await script.settled()


@pytest.mark.parametrize(
    ("text", "said", "reason"),
    [
        ("Stop texting me. I want to die", "optout/confirmed", "crisis"),
        ("stop texting me, these pills gave me a terrible rash", "optout/confirmed", "adverse_event"),
        ("please stop texting me, I want to kill myself tonight", "safety/crisis", "crisis"),  # not plainly an opt-out
    ],
)
async def test_who_asks_for_silence_in_trouble_is_not_overlooked(
    script: Script, text: str, said: str, reason: str
) -> None:
    phone = script.phone()
    await phone.say(text)
    await phone.expect(said)
    who = await participant(script, "sms", phone.number)
    found = await script.place.rows("select reason from escalations where participant_id = %s", who)
    assert [row["reason"] for row in found] == [reason]
