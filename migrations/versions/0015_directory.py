"""The directory in HSDS terms: places, hours, phones, capacity, terms, and the imports that fill it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SERVICE = "NULLIF(current_setting('casework.service', true), '')::uuid"
TABLES = (
    "directory_import",
    "taxonomy_term",
    "import_remark",
    "location",
    "phone",
    "schedule",
    "service_at_location",
)
TEXTS = {
    "organization": ("alternate_name", "description_en", "description_fr", "url"),
    "directory_service": (
        "name_en",
        "name_fr",
        "description_en",
        "description_fr",
        "cost_en",
        "cost_fr",
        "application_en",
        "application_fr",
        "url",
        "email",
    ),
}
LISTS = ("needs", "documents_en", "documents_fr", "service_areas", "terms")
WIDENED = {"eligibility_en": 400, "eligibility_fr": 400, "hours_en": 200, "hours_fr": 200}


def upgrade() -> None:
    _widen()
    _make_imports()
    _make_places()
    _make_facts()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY service_wall ON {table} USING (service_id = {SERVICE}) "
            f"WITH CHECK (service_id = {SERVICE})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO casework_app")
        op.execute(f"GRANT SELECT ON {table} TO casework_reader")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for table in ("organization", "directory_service"):
        op.drop_constraint(op.f(f"uq_{table}_service_id_source_source_id"), table, type_="unique")
    op.drop_index("ix_directory_service_source", table_name="directory_service")
    op.drop_index("ix_directory_service_needs", table_name="directory_service")
    for name, length in WIDENED.items():
        op.alter_column(
            "directory_service",
            name,
            existing_type=sa.Text(),
            type_=sa.String(length=length),
            existing_nullable=False,
            postgresql_using=f"left({name}, {length})",
        )
    for name in ("seen_in", "source_id", "source", "minimum_age", "maximum_age", *LISTS):
        op.drop_column("directory_service", name)
    op.drop_column("organization", "source")
    for table, names in TEXTS.items():
        for name in names:
            op.drop_column(table, name)


def _widen() -> None:
    """Let organisations and services say all that HSDS lets them say."""
    for table, names in TEXTS.items():
        for name in names:
            _add(table, name, sa.Text(), "")
    for name in LISTS:
        _add("directory_service", name, sa.ARRAY(sa.Text()), "{}")
    for table in TEXTS:
        _add(table, "source", sa.String(length=40), "")
    op.execute("UPDATE directory_service SET needs = ARRAY[need]")
    op.add_column("directory_service", sa.Column("minimum_age", sa.Integer(), nullable=True))
    op.add_column("directory_service", sa.Column("maximum_age", sa.Integer(), nullable=True))
    op.add_column("directory_service", sa.Column("source_id", sa.String(length=120), nullable=True))
    op.add_column("directory_service", sa.Column("seen_in", sa.Uuid(), nullable=True))
    for name, length in WIDENED.items():
        op.alter_column(
            "directory_service",
            name,
            existing_type=sa.String(length=length),
            type_=sa.Text(),
            existing_nullable=False,
        )
    for table in TEXTS:
        op.create_unique_constraint(
            op.f(f"uq_{table}_service_id_source_source_id"),
            table,
            ["service_id", "source", "source_id"],
        )
    op.create_index(
        "ix_directory_service_needs", "directory_service", ["needs"], postgresql_using="gin"
    )
    op.create_index(
        "ix_directory_service_source", "directory_service", ["service_id", "source", "seen_in"]
    )


def _add(table: str, name: str, kind: sa.types.TypeEngine, first: str) -> None:
    """Add a column that must not be empty to a table that may hold rows."""
    op.add_column(table, sa.Column(name, kind, nullable=False, server_default=first))
    op.alter_column(table, name, server_default=None)


def _make_imports() -> None:
    """Make what an import needs: itself, its remarks, and the terms it met."""
    op.create_table(
        "directory_import",
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("failure", sa.String(length=40), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("repaired", sa.Integer(), nullable=False),
        sa.Column("vanished", sa.Integer(), nullable=False),
        sa.Column("worked_ms", sa.Integer(), nullable=False),
        sa.Column("wake_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_directory_import_service_id")
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["account.id"], name=op.f("fk_directory_import_started_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_import")),
        sa.UniqueConstraint("service_id", "id", name=op.f("uq_directory_import_service_id_id")),
    )
    op.create_index(
        op.f("ix_directory_import_service_id"), "directory_import", ["service_id"], unique=False
    )
    op.create_index(
        "ix_directory_import_wake_at",
        "directory_import",
        ["wake_at"],
        unique=False,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(
        "uq_directory_import_active",
        "directory_import",
        ["service_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('running', 'paused')"),
    )
    op.create_table(
        "import_remark",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("is_refused", sa.Boolean(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "import_id"],
            ["directory_import.service_id", "directory_import.id"],
            name=op.f("fk_import_remark_service_id_import_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_import_remark_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_remark")),
        sa.UniqueConstraint("service_id", "id", name=op.f("uq_import_remark_service_id_id")),
    )
    op.create_index(
        op.f("ix_import_remark_import_id"), "import_remark", ["import_id"], unique=False
    )
    op.create_index(
        op.f("ix_import_remark_service_id"), "import_remark", ["service_id"], unique=False
    )
    op.create_table(
        "taxonomy_term",
        sa.Column("vocabulary", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("need", sa.String(length=40), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_taxonomy_term_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomy_term")),
        sa.UniqueConstraint("service_id", "id", name=op.f("uq_taxonomy_term_service_id_id")),
        sa.UniqueConstraint(
            "service_id",
            "vocabulary",
            "code",
            name=op.f("uq_taxonomy_term_service_id_vocabulary_code"),
        ),
    )
    op.create_index(
        op.f("ix_taxonomy_term_service_id"), "taxonomy_term", ["service_id"], unique=False
    )


def _make_places() -> None:
    """Make places, and which service is given where; a confidential one keeps nothing (R20)."""
    op.create_table(
        "location",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("is_confidential", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("address_1", sa.Text(), nullable=False),
        sa.Column("address_2", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.String(length=12), nullable=False),
        sa.Column("country", sa.String(length=40), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("accessibility", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.String(length=120), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind <> 'redacted' AND NOT is_confidential) OR (is_confidential AND name = '' AND description = '' AND address_1 = '' AND address_2 = '' AND city = '' AND postal_code = '' AND url = '' AND latitude IS NULL AND longitude IS NULL)",
            name=op.f("ck_location_confidential_keeps_no_address"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "organization_id"],
            ["organization.service_id", "organization.id"],
            name=op.f("fk_location_service_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_location_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
        sa.UniqueConstraint("service_id", "id", name=op.f("uq_location_service_id_id")),
        sa.UniqueConstraint(
            "service_id",
            "source",
            "source_id",
            name=op.f("uq_location_service_id_source_source_id"),
        ),
    )
    op.create_index(
        op.f("ix_location_organization_id"), "location", ["organization_id"], unique=False
    )
    op.create_index(op.f("ix_location_service_id"), "location", ["service_id"], unique=False)
    op.create_table(
        "service_at_location",
        sa.Column("directory_service_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "directory_service_id"],
            ["directory_service.service_id", "directory_service.id"],
            name=op.f("fk_service_at_location_service_id_directory_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "location_id"],
            ["location.service_id", "location.id"],
            name=op.f("fk_service_at_location_service_id_location_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_service_at_location_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_at_location")),
        sa.UniqueConstraint(
            "service_id", "directory_service_id", "location_id", name="uq_service_at_location_pair"
        ),
        sa.UniqueConstraint("service_id", "id", name=op.f("uq_service_at_location_service_id_id")),
    )
    op.create_index(
        op.f("ix_service_at_location_location_id"),
        "service_at_location",
        ["location_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_service_at_location_service_id"),
        "service_at_location",
        ["service_id"],
        unique=False,
    )


def _make_facts() -> None:
    """Make the hours, phones and places left of a service."""
    op.create_table(
        "schedule",
        sa.Column("directory_service_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("rrule", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("opens_at", sa.Time(), nullable=True),
        sa.Column("closes_at", sa.Time(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "directory_service_id"],
            ["directory_service.service_id", "directory_service.id"],
            name=op.f("fk_schedule_service_id_directory_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "location_id"],
            ["location.service_id", "location.id"],
            name=op.f("fk_schedule_service_id_location_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_schedule_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint("service_id", "id", name=op.f("uq_schedule_service_id_id")),
    )
    op.create_index(
        op.f("ix_schedule_directory_service_id"), "schedule", ["directory_service_id"], unique=False
    )
    op.create_index(op.f("ix_schedule_service_id"), "schedule", ["service_id"], unique=False)
    op.create_table(
        "phone",
        sa.Column("directory_service_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("extension", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "directory_service_id"],
            ["directory_service.service_id", "directory_service.id"],
            name=op.f("fk_phone_service_id_directory_service_id"),
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_phone_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone")),
        sa.UniqueConstraint("service_id", "id", name=op.f("uq_phone_service_id_id")),
    )
    op.create_index(
        op.f("ix_phone_directory_service_id"), "phone", ["directory_service_id"], unique=False
    )
    op.create_index(op.f("ix_phone_service_id"), "phone", ["service_id"], unique=False)
