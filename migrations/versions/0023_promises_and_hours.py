"""What a place should have, sealed; the clocks that a service set, by version; hours as agencies say them."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
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
    op.create_table(
        "hours_word",
        sa.Column("directory_service_id", sa.Uuid(), nullable=False),
        sa.Column("is_said", sa.Boolean(), nullable=False),
        sa.Column("is_all_hours", sa.Boolean(), nullable=False),
        sa.Column("closed_from", sa.Date(), nullable=True),
        sa.Column("closed_until", sa.Date(), nullable=True),
        sa.Column("is_by_agency", sa.Boolean(), nullable=False),
        sa.Column("is_published_all_hours", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["said_by"], ["account.id"], name=op.f("fk_hours_word_said_by")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_hours_word_service_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "directory_service_id"],
            ["directory_service.service_id", "directory_service.id"],
            name=op.f("fk_hours_word_service_id_directory_service_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_word")),
        sa.UniqueConstraint("service_id", "id", name=op.f("uq_hours_word_service_id_id")),
        sa.UniqueConstraint(
            "service_id",
            "directory_service_id",
            name=op.f("uq_hours_word_service_id_directory_service_id"),
        ),
    )
    _wall("hours_word")
    op.add_column(
        "schedule",
        sa.Column("origin", sa.String(length=40), nullable=False, server_default="imported"),
    )
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
    # What only agencies said is nobody’s published word.
    op.execute("DELETE FROM schedule WHERE origin <> 'imported'")
    op.drop_column("schedule", "origin")
    op.drop_table("hours_word")
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
