import asyncio
import json

import pytest
from aiohttp import WSMsgType
from aiohttp.http_websocket import WSMsgType as Opcode

from channels.webchat.backend import Author, NewsEvent
from channels.webchat.rate import Pace
from conversation.messages import ChannelName
from tests.integration.webchat.fake_backend import RIGHT_CODE
from tests.integration.webchat.support import SITE, Chat, MakeChat


async def test_a_message_is_stored_acknowledged_and_shown_in_every_window(chat: Chat) -> None:
    first = await chat.enter()
    second = await chat.enter(session=first.welcome["session"])
    message_id = await first.write("How much does it cost?")

    assert (await first.read("accepted")) == {"type": "accepted", "id": message_id, "message": "in-0"}
    shown = await second.read("message")
    assert (shown["from"], shown["text"], shown["client_id"]) == ("me", "How much does it cost?", message_id)

    (stored,) = chat.backend.accepted
    assert stored.channel is ChannelName.WEBCHAT
    assert stored.provider_id == f"{chat.backend.only.key}:{message_id}"
    assert (stored.participant_id, stored.recipient) == (chat.backend.only.participant_id, SITE.token)
    assert stored.attributes["study"] == "parkinson"

    await chat.backend.say("It is free.", replies=("Thanks",))
    for window in (first, second):
        answer = await window.read("message")
        while answer["from"] == "me":
            answer = await window.read("message")
        assert (answer["from"], answer["text"], answer["replies"]) == ("programme", "It is free.", ["Thanks"])


async def test_a_message_sent_again_is_accepted_again_and_stored_once(chat: Chat) -> None:
    window = await chat.enter()
    message_id = await window.write("Hello")
    first = await window.read("accepted")
    again = await chat.enter(session=window.welcome["session"])
    await again.write("Hello", message_id)
    assert await again.read("accepted") == first
    assert len(chat.backend.accepted) == len(chat.backend.repeats) == 1


async def test_two_visitors_with_the_same_message_id_are_not_mixed_up(chat: Chat) -> None:
    one, two = await chat.enter(), await chat.enter()
    message_id = await one.write("from one")
    await one.read("accepted")
    await two.write("from two", message_id)
    await two.read("accepted")
    assert [message.text for message in chat.backend.accepted] == ["from one", "from two"]


async def test_resume_brings_only_what_was_missed(chat: Chat) -> None:
    window = await chat.enter()
    assert window.welcome["reset"] is True
    await chat.backend.say("one")
    last = await window.read("message")
    await window.socket.close()
    await chat.backend.say("two")
    back = await chat.enter(session=window.welcome["session"], after=last["id"])
    assert [message["text"] for message in back.welcome["history"]] == ["two"]
    assert back.welcome["reset"] is False
    whole = await chat.enter(session=window.welcome["session"])
    assert [message["text"] for message in whole.welcome["history"]] == ["one", "two"]


async def test_news_without_text_are_read_from_the_history_once(chat: Chat) -> None:
    window = await chat.enter()
    said = await chat.backend.say("one")
    await window.read("message")
    talk = chat.backend.only
    talk.messages.append(type(said)(id="quiet", author=Author.PERSON, text="two", at=said.at))
    await chat.backend.happen(NewsEvent())
    await chat.backend.happen(NewsEvent())
    await chat.backend.say("three")
    assert [(await window.read("message"))["text"] for _ in range(2)] == ["two", "three"]


async def test_typing_and_status_reach_the_window(chat: Chat) -> None:
    window = await chat.enter()
    assert await window.read("status") == {"type": "status", "held": False, "opted_out": False}
    await chat.backend.typing(on=True)
    assert await window.read("typing") == {"type": "typing", "on": True}
    await chat.backend.status(held=True)
    assert await window.read("status") == {"type": "status", "held": True, "opted_out": False}
    later = await chat.enter(session=window.welcome["session"])
    assert (await later.read("status"))["held"] is True


async def test_seen_is_passed_on(chat: Chat) -> None:
    window = await chat.enter()
    said = await chat.backend.say("one")
    await window.send(type="seen", id=said.id)
    await window.write("x")
    await window.read("accepted")
    assert chat.backend.seen_ids == [said.id]


