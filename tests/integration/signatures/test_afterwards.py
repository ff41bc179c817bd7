"""What a signature brings about: the copy by mail, the end of the walk-through, a shipped pack's whole way with a child."""

import email
import hashlib
import io
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pypdf
from fhir.resources.R4B.bundle import Bundle
from sqlalchemy import insert, text

from console.accounts import add_coordinator
from conversation.transcript import read_transcript
from engagement import clock
from engagement.participants import add_contact, find_contact
from engagement.permissions import read_standing
from engagement.permissions.fhir import to_bundle
from engagement.permissions.outcome import Asking
from engagement.permissions.proof import read_history, verify_permissions
from engagement.permissions.report import to_text
from engagement.permissions.taking import begin_talk
from engagement.permissions.withdrawing import withdraw
from engagement.signatures.ledger import Signature, signatures_on
from storage.ids import new_id
from storage.tables import consent_walks
from tests.conversations.script import Script
from tests.harness.place import until
from tests.integration.console.desk import EMAIL, PASSWORD, desk_of
from tests.integration.identity.test_joining import ask as join
from tests.integration.identity.test_joining import code_of, verify
from tests.integration.signatures.reader import STUDY, ask, reader
from tests.integration.signatures.test_permissions_commands import perennial

CHILDREN = "batten-cln2"


