"""What holds on all three channels in both languages, word for word as approved."""

import pytest

from tests.conversations.conftest import Person
from tests.conversations.script import Mailbox

pytestmark = pytest.mark.conversation

QUESTIONS = {
    "en": [
        ("How much does the test cost?", "faq/cost"),
        ("Who can see my data?", "faq/privacy_data_use"),
        ("How long until I get my results?", "faq/how_long_results"),
    ],
    "es": [
        ("¿Cuánto cuesta la prueba?", "faq/cost"),
        ("¿Quién puede ver mis datos?", "faq/privacy_data_use"),
        ("¿Cuánto tardan los resultados?", "faq/how_long_results"),
    ],
}
NONSENSE = ("xkcd qwzzt blorp", "lkjhg poiuy mnbvc")
YES = {"en": "Yes please", "es": "Sí, por favor"}
NO = {"en": "No thanks", "es": "No, gracias"}
ASKS = {"en": "I want to talk to a real person", "es": "Quiero hablar con una persona"}
KEEPS = {"en": "KEEP", "es": "SEGUIR"}
STOPS = {"en": "STOP", "es": "ALTO"}


async def test_questions_get_the_approved_answers(person: Person, language: str) -> None:
    for question, key in QUESTIONS[language]:
        await person.say(question)
        await person.expect(key)


async def test_who_asks_for_a_person_gets_one_and_the_bot_is_silent(person: Person, language: str) -> None:
    await person.say(ASKS[language])
    await person.expect_person_coming()
    await person.say(QUESTIONS[language][0][0])
    await person.expect()


async def test_two_misses_offer_a_person_and_yes_brings_one(person: Person, language: str) -> None:
    await person.say(NONSENSE[0])
    await person.expect_one_of("fallback/first", "out_of_scope") if not isinstance(
        person, Mailbox
    ) else await person.news(1)
    await person.say(NONSENSE[1])
    await person.expect("fallback/offer_person")
    await person.say(YES[language])
    await person.expect_person_coming()
    await person.say(QUESTIONS[language][0][0])
    await person.expect()


async def test_two_misses_offer_a_person_and_no_goes_on(person: Person, language: str) -> None:
    for nonsense in NONSENSE:
        await person.say(nonsense)
    await person.news(2)
    await person.say(NO[language])
    await person.expect("person/declined")
    question, key = QUESTIONS[language][0]
    await person.say(question)
    await person.expect(key)


async def test_stop_start_and_help(person: Person, language: str) -> None:
    await person.say("HELP" if language == "en" else "AYUDA")
    await person.expect("help")
    await person.say(STOPS[language])
    await person.expect("optout/confirmed")
    await person.say(STOPS[language])
    await person.expect()
    question, key = QUESTIONS[language][0]
    await person.say(question)
    await person.expect()
    await person.say("START")
    await person.expect("optin/confirmed")
    await person.say(question)
    await person.expect(key)


async def test_what_means_stop_is_stop(person: Person, language: str) -> None:
    await person.say("please stop contacting me" if language == "en" else "por favor ya no me escriban")
    await person.expect("optout/confirmed")
    await person.say(QUESTIONS[language][0][0])
    await person.expect()


async def test_what_may_mean_stop_is_asked(person: Person, language: str) -> None:
    await person.say("too many messages" if language == "en" else "demasiados mensajes")
    await person.expect("optout/ask")
    await person.say(KEEPS[language])
    await person.expect("optout/kept")
    question, key = QUESTIONS[language][0]
    await person.say(question)
    await person.expect(key)


async def test_a_crisis_is_answered_at_once_and_held(person: Person, language: str) -> None:
    await person.say("I want to kill myself" if language == "en" else "Quiero matarme")
    await person.expect("safety/crisis")
    await person.say(QUESTIONS[language][0][0])
    await person.expect()


async def test_an_adverse_event_is_taken_up_and_the_talk_goes_on(person: Person, language: str) -> None:
    said = (
        "I got a bad rash after taking the study drug"
        if language == "en"
        else "Me salió un sarpullido después de tomar el medicamento"
    )
    await person.say(said)
    await person.expect("safety/adverse_event")
    question, key = QUESTIONS[language][0]
    await person.say(question)
    await person.expect(key)


async def test_say_that_again(person: Person, language: str) -> None:
    question, key = QUESTIONS[language][0]
    await person.say(question)
    await person.expect(key)
    await person.say("Can you repeat that?" if language == "en" else "¿Qué dijo?")
    await person.expect(key)
