"""Web chat joined to a phone or mailbox by a code: who holds the phone, and nobody else."""

import re
from uuid import UUID

import pytest

from engagement.optouts import silenced_channels
from engagement.participants import find_contact
from engagement.verification import ATTEMPTS, PER_HOUR
from tests.conversations.script import Chat, Phone, Script
from tests.harness.place import until


async def whose(script: Script, channel: str, value: str) -> UUID:
    database = script.service.built.database
    async with database.begin() as connection:
        found = await find_contact(connection, database.keyring, channel, value)
    assert found is not None
    return found.participant_id


async def ask(chat: Chat, contact: str) -> str:
    return await answer(chat, type="link", contact=contact)


async def verify(chat: Chat, code: str) -> str:
    return await answer(chat, type="verify", code=code)


async def answer(chat: Chat, **frame: object) -> str:
    before = sum(one["type"] == "link" for one in chat.frames)
    await chat.send(**frame)
    await until(lambda: sum(one["type"] == "link" for one in chat.frames) > before, seconds=10)
    return str([one for one in chat.frames if one["type"] == "link"][-1]["result"])


async def code_of(phone: Phone) -> str:
    (told,) = await phone.news(1)
    found = re.search(r"\b\d{6}\b", told)
    assert found
    return found.group()


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def test_a_chat_joins_the_phone_s_conversation(script: Script) -> None:
    phone = script.phone()
    await phone.say("cost?")
    await phone.expect("faq/cost")
    async with script.chat() as chat:
        await chat.say("hello")
        await chat.expect("greet")
        assert await ask(chat, phone.number) == "sent"
        code = await code_of(phone)
        assert await verify(chat, code) == "linked"
        await until(lambda: sum(frame["type"] == "welcome" for frame in chat.frames) == 2)
        welcome = [frame for frame in chat.frames if frame["type"] == "welcome"][-1]
        assert welcome["reset"]
        said = [message["text"] for message in welcome["history"]]
        assert {"cost?", "hello"} <= set(said)
        visitor = welcome["visitor"]
    assert await whose(script, "webchat", visitor) == await whose(script, "sms", phone.number)
    async with script.chat(session=welcome["session"]) as again:
        first = await again.frame("welcome")
        assert "cost?" in [message["text"] for message in first["history"]]


async def test_a_wrong_code_joins_nothing_and_five_are_enough(script: Script) -> None:
    phone = script.phone()
    await phone.say("hello")
    await phone.expect("greet")
    async with script.chat() as chat:
        assert await ask(chat, phone.number) == "sent"
        code = await code_of(phone)
        assert [await verify(chat, wrong(code)) for _ in range(ATTEMPTS)] == ["wrong_code"] * ATTEMPTS
        assert await verify(chat, code) == "too_many"
        visitor = (await chat.frame("welcome"))["visitor"]
    assert await whose(script, "webchat", visitor) != await whose(script, "sms", phone.number)


async def test_a_code_counts_once(script: Script) -> None:
    phone = script.phone()
    async with script.chat() as chat:
        await ask(chat, phone.number)
        code = await code_of(phone)
        assert await verify(chat, code) == "linked"
        assert await verify(chat, code) == "expired"


async def test_a_code_ends_after_ten_minutes(script: Script) -> None:
    phone = script.phone()
    async with script.chat() as chat:
        await ask(chat, phone.number)
        code = await code_of(phone)
        with script.advance(minutes=10, seconds=1):
            assert await verify(chat, code) == "expired"


async def test_another_chat_s_code_is_worth_nothing(script: Script) -> None:
    phone, other = script.phone(), script.phone()
    async with script.chat() as chat, script.chat() as thief:
        await ask(chat, phone.number)
        code = await code_of(phone)
        assert await verify(thief, code) == "expired"
        await ask(thief, other.number)
        assert await verify(thief, code) == "wrong_code" or code == await code_of(other)
        assert await verify(chat, code) == "linked"


