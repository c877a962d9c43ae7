"""Which keys of the ring are in use, over all services: two questions, asked at start and by /readyz."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The application sees one service at a time, or none; whether its key ring is whole it must know
# of all. A few wrapped keys of each number let it see whether they open. Both walk from one
# number to the next along an index, so that a million keys cost as little as ten.
FUNCTIONS = """
CREATE FUNCTION casework_keys_in_use()
RETURNS TABLE (kek_id integer, owner_id uuid, wrapped bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE used (number) AS (
        SELECT min(d.kek_id) FROM public.data_key d
        UNION ALL
        SELECT (SELECT min(d.kek_id) FROM public.data_key d WHERE d.kek_id > used.number)
        FROM used WHERE used.number IS NOT NULL
    )
    SELECT sample.kek_id, sample.owner_id, sample.wrapped
    FROM used CROSS JOIN LATERAL (
        -- In this order the index answers, also where almost nothing is under a key any more.
        SELECT d.kek_id, d.owner_id, d.wrapped FROM public.data_key d
        WHERE d.kek_id >= used.number ORDER BY d.kek_id LIMIT 5
    ) sample
    WHERE used.number IS NOT NULL AND sample.kek_id = used.number
$$;
CREATE FUNCTION casework_index_versions_in_use(kinds text[])
RETURNS TABLE (version integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE used (service_id, kind, number) AS (
        SELECT s.id, k.kind, (
            SELECT min(t.version) FROM public.index_term t
            WHERE t.service_id = s.id AND t.kind = k.kind)
        FROM public.service s CROSS JOIN unnest(kinds) AS k (kind)
        UNION ALL
        SELECT u.service_id, u.kind, (
            SELECT min(t.version) FROM public.index_term t
            WHERE t.service_id = u.service_id AND t.kind = u.kind AND t.version > u.number)
        FROM used u WHERE u.number IS NOT NULL
    )
    SELECT DISTINCT used.number FROM used WHERE used.number IS NOT NULL
$$;
REVOKE ALL ON FUNCTION casework_keys_in_use(), casework_index_versions_in_use(text[])
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework_keys_in_use(), casework_index_versions_in_use(text[])
    TO casework_app;
"""


def upgrade() -> None:
    op.execute(FUNCTIONS)


def downgrade() -> None:
    op.execute("DROP FUNCTION casework_index_versions_in_use(text[])")
    op.execute("DROP FUNCTION casework_keys_in_use()")
