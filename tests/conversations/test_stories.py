"""Conversations as they happen: over days, over channels, in two languages, with what people really send."""

import re
from uuid import UUID

import aiosmtplib
import pytest

from engagement.optouts import silenced_channels
from engagement.participants import find_contact
from tests.conversations.script import Phone, Script
from tests.harness.place import until

pytestmark = pytest.mark.conversation


async def whose(script: Script, phone: Phone) -> UUID:
    database = script.service.built.database
    async with database.begin() as connection:
        found = await find_contact(connection, database.keyring, "sms", phone.number)
    assert found is not None
    return found.participant_id


async def test_three_weeks_with_a_participant(script: Script) -> None:
    phone = script.phone()
    await phone.say("hi there")
    await phone.expect("greet")
    await phone.say("what would this cost me?")
    await phone.expect("faq/cost")
    with script.advance(days=3):
        await phone.say("ok thanks")
        await phone.expect("thank")
        await phone.say("how is the sample taken?")
        await phone.expect("faq/how_sample_taken")
    with script.advance(days=21):
        await phone.say("how long until I get my results?")
        await phone.expect("faq/how_long_results")
        await phone.say("bye")
        await phone.expect("goodbye")


async def test_a_language_asked_for_by_word(script: Script) -> None:
    phone = script.phone()
    await phone.say("How much does the test cost?")
    await phone.expect("faq/cost")
    await phone.say("español por favor")
    phone.language = "es"
    await phone.expect("language/switched")
    await phone.say("¿Cuánto cuesta la prueba?")
    await phone.expect("faq/cost")
    await phone.say("STOP")
    await phone.expect("optout/confirmed")
    await phone.say("START")
    await phone.expect("optin/confirmed")
    await phone.say("in English please")
    phone.language = "en"
    await phone.expect("language/switched")


async def test_a_language_taken_up_by_plain_writing(script: Script) -> None:
    phone = script.phone("es")
    await phone.say("Hola, quisiera saber cuánto tiempo tardan en llegar los resultados de la prueba")
    await phone.expect("faq/how_long_results")
    await phone.say("ok")  # a word that is no language's
    await phone.news(1)
    await phone.say("¿Cuánto cuesta la prueba?")
    await phone.expect("faq/cost")


async def test_one_foreign_word_switches_nothing(script: Script) -> None:
    phone = script.phone()
    await phone.say("hola")
    assert await phone.expect_one_of("greet")
    await phone.say("How much does the test cost?")
    await phone.expect("faq/cost")


async def test_one_miss_is_forgotten_after_an_answer(script: Script) -> None:
    phone = script.phone()
    for _ in range(2):
        await phone.say("xkcd qwzzt blorp")
        assert await phone.expect_one_of("fallback/first", "out_of_scope")
        await phone.say("How much does the test cost?")
        await phone.expect("faq/cost")


async def test_a_question_instead_of_yes_or_no_is_answered(script: Script) -> None:
    phone = script.phone()
    for nonsense in ("xkcd qwzzt blorp", "lkjhg poiuy mnbvc"):
        await phone.say(nonsense)
    await phone.news(2)
    await phone.say("How much does the test cost?")
    await phone.expect("faq/cost")
    await phone.say("yes")
    await phone.expect("affirm_nothing")


async def test_yes_days_later_still_means_the_offer(script: Script) -> None:
    phone = script.phone()
    for nonsense in ("xkcd qwzzt blorp", "lkjhg poiuy mnbvc"):
        await phone.say(nonsense)
    await phone.news(2)
    with script.advance(days=2):
        await phone.say("yes")
        await phone.expect_person_coming()


async def test_distress_brings_a_person(script: Script) -> None:
    phone = script.phone()
    await phone.say("I feel so overwhelmed and scared about all of this")
    await phone.expect_person_coming("distress/person")
    await phone.say("How much does the test cost?")
    await phone.expect()


async def test_advice_is_never_given(script: Script) -> None:
    phone = script.phone()
    await phone.say("should I stop my levodopa?")
    await phone.expect("medical_advice")


async def test_an_insult_and_what_is_not_ours(script: Script) -> None:
    phone = script.phone()
    await phone.say("you are a stupid robot")
    await phone.expect("insult")
    await phone.say("what's the best pizza in town?")
    await phone.expect("out_of_scope")


STOPS = ("STOP", "stop.", " Stop! ", "STOPALL", "unsubscribe", "CANCEL", "END", "QUIT", "revoke", "OPTOUT")
PAROS = ("alto", "PARAR", "cancelar")


@pytest.mark.parametrize("text", [*STOPS, *PAROS])
async def test_every_word_for_stop(script: Script, text: str) -> None:
    phone = script.phone()
    await phone.say(text)
    assert await phone.expect_one_of("optout/confirmed")


async def test_stop_asked_and_confirmed(script: Script) -> None:
    phone = script.phone()
    await phone.say("too many messages")
    await phone.expect("optout/ask")
    await phone.say("STOP")
    await phone.expect("optout/confirmed")


