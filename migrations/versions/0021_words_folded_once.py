"""Folds what a service says once for its search column, not once for each way its words are taken."""

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


def upgrade() -> None:
    op.execute(VECTOR.format(step="OFFSET 0"))


def downgrade() -> None:
    op.execute(VECTOR.format(step=""))
