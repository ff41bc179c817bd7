"""What a laboratory found in a gene."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text, UniqueConstraint

from storage.tables.base import metadata, moment, of_participant, row_id, sealed

genotypes = Table(
    "genotypes",
    metadata,
    row_id(),
    of_participant(),
    Column("study_slug", Text, ForeignKey("studies.slug"), nullable=False),
    sealed("finding", required=True),
    moment("at", required=True),
    moment("recorded_at", required=True),
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False, comment="the source's own name for the report: a repeat has the same"),
    UniqueConstraint("source", "key"),
    Index(None, "participant_id", "at"),
)
