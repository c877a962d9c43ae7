"""An index over the open cases of nobody, oldest first: My day shows the first of them only."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_case_nobodys",
        "case",
        ["service_id", "opened_at", "id"],
        postgresql_where=sa.text("status = 'open' AND owner_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_case_nobodys", table_name="case")
