"""What the judges before the bot made of a message, kept until the bot's judge has spoken."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "messages",
        sa.Column(
            "judged",
            postgresql.JSONB(),
            nullable=True,
            comment="what triage made of it before the bot: rules and sums, no words",
        ),
    )


def downgrade() -> None:
    op.drop_column("messages", "judged")
