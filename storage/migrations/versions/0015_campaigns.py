"""Recontact campaigns and whom they may reach; touchpoints that come from one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STATUSES = "status in ('draft', 'checked', 'approved', 'running', 'paused', 'stopped', 'done')"


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("study_slug", sa.Text(), nullable=False, comment="the study they are invited to"),
        sa.Column("cohort", sa.Text(), nullable=False, comment="the question, as it was written"),
        sa.Column("says", sa.Text(), nullable=False, comment="a content key"),
        sa.Column("channels", postgresql.ARRAY(sa.Text()), nullable=False, comment="in the order to be tried"),
        sa.Column("wave_size", sa.Integer(), nullable=False),
        sa.Column("wave_hours", sa.Integer(), nullable=False, comment="from one wave to the next"),
        sa.Column("per_hour", sa.Integer(), nullable=False, comment="within a wave"),
        sa.Column("expires_days", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("running_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "running_from", sa.Integer(), server_default="0", nullable=False, comment="the first place of this run"
        ),
        sa.Column("dry_run_sha256", sa.Text(), nullable=True, comment="of who gets it, who does not, and why"),
        sa.Column("dry_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.CheckConstraint(_STATUSES, name=op.f("ck_campaigns_status")),
        sa.ForeignKeyConstraint(["study_slug"], ["studies.slug"], name=op.f("fk_campaigns_study_slug_studies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("name", name=op.f("uq_campaigns_name")),
    )
    op.create_table(
        "campaign_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "place", sa.Integer(), nullable=True, comment="in the order of sending, from 0; null: does not get it"
        ),
        sa.Column("reason", sa.Text(), nullable=True, comment="why not"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_members_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_campaign_members_participant_id_participants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_members")),
        sa.UniqueConstraint(
            "campaign_id", "participant_id", name=op.f("uq_campaign_members_campaign_id_participant_id")
        ),
    )
    op.create_index(op.f("ix_campaign_members_campaign_id_place"), "campaign_members", ["campaign_id", "place"])
    op.add_column("touchpoints", sa.Column("campaign_id", sa.Uuid(), nullable=True))
    op.add_column("touchpoints", sa.Column("invites_to", sa.Text(), nullable=True, comment="a study other than theirs"))
    op.create_foreign_key(
        op.f("fk_touchpoints_campaign_id_campaigns"), "touchpoints", "campaigns", ["campaign_id"], ["id"]
    )
    op.create_foreign_key(op.f("fk_touchpoints_invites_to_studies"), "touchpoints", "studies", ["invites_to"], ["slug"])
    op.create_index(
        "ix_touchpoints_campaign_id",
        "touchpoints",
        ["campaign_id"],
        postgresql_where=sa.text("campaign_id is not null"),
    )


def downgrade() -> None:
    op.drop_index("ix_touchpoints_campaign_id", "touchpoints")
    op.drop_column("touchpoints", "invites_to")
    op.drop_column("touchpoints", "campaign_id")
    op.drop_table("campaign_members")
    op.drop_table("campaigns")
