"""What follows from a signature: the copy, what is permitted, the stage, the end of the walk-through, and what is said.

In the transaction of the signature: either all of it is there, or nothing.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.messages import Attachment
from conversation.outbox import Addressee, Outbox
from conversation.say import Say
from conversation.turn import House
from engagement.consent import ConsentDocument
from engagement.escalations import open_escalation
from engagement.journeys import record_event
from engagement.permissions import GRANTED, WITHDRAWN, DocumentSigned, grant_by_taking_part, record_permission
from engagement.permissions.speaking import spoken_by
from engagement.signatures.identity import reaches
from engagement.signatures.ledger import Signature, add_copy, signatures_on
from engagement.signatures.pdf import LABELS, render_copy
from engagement.signatures.record import DECLINES, SignatureRecord
from engagement.signatures.requests import SigningRequest, prolong
from engagement.signatures.sheet import lay_out
from engagement.signatures.signing import ADULTS, next_role
from storage.tables import consent_walks, messages, participants

COPY_LABELS = (
    *LABELS,
    *("role_participant", "role_representative", "role_assent", "role_witness", "role_staff"),
    *("answer_declines", "answer_unable", "proof_code", "proof_present", "proof_password"),
    *("channel_sms", "channel_email"),
)
COPY_NAME = "consent.pdf"
_DECLINE_ANSWERED_WITHIN = timedelta(days=1)
_WEB = "web"


async def follow_signature(
    connection: AsyncConnection, outbox: Outbox, house: House, request: SigningRequest, *, at: datetime
) -> None:
    """Do what the signatures on this request, whose lock the caller holds, ask for by now. Called once after each of them."""
    document = document_of(house, request)
    signed = await signatures_on(connection, house.keyring, request.id)
    if signed[-1].record.answer == DECLINES:
        await _decline(connection, outbox, house, request, at=at)
        return
    if next_role(document, signed):
        return
    pdf = await make_copy(house, document, signed)
    await add_copy(
        connection, house.keyring, request_id=request.id, participant_id=request.participant_id, pdf=pdf, at=at
    )
    await prolong(connection, request.id, at=at)
    key = "signing/waiting"
    if not next_role(document, signed, staff=True):
        await _take_part(connection, request, document, signed, at=at)
        key = "signing/countersigned" if "staff" in document.signers else "signing/done"
    await _tell(connection, outbox, house, request, key, pdf, at=at)


def document_of(house: House, request: SigningRequest) -> ConsentDocument:
    """The document of a request; it stays in its pack when a newer one is in force. Raises `KeyError` where it does not."""
    document = house.consents[request.study].version(request.version)
    if document is None:
        raise KeyError(f"{request.study} has no consent document {request.version}")
    return document


async def make_copy(house: House, document: ConsentDocument, signed: Sequence[Signature]) -> bytes:
    """The signed document's file, in the language that was read."""
    language, pack = signed[0].record.language, house.pack(document.study)
    labels = {
        name: house.registry.render(
            "signing/copy/" + name, language=language, channel="webchat", study=document.study
        ).text
        for name in COPY_LABELS
    }
    # Typesetting takes 50 ms of the processor: in a thread, so that nobody else waits for it.
    return await asyncio.to_thread(
        render_copy,
        lay_out(document, language),
        [(signature.record, signature.sha256) for signature in signed],
        labels,
        author=pack.name.get(language) or pack.sponsor,
    )


async def _take_part(
    connection: AsyncConnection,
    request: SigningRequest,
    document: ConsentDocument,
    signed: Sequence[Signature],
    *,
    at: datetime,
) -> None:
    """They take part from now on, with what they permitted."""
    record = next(signature.record for signature in signed if signature.record.role in ADULTS)
    cause = await spoken_by(connection, request.participant_id, request.study, said_on=_WEB)
    agreed = DocumentSigned(version=record.version, sha256=record.document_sha256)
    await grant_by_taking_part(connection, request.participant_id, request.study, at=at, cause=cause, anew=True)
    for (purpose, granted), scopes in _by_purpose(record).items():
        await record_permission(
            connection,
            request.participant_id,
            kind=GRANTED if granted else WITHDRAWN,
            purpose=purpose,
            study=request.study,
            scopes=sorted(scopes) or None,
            at=at,
            cause=cause,
            document=agreed,
        )
    await record_event(
        connection,
        request.participant_id,
        request.study,
        "consented",
        at=at,
        now=at,
        source="signature",
        key=str(request.id),
    )
    await _close_walk(connection, request, "signed", at=at)


