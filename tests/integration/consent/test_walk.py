"""The walk-through in the whole service: kept, run again without effect, ended in each way, on every channel."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from engagement import clock
from engagement.consent import ConsentDocument, Consents
from engagement.consent.outcome import Asking
from engagement.consent.report import read_answers, report_concepts
from engagement.consent.taking import hear_walk, start_walk
from engagement.interviews import Topic
from storage.tables import (
    audit_events,
    consent_answers,
    consent_walks,
    escalations,
    messages,
    permissions,
    signing_requests,
)
from tests.conversations.consents import document_of, explained, heard, mastered, permitted, told, wrong
from tests.conversations.script import Phone, Script
from tests.integration.interviewed import whose
from tests.unit.consent.documents import changed


async def of(script: Script, phone: Phone, table: Any) -> list[dict[str, Any]]:
    """The rows of a table about whom this phone belongs to."""
    who = await whose(script, phone)
    async with script.service.built.database.begin() as connection:
        found = await connection.execute(select(table).where(table.c.participant_id == who).order_by(table.c.id))
        return [dict(row._mapping) for row in found]


async def answers(script: Script, walk: Any) -> list[tuple[str, int, bool]]:
    async with script.service.built.database.begin() as connection:
        rows = await connection.execute(
            select(consent_answers).where(consent_answers.c.walk_id == walk["id"]).order_by(consent_answers.c.at)
        )
        return [(row.concept, row.question, row.understood) for row in rows]


@contextmanager
def documents(script: Script, *versions: ConsentDocument) -> Iterator[None]:
    """The default study's documents are these, for the length of the block."""
    consents: Any = script.house.consents
    study = script.house.default_study
    before = consents[study]
    consents[study] = Consents(study=study, documents=versions)
    try:
        yield
    finally:
        consents[study] = before


def in_force(document: ConsentDocument) -> ConsentDocument:
    """The document, in force since yesterday."""
    yesterday = clock.now().date() - timedelta(days=1)
    return replace(document, effective=yesterday, expires=yesterday + timedelta(days=365))


async def test_to_the_signature(script: Script) -> None:
    document, phone = document_of(script), script.phone()
    await phone.say("consent")
    said = await told(phone)
    assert "/consent/" in said, "a text message says it in fewer words, and links to all of them"
    said = await explained(phone, document, said)
    assert heard(phone, "consent/questions", said, total=len(document.concepts))
    said = await mastered(phone, document, said)
    assert heard(phone, "consent/decide", said)
    await phone.say("yes")
    said = await told(phone)
    assert heard(phone, "consent/permissions", said)
    said = await permitted(phone, document, said, no=["share_commercial"])
    assert "/consent/" in said, said
    [walk] = await of(script, phone, consent_walks)
    assert walk["status"] == "signing"
    assert walk["document_sha256"] == document.sha256("en")
    read, request = await of(script, phone, signing_requests)
    assert (read["may_sign"], request["may_sign"]) == (False, True)
    assert request["answers"] == {each.id: each.id != "share_commercial" for each in document.permissions}
    assert await answers(script, walk) == [(concept.id, 1, True) for concept in document.concepts]
    assert await of(script, phone, permissions) == [], "nothing is permitted before it is signed"
    await phone.say("consent")
    assert "/consent/" in await told(phone)
    assert len(await of(script, phone, consent_walks)) == 1


async def test_no_private_word_goes_by_sms(script: Script) -> None:
    document, phone = document_of(script), script.phone()
    await phone.say("consent")
    said = await told(phone)
    everything = said
    for section in document.sections:
        await phone.say("more")
        everything += await told(phone)
        for question in section.questions:
            await phone.say(question.ask["en"][0])
            everything += await told(phone)
        await phone.say("next")
        everything += await told(phone)
    for term in (*script.house.pack(None).sensitive_terms, script.house.pack(None).name["en"]):
        assert term.lower() not in everything.lower()


async def test_not_understood_twice_a_person_steps_in_and_it_goes_on(script: Script) -> None:
    document, phone = document_of(script), script.phone()
    await phone.say("consent")
    said = await explained(phone, document, await told(phone))
    first, second = document.concepts[0].checks
    await phone.say(wrong(first))
    said = await told(phone)
    assert heard(phone, "consent/not_quite", said)
    assert heard(phone, document.concepts[0].correction.key, said)
    assert heard(phone, second.text.key, said)
    await phone.say(wrong(second))
    assert heard(phone, "consent/person_explains", await told(phone))
    [case] = await of(script, phone, escalations)
    assert (case["reason"], case["holds"]) == ("consent_unclear", True)
    assert case["triggers"] == [f"consent 1.0: {document.concepts[0].id}"]
    await phone.say("hello?")
    assert await phone.news(0) == [], "a person has the conversation"
    [walk] = await of(script, phone, consent_walks)
    assert walk["status"] == "open"
    assert await answers(script, walk) == [("voluntary", 1, False), ("voluntary", 2, False)]


