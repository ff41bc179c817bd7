"""Each participant's outreach that is under way, found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_messages_outreach_open",
        "messages",
        ["participant_id"],
        postgresql_where=sa.text("touchpoint_id is not null and status in ('queued', 'sending')"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_outreach_open", table_name="messages")
