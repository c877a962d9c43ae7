"""Makes a large import quick: words are folded once, and the planner learns what was written."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# OFFSET 0 keeps the subquery a step of its own. Without it PostgreSQL puts its expressions wherever they
# are named: the folding, which is most of the work, was done three times for each service.
VECTOR = """
CREATE OR REPLACE FUNCTION casework_search_vector(names text, others text, marks text[]) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $vector$
SELECT strip(
        to_tsvector('pg_catalog.simple', folded.whole)
        || to_tsvector('pg_catalog.english', folded.whole)
        || to_tsvector('pg_catalog.french', folded.whole)
        || to_tsvector('pg_catalog.simple', casework_fold(array_to_string(
            tsvector_to_array(to_tsvector('pg_catalog.french', folded.spoken)), ' ')))
    )
    || array_to_tsvector(ARRAY(
        SELECT 'name:' || lexeme FROM unnest(to_tsvector('pg_catalog.simple', folded.names))
    ))
    || array_to_tsvector(marks)
FROM (
    SELECT casework_fold(left(names, 4000)) AS names,
        left(names || ' ' || others, 40000) AS spoken,
        casework_fold(left(names || ' ' || others, 40000)) AS whole
    {step}
) AS folded
$vector$
"""
# Only a table’s owner may ask for it. Whoever holds one of these tables already does the same, so nobody
# waits; the figures are about a sample of rows, which no role of the application can read.
LEARN = """
CREATE FUNCTION casework_learn_directory() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $learn$
BEGIN
    ANALYZE (SKIP_LOCKED) public.organization, public.directory_service, public.location,
        public.service_at_location, public.schedule, public.phone;
END
$learn$
"""


def upgrade() -> None:
    op.execute(VECTOR.format(step="OFFSET 0"))
    op.execute(LEARN)
    op.execute("REVOKE ALL ON FUNCTION casework_learn_directory() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION casework_learn_directory() TO casework_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION casework_learn_directory()")
    op.execute(VECTOR.format(step=""))
