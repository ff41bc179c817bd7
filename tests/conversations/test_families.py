"""The study of a child, answered by those who care for it: pre-screening, check-ins, consent by a parent with the child's assent.

With the trained bot, on each channel and in both languages. The caregiver is the participant; what is said is about the child.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select

from console.accounts import add_coordinator
from engagement import clock
from engagement.permissions import read_standing
from engagement.permissions.proof import read_history
from storage.tables import permissions, questionnaire_responses, verdicts
from tests.conversations.consents import NO, YES, document_of, explained, heard, mastered, permitted
from tests.conversations.consents import told as told_at_once
from tests.conversations.interviews import Person, answer_all, asked, told
from tests.conversations.script import Chat, Phone, Script, plain
from tests.conversations.test_consents import begun
from tests.conversations.test_interviews import (
    BEGIN,
    GO_ON,
    by_the_link,
    newest_participant,
    reasons,
    rows,
    up_to_the_private_part,
)
from tests.harness.place import open_place, run_service, until
from tests.harness.postgres import Postgres
from tests.harness.real_bot import RealBot
from tests.integration.console.desk import PASSWORD, desk_of
from tests.integration.identity.test_joining import ask as join
from tests.integration.identity.test_joining import code_of, verify
from tests.integration.interviewed import whose
from tests.integration.signatures.reader import Reader, reader_of
from tests.unit.studies.scripts import BATTEN, SCRIPTS

pytestmark = pytest.mark.conversation

ANSWERS = {
    language: {link: given[place] for link, given in SCRIPTS[BATTEN, "prescreen"][0].items()}
    | {"language": ("English", "español")[place], "anything_else": ("skip", "saltar")[place]}
    for place, language in enumerate(("en", "es"))
}
WEEK = {
    language: {link: given[place] for link, given in SCRIPTS[BATTEN, "weekly"][0].items()}
    for place, language in enumerate(("en", "es"))
}
LETTERS = {"overall": "c", "feeding": "c", "sleep": "c"}
"""By mail: a list of a bad week's answers in words sounds like an emergency to the safety judges, and is one to them."""
CHECK_IN = {"en": "my weekly check-in", "es": "mi control semanal por favor"}
MINE = {"en": "what did I agree to?", "es": "¿qué acepté?"}
OPEN = re.compile(r"https?://\S+/consent/[\w.-]+\w")
NUMBER = "+15005550009"
CHILD = "Lía Rivera"
TEAM = {language: f"{language}@team.example" for language in ("en", "es")}


@pytest.fixture(scope="module")
async def script(
    postgres: Postgres, real_bot: RealBot, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Script]:
    """The service as the study of a child knows it: its number, its mailbox, its page; and a team."""
    with postgres.fresh() as url:
        folder = tmp_path_factory.mktemp("families")
        async with (
            open_place(url, real_bot, folder, number=NUMBER, default_study=BATTEN) as place,
            run_service(place) as service,
        ):
            database = service.built.database
            async with database.begin() as connection:
                for email in TEAM.values():  # nobody gives a password more than five times a minute
                    await add_coordinator(connection, database.keyring, email=email, password=PASSWORD, at=clock.now())
            yield Script(place, service)


async def verdict_of(script: Script, who: object) -> str:
    async with script.service.built.database.begin() as connection:
        return str(await connection.scalar(select(verdicts.c.verdict).where(verdicts.c.participant_id == who)))


@asynccontextmanager
async def private_page(
    script: Script, phone: Phone, name: str, link_id: str
) -> AsyncIterator[tuple[Chat, Sequence[str]]]:
    """The page that the link in the last text opens, and the private question that is asked there."""
    link = script.service.built.links.continue_url(await whose(script, phone)).rpartition("/")[2]
    async with script.chat(phone.language, link=link) as chat:

        async def question() -> list[str]:
            return [said for said in await chat.heard() if asked(script, chat, name, [link_id], said)]

        await until(question)
        await script.settled()
        chat._seen = len(await chat.heard())
        yield chat, await question()


@pytest.mark.parametrize("channel", ["webchat", "email"])
async def test_a_caregiver_answers_for_the_child(script: Script, person: Person, channel: str) -> None:
    language = person.language
    await person.say(BEGIN[language])
    last = await answer_all(script, person, "prescreen", ANSWERS[language], said=await told(person))
    assert plain(person.words("prescreen/likely_eligible")) in plain(" ".join(last))
    assert await verdict_of(script, await newest_participant(script)) == "likely_eligible"


async def test_by_text_the_private_part_goes_to_the_web_and_comes_back(script: Script, language: str) -> None:
    phone = await up_to_the_private_part(script, language, ANSWERS[language])
    async with by_the_link(script, phone) as (chat, said):
        await answer_all(script, chat, "prescreen", ANSWERS[language], said=said, until="access")
    await phone.say(GO_ON[language])
    last = await answer_all(script, phone, "prescreen", ANSWERS[language], said=await told(phone))
    async with private_page(script, phone, "prescreen", "siblings_affected") as (chat, said):
        last = await answer_all(script, chat, "prescreen", ANSWERS[language], said=said)
    assert plain(phone.words("prescreen/likely_eligible")) in plain(" ".join(last))
    assert await reasons(script, await whose(script, phone)) == [], "an answer in the words of its options is no alarm"
    assert await verdict_of(script, await whose(script, phone)) == "likely_eligible"
    texts = plain(" ".join(await phone.heard()))
    assert not any(term in texts for term in script.house.pack(None).sensitive_terms)
    given = await rows(script, phone, permissions)
    assert ("recontact", "granted") in [(each["purpose"], each["kind"]) for each in given]


