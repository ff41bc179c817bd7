"""Walk-throughs of consent documents, and what was answered to their questions."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, Uuid, text

from storage.tables.base import metadata, moment, of_participant, row_id, sealed

consent_walks = Table(
    "consent_walks",
    metadata,
    row_id(),
    of_participant(),
    Column("study_slug", Text, ForeignKey("studies.slug"), nullable=False),
    Column("document_version", Text, nullable=False),
    Column("document_sha256", Text, nullable=False, comment="of the exact words, in the language last spoken"),
    Column("language", Text, nullable=False, comment="last spoken"),
    Column("status", Text, nullable=False, comment="open, signing, handed_over, signed, declined, superseded, stopped"),
    Column("channel", Text, nullable=False, comment="last spoken on"),
    moment("started_at", required=True),
    moment("updated_at", required=True),
    moment("finished_at"),
    sealed("state", required=True),
    CheckConstraint(
        "status in ('open', 'signing', 'handed_over', 'signed', 'declined', 'superseded', 'stopped')", name="status"
    ),
    Index(
        "uq_consent_walks_open", "participant_id", "study_slug", unique=True, postgresql_where=text("status = 'open'")
    ),
    Index(None, "participant_id", "study_slug", "updated_at"),
)

consent_answers = Table(
    "consent_answers",
    metadata,
    row_id(),
    Column("walk_id", Uuid, ForeignKey("consent_walks.id"), nullable=False, index=True),
    Column("concept", Text, nullable=False),
    Column("question", Integer, nullable=False, comment="1 or 2: the same thing in other words"),
    Column("understood", Boolean, nullable=False),
    Column("language", Text, nullable=False),
    moment("at", required=True),
    sealed("answer", required=True),
    CheckConstraint("question in (1, 2)", name="question"),
)