async def test_declined_and_taken_up_again(script: Script) -> None:
    phone = script.phone()
    await phone.say("consent")
    await told(phone)
    await phone.say("I don't want to take part")
    await phone.expect("consent/declined")
    [walk] = await of(script, phone, consent_walks)
    assert (walk["status"], walk["finished_at"] is not None) == ("declined", True)
    await phone.say("consent")
    assert heard(phone, document_of(script).sections[0].text.key, await told(phone))
    assert [each["status"] for each in await of(script, phone, consent_walks)] == ["declined", "open"]
    who = await whose(script, phone)
    async with script.service.built.database.begin() as connection:
        declined = await connection.scalar(
            select(func.count())
            .select_from(audit_events)
            .where(audit_events.c.action == "consent_declined", audit_events.c.subject == str(who))
        )
    assert declined == 1


async def test_a_week_later_on_another_channel(script: Script) -> None:
    document, phone = document_of(script), script.phone()
    await phone.say("consent")
    await told(phone)
    await phone.say("next")
    await told(phone)
    await phone.say("pause")
    await phone.expect("consent/paused")
    await phone.say("hello")
    await phone.expect("greet")
    who = await whose(script, phone)
    with script.advance(days=7):
        link = script.service.built.links.continue_url(who).rpartition("/")[2]
        async with script.chat(link=link) as chat:
            before = len(await chat.heard())
            chat._seen = before
            await chat.say("consent")
            said = await told(chat)
    assert heard(chat, "consent/recap/explain", said, number=2, total=len(document.sections))
    assert heard(chat, document.sections[1].text.key, said)


async def test_the_whole_document(script: Script) -> None:
    phone = script.phone()
    await phone.say("document")
    said = await told(phone)
    assert "/consent/" in said
    [request] = await of(script, phone, signing_requests)
    assert not request["may_sign"]
    mailbox = script.mailbox()
    await mailbox.confirm()
    await mailbox.say("document")
    said = await told(mailbox)
    for section in document_of(script).sections:
        assert heard(mailbox, section.text.key, said)


async def test_signed_elsewhere(script: Script) -> None:
    """explain_only: the hand-over is on record, what is allowed too, and a person signs with them."""
    document = replace(document_of(script), mode="explain_only")
    with documents(script, document):
        async with script.chat() as chat:
            await chat.say("consent")
            said = await explained(chat, document, await told(chat))
            said = await mastered(chat, document, said)
            await chat.say("yes")
            said = await permitted(chat, document, await told(chat), no=["return_incidental", "recontact"])
            assert heard(chat, "consent/handed_over", said)
            await chat.say("consent")
            await chat.expect("consent/handed_over_before")
    rows = await script.place.rows(
        "select p.purpose, p.kind, p.scopes, p.document_version, p.document_sha256 from permissions p "
        "join consent_walks w on w.participant_id = p.participant_id where w.status = 'handed_over' order by p.seq"
    )
    assert [(row["purpose"], row["kind"]) for row in rows] == [
        ("genetic_testing", "granted"),
        ("return_primary", "granted"),
        ("return_incidental", "withdrawn"),
        ("data_sharing", "granted"),
        ("data_sharing", "granted"),
        ("sample_storage", "granted"),
        ("recontact", "withdrawn"),
    ]
    assert {(row["document_version"], row["document_sha256"]) for row in rows} == {("1.0", document.sha256("en"))}
    cases = await script.place.rows("select reason, holds from escalations where reason = 'consent_to_sign'")
    assert [(case["reason"], case["holds"]) for case in cases] == [("consent_to_sign", False)]


async def test_a_new_version_is_explained_where_it_changed_and_asked_anew(script: Script) -> None:
    old, phone = replace(document_of(script), mode="explain_only"), script.phone()
    with documents(script, old):
        await phone.say("consent")
        said = await mastered(phone, old, await explained(phone, old, await told(phone)))
        await phone.say("yes")
        await permitted(phone, old, await told(phone))
    new = in_force(changed(old, version="2.0", section="data", permission="share_commercial"))
    with documents(script, old, new):
        await phone.say("consent")
        said = await told(phone)
        assert heard(phone, "consent/changes", said, changes=f"@{old.title.key}")
        assert heard(phone, old.section("data").text.key, said)
        await phone.say("next")
        said = await mastered(phone, new, await told(phone), concepts=["data"])
        await phone.say("yes")
        said = await permitted(phone, new, await told(phone), no=["share_commercial"])
        assert heard(phone, "consent/handed_over", said)
    versions = [(each["document_version"], each["status"]) for each in await of(script, phone, consent_walks)]
    assert versions == [("1.0", "handed_over"), ("2.0", "handed_over")]


