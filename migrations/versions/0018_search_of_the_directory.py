"""Full text of the directory: one column for each service, and how its words are folded."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# Neither unaccent nor ICU is on every server: accents are taken off by what PostgreSQL itself has.
FOLD = r"""
CREATE FUNCTION casework_fold(given text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $fold$
SELECT btrim(regexp_replace(translate(
    CASE WHEN octet_length(given) = length(given) THEN lower(given)
    ELSE replace(replace(replace(replace(replace(lower(
        regexp_replace(normalize(given, NFKD), '[\u0300-\u036f]', '', 'g')),
        'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), 'ß', 'ss')
    END,
    $signs$!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~’‘“”«»–—…·•$signs$,
    repeat(' ', 43)), '\s+', ' ', 'g'))
$fold$
"""
# French endings are told by their accents, so French stems are taken with and without them.
# What is longer than this is cut: no directory entry needs it, and a tsvector has a limit.
VECTOR = """
CREATE FUNCTION casework_search_vector(names text, others text, marks text[]) RETURNS tsvector
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
) AS folded
$vector$
"""
# The wall of row-level security comes before any operator that might tell something, and so keeps the
# index of words from being used. This function stands on the same wall and may use it; its statement
# is planned for the words that are asked.
FIND = """
CREATE FUNCTION casework_find(asked tsquery, most integer) RETURNS TABLE (id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $find$
BEGIN
    RETURN QUERY EXECUTE
        'SELECT d.id FROM public.directory_service AS d'
        ' JOIN public.organization AS o ON o.service_id = d.service_id AND o.id = d.organization_id'
        ' WHERE d.search @@ $1 AND d.service_id = $2 AND d.is_active AND o.is_active LIMIT $3'
        USING asked, NULLIF(current_setting('casework.service', true), '')::uuid, most;
END
$find$
"""
FILL = """
UPDATE directory_service SET search = fresh.made FROM (
    SELECT offer.id, casework_search_vector(
        concat_ws(' ', agency.name, agency.alternate_name, offer.name_en, offer.name_fr),
        concat_ws(
            ' ', agency.region, offer.description_en, offer.description_fr, offer.eligibility_en,
            offer.eligibility_fr, array_to_string(offer.service_areas, ' '), places.cities
        ),
        array_cat(
            ARRAY(
                SELECT 'need:' || need FROM unnest(offer.needs) AS need
                UNION SELECT 'kind:' || agency.kind
                UNION SELECT 'feature:' || feature
                    FROM json_array_elements_text(offer.features) AS feature
                UNION SELECT 'area:' || left(casework_fold(area), 200)
                    FROM unnest(offer.service_areas) AS area
                UNION SELECT 'where:unknown'
                    WHERE places.marks IS NULL AND cardinality(offer.service_areas) = 0
            ),
            coalesce(places.marks, '{}')
        )
    ) AS made
    FROM directory_service AS offer
    JOIN organization AS agency
        ON agency.service_id = offer.service_id AND agency.id = offer.organization_id
    CROSS JOIN LATERAL (
        SELECT string_agg(place.city, ' ') AS cities, array_agg(mark) AS marks
        FROM service_at_location AS given
        JOIN location AS place
            ON place.service_id = given.service_id AND place.id = given.location_id
        CROSS JOIN LATERAL (
            SELECT 'city:' || left(casework_fold(place.city), 200) WHERE place.city <> ''
            UNION ALL
            SELECT 'cell:' || floor(place.latitude * 4) || ':' || floor(place.longitude * 4)
                WHERE place.latitude IS NOT NULL AND place.longitude IS NOT NULL
            UNION ALL
            SELECT 'point:unknown'
                WHERE place.city <> '' AND (place.latitude IS NULL OR place.longitude IS NULL)
        ) AS marked (mark)
        WHERE given.service_id = offer.service_id AND given.directory_service_id = offer.id
            AND NOT place.is_confidential
    ) AS places
) AS fresh
WHERE directory_service.id = fresh.id
"""


def upgrade() -> None:
    op.execute(FOLD)
    op.execute(VECTOR)
    op.add_column(
        "directory_service",
        sa.Column("search", postgresql.TSVECTOR(), server_default="", nullable=False),
    )
    op.execute(FILL)
    op.execute(FIND)
    op.execute("REVOKE ALL ON FUNCTION casework_find(tsquery, integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION casework_find(tsquery, integer) TO casework_app")
    op.create_index(
        "ix_directory_service_search", "directory_service", ["search"], postgresql_using="gin"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION casework_find(tsquery, integer)")
    op.drop_index("ix_directory_service_search", table_name="directory_service")
    op.drop_column("directory_service", "search")
    op.execute("DROP FUNCTION casework_search_vector(text, text, text[])")
    op.execute("DROP FUNCTION casework_fold(text)")
