"""Permissions that were given for somebody else name the signature that says by whom, and as what."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


_ACTORS = "participant, service, or the coordinator's id"


def upgrade() -> None:
    op.alter_column("permissions", "actor", comment="participant, representative, service, or the coordinator's id")
    op.add_column(
        "permissions",
        sa.Column(
            "signature_id",
            sa.Uuid(),
            nullable=True,
            comment="by which somebody else speaks for who is meant, and as what",
        ),
    )
    op.create_foreign_key(
        op.f("fk_permissions_signature_id_signatures"), "permissions", "signatures", ["signature_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_column("permissions", "signature_id")
    op.alter_column("permissions", "actor", comment=_ACTORS)