def _by_purpose(record: SignatureRecord) -> Mapping[tuple[str, bool], set[str]]:
    """(purpose, granted) → scopes. The refusals of a purpose come first: in nested scopes a yes to the narrow outlasts a no to
    the wide, and a no to the narrow never takes what was allowed after it.
    """
    found: dict[tuple[str, bool], set[str]] = {}
    for answered in sorted(record.permissions, key=lambda each: each.granted):
        found.setdefault((answered.purpose, answered.granted), set()).update({answered.scope} - {""})
    return found


async def _decline(
    connection: AsyncConnection, outbox: Outbox, house: House, request: SigningRequest, *, at: datetime
) -> None:
    """Who was asked for assent said no: nobody takes part against their will, and a person talks with the family."""
    await open_escalation(
        connection,
        request.participant_id,
        reason="review",
        at=at,
        due_at=at + _DECLINE_ANSWERED_WITHIN,
        study_slug=request.study,
        cause_id=request.id,
        triggers=["assent declined"],
    )
    await _close_walk(connection, request, "declined", at=at)
    await _tell(connection, outbox, house, request, "signing/declined", None, at=at)


async def _close_walk(connection: AsyncConnection, request: SigningRequest, status: str, *, at: datetime) -> None:
    """The conversation that led here is over."""
    await connection.execute(
        update(consent_walks)
        .where(
            consent_walks.c.participant_id == request.participant_id,
            consent_walks.c.study_slug == request.study,
            consent_walks.c.document_version == request.version,
            consent_walks.c.status == "signing",
        )
        .values(status=status, updated_at=at, finished_at=at)
    )


async def _tell(
    connection: AsyncConnection,
    outbox: Outbox,
    house: House,
    request: SigningRequest,
    key: str,
    pdf: bytes | None,
    *,
    at: datetime,
) -> None:
    """Say so where they wrote last, and by mail besides, where they have a mailbox: that brings the copy itself."""
    say = Say(key=key, values={"document_link": house.document_link(request.id)})
    files = [Attachment(name=COPY_NAME, media_type="application/pdf", content=pdf)] if pdf is not None else []
    for to in await _addressees(connection, request.participant_id, request.study):
        await outbox.queue(
            connection,
            [say],
            to=to,
            key=f"{key}:{request.id}:{to.channel}",
            cause_id=None,
            at=at,
            attachments=files,
        )


async def _addressees(connection: AsyncConnection, participant_id: UUID, study: str) -> list[Addressee]:
    language = await connection.scalar(select(participants.c.language).where(participants.c.id == participant_id))
    last = (
        await connection.execute(
            select(messages.c.contact_point_id, messages.c.channel, messages.c.our_address)
            .where(
                messages.c.participant_id == participant_id,
                messages.c.direction == "in",
                messages.c.contact_point_id.is_not(None),
            )
            .order_by(messages.c.created_at.desc(), messages.c.id.desc())
            .limit(1)
        )
    ).first()
    found = {last.channel: (last.contact_point_id, last.our_address or "")} if last is not None else {}
    for reach in await reaches(connection, participant_id):
        if reach.channel == "email" or not found:
            found.setdefault(reach.channel, (reach.contact_point, ""))
    return [
        Addressee(
            participant_id=participant_id,
            contact_point_id=contact_point,
            channel=channel,
            language=language or "",
            study=study,
            our_address=our_address,
        )
        for channel, (contact_point, our_address) in found.items()
    ]
