"""Ranks what is found in the directory where it stands: a fixed number of ids, the best first."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# By whoever stands before the wall: no role of the application may call it.
SOME = """
CREATE FUNCTION casework_some(
    mine uuid, asked tsquery, besides tsquery, is_common boolean, most integer
) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET synchronize_seqscans = off AS $some$
DECLARE
    ranked constant text :=
        'SELECT coalesce(array_agg(id ORDER BY'
        ' translate(lower(name), ''ÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒàâäçéèêëîïôöùûüÿœ'','
        ' ''aaaceeeeiioouuuyoaaaceeeeiioouuuyo'') COLLATE "C", need, id), ''{}'') FROM ('
        'SELECT d.id, d.need, o.name FROM %s AS d'
        ' JOIN public.organization AS o ON o.service_id = d.service_id AND o.id = d.organization_id'
        ' WHERE d.service_id = $1 AND ($2 IS NULL OR d.search @@ $2)'
        ' AND ($3 IS NULL OR NOT d.search @@ $3) AND d.is_active AND o.is_active LIMIT $4'
        ') AS found';
    found uuid[];
BEGIN
    IF is_common THEN
        EXECUTE format(
            ranked, '(SELECT * FROM public.directory_service WHERE service_id = $1 LIMIT 20000)'
        ) INTO found USING mine, asked, besides, most;
        IF cardinality(found) >= most THEN
            RETURN found;
        END IF;
    END IF;
    EXECUTE format(ranked, 'public.directory_service') INTO found USING mine, asked, besides, most;
    RETURN found;
END
$some$
"""
# It stands on the same wall as the table does, as casework_find: behind row-level security alone, an
# index of words is never used.
# PostgreSQL takes words by their beginnings for far rarer than they are, and then reads a whole list of
# the index, however few are wanted. So some rows are looked at first: what a tenth of them have is found
# by reading on, and only what is rarer by the index. Neither grows as the directory does.
RANKED = """
CREATE FUNCTION casework_ranked(named tsquery, asked tsquery, most integer) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $ranked$
DECLARE
    mine constant uuid := NULLIF(current_setting('casework.service', true), '')::uuid;
    are_named integer := 0;
    are_asked integer := 0;
    found uuid[] := '{}';
BEGIN
    IF asked IS NOT NULL THEN
        SELECT count(*) FILTER (WHERE search @@ named), count(*) FILTER (WHERE search @@ asked)
            INTO are_named, are_asked
            FROM (SELECT search FROM public.directory_service WHERE service_id = mine LIMIT 500) AS d;
    END IF;
    IF named IS NOT NULL THEN
        found := public.casework_some(mine, named, NULL, are_named >= 50, most);
    END IF;
    IF cardinality(found) < most THEN
        found := found || public.casework_some(
            mine, asked, named, are_asked - are_named >= 50, most - cardinality(found));
    END IF;
    RETURN found;
END
$ranked$
"""


def upgrade() -> None:
    op.execute(SOME)
    op.execute(
        "REVOKE ALL ON FUNCTION casework_some(uuid, tsquery, tsquery, boolean, integer) FROM PUBLIC"
    )
    op.execute(RANKED)
    op.execute("REVOKE ALL ON FUNCTION casework_ranked(tsquery, tsquery, integer) FROM PUBLIC")
    op.execute(
        "GRANT EXECUTE ON FUNCTION casework_ranked(tsquery, tsquery, integer) TO casework_app"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION casework_ranked(tsquery, tsquery, integer)")
    op.execute("DROP FUNCTION casework_some(uuid, tsquery, tsquery, boolean, integer)")
