"""Who was assigned to which arm of an experiment, before anything was sent."""

from sqlalchemy import Column, Integer, Table, Text, UniqueConstraint

from storage.tables.base import metadata, moment, of_participant, row_id

experiment_assignments = Table(
    "experiment_assignments",
    metadata,
    row_id(),
    Column("experiment", Text, nullable=False),
    of_participant(),
    Column("stratum", Text, nullable=False),
    Column("position", Integer, nullable=False, comment="the order of arrival in the stratum, from 0"),
    Column("arm", Text, nullable=False),
    moment("at", required=True),
    moment("counts_from", required=True),
    UniqueConstraint("experiment", "participant_id"),
    UniqueConstraint("experiment", "stratum", "position"),
)