async def test_codes_are_few(script: Script) -> None:
    phone = script.phone()
    async with script.chat() as chat:
        results = [await ask(chat, phone.number) for _ in range(PER_HOUR + 1)]
        assert results == ["sent"] * PER_HOUR + ["too_many"]
        assert len(await phone.news(PER_HOUR)) == PER_HOUR
    async with script.chat() as another:
        assert await ask(another, phone.number) == "too_many"
        with script.advance(hours=1, seconds=1):
            assert await ask(another, phone.number) == "sent"


@pytest.mark.parametrize("contact", ["hello", "", "12", "sam@mailbox", "+1 202"])
async def test_what_is_no_contact_is_said(script: Script, contact: str) -> None:
    async with script.chat() as chat:
        before = len(chat.frames)
        await chat.send(type="link", contact=contact)
        await until(lambda: any(frame["type"] in ("link", "error") for frame in chat.frames[before:]))
        (found,) = [frame for frame in chat.frames[before:] if frame["type"] in ("link", "error")]
        assert found.get("result") == "bad_contact" or found.get("code") == "bad_frame"


async def test_who_has_opted_out_gets_no_code_and_nobody_is_told(script: Script) -> None:
    phone = script.phone()
    await phone.say("STOP")
    await phone.expect("optout/confirmed")
    async with script.chat() as chat:
        assert await ask(chat, phone.number) == "sent"
    await phone.expect()


async def test_an_opt_out_stays_when_conversations_are_joined(script: Script) -> None:
    phone = script.phone()
    async with script.chat() as chat:
        await chat.say("STOP")
        await chat.expect("optout/confirmed")
        await ask(chat, phone.number)
        await verify(chat, await code_of(phone))
    who = await whose(script, "sms", phone.number)
    async with script.service.built.database.begin() as connection:
        assert await silenced_channels(connection, who) == {"sms", "webchat", "email"}
    await phone.say("cost?")
    await phone.expect()


async def test_a_held_chat_stays_held_when_joined(script: Script) -> None:
    phone = script.phone()
    async with script.chat() as chat:
        await chat.say("person")
        await chat.expect_person_coming()
        await ask(chat, phone.number)
        await verify(chat, await code_of(phone))
    await phone.say("cost?")
    await phone.expect()


async def test_a_chat_joined_to_a_mailbox(script: Script) -> None:
    box = script.mailbox()
    async with script.chat() as chat:
        await chat.say("hello")
        assert await ask(chat, box.address) == "sent"
        (told,) = await box.news(1)
        found = re.search(r"\b\d{6}\b", told)
        assert found
        assert await verify(chat, found.group()) == "linked"
        visitor = (await chat.frame("welcome"))["visitor"]
    assert await whose(script, "webchat", visitor) == await whose(script, "email", box.address)


async def test_a_question_that_is_open_stays_open_when_joined(script: Script) -> None:
    box = script.mailbox()
    async with script.chat() as chat:
        await chat.say("qualify?")
        await chat.news(2)
        assert await ask(chat, box.address) == "sent"
        (told,) = await box.news(1)
        found = re.search(r"\b\d{6}\b", told)
        assert found
        assert await verify(chat, found.group()) == "linked"
        await until(lambda: sum(frame["type"] == "welcome" for frame in chat.frames) == 2)
        before = set(await chat.heard())
        await chat.say("62")
        await until(lambda: len(chat._told) > len(before))
        fresh = [said for said in await chat.heard() if said not in before]
        assert [chat.words("questionnaire/prescreen/lives_in_us") in said for said in fresh] == [True]


async def test_a_continue_link_goes_on_with_the_same_conversation(script: Script) -> None:
    phone = script.phone()
    await phone.say("cost?")
    await phone.expect("faq/cost")
    who = await whose(script, "sms", phone.number)
    link = script.service.built.links.continue_url(who).rpartition("/")[2]
    async with script.chat(link=link) as chat:
        welcome = await chat.frame("welcome")
        assert "cost?" in [message["text"] for message in welcome["history"]]
        assert await whose(script, "webchat", welcome["visitor"]) == who
    with script.advance(days=4):
        async with script.chat(link=link) as late:
            refused = await late.frame("error", "welcome")
            assert refused["type"] == "error"
