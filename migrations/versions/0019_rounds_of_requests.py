"""Several agencies asked one after the other: which requests belong together, and in which order."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("referral", sa.Column("round_id", sa.Uuid(), nullable=True))
    op.add_column("referral", sa.Column("turn", sa.Integer(), nullable=True))
    op.create_index(
        "ix_referral_round",
        "referral",
        ["service_id", "round_id", "turn"],
        unique=True,
        postgresql_where=sa.text("round_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_referral_round", table_name="referral")
    for name in ("turn", "round_id"):
        op.drop_column("referral", name)