async def test_a_code_joins_another_conversation_and_shows_it(chat: Chat) -> None:
    window = await chat.enter()
    chat.backend.talk("joined")
    await chat.backend.say("from your phone", key="joined")
    await window.send(type="link", contact="nonsense")
    assert (await window.read("link"))["result"] == "bad_contact"
    await window.send(type="link", contact="ann@example.org")
    assert (await window.read("link"))["result"] == "sent"
    await window.send(type="verify", code="000000")
    assert (await window.read("link"))["result"] == "wrong_code"
    await window.send(type="verify", code=RIGHT_CODE)
    assert (await window.read("link"))["result"] == "linked"
    welcome = await window.read("welcome")
    assert welcome["reset"] is True
    assert [message["text"] for message in welcome["history"]] == ["from your phone"]
    await window.write("now joined")
    await window.read("accepted")
    assert chat.backend.accepted[-1].participant_id == chat.backend.talk("joined").participant_id


@pytest.mark.parametrize("kind", ["identity", "link"])
async def test_signed_visitors_are_known_and_forged_ones_refused(chat: Chat, kind: str) -> None:
    await chat.enter(**{kind: chat.backend.sign(kind, "known")})
    assert "known" in chat.backend.talks
    forger = await chat.connect()
    await forger.send(type="hello", site=SITE.token, **{kind: "forged"})
    assert (await forger.read("error"))["code"] == "bad_session"
    assert await forger.read_close() == 1008


async def test_a_forged_session_is_just_a_new_visitor(chat: Chat) -> None:
    window = await chat.enter(session="forged", after="m1")
    assert window.welcome["reset"] is True
    assert window.welcome["history"] == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None, "https://study.example.org.evil.example"])
async def test_other_origins_are_told_so_and_closed(chat: Chat, origin: str | None) -> None:
    window = await chat.connect(origin=origin)
    await window.send(type="hello", site=SITE.token)
    assert (await window.read("error"))["code"] == "origin"
    assert await window.read_close() == 1008
    assert chat.backend.talks == {}


@pytest.mark.parametrize("origin", ["https://chat.example.org", "https://study.example.org", "same"])
async def test_allowed_origins(chat: Chat, origin: str) -> None:
    here = str(chat.server.make_url("")).rstrip("/")
    assert (await chat.enter(origin=here if origin == "same" else origin)).welcome["session"]


async def test_an_unknown_site_is_refused(chat: Chat) -> None:
    window = await chat.connect()
    await window.send(type="hello", site="nowhere")
    assert (await window.read("error"))["code"] == "origin"


@pytest.mark.parametrize("first", ["{", '{"type":"message","id":"1","text":"x"}', '{"type":"seen","id":"1"}'])
async def test_the_first_frame_is_hello_or_the_end(chat: Chat, first: str) -> None:
    window = await chat.connect()
    await window.socket.send_str(first)
    assert (await window.read("error"))["code"] == "bad_frame"
    assert await window.read_close() == 1008


async def test_who_says_nothing_is_closed(make_chat: MakeChat) -> None:
    chat = await make_chat(hello_within=0.05)
    window = await chat.connect()
    assert (await window.read("error"))["reason"] == "no hello in time"
    assert await window.read_close() == 1008


@pytest.mark.parametrize("bad", ["{", "[]", '{"type":"x"}', '{"type":"hello","site":"site-1"}', "[" * 5_000])
async def test_a_bad_frame_is_answered_and_the_next_good_one_works(chat: Chat, bad: str) -> None:
    window = await chat.enter()
    await window.socket.send_str(bad)
    assert (await window.read("error"))["code"] == "bad_frame"
    await window.write("still here")
    await window.read("accepted")


async def test_binary_is_a_bad_frame(chat: Chat) -> None:
    window = await chat.enter()
    await window.socket.send_bytes(b"\x00")
    assert (await window.read("error"))["code"] == "bad_frame"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [("a\x00b", "ab"), ("‮شكرا", "‮شكرا"), ("😀" * 2_000, "😀" * 2_000), ("<script>alert(1)</script>",) * 2],
)
async def test_any_text_is_stored_as_text(chat: Chat, sent: str, stored: str) -> None:
    window = await chat.enter()
    await window.socket.send_str(
        json.dumps({"type": "message", "id": "6f1c8d0e-3a53-4c59-9a0e-0d8c1a1f2b3c", "text": sent}, ensure_ascii=False)
    )
    await window.read("accepted")
    assert chat.backend.accepted[0].text == stored


