"""One signature as a value, and the one way it is written down: what is hashed, sealed, bound into the audit trail, and proven.

21 CFR 11.50: the printed name, the date and time, and the meaning of the signature. 21 CFR 11.70: bound to its document,
by the hash of the exact words.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

FORMAT = "perennial-signature/1"
AGREES, DECLINES, UNABLE = "agrees", "declines", "unable"
"""What is answered. Only who is asked for assent may decline and be recorded, or be unable to answer (45 CFR 46.408(a))."""
MAX_NAME = 100
_NO_PART_OF_A_NAME = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So"})
"""Signs that hide, reorder or mean nothing, and pictures (Unicode general categories)."""
_JOINERS = "\u200c\u200d"
"""Names in Persian and in scripts of India need them, though they are format characters."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """How it is known who acts. `how`: code (sent to a contact point of theirs), present (beside whom a code has proven, in the
    same session), password (a coordinator's, given again). Ids only: `contact_point`, `code` (its row), or None.
    """

    how: str
    at: datetime
    channel: str = ""
    contact_point: UUID | None = None
    code: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One permission as it was asked and answered. `words`: those that were shown."""

    id: str
    purpose: str
    scope: str
    words: str
    granted: bool


@dataclass(frozen=True, kw_only=True)
class SignatureRecord:
    """`role`: of `engagement.consent.document.SIGNERS`. `language`, `document_sha256`: of the words that were read.

    `name`: as typed. `for_name`, `relationship`: whom a representative signs for, and as what. `answer`: `AGREES` and so on;
    `reason`: why somebody is `UNABLE`. `meaning`: the sentence that the name was put under. `time_zone`: IANA name of where
    they sign. `by`: a coordinator's id, else "". `follows`: hashes of the records signed before on the same request.
    `nonce`: 32 random hex digits, so that nobody finds a name by trying out what gives the hash.
    """

    id: UUID
    request: UUID
    participant: UUID
    study: str
    role: str
    version: str
    approval: str
    language: str
    document_sha256: str
    name: str
    meaning: str
    at: datetime
    time_zone: str
    identity: tuple[Proof, ...]
    nonce: str
    for_name: str = ""
    relationship: str = ""
    answer: str = AGREES
    reason: str = ""
    permissions: tuple[Answered, ...] = ()
    by: str = ""
    follows: tuple[str, ...] = ()

    @property
    def local_time(self) -> datetime:
        """When it was signed, where it was signed."""
        return self.at.astimezone(ZoneInfo(self.time_zone))


def write_record(record: SignatureRecord) -> str:
    """The record as canonical JSON: sorted keys, no spaces, instants in UTC with microseconds."""
    said: dict[str, Any] = {
        "format": FORMAT,
        **{name: _plain(value) for name, value in vars(record).items()},
        "local_time": record.local_time.isoformat(timespec="microseconds"),
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_record(text: str) -> SignatureRecord:
    """What `write_record` wrote. Raises ValueError or KeyError for anything else."""
    said = json.loads(text)
    if said.pop("format") != FORMAT:
        raise ValueError("not a signature record of a known format")
    said.pop("local_time")
    return SignatureRecord(
        **{
            **said,
            **{name: UUID(said[name]) for name in ("id", "request", "participant")},
            "at": datetime.fromisoformat(said["at"]),
            "identity": tuple(read_proof(proof) for proof in said["identity"]),
            "permissions": tuple(Answered(**answered) for answered in said["permissions"]),
            "follows": tuple(said["follows"]),
        }
    )


def record_sha256(text: str) -> str:
    """SHA-256 (64 hex digits) of a written record."""
    return hashlib.sha256(text.encode()).hexdigest()


def write_proof(proof: Proof) -> Mapping[str, Any]:
    """A proof as JSON has it."""
    return {name: _plain(value) for name, value in vars(proof).items()}


def read_proof(said: Mapping[str, Any]) -> Proof:
    """What `write_proof` wrote."""
    ids = {name: UUID(said[name]) if said[name] else None for name in ("contact_point", "code")}
    return Proof(how=said["how"], at=datetime.fromisoformat(said["at"]), channel=said["channel"], **ids)


def read_name(typed: str) -> str | None:
    """A typed name with its spaces made plain; None for what can't be one: no letter, too long, hidden signs, pictures."""
    name = unicodedata.normalize("NFC", " ".join(typed.split()))
    if not 1 < len(name) <= MAX_NAME or not any(sign.isalpha() for sign in name):
        return None
    if any(unicodedata.category(sign) in _NO_PART_OF_A_NAME and sign not in _JOINERS for sign in name):
        return None
    return name


def _plain(value: object) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Proof):
        return write_proof(value)
    if isinstance(value, Answered):
        return dict(vars(value))
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
