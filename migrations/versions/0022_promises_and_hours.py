"""What a place should have beside each request, sealed; and the clocks that a service set, by version."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

SERVICE = "NULLIF(current_setting('casework.service', true), '')::uuid"


def upgrade() -> None:
    op.create_table(
        "referral_ladder",
        sa.Column("urgency", sa.String(length=40), nullable=False),
        sa.Column("need", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("nudge_after", sa.Integer(), nullable=False),
        sa.Column("navigator_after", sa.Integer(), nullable=False),
        sa.Column("supervisor_after", sa.Integer(), nullable=True),
        sa.Column("expire_after", sa.Integer(), nullable=False),
        sa.Column("warn_minutes", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["account.id"], name=op.f("fk_referral_ladder_changed_by")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_referral_ladder_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_ladder")),
        sa.UniqueConstraint("service_id", "id", name=op.f("uq_referral_ladder_service_id_id")),
        sa.UniqueConstraint(
            "service_id",
            "urgency",
            "need",
            "version",
            name="uq_referral_ladder_version",
            postgresql_nulls_not_distinct=True,
        ),
    )
    _wall("referral_ladder")
    op.add_column("referral", sa.Column("wishes", sa.LargeBinary(), nullable=True))
    op.add_column("referral", sa.Column("ladder_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_referral_service_id_ladder_id"),
        "referral",
        "referral_ladder",
        ["service_id", "ladder_id"],
        ["service_id", "id"],
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_referral_service_id_ladder_id"), "referral", type_="foreignkey")
    for name in ("ladder_id", "wishes"):
        op.drop_column("referral", name)
    op.drop_table("referral_ladder")


def _wall(table: str) -> None:
    op.create_index(op.f(f"ix_{table}_service_id"), table, ["service_id"])
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY service_wall ON {table} USING (service_id = {SERVICE}) "
        f"WITH CHECK (service_id = {SERVICE})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO casework_app")
    op.execute(f"GRANT SELECT ON {table} TO casework_reader")
