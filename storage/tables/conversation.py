"""Messages in and out, the state of each conversation, and what a turn has already done.

`messages` is both the record and the two queues: inbound rows run received → screened → done, outbound rows run
queued → sending → sent → delivered or failed. Partial indexes keep each queue's look-up as small as the queue.
"""

from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from storage.tables.base import blind_index, metadata, moment, of_participant, row_id, sealed

conversations = Table(
    "conversations",
    metadata,
    Column("participant_id", Uuid, ForeignKey("participants.id"), primary_key=True),
    Column("study_slug", Text, ForeignKey("studies.slug")),
    Column("last_turn_id", Uuid, comment="the last inbound message whose dialogue was committed"),
    Column("misses", Integer, nullable=False, server_default="0"),
    Column("pending", Text, comment="a question of ours that the next message may answer"),
    Column("channel", Text, comment="where the participant last wrote"),
    moment("updated_at", now=True),
)

messages = Table(
    "messages",
    metadata,
    row_id(),
    Column("direction", Text, nullable=False),
    Column("channel", Text, nullable=False),
    of_participant(required=False),
    Column("contact_point_id", Uuid, ForeignKey("contact_points.id")),
    Column("study_slug", Text, ForeignKey("studies.slug")),
    sealed("peer"),
    blind_index("peer_index", required=False),
    Column("our_address", Text, comment="our number, site token or mailbox"),
    Column("provider_id", Text),
    sealed("body", required=True),
    sealed("details"),
    Column("status", Text, nullable=False),
    moment("created_at", required=True),
    moment("available_at", required=True),
    moment("handled_at"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("language", Text),
    # inbound
    Column("identity", Text, comment="verified (the channel proved the sender) or claimed"),
    Column("intent", Text),
    Column("confidence", Float),
    Column("outcome", Text, comment="the stage that ended the turn"),
    Column(
        "judged", JSONB(none_as_null=True), comment="what triage made of it before the bot: rules and sums, no words"
    ),
    # outbound
    Column("unique_key", Text),
    Column("cause_id", Uuid, comment="the inbound message, escalation or touchpoint it answers"),
    Column("purpose", Text),
    Column("touchpoint_id", Uuid, ForeignKey("touchpoints.id"), comment="what nobody has just asked for"),
    Column("author", Text, comment="bot, or the coordinator's id"),
    Column("content_keys", Text, comment="the keys said, comma-separated; null for a coordinator's own words"),
    Column("content_version_ids", ARRAY(Uuid), comment="the very words used"),
    Column("replies", JSONB),
    Column("input", Text, comment="a field for the answer in the web chat: date or number"),
    Column("parts", Integer),
    moment("expires_at"),
    CheckConstraint("direction in ('in', 'out')", name="direction"),
    Index(
        "uq_messages_in_provider",
        "channel",
        "provider_id",
        unique=True,
        postgresql_where=text("direction = 'in'"),
    ),
    Index("uq_messages_out_key", "unique_key", unique=True, postgresql_where=text("direction = 'out'")),
    Index("ix_messages_out_provider", "channel", "provider_id", postgresql_where=text("direction = 'out'")),
    Index(
        "ix_messages_waiting",
        "status",
        "available_at",
        postgresql_where=text("status in ('received', 'screened', 'queued', 'sending')"),
    ),
    Index(
        "ix_messages_undone",
        "participant_id",
        "created_at",
        postgresql_where=text("direction = 'in' and status <> 'done'"),
    ),
    Index(None, "participant_id", "created_at", "id"),
    # The outreach that waits, what it has come to for each, and each one's messages: small beside all that is said.
    Index(
        "ix_messages_outreach",
        text("(purpose = 'recontact')"),
        "available_at",
        "id",
        postgresql_where=text("status = 'queued' and touchpoint_id is not null"),
    ),
    Index(
        "ix_messages_outreach_open",
        "participant_id",
        postgresql_where=text("touchpoint_id is not null and status in ('queued', 'sending')"),
    ),
    Index("ix_messages_burden", "participant_id", "handled_at", postgresql_where=text("touchpoint_id is not null")),
    Index(
        "ix_messages_unseen",
        "expires_at",
        postgresql_where=text("channel = 'webchat' and status = 'sent' and touchpoint_id is not null"),
    ),
    Index("ix_messages_touchpoint", "touchpoint_id", postgresql_where=text("touchpoint_id is not null")),
)

message_events = Table(
    "message_events",
    metadata,
    row_id(),
    Column("message_id", Uuid, ForeignKey("messages.id"), nullable=False, index=True),
    Column("status", Text, nullable=False),
    moment("at", required=True),
    Column("code", Text),
    Column("reason", Text),
)

effects = Table(
    "effects",
    metadata,
    Column("message_id", Uuid, ForeignKey("messages.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("result", JSONB, nullable=False),
    moment("at", now=True),
)
