"""Indexes that lead from a navigator to their part of a service, however large the service is."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

PLANNED = "state = 'scheduled'"


def upgrade() -> None:
    op.create_index(
        "ix_case_open",
        "case",
        ["service_id", "owner_id", "opened_at", "id"],
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_consent_in_force",
        "consent",
        ["person_id", "purpose", "expires_at"],
        postgresql_where=sa.text("is_given AND ended_at IS NULL"),
    )
    op.create_index(
        "ix_follow_up_planned_case",
        "follow_up",
        ["case_id", "due_at"],
        postgresql_where=sa.text(PLANNED),
    )
    op.create_index(
        "ix_follow_up_planned_for",
        "follow_up",
        ["service_id", "assigned_to"],
        postgresql_where=sa.text(f"{PLANNED} AND assigned_to IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_follow_up_planned_for", table_name="follow_up")
    op.drop_index("ix_follow_up_planned_case", table_name="follow_up")
    op.drop_index("ix_consent_in_force", table_name="consent")
    op.drop_index("ix_case_open", table_name="case")
