"""The field for an answer, all the way: from the question through the bot, the outbox and the transcript to the window."""

from typing import Any

from tests.conversations.script import Chat, Script


def shown(chat: Chat) -> list[dict[str, Any]]:
    """What the programme has said so far, as the window gets it."""
    return [frame for frame in chat.frames if frame["type"] == "message" and frame["from"] == "programme"]


async def test_a_question_brings_its_field_and_an_answer_ends_it(script: Script) -> None:
    async with script.chat() as chat:
        await chat.say("qualify?")
        await chat.news(2)
        assert [frame.get("input") for frame in shown(chat)] == [None, "number"]
        await chat.say("62")
        await chat.news(1)
        assert shown(chat)[-1].get("input") is None
        assert shown(chat)[-1]["replies"] == ["Yes", "No"]
        for said in ("yes", "yes", "yes", "no", "no", "yes"):
            await chat.say(said)
        await chat.news(6)
        assert "that study end" in shown(chat)[-1]["text"]
        assert shown(chat)[-1]["input"] == "date"
        # As the field sends it.
        await chat.say("2027-03-04")
        await chat.news(1)
        rows = await script.place.rows("select input from messages where direction = 'out' and input is not null")
        assert {row["input"] for row in rows} == {"date", "number"}
        assert "Which language" in shown(chat)[-1]["text"]


async def test_who_comes_back_to_a_question_has_its_field_again(script: Script) -> None:
    async with script.chat() as chat:
        await chat.say("qualify?")
        await chat.news(2)
        session = (await chat.frame("welcome"))["session"]
    async with script.chat(session=session) as again:
        history = (await again.frame("welcome"))["history"]
        assert history[-1]["input"] == "number"
        assert "input" not in history[0]
