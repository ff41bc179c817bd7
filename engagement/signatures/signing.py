"""Signing: what was filled in is checked, the person proven anew, and the signature recorded, each role in its turn, once."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.consent import ConsentDocument
from engagement.consent.document import SIGNERS
from engagement.signatures.identity import SIGNING, prove
from engagement.signatures.ledger import Signature, add_signature, signatures_on
from engagement.signatures.record import (
    AGREES,
    DECLINES,
    UNABLE,
    Answered,
    Proof,
    SignatureRecord,
    read_name,
)
from engagement.signatures.requests import SigningRequest, end_request
from storage.crypto import Keyring
from storage.ids import new_id

STAFF = "staff"
ADULTS = ("participant", "representative")
"""They answer the permissions, and a code sent to them proves them. Assent and witness are given beside them."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """A form as it was filled in. `role`: whose. `sha256`: of the words that the page showed, in `language`.

    `permissions`: permission id → yes or no, those that were answered. `answer`: of who is asked for assent. `meaning`,
    `relationship`, `reason`: the words that were shown for what was chosen, "" where nothing was.
    """

    role: str
    language: str
    sha256: str
    meaning: str
    name: str = ""
    agreed: bool = False
    code: str = ""
    permissions: Mapping[str, bool] = field(default_factory=dict)
    for_name: str = ""
    relationship: str = ""
    answer: str = AGREES
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """What is wrong, as words of the pages' keys: `signing/problem/<problem>`."""

    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Signed:
    """The signature, and who signs next on the page; "" when all have."""

    signature: Signature
    next_role: str


def roles_of(document: ConsentDocument, *, staff: bool = False) -> tuple[str, ...]:
    """Who signs, in order; with `staff`, their counter-signature too, which is given in the console."""
    return tuple(role for role in SIGNERS if role in document.signers and (staff or role != STAFF))


def next_role(document: ConsentDocument, given: Sequence[Signature], *, staff: bool = False) -> str:
    """Whose turn it is; "" when all have signed."""
    done = {signature.record.role for signature in given}
    return next((role for role in roles_of(document, staff=staff) if role not in done), "")


def check_form(document: ConsentDocument, given: Given) -> tuple[str, ...]:
    """What is missing or wrong in a form, codes apart."""
    problems: list[str] = []
    answers = given.answer != UNABLE
    if given.sha256 != document.sha256(given.language):
        return ("changed",)
    if given.role in ADULTS:
        asked = [permission.id for permission in document.permissions]
        if any(permission not in given.permissions for permission in asked):
            problems.append("permissions")
        elif not all(given.permissions[each.id] for each in document.permissions if each.needed):
            problems.append("needed")
    if given.role == "representative":
        problems += ["for_name"] if read_name(given.for_name) is None else []
        problems += [] if given.relationship else ["relationship"]
    if given.role == "assent" and given.answer not in (AGREES, DECLINES, UNABLE):
        problems.append("answer")
    if not answers and not given.reason:
        problems.append("reason")
    if answers and read_name(given.name) is None:
        problems.append("name")
    if given.role != "assent" and not given.agreed:
        problems.append("agreed")
    return tuple(problems)


async def sign(
    connection: AsyncConnection,
    keyring: Keyring,
    request: SigningRequest,
    given: Given,
    *,
    document: ConsentDocument,
    time_zone: str,
    at: datetime,
) -> Signed | Refused | None:
    """Sign on a request that the caller has locked, for a browser whose session is checked. None: that role has signed already
    (a second click). Commit either way: a wrong code counts.
    """
    before = await signatures_on(connection, keyring, request.id)
    role = next_role(document, before)
    if request.ended_as or given.role != role:
        return None
    if problems := check_form(document, given):
        return Refused(problems=problems)
    session = request.identity
    assert session is not None  # noqa: S101 - a session begins with a proof
    if role in ADULTS:
        proof = await prove(connection, keyring, request, given.code, purpose=SIGNING, at=at)
        if not isinstance(proof, Proof):
            return Refused(problems=(f"code_{proof.value}",))
        identity: tuple[Proof, ...] = (session, proof)
    else:
        identity = (session, Proof(how="present", at=at))
    record = SignatureRecord(
        id=new_id(),
        request=request.id,
        participant=request.participant_id,
        study=request.study,
        role=role,
        version=document.version,
        approval=document.approval,
        language=given.language,
        document_sha256=given.sha256,
        name=read_name(given.name) or "",
        meaning=given.meaning,
        at=at,
        time_zone=time_zone,
        identity=identity,
        nonce=secrets.token_hex(16),
        for_name=read_name(given.for_name) or "" if role == "representative" else "",
        relationship=given.relationship if role == "representative" else "",
        answer=given.answer if role == "assent" else AGREES,
        reason=given.reason if given.answer == UNABLE else "",
        permissions=_answered(document, given) if role in ADULTS else (),
        follows=tuple(signature.sha256 for signature in before),
    )
    signature = await add_signature(connection, keyring, record)
    following = next_role(document, [*before, signature])
    if record.answer == DECLINES:
        await end_request(connection, request.id, ended_as="declined", at=at)
        return Signed(signature=signature, next_role="")
    if not following:
        await end_request(connection, request.id, ended_as="signed", at=at)
    return Signed(signature=signature, next_role=following)


def _answered(document: ConsentDocument, given: Given) -> tuple[Answered, ...]:
    return tuple(
        Answered(
            id=each.id,
            purpose=each.purpose,
            scope=each.scope,
            words=each.text.in_(given.language),
            granted=given.permissions[each.id],
        )
        for each in document.permissions
    )


async def countersign(
    connection: AsyncConnection,
    keyring: Keyring,
    request: SigningRequest,
    *,
    name: str,
    meaning: str,
    by: str,
    document: ConsentDocument,
    time_zone: str,
    at: datetime,
) -> Signature | Refused | None:
    """A coordinator's counter-signature on a locked request, their password given again. `by`: the coordinator's id.

    None where it is not their turn: somebody has still to sign, declined, or a colleague has counter-signed.
    """
    before = await signatures_on(connection, keyring, request.id)
    if request.ended_as != "signed" or next_role(document, before, staff=True) != STAFF:
        return None
    signer = read_name(name)
    if signer is None:
        return Refused(problems=("name",))
    first = before[0].record
    record = SignatureRecord(
        id=new_id(),
        request=request.id,
        participant=request.participant_id,
        study=request.study,
        role=STAFF,
        version=document.version,
        approval=document.approval,
        language=first.language,
        document_sha256=first.document_sha256,
        name=signer,
        meaning=meaning,
        at=at,
        time_zone=time_zone,
        identity=(Proof(how="password", at=at),),
        nonce=secrets.token_hex(16),
        by=by,
        follows=tuple(signature.sha256 for signature in before),
    )
    return await add_signature(connection, keyring, record)
