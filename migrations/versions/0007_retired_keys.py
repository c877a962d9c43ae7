"""The numbers of retired keys: what nobody writes under again, whatever key ring they still hold."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# A process may hold an older ring, or may have begun to write before the key was counted free. The
# lock lets writers finish and keeps new ones waiting; those then find the number here. In READ
# COMMITTED each query of a trigger sees what was committed before it, and the writer holds its own
# lock on the table by then, so none can slip in between.
# Rows that stand under a retired number, as in an older backup, stay and may be moved or deleted.
STATEMENTS = """
CREATE FUNCTION casework_retire_key(part text, number integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    needed bigint;
BEGIN
    IF casework_retire_key.part = 'keks' THEN
        LOCK TABLE public.data_key IN SHARE ROW EXCLUSIVE MODE;
        SELECT count(*) INTO needed FROM public.data_key d
        WHERE d.kek_id = casework_retire_key.number;
    ELSE
        LOCK TABLE public.index_term IN SHARE ROW EXCLUSIVE MODE;
        SELECT count(*) INTO needed FROM public.index_term t
        WHERE t.version = casework_retire_key.number;
    END IF;
    IF needed = 0 THEN
        INSERT INTO public.retired_key VALUES (casework_retire_key.part, casework_retire_key.number)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN needed;
END $$;
REVOKE ALL ON FUNCTION casework_retire_key(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework_retire_key(text, integer) TO casework_app;

CREATE FUNCTION refuse_retired_kek() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM public.retired_key r WHERE r.part = 'keks' AND r.number = NEW.kek_id
    ) THEN
        RAISE EXCEPTION 'this key is retired' USING ERRCODE = 'KR001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER data_key_not_retired BEFORE INSERT OR UPDATE OF kek_id ON data_key
    FOR EACH ROW EXECUTE FUNCTION refuse_retired_kek();

CREATE FUNCTION refuse_retired_index_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM public.retired_key r WHERE r.part = 'index' AND r.number = NEW.version
    ) THEN
        RAISE EXCEPTION 'this index key is retired' USING ERRCODE = 'KR001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER index_term_not_retired BEFORE INSERT OR UPDATE OF version ON index_term
    FOR EACH ROW EXECUTE FUNCTION refuse_retired_index_key();
"""
UNDO = """
DROP TRIGGER index_term_not_retired ON index_term;
DROP FUNCTION refuse_retired_index_key();
DROP TRIGGER data_key_not_retired ON data_key;
DROP FUNCTION refuse_retired_kek();
DROP FUNCTION casework_retire_key(text, integer);
"""


def upgrade() -> None:
    op.create_table(
        "retired_key",
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.CheckConstraint("part IN ('keks', 'index')", name=op.f("ck_retired_key_part")),
        sa.PrimaryKeyConstraint("part", "number", name=op.f("pk_retired_key")),
    )
    op.execute("GRANT SELECT ON retired_key TO casework_app, casework_reader")
    op.execute(STATEMENTS)


def downgrade() -> None:
    op.execute(UNDO)
    op.drop_table("retired_key")
