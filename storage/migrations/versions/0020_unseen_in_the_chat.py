"""Outreach that stands unseen in the web chat is found by when it expires."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_UNSEEN = sa.text("channel = 'webchat' and status = 'sent' and touchpoint_id is not null")


def upgrade() -> None:
    op.create_index("ix_messages_unseen", "messages", ["expires_at"], postgresql_where=_UNSEEN)


def downgrade() -> None:
    op.drop_index("ix_messages_unseen", table_name="messages")