async def test_stop_asked_and_passed_over(script: Script) -> None:
    phone = script.phone()
    await phone.say("too many messages")
    await phone.expect("optout/ask")
    await phone.say("How much does the test cost?")
    await phone.expect("faq/cost")
    await phone.say("KEEP")
    await phone.news(1)
    database = script.service.built.database
    who = await whose(script, phone)
    async with database.begin() as connection:
        assert await silenced_channels(connection, who) == frozenset()


async def test_stop_on_one_channel_is_stop_on_all(script: Script) -> None:
    phone = script.phone()
    async with script.chat() as chat:
        await chat.send(type="link", contact=phone.number)
        await chat.frame("link")
        (told,) = await phone.news(1)
        code = re.search(r"\b\d{6}\b", told)
        assert code
        await chat.send(type="verify", code=code.group())
        await until(lambda: any(frame.get("result") == "linked" for frame in chat.frames))
        await phone.say("STOP")
        await phone.expect("optout/confirmed")
        await chat.news(0)
        await chat.say("How much does the test cost?")
        await chat.expect()


async def test_from_a_text_to_the_web_and_back(script: Script) -> None:
    """A sensitive question goes on in the web chat by the link; both are one conversation."""
    phone = script.phone()
    await phone.say("How much does the test cost?")
    await phone.expect("faq/cost")
    link = script.service.built.links.continue_url(await whose(script, phone)).rpartition("/")[2]
    async with script.chat(link=link) as chat:
        await until(lambda: len(chat._told) > 0)
        await chat.news(1)
        await chat.say("Who can see my data?")
        await chat.expect("faq/privacy_data_use")
        await chat.say("I want to talk to a real person")
        await chat.expect_person_coming()
    await phone.say("How much does the test cost?")
    await phone.expect()


async def test_the_same_question_is_answered_shorter_by_sms(script: Script) -> None:
    phone = script.phone()
    await phone.say("How much does the test cost?")
    (short,) = await phone.expect("faq/cost")
    async with script.chat() as chat:
        await chat.say("How much does the test cost?")
        (long,) = await chat.expect("faq/cost")
    assert len(short) < len(long)


async def test_nothing_sensitive_goes_into_a_text(script: Script) -> None:
    pack = script.house.pack(None)
    phone = script.phone()
    for question in (
        "What is this study about?",
        "What genes do you test?",
        "Tell me about Parkinson's disease",
        "Am I eligible?",
    ):
        await phone.say(question)
    told = " ".join(await phone.heard()).casefold()
    assert told
    terms = [*pack.sensitive_terms, *pack.name.values(), *pack.title.values()]
    assert [term for term in terms if term.casefold() in told] == []


@pytest.mark.parametrize(
    "text",
    [
        "🙂" * 700,
        "🧬🧬🧬",
        "مرحبا، كم تكلفة الاختبار؟",
        "\u202eHow much does the test cost?\u202c",
        "How much\0 does the test cost?",
        "How much does the test cost? " * 55,
        "<script>alert(1)</script>",
        "{fact.cost} {0} %s ${x} /restart /session_start",
        "/faq/cost",
        "\u200b\u200b",
        "?",
        "'; drop table messages; --",
    ],
)
async def test_whatever_is_sent_is_answered(script: Script, text: str) -> None:
    phone = script.phone()
    await phone.say(text[:1600])
    assert 1 <= len(await phone.news(1)) <= 2
    async with script.chat() as chat:
        await chat.say(text[:1600])
        assert len(await chat.news(0)) <= 2
        assert all(frame["type"] != "error" or frame["code"] == "bad_frame" for frame in chat.frames)


async def test_what_is_written_in_the_chat_comes_back_as_it_was(script: Script) -> None:
    async with script.chat() as chat:
        await chat.say("<b>hello</b> & <script>alert(1)</script>")
        welcome = await chat.frame("welcome")
    async with script.chat(session=welcome["session"]) as again:
        history = (await again.frame("welcome"))["history"]
    assert [one["text"] for one in history if one["from"] == "me"] == ["<b>hello</b> & <script>alert(1)</script>"]


async def test_a_stranger_s_mail_then_a_conversation(script: Script) -> None:
    box = script.mailbox()
    await box.write("How much does the test cost?")
    await box.expect("email/unknown_sender")
    await box.say("How much does the test cost?")
    await box.expect("faq/cost")
    with script.advance(days=3):
        await box.say("STOP")
        await box.expect("optout/confirmed")
        await box.say("How much does the test cost?")
        await box.expect()


async def test_a_mail_too_large_is_refused_and_the_talk_goes_on(script: Script) -> None:
    box = script.mailbox()
    await box.confirm()
    with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
        await box.say("x" * 30_000_000)
    assert refused.value.code == 552
    await box.say("How much does the test cost?")
    await box.expect("faq/cost")


async def test_two_messages_at_once_are_both_answered_in_order(script: Script) -> None:
    phone = script.phone()
    for words in ("How much does the test cost?", "How is the sample taken?", "STOP"):
        assert await script.place.text(phone.number, words) == 200
    told = await phone.news(3)
    # STOP overtakes: what was still to be said then is held back, and nothing comes after the confirmation.
    assert told[-1] == phone.words("optout/confirmed")
