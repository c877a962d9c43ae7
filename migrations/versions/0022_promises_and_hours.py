"""What a place should have, sealed beside each request, for the next one."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("referral", sa.Column("wishes", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("referral", "wishes")
