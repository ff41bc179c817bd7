"""A signature record to begin with; a test changes what it is about."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from engagement.consent import ConsentDocument, load_consents
from engagement.signatures.record import Answered, Proof, SignatureRecord
from service.settings import ROOT

AT = datetime(2026, 11, 24, 18, 30, 5, 42, tzinfo=UTC)
STUDY = "parkinson-lrrk2-gba1"
ID, REQUEST, PARTICIPANT, CONTACT, CODE = (UUID(f"0192f0c1-2d3e-7abc-8def-{number:012d}") for number in range(1, 6))


def shipped() -> ConsentDocument:
    """The document of a shipped pack."""
    consents, _, faults = load_consents(ROOT / "studies" / STUDY, study=STUDY, languages=("en", "es"))
    assert faults == []
    return consents.documents[-1]


def a_record(**changes: Any) -> SignatureRecord:
    said: dict[str, Any] = {
        "id": ID,
        "request": REQUEST,
        "participant": PARTICIPANT,
        "study": STUDY,
        "role": "participant",
        "version": "1.0",
        "approval": "PRN-LARKSPUR-1",
        "language": "en",
        "document_sha256": "a" * 64,
        "name": "Sam Rivera",
        "meaning": "I agree.",
        "at": AT,
        "time_zone": "America/Chicago",
        "identity": (Proof(how="code", at=AT, channel="sms", contact_point=CONTACT, code=CODE),),
        "nonce": "0" * 32,
        "permissions": (Answered(id="recontact", purpose="recontact", scope="any", words="May we?", granted=True),),
        "follows": ("b" * 64,),
    }
    return SignatureRecord(**{**said, **changes})
