"""Touchpoints, what became of them, and the providers that carry them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "providers",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column(
            "failures", sa.Integer(), server_default="0", nullable=False, comment="in a row, whatever they were about"
        ),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tokens", sa.Float(), server_default="0", nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("sent_today", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_providers")),
    )
    op.create_table(
        "touchpoints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("study_slug", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False, comment="the plan's name for it"),
        sa.Column("occurrence", sa.Text(), nullable=False, comment="which one of the item's"),
        sa.Column(
            "version", sa.Text(), nullable=True, comment="the hash of the plan's item; null: it comes from no plan"
        ),
        sa.Column("purpose", sa.Text(), nullable=False, comment="the permission that it needs"),
        sa.Column("says", sa.Text(), nullable=False, comment="a content key"),
        sa.Column(
            "fills",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="what fills the words",
        ),
        sa.Column("channels", postgresql.ARRAY(sa.Text()), nullable=False, comment="in the order to be tried"),
        sa.Column(
            "awaits", postgresql.ARRAY(sa.Text()), nullable=False, comment="kinds of event that make it needless"
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "followed", sa.Boolean(), server_default="false", nullable=False, comment="something is planned after it"
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "tried",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="channels on which it did not arrive",
        ),
        sa.Column("round", sa.Integer(), server_default="0", nullable=False, comment="how often it was queued"),
        sa.Column("snoozed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_touchpoints_participant_id_participants")
        ),
        sa.ForeignKeyConstraint(["study_slug"], ["studies.slug"], name=op.f("fk_touchpoints_study_slug_studies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touchpoints")),
        sa.UniqueConstraint(
            "participant_id",
            "study_slug",
            "item",
            "occurrence",
            name=op.f("uq_touchpoints_participant_id_study_slug_item_occurrence"),
        ),
    )
    op.create_index(
        "ix_touchpoints_due", "touchpoints", ["due_at"], unique=False, postgresql_where=sa.text("status = 'planned'")
    )
    op.create_index(
        "ix_touchpoints_planned",
        "touchpoints",
        ["participant_id", "study_slug"],
        unique=False,
        postgresql_where=sa.text("status = 'planned'"),
    )
    op.create_table(
        "touchpoint_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("touchpoint_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoints.id"], name=op.f("fk_touchpoint_events_touchpoint_id_touchpoints")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touchpoint_events")),
    )
    op.create_index(op.f("ix_touchpoint_events_touchpoint_id"), "touchpoint_events", ["touchpoint_id"], unique=False)
    op.add_column(
        "messages", sa.Column("touchpoint_id", sa.Uuid(), nullable=True, comment="what nobody has just asked for")
    )
    op.create_index(
        "ix_messages_burden",
        "messages",
        ["participant_id", "handled_at"],
        unique=False,
        postgresql_where=sa.text("touchpoint_id is not null"),
    )
    op.create_index(
        "ix_messages_outreach",
        "messages",
        ["available_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'queued' and touchpoint_id is not null"),
    )
    op.create_index(
        "ix_messages_touchpoint",
        "messages",
        ["touchpoint_id"],
        unique=False,
        postgresql_where=sa.text("touchpoint_id is not null"),
    )
    op.create_foreign_key(
        op.f("fk_messages_touchpoint_id_touchpoints"), "messages", "touchpoints", ["touchpoint_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_messages_touchpoint_id_touchpoints"), "messages", type_="foreignkey")
    op.drop_index(
        "ix_messages_touchpoint", table_name="messages", postgresql_where=sa.text("touchpoint_id is not null")
    )
    op.drop_index(
        "ix_messages_outreach",
        table_name="messages",
        postgresql_where=sa.text("status = 'queued' and touchpoint_id is not null"),
    )
    op.drop_index("ix_messages_burden", table_name="messages", postgresql_where=sa.text("touchpoint_id is not null"))
    op.drop_column("messages", "touchpoint_id")
    op.drop_index(op.f("ix_touchpoint_events_touchpoint_id"), table_name="touchpoint_events")
    op.drop_table("touchpoint_events")
    op.drop_index("ix_touchpoints_planned", table_name="touchpoints", postgresql_where=sa.text("status = 'planned'"))
    op.drop_index("ix_touchpoints_due", table_name="touchpoints", postgresql_where=sa.text("status = 'planned'"))
    op.drop_table("touchpoints")
    op.drop_table("providers")
