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


# The audit is append-only (engine.md section 2). Statement triggers refuse even when no row matches.
AUDIT = """
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));

CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_subject_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_subject
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_head_stays BEFORE INSERT OR DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();

CREATE FUNCTION audit_head_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id OR NEW.seq <= OLD.seq THEN
        RAISE EXCEPTION 'the head of the audit only moves on'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_head_moves_on BEFORE UPDATE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_head_moves_on();

REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry, audit_subject FROM casework_app;
REVOKE ALL ON audit_head FROM casework_app;
GRANT SELECT, UPDATE (seq, hash) ON audit_head TO casework_app;
"""
UNDO_AUDIT = """
DROP TRIGGER audit_head_moves_on ON audit_head;
DROP TRIGGER audit_head_stays ON audit_head;
DROP TRIGGER audit_subject_append_only ON audit_subject;
DROP TRIGGER audit_entry_append_only ON audit_entry;
DROP FUNCTION audit_head_moves_on();
DROP FUNCTION audit_refuse_change();
DELETE FROM audit_head;
"""

STATEMENTS: tuple[str, ...] = (AUDIT,)
UNDO: tuple[str, ...] = (UNDO_AUDIT,)
