"""Pre-screening and check-ins as conversations: on each channel, in each language, and over all of them."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from sqlalchemy import Table, select

from engagement.instruments import Instrument
from engagement.participants import find_contact
from storage.tables import escalations, permissions, questionnaire_responses, verdicts
from tests.conversations.interviews import Person, answer_all, asked, question, told
from tests.conversations.script import Chat, Mailbox, Phone, Script, plain
from tests.harness.place import until

pytestmark = pytest.mark.conversation

BEGIN = {"en": "check if I qualify", "es": "quiero ver si califico para el estudio"}
GO_ON = {"en": "continue the questions", "es": "seguir con las preguntas"}
CHECK_IN = {"en": "my monthly check-in", "es": "quiero hacer mi control mensual"}
FITS = {
    "en": {
        "age": "I'm 62",
        "lives_in_us": "yup",
        "can_travel": "yes",
        "can_spit": "sure",
        "mouth_bleeding": "no",
        "marrow_transplant": "nope",
        "drug_study": "no",
        "language": "English",
        "heard_from": "my doctor",
        "sex": "male",
        "diagnosis": "yes",
        "diagnosis_year": "2015",
        "brain_surgery": "no",
        "takes_medicine": "yes",
        "medicine_count": "two",
        "medicine_types": "1",
        "gene_test": "4",
        "relatives": "none of these",
        "anything_else": "no thanks",
        "recontact": "yes please",
    },
    "es": {
        "age": "62",
        "lives_in_us": "sí",
        "can_travel": "claro",
        "can_spit": "sí",
        "mouth_bleeding": "no",
        "marrow_transplant": "no",
        "drug_study": "no",
        "language": "2",
        "heard_from": "mi doctor",
        "sex": "hombre",
        "diagnosis": "sí",
        "diagnosis_year": "2015",
        "brain_surgery": "no",
        "takes_medicine": "sí",
        "medicine_count": "dos",
        "medicine_types": "1",
        "gene_test": "4",
        "relatives": "ninguno",
        "anything_else": "nada más",
        "recontact": "sí",
    },
}


async def rows(script: Script, phone: Phone, table: Table) -> list[dict[str, object]]:
    """The rows of a table that are about whom this phone belongs to."""
    database = script.service.built.database
    async with database.begin() as connection:
        contact = await find_contact(connection, database.keyring, "sms", phone.number)
        assert contact is not None
        found = await connection.execute(select(table).where(table.c.participant_id == contact.participant_id))
        return [dict(row._mapping) for row in found]


async def test_a_prescreen_by_each_channel_in_each_language(
    script: Script, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    if person.channel == "sms":  # a study whose questions are none of them private; those that are: see the tests below
        monkeypatch.setattr(Instrument, "is_sensitive", lambda _instrument, _item: False)
    await person.say(BEGIN[person.language])
    last = await answer_all(script, person, "prescreen", FITS[person.language], said=await told(person))
    assert plain(person.words("prescreen/likely_eligible")) in plain(" ".join(last))


async def up_to_the_private_part(script: Script, language: str, answers: Mapping[str, str] | None = None) -> Phone:
    """Somebody who has answered by text until the first private question went out as a link."""
    phone = script.phone(language)
    if language == "es":
        await phone.say("español por favor")
        await phone.expect("language/switched")
    await phone.say(BEGIN[language])
    last = await answer_all(script, phone, "prescreen", answers or FITS[language], said=await told(phone))
    assert re.search(r"https?://\S+", " ".join(last)), last
    return phone


@asynccontextmanager
async def by_the_link(script: Script, phone: Phone) -> AsyncIterator[tuple[Chat, list[str]]]:
    """The page that the link opens, and the private question, asked once and there."""
    [response] = await rows(script, phone, questionnaire_responses)
    link = script.service.built.links.continue_url(UUID(str(response["participant_id"])))
    async with script.chat(phone.language, link=link.rpartition("/")[2]) as chat:

        async def questions() -> list[str]:
            return [said for said in await chat.heard() if asked(script, chat, "prescreen", ["diagnosis"], said)]

        await until(questions)  # what is asked here comes a moment after the window opens
        await script.settled()
        said = await questions()
        assert len(said) == 1, "asked once, and here"
        chat._seen = len(await chat.heard())
        yield chat, said


async def join(chat: Chat, mailbox: Mailbox) -> None:
    """The chat's person proves that the mailbox is theirs."""
    await chat.send(type="link", contact=mailbox.address)
    await until(lambda: any(frame.get("result") == "sent" for frame in chat.frames))
    code = re.search(r"\b\d{6}\b", " ".join(await told(mailbox)))
    assert code
    await chat.send(type="verify", code=code.group())
    await until(lambda: any(frame.get("result") == "linked" for frame in chat.frames))
    await chat.script.settled()
    chat._seen = len(await chat.heard())


