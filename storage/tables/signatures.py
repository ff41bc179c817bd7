"""Documents to be read and signed on the web, the signatures under them, and the copies that were made of them."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from storage.tables.base import metadata, moment, of_participant, row_id, sealed

signing_requests = Table(
    "signing_requests",
    metadata,
    row_id(),
    of_participant(),
    Column("study_slug", Text, ForeignKey("studies.slug"), nullable=False),
    Column("document_version", Text, nullable=False),
    Column("may_sign", Boolean, nullable=False, comment="false: to be read only"),
    Column(
        "answers", JSONB, nullable=False, comment="what was answered in the conversation: permission id → true or false"
    ),
    moment("created_at", required=True),
    moment("expires_at", required=True),
    moment("ended_at"),
    Column("ended_as", Text, comment="signed or declined; null while open"),
    Column("code_id", Uuid, ForeignKey("verifications.id"), comment="the code that was sent for it last"),
    Column("code_for", Text, comment="what that code is for: opening or signing"),
    Column("session_hash", Text, comment="SHA-256 of the cookie of the browser that gave the code"),
    moment("session_until"),
    Column("identity", JSONB(none_as_null=True), comment="how that browser's person was identified: ids and instants"),
    CheckConstraint("ended_as in ('signed', 'declined')", name="ended_as"),
    CheckConstraint("code_for in ('opening', 'signing')", name="code_for"),
    Index(None, "participant_id"),
)

signatures = Table(
    "signatures",
    metadata,
    row_id(),
    Column("request_id", Uuid, ForeignKey("signing_requests.id"), nullable=False),
    of_participant(),
    Column("study_slug", Text, ForeignKey("studies.slug"), nullable=False),
    Column("role", Text, nullable=False, comment="participant, representative, assent, witness, staff"),
    Column("document_version", Text, nullable=False),
    Column("document_sha256", Text, nullable=False, comment="of the exact words, in the language that was read"),
    moment("at", required=True),
    sealed("record", required=True),
    Column("record_sha256", Text, nullable=False, comment="as the audit trail has it"),
    UniqueConstraint("request_id", "role"),
    Index(None, "participant_id"),
)

signed_copies = Table(
    "signed_copies",
    metadata,
    row_id(),
    Column("request_id", Uuid, ForeignKey("signing_requests.id"), nullable=False, index=True),
    of_participant(),
    moment("at", required=True),
    sealed("pdf", required=True),
    Column("pdf_sha256", Text, nullable=False, comment="of the file's bytes, as the audit trail has it"),
)
