"""Clocks of referrals: when an answer is due at the latest, an agency's own hours and holidays."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("referral", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    # Until now the one clock of a waiting request was its expiry; the next sweep sets the others.
    op.execute(
        "UPDATE referral SET expires_at = wake_at"
        " WHERE state IN ('requested', 'info_needed', 'waitlisted')"
    )
    op.add_column(
        "organization", sa.Column("opening_hours", sa.JSON(), nullable=False, server_default="[]")
    )
    op.add_column("organization", sa.Column("holidays_of", sa.String(length=2), nullable=True))


def downgrade() -> None:
    for name in ("holidays_of", "opening_hours"):
        op.drop_column("organization", name)
    # The one clock that is known then is the expiry.
    op.execute(
        "UPDATE referral SET wake_at = expires_at"
        " WHERE state IN ('requested', 'info_needed', 'waitlisted')"
    )
    op.drop_column("referral", "expires_at")
