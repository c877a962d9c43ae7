"""Key runs: what brings data keys and index terms up to date, and what could not be."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SERVICE = "NULLIF(current_setting('casework.service', true), '')::uuid"


def upgrade() -> None:
    op.create_table(
        "key_run",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("worked_ms", sa.Integer(), nullable=False),
        sa.Column("wake_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_key_run_service_id")),
        sa.ForeignKeyConstraint(["started_by"], ["account.id"], name=op.f("fk_key_run_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_run")),
        sa.UniqueConstraint("service_id", "id", name=op.f("uq_key_run_service_id_id")),
    )
    op.create_index(op.f("ix_key_run_service_id"), "key_run", ["service_id"])
    op.create_index(
        "uq_key_run_active",
        "key_run",
        ["service_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state IN ('running', 'paused')"),
    )
    op.create_index(
        "ix_key_run_wake_at",
        "key_run",
        ["wake_at"],
        postgresql_where=sa.text("state = 'running'"),
    )
    op.execute("ALTER TABLE key_run ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY service_wall ON key_run USING (service_id = {SERVICE}) "
        f"WITH CHECK (service_id = {SERVICE})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON key_run TO casework_app")
    op.execute("GRANT SELECT ON key_run TO casework_reader")
    # A run looks for the keys of one service under another key, in this order.
    op.drop_index(op.f("ix_data_key_kek_id"), table_name="data_key")
    op.create_index("ix_data_key_service_id_kek_id", "data_key", ["service_id", "kek_id"])
    op.add_column("data_key", sa.Column("failed_for", sa.Integer(), nullable=True))
    op.add_column("index_term", sa.Column("failed_for", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("index_term", "failed_for")
    op.drop_column("data_key", "failed_for")
    op.drop_index("ix_data_key_service_id_kek_id", table_name="data_key")
    op.create_index(op.f("ix_data_key_kek_id"), "data_key", ["kek_id"])
    op.drop_table("key_run")
