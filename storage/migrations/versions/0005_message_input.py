"""The field that the web chat offers for the answer to a message."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "messages",
        sa.Column("input", sa.Text(), nullable=True, comment="a field for the answer in the web chat: date or number"),
    )


def downgrade() -> None:
    op.drop_column("messages", "input")
