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
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO casework_app"
    )
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

# What must work before a service is known, and who sees accounts (engine.md section 5).
ACCOUNTS = """
-- A service is readable by all; a new one can only be the one that was entered.
ALTER TABLE service ENABLE ROW LEVEL SECURITY;
CREATE POLICY service_readable ON service FOR SELECT USING (true);
CREATE POLICY service_new ON service FOR INSERT
    WITH CHECK (id = NULLIF(current_setting('casework.service', true), '')::uuid);
CREATE POLICY service_own ON service FOR UPDATE
    USING (id = NULLIF(current_setting('casework.service', true), '')::uuid);
-- An account is seen through a membership of the entered service, in no other way.
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
CREATE POLICY account_of_service ON account FOR SELECT USING (EXISTS (
    SELECT 1 FROM membership m
    WHERE m.account_id = account.id
      AND m.service_id = NULLIF(current_setting('casework.service', true), '')::uuid));
CREATE POLICY account_change ON account FOR UPDATE USING (EXISTS (
    SELECT 1 FROM membership m
    WHERE m.account_id = account.id
      AND m.service_id = NULLIF(current_setting('casework.service', true), '')::uuid));
-- The account comes before its membership; somebody must have entered a service to make one.
CREATE POLICY account_new ON account FOR INSERT
    WITH CHECK (NULLIF(current_setting('casework.service', true), '') IS NOT NULL);
REVOKE DELETE ON service, account FROM casework_app;
-- What must work before a service is known. pg_temp stands last, so that nobody's temporary table
-- can stand in for ours.
CREATE FUNCTION casework_sign_in(email text)
RETURNS TABLE (account_id uuid, password_hash text, is_active boolean, memberships uuid[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT a.id, a.password_hash, a.is_active,
           ARRAY(SELECT m.service_id FROM membership m
                 WHERE m.account_id = a.id AND m.is_active ORDER BY m.created_at, m.id)
    FROM account a
    WHERE a.email = casework_sign_in.email
$$;
-- Time limits are the application's, on its one clock: seen_at and expires_at are given back.
CREATE FUNCTION casework_session(token_hash bytea)
RETURNS TABLE (id uuid, account_id uuid, service_id uuid, seen_at timestamptz, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT s.id, s.account_id, s.service_id, s.seen_at, s.expires_at
    FROM web_session s
    JOIN account a ON a.id = s.account_id AND a.is_active
    JOIN membership m ON m.service_id = s.service_id AND m.account_id = s.account_id AND m.is_active
    WHERE s.token_hash = casework_session.token_hash AND s.ended_at IS NULL
$$;
REVOKE ALL ON FUNCTION casework_sign_in(text), casework_session(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework_sign_in(text), casework_session(bytea) TO casework_app;
"""
UNDO_ACCOUNTS = """
DROP FUNCTION IF EXISTS casework_session(bytea); DROP FUNCTION IF EXISTS casework_sign_in(text);
DROP POLICY IF EXISTS account_new ON account; DROP POLICY IF EXISTS account_change ON account;
DROP POLICY IF EXISTS account_of_service ON account; ALTER TABLE account DISABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS service_own ON service; DROP POLICY IF EXISTS service_new ON service;
DROP POLICY IF EXISTS service_readable ON service; ALTER TABLE service DISABLE ROW LEVEL SECURITY;
"""

# R1, deferred to the commit and independent of the server's clock.
PEOPLE = """
CREATE FUNCTION people_must_have_consented() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked_service uuid;
    asked_person uuid;
BEGIN
    -- Called for a case, a consent and a person; each names the person in its own column.
    IF TG_TABLE_NAME = 'person' THEN
        asked_service := NEW.service_id;
        asked_person := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        asked_service := OLD.service_id;
        asked_person := OLD.person_id;
    ELSE
        asked_service := NEW.service_id;
        asked_person := NEW.person_id;
    END IF;
    IF TG_TABLE_NAME = 'person' THEN
        -- Without consent nothing identifying is kept: a person is written with their yes, or not.
        IF EXISTS (SELECT 1 FROM person WHERE service_id = asked_service AND id = asked_person)
            AND NOT EXISTS (
                SELECT 1 FROM consent
                WHERE service_id = asked_service AND person_id = asked_person
                    AND purpose = 'keep_case' AND is_given
            )
        THEN
            RAISE EXCEPTION 'a person is kept only with consent'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'person_kept_with_consent';
        END IF;
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT 1 FROM "case" AS kept
        WHERE kept.service_id = asked_service AND kept.person_id = asked_person
            AND kept.status = 'open'
            AND NOT EXISTS (
                SELECT 1 FROM consent AS answer
                WHERE answer.service_id = asked_service AND answer.person_id = asked_person
                    AND answer.purpose = 'keep_case' AND answer.is_given
                    AND answer.ended_at IS NULL AND answer.expires_at > kept.opened_at
            )
    ) THEN
        RAISE EXCEPTION 'an open case needs an active consent to keep it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'case_open_with_consent';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER person_kept_with_consent AFTER INSERT ON person
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION people_must_have_consented();
CREATE CONSTRAINT TRIGGER case_open_with_consent
    AFTER INSERT OR UPDATE OF status, person_id ON "case"
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION people_must_have_consented();
CREATE CONSTRAINT TRIGGER consent_ended_closes_case
    AFTER UPDATE OR DELETE ON consent
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION people_must_have_consented();
"""
UNDO_PEOPLE = """
DROP TRIGGER consent_ended_closes_case ON consent;
DROP TRIGGER case_open_with_consent ON "case";
DROP TRIGGER person_kept_with_consent ON person;
DROP FUNCTION people_must_have_consented();
"""

# An agency's link, by the hash of its token.
REFERRALS = """
CREATE FUNCTION casework_link(token_hash bytea) RETURNS TABLE (service_id uuid, link_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT l.service_id, l.id FROM public.referral_link l WHERE l.token_hash = $1 $$;
REVOKE ALL ON FUNCTION casework_link(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework_link(bytea) TO casework_app;
"""
UNDO_REFERRALS = """
DROP FUNCTION casework_link(bytea);
"""

STATEMENTS: tuple[str, ...] = (AUDIT, ACCOUNTS, PEOPLE, REFERRALS)
UNDO: tuple[str, ...] = (UNDO_REFERRALS, UNDO_PEOPLE, UNDO_ACCOUNTS, UNDO_AUDIT)
