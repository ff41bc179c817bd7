"""One walk-through is open for each participant and study, not for each participant."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NAME = "uq_consent_walks_open"


def _replace(columns: list[str]) -> None:
    op.drop_index(_NAME, table_name="consent_walks")
    op.create_index(_NAME, "consent_walks", columns, unique=True, postgresql_where=sa.text("status = 'open'"))


def upgrade() -> None:
    _replace(["participant_id", "study_slug"])


def downgrade() -> None:
    _replace(["participant_id"])
