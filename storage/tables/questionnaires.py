"""Questionnaires under way and done, and what pre-screenings came to."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, Uuid, text

from storage.tables.base import metadata, moment, of_participant, row_id, sealed

questionnaire_responses = Table(
    "questionnaire_responses",
    metadata,
    row_id(),
    of_participant(),
    Column("study_slug", Text, ForeignKey("studies.slug"), nullable=False),
    Column("kind", Text, nullable=False, comment="prescreen or check_in"),
    Column("name", Text, nullable=False, comment="the questionnaire's name in its study pack"),
    Column("form_sha256", Text, nullable=False, comment="the very questions that were asked last"),
    Column("status", Text, nullable=False, comment="as FHIR says: in-progress, completed, stopped"),
    Column("channel", Text, nullable=False, comment="where the last question was asked"),
    moment("started_at", required=True),
    moment("updated_at", required=True),
    moment("finished_at"),
    sealed("state", required=True),
    CheckConstraint("kind in ('prescreen', 'check_in')", name="kind"),
    CheckConstraint("status in ('in-progress', 'completed', 'stopped')", name="status"),
    Index(
        "uq_questionnaire_responses_open",
        "participant_id",
        unique=True,
        postgresql_where=text("status = 'in-progress'"),
    ),
    Index(None, "participant_id", "finished_at"),
)

verdicts = Table(
    "verdicts",
    metadata,
    row_id(),
    Column("response_id", Uuid, ForeignKey("questionnaire_responses.id"), nullable=False, unique=True),
    of_participant(),
    Column("study_slug", Text, ForeignKey("studies.slug"), nullable=False),
    Column("verdict", Text, nullable=False, comment="likely_eligible, not_eligible, needs_review"),
    moment("at", required=True),
    sealed("trace", required=True),
    Index(None, "participant_id", "at"),
)
