"""The reminder machine: rungs of a reminder, what is in hand or parked, and its pulse."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SERVICE = "NULLIF(current_setting('casework.service', true), '')::uuid"
WAITING = sa.text("status = 'scheduled'")


def upgrade() -> None:
    op.add_column("reminder", sa.Column("rung", sa.Integer(), server_default="0", nullable=False))
    op.alter_column("reminder", "rung", server_default=None)
    op.drop_index("uq_reminder_waiting_follow_up", table_name="reminder")
    op.create_index(
        "uq_reminder_waiting_follow_up",
        "reminder",
        ["follow_up_id", "rung"],
        unique=True,
        postgresql_where=WAITING,
    )
    op.create_index(
        "ix_reminder_in_hand",
        "reminder",
        ["service_id", "wake_at"],
        postgresql_where=sa.text("status = 'scheduled' AND claim IS NOT NULL"),
    )
    op.create_index(
        "ix_reminder_parked",
        "reminder",
        ["service_id"],
        postgresql_where=sa.text("status = 'dead'"),
    )
    op.create_table(
        "pulse",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_pulse_service_id")),
        sa.PrimaryKeyConstraint("service_id", "name", name=op.f("pk_pulse")),
    )
    op.execute("ALTER TABLE pulse ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY service_wall ON pulse USING (service_id = {SERVICE}) "
        f"WITH CHECK (service_id = {SERVICE})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON pulse TO casework_app")
    op.execute("GRANT SELECT ON pulse TO casework_reader")


def downgrade() -> None:
    op.drop_table("pulse")
    op.drop_index("ix_reminder_parked", table_name="reminder")
    op.drop_index("ix_reminder_in_hand", table_name="reminder")
    # One reminder waited for a follow-up before there were rungs.
    op.execute("DELETE FROM reminder WHERE rung > 0")
    op.drop_index("uq_reminder_waiting_follow_up", table_name="reminder")
    op.create_index(
        "uq_reminder_waiting_follow_up",
        "reminder",
        ["follow_up_id"],
        unique=True,
        postgresql_where=WAITING,
    )
    op.drop_column("reminder", "rung")
