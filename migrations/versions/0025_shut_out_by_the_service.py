"""Who shut a member out: what the service disabled, no agency enables again."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "membership",
        sa.Column("is_shut_by_service", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    # Nobody wrote down who disabled those that are: the safe side is that the service did.
    op.execute("UPDATE membership SET is_shut_by_service = NOT is_active")
    op.alter_column("membership", "is_shut_by_service", server_default=None)


def downgrade() -> None:
    op.drop_column("membership", "is_shut_by_service")