async def test_too_long_a_text_is_named_and_refused(chat: Chat) -> None:
    window = await chat.enter()
    message_id = await window.write("x" * 2_001)
    error = await window.read("error")
    assert (error["code"], error["id"], error["retry_after"]) == ("too_long", message_id, None)
    assert chat.backend.accepted == []


async def test_too_big_a_frame_closes_with_1009(chat: Chat) -> None:
    window = await chat.enter()
    await window.socket.send_str("x" * (16 * 1024 + 1))
    assert await window.read_close() == 1009


async def test_invalid_utf8_closes_with_1007(chat: Chat) -> None:
    window = await chat.enter()
    await window.socket.send_frame(b'{"type":"\xff"}', Opcode.TEXT)
    assert await window.read_close() == 1007
    assert chat.backend.accepted == []


async def test_a_flood_is_slowed_then_ended(make_chat: MakeChat) -> None:
    chat = await make_chat(messages=Pace(burst=10, per_minute=20), refusals=Pace(burst=5, per_minute=6))
    window = await chat.enter()
    for number in range(11):
        await window.write(str(number))
    for _ in range(10):
        await window.read("accepted")
    error = await window.read("error")
    assert (error["code"], error["retry_after"]) == ("rate_limited", 3.1)
    assert len(chat.backend.accepted) == 10

    chat.clock.advance(error["retry_after"])
    await window.write("patient")
    await window.read("accepted")

    for number in range(6):
        await window.write(f"flood {number}")
    assert await window.read_close() == 1008
    assert len(chat.backend.accepted) == 11


async def test_a_new_connection_is_no_way_round_the_limit(make_chat: MakeChat) -> None:
    chat = await make_chat(messages=Pace(burst=2, per_minute=20))
    window = await chat.enter()
    for text in ("one", "two"):
        await window.write(text)
        await window.read("accepted")
    again = await chat.enter(session=window.welcome["session"])
    message_id = await again.write("three")
    assert (await again.read("error"))["id"] == message_id
    stranger = await chat.enter()
    await stranger.write("hello")
    await stranger.read("accepted")


async def test_frames_of_other_kinds_are_counted_too(make_chat: MakeChat) -> None:
    chat = await make_chat(frames=Pace(burst=3, per_minute=60))
    window = await chat.enter()
    for _ in range(4):
        await window.send(type="link", contact="+12025550100")
    assert [(await window.read("link", "error"))["type"] for _ in range(4)] == ["link"] * 3 + ["error"]


async def test_a_busy_service_keeps_the_connection_and_asks_to_wait(chat: Chat) -> None:
    window = await chat.enter()
    chat.backend.busy = True
    message_id = await window.write("hello")
    error = await window.read("error")
    assert (error["code"], error["id"], error["retry_after"]) == ("busy", message_id, 5.0)
    chat.backend.busy = False
    await window.write("hello", message_id)
    await window.read("accepted")


async def test_too_many_connections_are_asked_to_come_later(make_chat: MakeChat) -> None:
    chat = await make_chat(connections=1)
    first = await chat.enter()
    window = await chat.connect()
    assert (await window.read("error"))["code"] == "busy"
    assert await window.read_close() == 1013
    await first.write("still here")
    await first.read("accepted")


async def test_a_lost_subscription_makes_the_window_come_back(chat: Chat) -> None:
    window = await chat.enter()
    await chat.backend.happen(None)
    assert await window.read_close() == 1012
    await forgotten(chat)


async def test_shutdown_says_goodbye(chat: Chat) -> None:
    window = await chat.enter()
    closing = asyncio.create_task(chat.server.close())
    received = await window.socket.receive(timeout=5)
    while received.type is WSMsgType.TEXT:
        received = await window.socket.receive(timeout=5)
    assert window.socket.close_code == 1001
    await closing


async def test_nothing_is_left_behind_when_a_window_goes(chat: Chat) -> None:
    window = await chat.enter()
    await window.read("status")
    listeners = chat.backend.only.listeners
    assert len(listeners) == 1
    await window.socket.close()
    await forgotten(chat)


async def forgotten(chat: Chat) -> None:
    async with asyncio.timeout(5):
        while chat.backend.only.listeners:
            await asyncio.sleep(0.01)
