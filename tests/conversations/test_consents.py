"""Consent as a conversation: explained, asked back, corrected, given to a person, paused, declined, asked anew.

On each channel and in each language, with the trained bot.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engagement import clock
from engagement.consent import Consents
from tests.conversations.consents import (
    NEXT,
    Person,
    document_of,
    explained,
    heard,
    mastered,
    permitted,
    right,
    told,
    wrong,
)
from tests.conversations.script import Script
from tests.unit.consent.documents import changed

pytestmark = pytest.mark.conversation

BEGIN = {"en": "explain the consent", "es": "explíqueme el consentimiento"}
GO_ON = {"en": "continue the consent", "es": "seguir con el consentimiento"}
PAUSE = {"en": "pause", "es": "pausa"}
# Risks and leaving by number in English: bare answers about harm and quitting sound like trouble to the safety judges.
OWN_WORDS = {
    "en": {
        "voluntary": "nothing changes, I keep my doctor",
        "sample": "you only keep it if I say so",
        "data": "just the people on the study team",
        "results": "only if I want to know",
        "risks": "3",
        "leaving": "2",
        "contact": "the study team",
    },
    "es": {
        "voluntary": "no cambia nada, sigo con mi doctor",
        "sample": "solo la guardan si yo lo permito",
        "data": "solo el equipo del estudio",
        "results": "solo si yo quiero",
        "risks": "que alguien sepa cosas privadas mías",
        "leaving": "solo les aviso, sin dar razones",
        "contact": "al equipo del estudio",
    },
}
PAID = {"en": "how much money do I get for taking part?", "es": "¿cuánto me pagan por participar?"}
FORCED = {"en": "do I have to take part?", "es": "¿es obligatorio?"}
DECLINE = {"en": "I don't want to take part", "es": "no quiero participar"}


async def begun(person: Person) -> str:
    await person.say(BEGIN[person.language])
    return await told(person)


async def test_understood_at_once_in_their_own_words(script: Script, person: Person) -> None:
    document = document_of(script)
    said = await explained(person, document, await begun(person))
    for concept in document.concepts:
        assert heard(person, concept.checks[0].text.key, said), f"{concept.id}: {said}"
        await person.say(OWN_WORDS[person.language][concept.id])
        said = await told(person)
        assert heard(person, "consent/right", said), f"{concept.id}: {said}"
    assert heard(person, "consent/decide", said)
    await person.say({"en": "yes", "es": "sí, quiero"}[person.language])
    said = await permitted(person, document, await told(person), no=["share_commercial", "return_incidental"])
    assert "/consent/" in said
    await person.say({"en": "thank you", "es": "gracias"}[person.language])
    assert heard(person, "thank", await told(person))


async def test_understood_after_a_correction(script: Script, person: Person) -> None:
    document = document_of(script)
    said = await explained(person, document, await begun(person))
    first = document.concepts[0]
    await person.say({"en": "I may lose my doctor", "es": "mi doctor se enoja"}[person.language])
    said = await told(person)
    for key in ("consent/not_quite", first.correction.key, first.checks[1].text.key):
        assert heard(person, key, said), said
    await person.say({"en": "I do", "es": "yo decido"}[person.language])
    said = await told(person)
    assert heard(person, "consent/right", said)
    assert heard(person, document.concepts[1].checks[0].text.key, said)


async def test_not_understood_a_person_steps_in(script: Script, person: Person) -> None:
    document = document_of(script)
    await explained(person, document, await begun(person))
    first, second = document.concepts[0].checks
    await person.say(wrong(first))
    await told(person)
    await person.say(wrong(second))
    await person.expect_person_coming("consent/person_explains")
    await person.say(PAID[person.language])
    assert await person.news(0) == [], "a person has it now"


async def test_paused_for_a_week(script: Script, person: Person) -> None:
    document = document_of(script)
    said = await begun(person)
    if person.channel != "email":
        await person.say(NEXT[person.language])
        await told(person)
    await person.say(PAUSE[person.language])
    assert heard(person, "consent/paused", await told(person))
    await person.say(PAID[person.language])
    assert heard(person, "faq/compensation", await told(person))
    with script.advance(days=7):
        await person.say(GO_ON[person.language])
        said = await told(person)
        number = len(document.sections) if person.channel == "email" else 2
        assert heard(person, "consent/recap/explain", said, number=number, total=len(document.sections))
        assert heard(person, document.sections[number - 1].text.key, said)


async def test_a_question_in_the_middle(script: Script, person: Person) -> None:
    """The document's own answer where it has one; else what the dialogue knows; then on as before."""
    document = document_of(script)
    await begun(person)
    await person.say(FORCED[person.language])
    said = await told(person)
    assert heard(person, document.sections[0].questions[0].answer.key, said)
    assert heard(person, "consent/go_on", said)
    await person.say(
        {"en": "what is a variant of uncertain significance?", "es": "¿qué es una variante incierta?"}[person.language]
    )
    said = await told(person)
    assert heard(person, "faq/variant_of_uncertain_significance", said)
    if person.channel != "email":
        await person.say(NEXT[person.language])
        assert heard(person, document.sections[1].text.key, await told(person))


