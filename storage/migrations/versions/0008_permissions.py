"""The permissions ledger in full: kinds of entry, scopes, channels, limits, the document agreed to, and the order of writing.

What is there is carried over: a yes is granted, a no withdrawn. Rewriting a column changes no row in the trigger's eyes.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NEW: tuple[sa.Column[Any], ...] = (
    sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=True, comment="null: all that the purpose has"),
    sa.Column("per_year", sa.Integer(), nullable=True, comment="null: no limit"),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("said_on", sa.Text(), nullable=True, comment="a channel, web, paper, or who reported it"),
    sa.Column(
        "document_version",
        sa.Text(),
        nullable=True,
        comment="of the consent document that was agreed to, or that made it lapse",
    ),
    sa.Column("document_sha256", sa.Text(), nullable=True),
)


def upgrade() -> None:
    op.add_column("permissions", sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False))
    op.create_unique_constraint(op.f("uq_permissions_seq"), "permissions", ["seq"])
    for column in _NEW:
        op.add_column("permissions", column)
    op.alter_column(
        "permissions",
        "granted",
        new_column_name="kind",
        type_=sa.Text(),
        comment="granted, narrowed, withdrawn, lapsed",
        postgresql_using="case when granted then 'granted' else 'withdrawn' end",
    )
    op.create_check_constraint(
        op.f("ck_permissions_kind"), "permissions", "kind in ('granted', 'narrowed', 'withdrawn', 'lapsed')"
    )
    op.alter_column(
        "permissions",
        "channel",
        new_column_name="channels",
        type_=postgresql.ARRAY(sa.Text()),
        comment="null: any channel",
        postgresql_using="case when channel is null then null else array[channel] end",
    )
    for name, comment in (
        ("study_slug", "null: every study, for what takes away; none in particular, for what gives"),
        ("actor", "participant, service, or the coordinator's id"),
        ("cause_id", "the inbound message that said so"),
        ("content_version_id", "our words that it answers"),
    ):
        op.execute(sa.text(f"comment on column permissions.{name} is '{comment.replace(chr(39), chr(39) * 2)}'"))


def downgrade() -> None:
    op.drop_constraint(op.f("ck_permissions_kind"), "permissions")
    op.alter_column(
        "permissions",
        "kind",
        new_column_name="granted",
        type_=sa.Boolean(),
        comment=None,
        postgresql_using="kind = 'granted'",
    )
    op.alter_column(
        "permissions",
        "channels",
        new_column_name="channel",
        type_=sa.Text(),
        comment="null: any channel",
        postgresql_using="channels[1]",
    )
    for column in reversed(_NEW):
        op.drop_column("permissions", column.name)
    op.drop_column("permissions", "seq")