@pytest.mark.parametrize("language", ["en", "es"])
async def test_private_questions_leave_the_texts_and_the_rest_comes_back(script: Script, language: str) -> None:
    phone = await up_to_the_private_part(script, language)
    async with by_the_link(script, phone) as (chat, said):
        last = await answer_all(script, chat, "prescreen", FITS[language], said=said, until="anything_else")
        assert asked(script, chat, "prescreen", ["anything_else"], " ".join(last))
    await phone.say(GO_ON[language])
    said = await told(phone)
    assert question(script, phone, "prescreen", "anything_else") in plain(" ".join(said))
    last = await answer_all(script, phone, "prescreen", FITS[language], said=said)
    assert plain(phone.words("prescreen/likely_eligible")) in plain(" ".join(last))
    texts = plain(" ".join(await phone.heard()))
    for private in ("diagnosis", "takes_medicine", "gene_test"):
        assert question(script, phone, "prescreen", private) not in texts


@pytest.mark.parametrize("language", ["en", "es"])
async def test_begun_by_text_private_on_the_web_left_for_three_days_and_ended_by_mail(
    script: Script, language: str
) -> None:
    phone, mailbox = await up_to_the_private_part(script, language), script.mailbox(language)
    async with by_the_link(script, phone) as (chat, said):
        await join(chat, mailbox)
        last = await answer_all(script, chat, "prescreen", FITS[language], said=said, until="brain_surgery")
        assert asked(script, chat, "prescreen", ["brain_surgery"], " ".join(last))
    with script.advance(days=3):
        await mailbox.say(GO_ON[language])  # in reply to the mail that brought the code
        said = await told(mailbox)
        links = asked(script, mailbox, "prescreen", list(FITS[language]), " ".join(said))
        assert links[:1] == ["brain_surgery"], said
        assert len(links) > 1, "one mail asks several"
        last = await answer_all(script, mailbox, "prescreen", FITS[language], said=said)
        assert plain(mailbox.words("prescreen/likely_eligible")) in plain(" ".join(last))
    [verdict] = await rows(script, phone, verdicts)
    assert verdict["verdict"] == "likely_eligible"
    [response] = await rows(script, phone, questionnaire_responses)
    assert (response["status"], response["channel"]) == ("completed", "email")


@pytest.mark.parametrize("language", ["en", "es"])
async def test_three_days_later_another_link_comes(script: Script, language: str) -> None:
    phone = await up_to_the_private_part(script, language)
    with script.advance(days=3):
        await phone.say("hi")
        assert re.search(r"https?://\S+", " ".join(await told(phone)))
        async with by_the_link(script, phone) as (chat, said):
            last = await answer_all(script, chat, "prescreen", FITS[language], said=said)
            assert plain(chat.words("prescreen/likely_eligible")) in plain(" ".join(last))
    [verdict] = await rows(script, phone, verdicts)
    assert verdict["verdict"] == "likely_eligible"
    given = await rows(script, phone, permissions)
    assert [(each["purpose"], each["kind"]) for each in given] == [
        ("study_contact", "granted"),
        ("recontact", "granted"),
    ]


async def test_what_people_say_in_the_middle(script: Script) -> None:
    async with script.chat() as chat:
        await chat.say("check if I qualify")
        await chat.news(2)
        await chat.say("banana")
        assert plain((await told(chat))[0]) == plain(chat.words("ask/again/number"))
        await chat.say("banana split")
        assert plain((await told(chat))[0]) == plain(chat.words("ask/example/number"))
        await chat.say("bananas in pyjamas")
        assert plain((await told(chat))[0]) == plain(chat.words("ask/stuck"))
        await chat.say("how much does the test cost?")
        news = await chat.news(2)
        assert plain(news[0]) == plain(chat.words("faq/cost"))
        assert question(script, chat, "prescreen", "age") in plain(news[1])
        await chat.say("62")
        assert question(script, chat, "prescreen", "lives_in_us") in plain((await told(chat))[0])
        await chat.say("why do you ask?")
        assert plain((await told(chat))[0]) == plain(chat.words("questionnaire/prescreen/lives_in_us/why"))
        await chat.say("go back")
        assert question(script, chat, "prescreen", "age") in plain((await told(chat))[-1])
        await chat.say("63")
        await told(chat)
        await chat.say("pause")
        await chat.expect("ask/paused")
        await chat.say("is it free?")
        await chat.expect("faq/cost")
        with script.advance(days=4):
            await chat.say("continue the questions")
            news = await chat.news(2)
            assert question(script, chat, "prescreen", "lives_in_us") in plain(news[-1])


