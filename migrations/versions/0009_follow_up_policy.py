"""Follow-up policy by version, shifts of staff, and which calls were agreed aloud."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SERVICE = "NULLIF(current_setting('casework.service', true), '')::uuid"
TABLES = ("follow_up_policy", "shift")


def upgrade() -> None:
    op.create_table(
        "follow_up_policy",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("pause_hours", sa.Integer(), nullable=False),
        sa.Column("longest_days", sa.Integer(), nullable=False),
        sa.Column("team_after_hours", sa.Integer(), nullable=True),
        sa.Column("supervisor_after_hours", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("move_state", sa.String(length=40), nullable=False),
        sa.Column("move_after", sa.Uuid(), nullable=True),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("to_look_at", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        *_tenant_columns(),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["account.id"], name=op.f("fk_follow_up_policy_changed_by")
        ),
        *_tenant_constraints("follow_up_policy"),
        sa.UniqueConstraint(
            "service_id",
            "name",
            "version",
            name=op.f("uq_follow_up_policy_service_id_name_version"),
        ),
    )
    op.create_index(
        "uq_follow_up_policy_current",
        "follow_up_policy",
        ["service_id", "name"],
        unique=True,
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "shift",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("is_off", sa.Boolean(), nullable=False),
        sa.Column("starts", sa.String(length=8), nullable=False),
        sa.Column("ends", sa.String(length=8), nullable=False),
        *_tenant_columns(),
        sa.CheckConstraint("weekday IS NULL OR on_day IS NULL", name=op.f("ck_shift_week_or_day")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_shift_account_id")),
        *_tenant_constraints("shift"),
    )
    op.create_index(op.f("ix_shift_account_id"), "shift", ["account_id"])
    for table in TABLES:
        _wall(table)
    op.add_column(
        "follow_up",
        sa.Column("is_agreed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    # What was moved by hand before anybody wrote it down counts as agreed: unknown never means yes.
    op.execute("UPDATE follow_up SET is_agreed = true WHERE series = 'one_off' OR version > 1")


def downgrade() -> None:
    op.drop_column("follow_up", "is_agreed")
    for table in reversed(TABLES):
        op.drop_table(table)


def _tenant_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    )


def _tenant_constraints(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f(f"fk_{table}_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("service_id", "id", name=op.f(f"uq_{table}_service_id_id")),
    )


def _wall(table: str) -> None:
    op.create_index(op.f(f"ix_{table}_service_id"), table, ["service_id"])
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY service_wall ON {table} USING (service_id = {SERVICE}) "
        f"WITH CHECK (service_id = {SERVICE})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO casework_app")
    op.execute(f"GRANT SELECT ON {table} TO casework_reader")
