"""Calls that keep a place on a waiting list: who is told next that one is to be made, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("list_call", sa.Column("rung", sa.Integer(), server_default="0", nullable=False))
    op.add_column("list_call", sa.Column("wake_at", sa.DateTime(timezone=True), nullable=True))
    # What is planned, and overdue already, is told by the next sweep.
    op.execute("UPDATE list_call SET wake_at = due_at WHERE state = 'planned'")
    op.create_index(
        "ix_list_call_waking",
        "list_call",
        ["service_id", "wake_at"],
        postgresql_where=sa.text("state = 'planned' AND wake_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_list_call_waking", "list_call")
    for name in ("wake_at", "rung"):
        op.drop_column("list_call", name)