async def test_unknown_goes_to_a_person_and_never_disqualifies(script: Script) -> None:
    async with script.chat() as chat:
        await chat.say("check if I qualify")
        last = await answer_all(
            script, chat, "prescreen", {**FITS["en"], "diagnosis": "I don't know"}, said=await told(chat)
        )
        assert plain(chat.words("prescreen/needs_review")) in plain(" ".join(last))


async def test_not_eligible_is_kind_and_names_no_criterion(script: Script) -> None:
    async with script.chat() as chat:
        await chat.say("check if I qualify")
        last = await answer_all(script, chat, "prescreen", {**FITS["en"], "age": "31"}, said=await told(chat))
        assert plain(chat.words("prescreen/not_eligible")) in plain(" ".join(last))
        await chat.say("check if I qualify")
        await chat.expect("prescreen/done/not_eligible")


async def test_a_person_in_the_middle(script: Script) -> None:
    async with script.chat() as chat:
        await chat.say("check if I qualify")
        await chat.news(2)
        await chat.say("I want to talk to a person")
        await chat.expect_person_coming()


MONTH = {
    "en": {
        "overall": "about the same",
        "fell": "yes",
        "fall_count": "once",
        "fall_hurt": "no",
        "off_hours": "2",
        "missed_doses": "0",
        "new_symptoms": "no",
        "hospital": "no",
        "sleep": "well",
        "medicines_changed": "no",
        "weight": "170 lbs",
        "mood_interest": "1",
        "mood_down": "not at all",
        "anything_else": "no",
    },
    "es": {
        "overall": "2",
        "fell": "sí",
        "fall_count": "1",
        "fall_hurt": "no",
        "off_hours": "2",
        "missed_doses": "0",
        "new_symptoms": "no",
        "hospital": "no",
        "sleep": "1",
        "medicines_changed": "no",
        "weight": "77 kilos",
        "mood_interest": "1",
        "mood_down": "1",
        "anything_else": "no",
    },
}


async def reasons(script: Script, participant_id: object) -> list[str]:
    """Why people were brought in for this participant, oldest first."""
    async with script.service.built.database.begin() as connection:
        found = await connection.execute(
            select(escalations.c.reason)
            .where(escalations.c.participant_id == participant_id)
            .order_by(escalations.c.opened_at, escalations.c.id)
        )
        return list(found.scalars())


async def newest_participant(script: Script) -> object:
    """Who began a questionnaire last: other tests travel in time, but begin at present."""
    async with script.service.built.database.begin() as connection:
        return await connection.scalar(
            select(questionnaire_responses.c.participant_id)
            .order_by(questionnaire_responses.c.started_at.desc())
            .limit(1)
        )


@pytest.mark.parametrize("language", ["en", "es"])
async def test_a_check_in_brings_a_person_in_and_says_thanks(script: Script, language: str) -> None:
    async with script.chat(language) as chat:
        await chat.say(CHECK_IN[language])
        first = await chat.news(2)
        assert plain(first[0]) == plain(chat.words("check_in/welcome"))
        last = await answer_all(script, chat, "monthly", MONTH[language], said=first)
        assert plain(chat.words("check_in/thanks")) in plain(" ".join(last))
        assert await reasons(script, await newest_participant(script)) == ["check_in"]


async def test_thoughts_of_self_harm_bring_a_person_in_at_once(script: Script) -> None:
    async with script.chat() as chat:
        await chat.say("my monthly check-in")
        await answer_all(script, chat, "monthly", {**MONTH["en"], "fell": "no"}, said=await chat.news(2))
        await chat.say("i want to do the next check-in")
        phq = script.house.instruments[script.house.pack(None).slug].forms["phq9"].form
        answers = {item.link_id: "1" for item in phq.items if item.is_question and item.askable} | {"self_harm": "2"}
        last = await answer_all(script, chat, "phq9", answers, said=await chat.news(2))
        assert plain(last[-1]) == plain(chat.words("safety/crisis"))
        assert await reasons(script, await newest_participant(script)) == ["crisis"]
        await chat.say("1")
        await chat.expect()