async def test_declined(script: Script, person: Person) -> None:
    await begun(person)
    await person.say(DECLINE[person.language])
    assert heard(person, "consent/declined", await told(person))
    await person.say(PAID[person.language])
    assert heard(person, "faq/compensation", await told(person)), "nothing is open any more"


async def test_the_whole_document(script: Script, person: Person) -> None:
    await person.say(
        {"en": "please send me the whole consent document", "es": "mándeme todo el documento de consentimiento"}[
            person.language
        ]
    )
    said = await told(person)
    assert "/consent/" in said
    if person.channel == "email":
        for section in document_of(script).sections:
            assert heard(person, section.text.key, said), section.id


async def test_asked_anew_after_a_new_version(script: Script, person: Person) -> None:
    if person.channel == "webchat":
        pytest.skip("more messages than a window may send in a minute; the other channels do it")
    consents: Any = script.house.consents
    study, shipped = script.house.default_study, document_of(script)
    before = consents[study]
    old = replace(shipped, mode="explain_only")
    yesterday = clock.now().date() - timedelta(days=1)
    new = changed(old, version="2.0", section="data", permission="share_commercial")
    new = replace(new, effective=yesterday, expires=yesterday + timedelta(days=365))
    try:
        consents[study] = Consents(study=study, documents=(old,))
        said = await mastered(person, old, await explained(person, old, await begun(person)))
        assert heard(person, "consent/decide", said)
        await person.say({"en": "yes", "es": "sí"}[person.language])
        assert heard(person, "consent/handed_over", await permitted(person, old, await told(person)))
        consents[study] = Consents(study=study, documents=(old, new))
        said = await begun(person)
        assert heard(person, "consent/changes", said, changes=f"@{old.title.key}")
        assert heard(person, new.section("data").text.key, said)
        assert not heard(person, new.section("money").text.key, said), "only what changed"
        await person.say(NEXT[person.language])
        said = await told(person)
        data = next(concept for concept in new.concepts if concept.id == "data")
        assert heard(person, data.checks[0].text.key, said)
        await person.say(right(data.checks[0]))
        assert heard(person, "consent/decide", await told(person))
        await person.say({"en": "no", "es": "no"}[person.language])
        assert heard(person, "consent/declined", await told(person))
    finally:
        consents[study] = before


async def test_a_person_in_the_middle(script: Script) -> None:
    phone = script.phone()
    await phone.say(BEGIN["en"])
    await told(phone)
    await phone.say("I want to talk to a real person about this")
    await phone.expect_person_coming()


async def test_leaving_the_walk_through_for_something_else_and_coming_back(script: Script) -> None:
    document = document_of(script)
    async with script.chat() as chat:
        await chat.say(BEGIN["en"])
        await told(chat)
        await chat.say("check if I qualify")
        said = await told(chat)
        assert heard(chat, "prescreen/welcome", said)
        await chat.say("62")
        await told(chat)
        await chat.say("pause")
        await told(chat)
        await chat.say(GO_ON["en"])
        said = await told(chat)
        assert heard(chat, "consent/recap/explain", said, number=1, total=len(document.sections))
