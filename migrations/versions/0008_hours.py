"""Hours: exceptions and one-off windows of a person, a service's own hours, the rules of the zones."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SEALED = ("days_off", "dates_off", "one_offs")


def upgrade() -> None:
    for name in SEALED:
        op.add_column("contact_plan", sa.Column(name, sa.LargeBinary(), nullable=True))
    # Every service that exists is there day and night, as it was until now.
    op.add_column(
        "service", sa.Column("opening_hours", sa.JSON(), nullable=False, server_default="[]")
    )
    op.add_column("service", sa.Column("holidays_of", sa.String(length=2), nullable=True))
    op.add_column(
        "service", sa.Column("notice_minutes", sa.Integer(), nullable=False, server_default="0")
    )
    # Nobody noted by which rules the times that exist were computed: all are read again.
    op.add_column(
        "follow_up",
        sa.Column("zone_rules", sa.String(length=40), nullable=False, server_default=""),
    )


def downgrade() -> None:
    op.drop_column("follow_up", "zone_rules")
    for name in ("notice_minutes", "holidays_of", "opening_hours"):
        op.drop_column("service", name)
    for name in reversed(SEALED):
        op.drop_column("contact_plan", name)
