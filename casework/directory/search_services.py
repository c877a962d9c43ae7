"""Keeps the words by which each service is found: written in this one place, by this one statement."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, cast, func, select, text, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from casework.directory.listing_models import Location, ServiceAtLocation
from casework.directory.models import DirectoryService, Organization
from casework.extensions import db
from casework.many import is_one_of

# Words: names, texts, areas, and the towns of places that are not confidential (R20). Marks, which no
# typed word can be, since they hold a colon: needs, kind, features, towns, areas, and the quarter of a
# degree in which a place lies. `where:unknown` marks what does not say where it is given, and
# `point:unknown` a town without a point on the map. It goes from each wanted id to one row by its key:
# the LIMITs keep a planner that knows no figures yet (in the midst of an import nobody analyses) from
# beginning with all the agencies there are, and MATERIALIZED makes each service’s words once.
REFRESH = text(
    """
WITH fresh AS MATERIALIZED (
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
    FROM unnest(:ids) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT * FROM directory_service AS mine
        WHERE mine.service_id = :service_id AND mine.id = wanted.id LIMIT 1
    ) AS offer
    CROSS JOIN LATERAL (
        SELECT * FROM organization AS theirs
        WHERE theirs.service_id = offer.service_id AND theirs.id = offer.organization_id LIMIT 1
    ) AS agency
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
)
UPDATE directory_service SET search = fresh.made FROM fresh
WHERE directory_service.id = fresh.id AND directory_service.search IS DISTINCT FROM fresh.made
RETURNING directory_service.id
"""
).bindparams(bindparam("service_id", type_=Uuid()), bindparam("ids", type_=ARRAY(Uuid())))


def refresh(service_id: UUID, offer_ids: Collection[UUID]) -> int:
    """Write anew the words of these services of one service; tell how many were not as they should."""
    if not offer_ids:
        return 0
    db.session.flush()
    given = {"service_id": service_id, "ids": list(offer_ids)}
    return len(db.session.execute(REFRESH, given).all())


class Watch:
    """What agencies and places say before a batch is written, to find whom else their change touches."""

    def __init__(
        self, service_id: UUID, organizations: Collection[UUID], locations: Collection[UUID]
    ) -> None:
        self._service_id = service_id
        self._organizations, self._locations = organizations, locations
        self._before = self._said()

    def touched(self) -> set[UUID]:
        """List the services of agencies and places that were there and now say something else."""
        now = self._said()
        changed = [id_ for id_, said in self._before.items() if now.get(id_) != said]
        if not changed:
            return set()
        mine, given = DirectoryService, ServiceAtLocation
        return set(
            db.session.scalars(
                union_all(
                    select(mine.id).where(
                        mine.service_id == self._service_id,
                        is_one_of(mine.organization_id, changed),
                    ),
                    select(given.directory_service_id).where(
                        given.service_id == self._service_id, is_one_of(given.location_id, changed)
                    ),
                )
            )
        )

    def _said(self) -> dict[UUID, str]:
        agency, place = Organization, Location
        words = func.concat_ws("|", agency.name, agency.alternate_name, agency.region, agency.kind)
        where = func.concat_ws(
            "|", place.city, cast(place.latitude, Text), cast(place.longitude, Text)
        )
        rows = db.session.execute(
            union_all(
                select(agency.id, func.md5(words)).where(
                    agency.service_id == self._service_id, is_one_of(agency.id, self._organizations)
                ),
                select(place.id, func.md5(where)).where(
                    place.service_id == self._service_id, is_one_of(place.id, self._locations)
                ),
            )
        )
        return {id_: said for id_, said in rows}