async def test_a_week_that_went_badly_brings_a_person_in(script: Script, person: Person) -> None:
    language = person.language
    await person.say(CHECK_IN[language])
    answers = WEEK[language] | (LETTERS if person.channel == "email" else {})
    last = await answer_all(script, person, "weekly", answers, said=await told(person))
    if isinstance(person, Phone):  # how the caregiver is, is private
        async with private_page(script, person, "weekly", "caregiver") as (chat, said):
            last = await answer_all(script, chat, "weekly", WEEK[language], said=said)
    assert plain(person.words("check_in/thanks")) in plain(" ".join(last))
    found = await reasons(script, await newest_participant(script))
    assert "adverse_event" in found, found


async def agreed(script: Script, person: Person) -> str:
    """Explained, understood, decided, and all allowed but one; what was said last: the link to the page."""
    document = document_of(script)
    said = await mastered(person, document, await explained(person, document, await begun(person)))
    assert heard(person, "consent/decide", said)
    await person.say(YES[person.language])
    return await permitted(person, document, await told_at_once(person), no=["share_public"])


async def signed_for(page: Reader, language: str, answer: str) -> None:
    """The parent signs for the child, and the child gives an answer of their own."""
    more = f"?language={language}"
    await page.enter()
    await page.get(more)
    await page.post(f"signing-code{more}", page.hidden())
    form = page.form(await page.code(), for_name=CHILD, relationship="parent", **{"permission-share_public": "no"})
    assert await page.post(f"sign{more}", form) == 200
    assert await page.post(f"sign{more}", {**page.hidden(), "name": "Lía", "answer": answer}) == 200


async def test_a_parent_agrees_and_the_child_says_yes(script: Script, person: Person) -> None:
    phone, database = script.phone(person.language), script.service.built.database
    if isinstance(person, Chat):  # a code has to reach them
        assert await join(person, phone.number) == "sent"
        assert await verify(person, await code_of(phone)) == "linked"
    link = OPEN.search(await agreed(script, person))
    assert link
    async with reader_of(script, link.group(), phone if isinstance(person, Chat) else person) as page:
        await signed_for(page, person.language, "agrees")
    assert person.words("signing/waiting", document_link="")[:20] in await told_at_once(person)
    [row] = await script.place.rows(
        "select participant_id, id from signing_requests order by created_at desc, id desc limit 1"
    )
    who = row["participant_id"]

    async def allowed(purpose: str) -> bool:
        async with database.begin() as connection:
            return (await read_standing(connection, who, at=clock.now())).allows(purpose, study=BATTEN).allowed

    assert not await allowed("genetic_testing"), "the team has not signed yet"
    async with desk_of(script) as desk:
        await desk.sign_in(TEAM[person.language])
        path = f"/console/signatures/{row['id']}"
        csrf = (await desk.form_of(path))["csrf"]
        assert (await desk.post(path, csrf=csrf, name="Priya Lindqvist", password=PASSWORD))[0] == 303
    await told_at_once(person)
    assert await allowed("genetic_testing")
    async with database.begin() as connection:
        history = await read_history(connection, database.keyring, who)
    spoken = [shown for shown in history if shown.entry.document_version]
    assert {shown.actor for shown in spoken} == {"representative"}
    assert {shown.signed and shown.signed.for_name for shown in spoken} == {CHILD}
    await person.say(MINE[person.language])
    assert heard(person, "permissions/for_another", await told_at_once(person))
    if isinstance(person, Phone):
        assert not any("Lía" in said for said in await person.heard()), "no name of a child in a text message"


@pytest.mark.parametrize("channel", ["sms"])
async def test_a_child_that_says_no_takes_no_part(script: Script, person: Phone, channel: str) -> None:
    link = OPEN.search(await agreed(script, person))
    assert link
    async with reader_of(script, link.group(), person) as page:
        await signed_for(page, person.language, "declines")
    assert heard(person, "signing/declined", await told_at_once(person))
    who = await whose(script, person)
    async with script.service.built.database.begin() as connection:
        assert (
            not (await read_standing(connection, who, at=clock.now())).allows("genetic_testing", study=BATTEN).allowed
        )
    assert "review" in await reasons(script, who)


async def test_two_caregivers_of_one_child_stay_apart(script: Script) -> None:
    """Both write in turns; each is asked and answered for themselves, and one who stops does not stop the other."""
    mother, father = script.phone(), script.phone("es")
    await father.say("español por favor")
    await father.expect("language/switched")
    await mother.say(BEGIN["en"])
    hers = await told(mother)
    await father.say(BEGIN["es"])
    his = await told(father)
    for link in ("relation", "guardian", "child_age"):
        assert asked(script, mother, "prescreen", [link], " ".join(hers)) == [link], hers
        assert asked(script, father, "prescreen", [link], " ".join(his)) == [link], his
        await mother.say(ANSWERS["en"][link])
        await father.say("padre" if link == "relation" else ANSWERS["es"][link])
        hers, his = await told(mother), await told(father)
    await mother.say("STOP")
    await mother.expect("optout/confirmed")
    await father.say(NO["es"])
    assert await told(father)
    assert (await rows(script, mother, questionnaire_responses))[0]["participant_id"] != await whose(script, father)
    [his_row] = await rows(script, father, questionnaire_responses)
    assert his_row["status"] == "in-progress"
