"""Invitations are queued for themselves: what somebody's own study wants of them waits for no campaign."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_WAITS = sa.text("status = 'queued' and touchpoint_id is not null")


def upgrade() -> None:
    op.drop_index("ix_touchpoints_due", table_name="touchpoints")
    for name, which in (("ix_touchpoints_due", "<>"), ("ix_touchpoints_due_invitations", "=")):
        condition = sa.text(f"status = 'planned' and purpose {which} 'recontact'")
        op.create_index(name, "touchpoints", ["due_at"], postgresql_where=condition)
    op.drop_index("ix_messages_outreach", table_name="messages")
    columns: list[str | sa.TextClause] = [sa.text("(purpose = 'recontact')"), "available_at", "id"]
    op.create_index("ix_messages_outreach", "messages", columns, postgresql_where=_WAITS)


def downgrade() -> None:
    op.drop_index("ix_messages_outreach", table_name="messages")
    op.create_index("ix_messages_outreach", "messages", ["available_at", "id"], postgresql_where=_WAITS)
    op.drop_index("ix_touchpoints_due_invitations", table_name="touchpoints")
    op.drop_index("ix_touchpoints_due", table_name="touchpoints")
    op.create_index("ix_touchpoints_due", "touchpoints", ["due_at"], postgresql_where=sa.text("status = 'planned'"))
