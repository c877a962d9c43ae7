"""Erasure: tombstones, legal holds, retention rules, and what a letter needs to outlive its request."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SERVICE = "NULLIF(current_setting('casework.service', true), '')::uuid"
TABLES = ("erasure", "legal_hold", "retention_rule")
# What an erasure looks for: without these each case erased would read whole tables.
INDEXES = (
    ("notice", "subject_id"),
    ("letter", "subject_id"),
    ("emergency_hand_off", "case_id"),
    ("referral", "consent_id"),
    ("referral", "supersedes_id"),
    ("referral_event", "case_id"),
    ("follow_up", "referral_id"),
)


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_account", sa.Uuid(), nullable=True),
        *_tenant_columns(),
        sa.ForeignKeyConstraint(["by_account"], ["account.id"], name=op.f("fk_erasure_by_account")),
        *_tenant_constraints("erasure"),
        sa.UniqueConstraint("case_id", name=op.f("uq_erasure_case_id")),
    )
    op.create_table(
        "legal_hold",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        *_tenant_columns(),
        sa.ForeignKeyConstraint(
            ["placed_by"], ["account.id"], name=op.f("fk_legal_hold_placed_by")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by"], ["account.id"], name=op.f("fk_legal_hold_lifted_by")
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "case_id"],
            ["case.service_id", "case.id"],
            name=op.f("fk_legal_hold_service_id_case_id"),
            ondelete="CASCADE",
        ),
        *_tenant_constraints("legal_hold"),
    )
    op.create_index(op.f("ix_legal_hold_case_id"), "legal_hold", ["case_id"])
    op.create_index(
        "uq_legal_hold_in_force",
        "legal_hold",
        ["case_id"],
        unique=True,
        postgresql_where="lifted_at IS NULL",
    )
    op.create_table(
        "retention_rule",
        sa.Column("closure", sa.String(length=40), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        *_tenant_columns(),
        sa.CheckConstraint("days BETWEEN 1 AND 3650", name=op.f("ck_retention_rule_days_possible")),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["account.id"], name=op.f("fk_retention_rule_changed_by")
        ),
        *_tenant_constraints("retention_rule"),
        sa.UniqueConstraint(
            "service_id", "closure", name=op.f("uq_retention_rule_service_id_closure")
        ),
    )
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_service_id"), table, ["service_id"])
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        op.execute(
            f'CREATE POLICY service_wall ON "{table}" USING (service_id = {SERVICE}) '
            f"WITH CHECK (service_id = {SERVICE})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO casework_app")
        op.execute(f"GRANT SELECT ON {table} TO casework_reader")
    # A tombstone is written once and stays.
    op.execute("REVOKE UPDATE, DELETE ON erasure FROM casework_app")
    op.add_column("letter", sa.Column("addressee", sa.LargeBinary(), nullable=True))
    for table, column in INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table, column in reversed(INDEXES):
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
    op.drop_column("letter", "addressee")
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
