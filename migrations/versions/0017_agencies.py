"""Agencies' own access: members of an organisation, its requests by index, and its places."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SERVICE = "NULLIF(current_setting('casework.service', true), '')::uuid"
TABLES = ("capacity", "capacity_event")


def upgrade() -> None:
    # A member of an agency stands on an organisation of the same service, or on none.
    op.create_foreign_key(
        op.f("fk_membership_service_id_organization_id"),
        "membership",
        "organization",
        ["service_id", "organization_id"],
        ["service_id", "id"],
    )
    op.create_index(
        "ix_referral_organization",
        "referral",
        ["service_id", "organization_id", "state"],
        postgresql_where=sa.text("organization_id IS NOT NULL"),
    )
    op.create_table(
        "capacity",
        sa.Column("directory_service_id", sa.Uuid(), nullable=False),
        sa.Column("available", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        *_tenant_columns(),
        sa.UniqueConstraint(
            "service_id",
            "directory_service_id",
            name=op.f("uq_capacity_service_id_directory_service_id"),
        ),
        sa.CheckConstraint("available >= 0", name=op.f("ck_capacity_available")),
        *_tenant_constraints("capacity"),
    )
    op.create_table(
        "capacity_event",
        sa.Column("directory_service_id", sa.Uuid(), nullable=False),
        sa.Column("available", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        *_tenant_columns(),
        *_tenant_constraints("capacity_event"),
    )
    op.create_index(
        op.f("ix_capacity_event_directory_service_id"), "capacity_event", ["directory_service_id"]
    )
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_service_id"), table, ["service_id"])
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY service_wall ON {table} USING (service_id = {SERVICE}) "
            f"WITH CHECK (service_id = {SERVICE})"
        )
        op.execute(f"GRANT SELECT ON {table} TO casework_reader")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON capacity TO casework_app")
    # The history is only ever added to.
    op.execute("GRANT SELECT, INSERT ON capacity_event TO casework_app")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_referral_organization", table_name="referral")
    op.drop_constraint(
        op.f("fk_membership_service_id_organization_id"), "membership", type_="foreignkey"
    )


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
        sa.ForeignKeyConstraint(
            ["service_id", "directory_service_id"],
            ["directory_service.service_id", "directory_service.id"],
            name=op.f(f"fk_{table}_service_id_directory_service_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("service_id", "id", name=op.f(f"uq_{table}_service_id_id")),
    )
