"""A new version of the document: who is affected, what lapses, who is asked again, and what is held until they agreed anew."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from engagement.consent import ConsentDocument, Consents, PermissionAsked, Text, load_consents
from engagement.participants import add_participant
from engagement.permissions import DocumentSigned, Why
from engagement.permissions.fhir import to_bundle
from engagement.permissions.proof import read_history, verify_permissions
from engagement.permissions.versions import ask_again, list_affected
from service.settings import ROOT
from storage.database import Database
from storage.tables import journey_events
from tests.integration.permissions.somebody import AT, STUDY, Somebody

LATER = AT + timedelta(days=30)


@pytest.fixture(scope="module")
def old() -> ConsentDocument:
    consents = load_consents(ROOT / "studies" / STUDY, study=STUDY, languages=("en", "es"))[0]
    document = consents.version("1.0")
    assert document is not None
    return document


@pytest.fixture
def consents(old: ConsentDocument) -> Consents:
    """Version 2.0 asks for commercial sharing in other words, and for word of other studies as before."""

    def asked(each: PermissionAsked) -> PermissionAsked:
        if each.scope != "commercial":
            return each
        words = {language: f"{words} And with their partners?" for language, words in each.text.words.items()}
        return replace(each, text=Text(key=each.text.key, words=words))

    new = replace(
        old, version="2.0", effective=date(2026, 12, 1), permissions=tuple(asked(each) for each in old.permissions)
    )
    return Consents(study=STUDY, documents=(old, new))


def signed(document: ConsentDocument) -> DocumentSigned:
    return DocumentSigned(version=document.version, sha256=document.sha256("en"))


async def agree(somebody: Somebody, document: ConsentDocument) -> None:
    for purpose, scopes in (
        ("genetic_testing", None),
        ("data_sharing", ["academic", "commercial"]),
        ("recontact", ["any"]),
    ):
        await somebody.give(purpose, scopes=scopes, document=signed(document))


async def test_what_changed_lapses_for_whom_it_changed(
    somebody: Somebody, database: Database, consents: Consents
) -> None:
    first, new = consents.documents
    await agree(somebody, first)
    async with database.begin() as connection:
        others = [
            Somebody(database, await add_participant(connection, language="en", study_slug=STUDY, at=AT))
            for _ in range(2)
        ]
    await agree(others[0], new)
    await others[1].give("data_sharing", scopes=["academic"], document=signed(first))
    async with database.begin() as connection:
        [affected] = await list_affected(connection, STUDY, consents, new, at=LATER)
        assert (affected.participant_id, affected.versions, affected.marked) == (somebody.id, ("1.0",), False)
        assert [cell.scope for cell in affected.cells] == ["commercial"]
        assert await ask_again(connection, STUDY, consents, new, at=LATER, actor="service") == 1
    standing = await somebody.stands(LATER)
    assert standing.allows("data_sharing", scope="commercial").reason is Why.LAPSED
    assert standing.allows("data_sharing", scope="academic").allowed
    assert standing.allows("recontact").allowed
    assert (await somebody.stands(LATER - timedelta(seconds=1))).allows("data_sharing", scope="commercial").allowed
    assert (await others[0].stands(LATER)).allows("data_sharing", scope="commercial").allowed
    async with database.begin() as connection:
        rows = (await connection.execute(select(journey_events.c.participant_id, journey_events.c.kind))).all()
        assert [tuple(row) for row in rows] == [(somebody.id, "agreement_changed")]
        assert (await verify_permissions(connection, database.keyring))[1] == []
        history = await read_history(connection, database.keyring, somebody.id)
    consent = to_bundle(somebody.id, history, at=LATER)["entry"][0]["resource"]
    assert [policy["uri"].partition("#")[0].rpartition("/")[2] for policy in consent["policy"]] == ["1.0"]


async def test_asked_once_and_listed_until_they_have_answered(
    somebody: Somebody, database: Database, consents: Consents
) -> None:
    first, new = consents.documents
    await agree(somebody, first)
    async with database.begin() as connection:
        assert await ask_again(connection, STUDY, consents, new, at=LATER, actor="service") == 1
        assert await ask_again(connection, STUDY, consents, new, at=LATER, actor="service") == 0
        [affected] = await list_affected(connection, STUDY, consents, new, at=LATER)
        assert affected.marked
    somebody.at = LATER + timedelta(days=1)
    await agree(somebody, new)
    assert (await somebody.stands()).allows("data_sharing", scope="commercial").allowed
    async with database.begin() as connection:
        assert await list_affected(connection, STUDY, consents, new, at=somebody.at) == []


async def test_what_they_do_not_agree_to_anew_stays_off(
    somebody: Somebody, database: Database, consents: Consents
) -> None:
    first, new = consents.documents
    await agree(somebody, first)
    async with database.begin() as connection:
        await ask_again(connection, STUDY, consents, new, at=LATER, actor="service")
    somebody.at = LATER + timedelta(days=1)
    await somebody.give("data_sharing", kind="withdrawn", scopes=["commercial"], document=signed(new))
    await somebody.give("data_sharing", scopes=["academic"], document=signed(new))
    standing = await somebody.stands()
    assert standing.allows("data_sharing", scope="commercial").reason is Why.WITHDRAWN
    async with database.begin() as connection:
        assert await list_affected(connection, STUDY, consents, new, at=somebody.at) == []


async def test_a_version_that_the_pack_has_no_more_counts_as_changed(
    somebody: Somebody, database: Database, consents: Consents
) -> None:
    new = consents.documents[1]
    await somebody.give("genetic_testing", document=DocumentSigned(version="0.9", sha256="b" * 64))
    async with database.begin() as connection:
        [affected] = await list_affected(connection, STUDY, consents, new, at=LATER)
    assert [cell.purpose for cell in affected.cells] == ["genetic_testing"]


async def test_a_new_version_in_the_same_words_affects_nobody(
    somebody: Somebody, database: Database, old: ConsentDocument
) -> None:
    await agree(somebody, old)
    again = replace(old, version="1.1")
    consents = Consents(study=STUDY, documents=(old, again))
    async with database.begin() as connection:
        assert await list_affected(connection, STUDY, consents, again, at=LATER) == []
        assert await ask_again(connection, STUDY, consents, again, at=LATER, actor="service") == 0
