"""What has happened to a participant on the way through a study, and what is to happen on a day."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text, UniqueConstraint

from storage.tables.base import metadata, moment, of_participant, row_id

journey_events = Table(
    "journey_events",
    metadata,
    row_id(),
    of_participant(),
    Column("study_slug", Text, ForeignKey("studies.slug"), nullable=False),
    Column("kind", Text, nullable=False, comment="one of engagement.journeys.KINDS"),
    moment("at", required=True),
    moment("recorded_at", required=True),
    Column("source", Text, nullable=False, comment="who reported it: dialogue, a coordinator's id, an API source"),
    Column("key", Text, nullable=False, comment="the source's own name for the event: a repeat has the same"),
    UniqueConstraint("source", "key"),
    Index(None, "participant_id", "study_slug"),
)

journey_dates = Table(
    "journey_dates",
    metadata,
    row_id(),
    of_participant(),
    Column("study_slug", Text, ForeignKey("studies.slug"), nullable=False),
    Column("kind", Text, nullable=False, comment="what is to happen, such as appointment"),
    Column("name", Text, nullable=False, comment="which one of the kind"),
    moment("at", required=True),
    UniqueConstraint("participant_id", "study_slug", "kind", "name"),
)