async def test_a_version_that_ends_midway_begins_again(script: Script) -> None:
    old = document_of(script)
    phone = script.phone()
    await phone.say("consent")
    await told(phone)
    await phone.say("next")
    await told(phone)
    new = in_force(changed(old, version="2.0", section="data"))
    with documents(script, old, new):
        await phone.say("next")
        said = await told(phone)
        assert heard(phone, "consent/new_version", said)
        assert heard(phone, old.sections[0].text.key, said)
    assert [each["status"] for each in await of(script, phone, consent_walks)] == ["superseded", "open"]


async def test_two_studies_at_once(script: Script) -> None:
    """Each study has a walk-through of its own."""
    phone = script.phone()
    await phone.say("consent")
    await told(phone)
    who, other = await whose(script, phone), "batten-cln2"
    house, database = script.house, script.service.built.database
    async with database.begin() as connection:
        message = await connection.scalar(select(messages.c.id).where(messages.c.participant_id == who).limit(1))
        assert message is not None
        asking = Asking(
            keyring=house.keyring,
            consents=house.consents[other],
            participant_id=who,
            message_id=message,
            study=other,
            language="en",
            channel="sms",
            at=clock.now(),
            today=clock.now().date(),
        )
        outcome = await start_walk(connection, asking)
    assert outcome.pending == "consent"
    open_ = {(each["study_slug"], each["status"]) for each in await of(script, phone, consent_walks)}
    assert open_ == {(script.house.default_study, "open"), (other, "open")}


async def test_no_document_in_force(script: Script) -> None:
    phone = script.phone()
    with documents(script):
        await phone.say("consent")
        await phone.expect("consent/none")


async def test_delivered_again_it_happens_once(script: Script) -> None:
    phone = script.phone()
    await phone.say("consent")
    await told(phone)
    for _ in range(3):
        await phone.say("next", sid="SM" + "c" * 32)
    [walk] = await of(script, phone, consent_walks)
    kept = script.house.keyring.open(walk["state"], place="consent_walks.state", row=walk["id"])
    assert '"place":1,' in kept


async def test_the_report_names_what_fails_most(script: Script) -> None:
    document, study = document_of(script), script.house.default_study
    async with script.chat("es") as chat:
        await chat.say("consent")
        await explained(chat, document, await told(chat))
        await chat.say(wrong(document.concepts[0].checks[0]))
        await told(chat)
        await chat.say("yo decido")
        said = await told(chat)
        assert heard(chat, "consent/right", said)
        await mastered(chat, document, said, concepts=[concept.id for concept in document.concepts[1:]])
    async with script.service.built.database.begin() as connection:
        worst, *others = report_concepts(await read_answers(connection, study, version="1.0", language="es"))
        nothing = await read_answers(connection, study, version="9.9")
    assert (worst.concept, worst.asked, worst.corrected) == (document.concepts[0].id, 1, 1)
    assert {(other.at_once, other.failed) for other in others} == {(1, 0)}
    assert len(others) == len(document.concepts) - 1
    assert nothing == ()


async def test_how_one_would_leave_is_no_wish_to_leave(script: Script) -> None:
    """An answer to "what do you need to do?" that is not understood takes nobody out of a study."""
    document, house, phone = document_of(script), script.house, script.phone()
    await phone.say("consent")
    said = await explained(phone, document, await told(phone))
    before = [concept.id for concept in document.concepts]
    await mastered(phone, document, said, concepts=before[: before.index("leaving")])
    who = await whose(script, phone)
    async with script.service.built.database.begin() as connection:
        message = await connection.scalar(select(messages.c.id).where(messages.c.participant_id == who).limit(1))
        assert message is not None
        asking = Asking(
            keyring=house.keyring,
            consents=house.consents[house.default_study],
            participant_id=who,
            message_id=message,
            study=house.default_study,
            language="en",
            channel="sms",
            at=clock.now(),
            today=clock.now().date(),
        )
        wish = Topic(intent="withdraw_request")
        outcome = await hear_walk(connection, asking, "out of here, get me out of it", wish)
        assert (outcome.pending, outcome.elsewhere) == ("consent", "")
        assert outcome.said[0].key == "consent/again/check"
        await hear_walk(connection, asking, "2", Topic())
        outcome = await hear_walk(connection, asking, "out of here, get me out of it", wish)
        assert outcome.elsewhere == "withdraw_request"
