"""Calls under way: until when one blocks others, whose session makes it, and how it ended without a result."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("alive_until", sa.DateTime(timezone=True), nullable=True))
    # What is open already blocks as long as it did: one hour from its beginning.
    op.execute("UPDATE attempt SET alive_until = started_at + interval '1 hour'")
    op.alter_column("attempt", "alive_until", nullable=False)
    op.add_column("attempt", sa.Column("web_session_id", sa.Uuid(), nullable=True))
    op.add_column("attempt", sa.Column("ending", sa.String(length=40), nullable=True))
    op.create_foreign_key(
        op.f("fk_attempt_service_id_web_session_id"),
        "attempt",
        "web_session",
        ["service_id", "web_session_id"],
        ["service_id", "id"],
    )
    op.create_index(
        "ix_attempt_alive",
        "attempt",
        ["service_id", "alive_until"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_attempt_alive", table_name="attempt")
    op.drop_constraint(op.f("fk_attempt_service_id_web_session_id"), "attempt", type_="foreignkey")
    op.drop_column("attempt", "ending")
    op.drop_column("attempt", "web_session_id")
    op.drop_column("attempt", "alive_until")