async def test_the_copy_comes_by_mail_too(script: Script) -> None:
    """Who has a mailbox gets the very file that is kept, beside the word on the channel they wrote on."""
    asked = await ask(script)
    address = f"{asked.phone.number[1:]}@mailbox.example"
    database = script.service.built.database
    async with database.begin() as connection:
        await add_contact(connection, database.keyring, asked.participant, "email", address, verified_at=clock.now())
    async with reader(script, asked) as page:
        await page.get()
        assert page.shows("page/who_how"), "two ways for the code"
        await page.enter()
        assert await page.sign() == 200
        _, _, pdf = await page.fetch()
    assert len(await asked.phone.news(1)) == 1
    boxes = script.place.world.mailbox.boxes
    await until(lambda: boxes.of(address))
    mail = email.message_from_bytes(boxes.of(address)[-1].raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("consent.pdf", "application/pdf")
    assert file.get_payload(decode=True) == pdf


async def test_a_code_by_mail_proves_as_well(script: Script) -> None:
    box = script.mailbox()
    await box.confirm()
    database = script.service.built.database
    async with database.begin() as connection:
        found = await find_contact(connection, database.keyring, "email", box.address)
    assert found is not None
    asked = await ask(script)
    await script.place.rows(
        "update signing_requests set participant_id = %s where id = %s returning id",
        found.participant_id,
        asked.request,
    )
    async with reader(script, asked) as page:
        assert await page.post("code", {"channel": "email"}) == 200
        (told,) = await box.news(1)
        code = re.search(r"\b\d{6}\b", told)
        assert code
        assert await page.post("open", {"code": code.group()}) == 200
        assert "Larkspur" in page.page


async def test_a_code_for_the_phone_is_read_on_the_phone_alone(script: Script) -> None:
    """Neither in the web chat of the same person, which may stand open on any screen, nor by a coordinator."""
    phone = script.phone()
    async with script.chat() as chat:
        assert await join(chat, phone.number) == "sent"
        assert await verify(chat, await code_of(phone)) == "linked"
        asked = await ask(script, phone)
        await chat.news(0)
        async with reader(script, asked) as page:
            await page.post("code", {"channel": "sms"})
            code = await page.code()
        assert not any(code in said for said in await chat.heard())
        welcome = await chat.frame("welcome")
    async with script.chat(session=welcome["session"]) as again:
        assert not any(re.search(r"\b\d{6}\b", said) for said in await again.heard())
    database = script.service.built.database
    async with database.begin() as connection:
        entries = await read_transcript(connection, database.keyring, asked.participant, everything=True)
    told = [entry.text for entry in entries if entry.content_keys in ("signing/code", "identity/code")]
    assert len(told) == 2
    assert not any(re.search(r"\d", text) for text in told)


async def test_the_walk_through_ends(script: Script) -> None:
    asked = await ask(script)
    database, walk = script.service.built.database, new_id()
    async with database.begin() as connection:
        await connection.execute(
            insert(consent_walks).values(
                id=walk,
                participant_id=asked.participant,
                study_slug=STUDY,
                document_version="1.0",
                document_sha256="0" * 64,
                language="en",
                status="signing",
                channel="sms",
                started_at=clock.now(),
                updated_at=clock.now(),
                state=database.keyring.seal("{}", place="consent_walks.state", row=walk),
            )
        )
    async with reader(script, asked) as page:
        await page.enter()
        assert await page.sign() == 200
    (row,) = await script.place.rows("select status, finished_at from consent_walks where id = %s", walk)
    assert row["status"] == "signed"
    assert row["finished_at"] is not None


async def test_a_family_signs_the_shipped_document(script: Script) -> None:
    """Parent, child and study team, in Spanish: the words for the child, and nobody takes part before the last has signed."""
    document = script.house.consents[CHILDREN].in_force(clock.now().date())
    assert document is not None
    assert document.signers == ("representative", "assent", "staff")
    assert document.assent is not None
    asked = await ask(script, study=CHILDREN)
    database = script.service.built.database
    async with database.begin() as connection:
        await add_coordinator(connection, database.keyring, email=EMAIL, password=PASSWORD, at=datetime.now(UTC))
    async with reader(script, asked) as page, desk_of(script) as desk:
        await page.enter()
        await page.get("?language=es")
        await page.post("signing-code?language=es", page.hidden())
        form = page.form(await page.code(), for_name="Lía Rivera", relationship="guardian")
        assert await page.post("sign?language=es", form) == 200
        assert squeezed(document.assent.in_("es")) in squeezed(page.page)
        assert await page.post("sign?language=es", {**page.hidden(), "name": "Lía", "answer": "agrees"}) == 200
        assert script.words("signing/page/waiting_text", "webchat", "es") in page.page
        await desk.sign_in()
        path = f"/console/signatures/{asked.request}"
        csrf = (await desk.form_of(path))["csrf"]
        assert (await desk.post(path, csrf=csrf, name="Priya Lindqvist", password=PASSWORD))[0] == 303
        _, _, pdf = await page.fetch()
    async with database.begin() as connection:
        signed = await signatures_on(connection, database.keyring, asked.request)
        standing = await read_standing(connection, asked.participant, at=clock.now())
    assert [each.record.role for each in signed] == ["representative", "assent", "staff"]
    assert {each.record.document_sha256 for each in signed} == {document.sha256("es")}
    assert chained(signed)
    assert standing.allows("genetic_testing", study=CHILDREN).allowed
    await who_agreed(script, asked.participant, signed[0])
    shown = "".join(part.extract_text() for part in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert all(name in shown for name in ("Lía Rivera", "Priya Lindqvist", "Sam Rivera"))
    (row,) = await script.place.rows(
        "select pdf_sha256 from signed_copies where request_id = %s order by at desc limit 1", asked.request
    )
    assert hashlib.sha256(pdf).hexdigest() == row["pdf_sha256"]


async def who_agreed(script: Script, participant: UUID, signature: Signature) -> None:
    """The ledger, the export and whatever is changed later name the parent, in what capacity, and the child."""
    database, record = script.service.built.database, signature.record
    asking = Asking(
        keyring=database.keyring,
        participant_id=participant,
        message_id=new_id(),
        study=CHILDREN,
        language="en",
        channel="webchat",
        at=clock.now(),
    )
    async with database.begin() as connection:
        listed = await begin_talk(connection, asking, "my_permissions", "what did I agree to?")
        await withdraw(connection, asking, ["destroy_sample"])
        history = await read_history(connection, database.keyring, participant)
        assert not (await verify_permissions(connection, database.keyring))[1]
    assert listed.said[0].key == "permissions/for_another"
    spoken = [shown for shown in history if shown.entry.study == CHILDREN and shown.actor == "representative"]
    assert {shown.said_on for shown in spoken} == {"web", "webchat"}
    assert all(shown.signed == record for shown in spoken)
    told = to_text(participant, history, at=clock.now())
    assert f"signed: Sam Rivera, {record.relationship}, for Lía Rivera" in told
    bundle = to_bundle(participant, history, at=clock.now())
    parsed: Any = Bundle.model_validate_json(json.dumps(bundle))
    [consent] = [e.resource for e in parsed.entry if e.resource.get_resource_type() == "Consent"]
    assert [(who.type, who.display) for who in consent.performer] == [("RelatedPerson", "Sam Rivera")]
    agents = [e.resource.agent[0] for e in parsed.entry if e.resource.get_resource_type() == "Provenance"]
    assert {(a.who.display, a.role[0].text, a.onBehalfOf.display) for a in agents} == {
        ("Sam Rivera", record.relationship, "Lía Rivera")
    }


def chained(signed: Sequence[Signature]) -> bool:
    """Each record names those before it."""
    hashes = [each.sha256 for each in signed]
    return all(list(each.record.follows) == hashes[:number] for number, each in enumerate(signed))


def squeezed(text: str) -> str:
    return "".join(re.sub(r"<[^>]+>", "", text).split())


async def test_the_command_names_a_signature_that_was_changed(script: Script) -> None:
    asked = await ask(script)
    async with reader(script, asked) as page:
        await page.enter()
        assert await page.sign() == 200
    database = script.service.built.database

    async def put(sha256: str) -> tuple[str, str]:
        """As a superuser: another hash in place of the one that is there; the row's id, and what was there."""
        async with database.begin() as connection:
            row = (
                await connection.execute(
                    text("select id, record_sha256 from signatures where request_id = :request"),
                    {"request": asked.request},
                )
            ).one()
            await connection.execute(text("set local session_replication_role = replica"))
            await connection.execute(
                text("update signatures set record_sha256 = :sha256 where id = :id"), {"sha256": sha256, "id": row.id}
            )
        return str(row.id), row.record_sha256

    signature, before = await put("0" * 64)
    status, _, errors = await perennial(script, "audit", "verify")
    assert (status, f"signatures {signature}: altered" in errors) == (1, True)
    await put(before)
    status, said, _ = await perennial(script, "audit", "verify")
    assert (status, "signed copies, all as they were signed" in said) == (0, True)
