"""Makes the rows of a service: one dictionary a row, ids that follow from the source’s own."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from casework.directory.capacity_models import PlaceUnit
from casework.directory.capacity_policy import MOST as MOST_PLACES
from casework.directory.listing_models import LocationKind
from casework.directory.models import OrganizationKind
from casework.directory.needs import NeedCode
from casework.importing.models import DirectoryImport
from casework.importing.reading.languages import code_of
from casework.importing.reading.reasons import Reason
from casework.importing.reading.records import Hours, Listed, Place, Read, Remark
from casework.importing.reading.terms import need_of
from casework.importing.reading.zones import zone_of
from casework.provinces import province

Row = dict[str, Any]
EVERY_DAY = frozenset({"MO", "TU", "WE", "TH", "FR", "SA", "SU"})
ROUND_THE_CLOCK = re.compile(
    r"24\s*/\s*7|24\s*h(?:ours|eures)?\b.{0,20}\b7\s*(?:days|jours|j)", re.IGNORECASE
)
MIDNIGHTS = (time(0, 0), time(23, 59))
# How sources name what one person sleeps in.
BEDS = frozenset({"bed", "beds", "lit", "lits"})
KINDS = {
    NeedCode.VIOLENCE_SHELTER: OrganizationKind.VIOLENCE_SHELTER,
    NeedCode.SHELTER: OrganizationKind.SHELTER,
    NeedCode.FOOD: OrganizationKind.FOOD_BANK,
    NeedCode.TRANSPORT: OrganizationKind.TRANSPORT,
    NeedCode.HEALTH_CARE: OrganizationKind.HEALTH,
    NeedCode.BENEFITS: OrganizationKind.PUBLIC_SERVICE,
}


class Rows:
    """Rows for one import, its texts in one language or in both."""

    def __init__(
        self,
        run: DirectoryImport,
        time_zone: str,
        needs: Mapping[tuple[str, str], NeedCode | None],
    ) -> None:
        self._service_id, self._source, self._run_id = run.service_id, run.source, run.id
        self._language, self._time_zone, self._needs = run.language, time_zone, needs

    def id_of(self, kind: str, source_id: str) -> UUID:
        """Give the id that an entry of the source has here, every time."""
        return uuid5(NAMESPACE_URL, f"{self._service_id}/{self._source}/{kind}/{source_id}")

    def _needs_of(self, listed: Listed) -> list[NeedCode]:
        """Give the needs of its terms; without terms the name says what it is, else it is “other”."""
        given = [self._needs.get((term.vocabulary, term.code)) for term in listed.terms]
        needs = list(dict.fromkeys(need for need in given if need))
        if not needs and not listed.terms and (guessed := need_of(listed.name)):
            needs = [guessed]
        return needs or [NeedCode.OTHER]

    def organizations(self, listed: Iterable[Listed]) -> list[Row]:
        """Make one row for each organisation of a batch; one that hides a place is confidential."""
        found: dict[str, Row] = {}
        for each in listed:
            agency, need = each.agency, self._needs_of(each)[0]
            places = each.places
            before = found.get(agency.source_id)
            said = next((place for place in places if place.region), None)
            is_hidden = any(place.is_confidential for place in places)
            other = each.translated.agency.description if each.translated else ""
            kind = KINDS.get(need, OrganizationKind.COMMUNITY)
            row = {
                "id": self.id_of("organization", agency.source_id),
                "service_id": self._service_id,
                "name": agency.name,
                "kind": _kind_of_both(kind, before),
                "phone": agency.phone[:20],
                "email": agency.email[:254],
                "locale": f"{self._language}_CA",
                "region": said.region[:80] if said else "",
                "time_zone": self._zone(said) if said or not before else before["time_zone"],
                "holidays_of": (province(said.region) or None) if said else None,
                "is_confidential": is_hidden or bool(before and before["is_confidential"]),
                "is_active": True,
                "alternate_name": agency.alternate_name,
                **self._both("description", agency.description, other),
                "url": agency.url,
                "source": self._source,
                "source_id": agency.source_id,
            }
            # A nested organisation may be a mere stub in one service and whole in the next.
            found[agency.source_id] = {k: v or (before or row)[k] for k, v in row.items()}
        return list(found.values())

    def service(self, listed: Listed) -> Row:
        """Make the row of a service."""
        needs, other = self._needs_of(listed), listed.translated
        return {
            "id": self.id_of("service", listed.source_id),
            "service_id": self._service_id,
            "organization_id": self.id_of("organization", listed.agency.source_id),
            "need": needs[0],
            "needs": [need.value for need in needs],
            **self._both("name", listed.name, other.name if other else ""),
            **self._both("description", listed.description, other.description if other else ""),
            **self._both("eligibility", listed.eligibility, other.eligibility if other else ""),
            **self._both("hours", listed.hours, other.hours if other else ""),
            **self._both("cost", listed.cost, other.cost if other else ""),
            **self._both("application", listed.application, other.application if other else ""),
            **self._both("documents", listed.documents, other.documents if other else []),
            "minimum_age": listed.minimum_age,
            "maximum_age": listed.maximum_age,
            "service_areas": listed.areas,
            "terms": [f"{term.vocabulary}:{term.code}" for term in listed.terms],
            "url": listed.url,
            "email": listed.email,
            "features": [],
            "languages": [code_of(language) for language in listed.languages],
            "is_open_all_hours": _is_always_open(listed),
            "is_active": listed.is_active,
            "source": self._source,
            "source_id": listed.source_id,
            "seen_in": self._run_id,
        }

    def _both(self, name: str, text: Any, other: Any) -> Row:
        second = "fr" if self._language == "en" else "en"
        return {f"{name}_{self._language}": text, f"{name}_{second}": other}

    def locations(self, listed: Iterable[Listed]) -> list[Row]:
        """Make one row for each place of a batch."""
        found: dict[str, Row] = {}
        for each in listed:
            organization_id = self.id_of("organization", each.agency.source_id)
            for place in each.places:
                row = self._location(place, organization_id)
                # Where two rows of a batch disagree, the one that hides the place is right.
                if not found.get(place.source_id, {}).get("is_confidential"):
                    found[place.source_id] = row
        return list(found.values())

    def _location(self, place: Place, organization_id: UUID) -> Row:
        return {
            "id": self.id_of("location", place.source_id),
            "service_id": self._service_id,
            "organization_id": organization_id,
            "kind": LocationKind(place.kind),
            "is_confidential": place.is_confidential,
            "name": place.name,
            "description": place.description,
            "address_1": place.address_1,
            "address_2": place.address_2,
            "city": place.city,
            "region": place.region,
            "postal_code": place.postal_code,
            "country": place.country,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "url": place.url,
            "accessibility": place.accessibility,
            "time_zone": self._zone(place),
            "is_active": True,
            "source": self._source,
            "source_id": place.source_id,
        }

    def at_places(self, listed: Listed) -> list[Row]:
        """Make the rows that say where a service is given."""
        ids = {place.source_id: None for place in listed.places}
        return [self._child(listed) | {"location_id": self.id_of("location", id_)} for id_ in ids]

    def schedules(self, listed: Listed, read: Read) -> list[Row]:
        """Make the rows of a service’s hours, and remark on offsets that are not of their region."""
        places = {place.source_id: place for place in listed.places}
        first = next(iter(places.values()), None)
        return [
            self._child(listed)
            | {
                "location_id": self.id_of("location", hours.place)
                if hours.place in places
                else None,
                "rrule": hours.rrule,
                "starts_on": hours.starts_on,
                "valid_from": hours.valid_from,
                "valid_to": hours.valid_to,
                "opens_at": hours.opens_at,
                "closes_at": hours.closes_at,
                "description": hours.description,
                "time_zone": self._zone_of_hours(hours, places.get(hours.place, first), read),
            }
            for hours in listed.schedules
        ]

    def phones(self, listed: Listed) -> list[Row]:
        """Make the rows of a service’s numbers."""
        return [
            self._child(listed)
            | {
                "number": phone.number[:40],
                "extension": phone.extension,
                "kind": phone.kind,
                "description": phone.description,
            }
            for phone in listed.phones
        ]

    def capacity(self, listed: Listed, read: Read, at: datetime) -> list[Row]:
        """Make the row of the places a service says it has, if it does: what it said last, added up.

        Rooms for families and rooms for one are all places; beds only where nothing else is counted.
        """
        # What was said tomorrow would never grow old, and a full place would count as free for years.
        past = [each for each in listed.capacities if each.updated_at <= at]
        if len(past) < len(listed.capacities):
            read.remarks.append(Remark(Reason.BAD_TIME, "updated"))
        said_at = max((each.updated_at for each in past), default=None)
        if said_at is None:
            return []
        last = [each for each in past if each.updated_at == said_at]
        are_beds = all(each.unit.casefold() in BEDS for each in last)
        said = {
            "available": min(sum(each.available for each in last), MOST_PLACES),
            "unit": PlaceUnit.BED if are_beds else PlaceUnit.PLACE,
            "updated_at": said_at,
        }
        return [self._child(listed) | said]

    def _child(self, listed: Listed) -> Row:
        return {
            "id": uuid4(),
            "service_id": self._service_id,
            "directory_service_id": self.id_of("service", listed.source_id),
        }

    def _zone(self, place: Place | None) -> str:
        region, longitude = (place.region, place.longitude) if place else ("", None)
        return zone_of(region, "", longitude=longitude, otherwise=self._time_zone)[0]

    def _zone_of_hours(self, hours: Hours, place: Place | None, read: Read) -> str:
        zone, is_of_region = zone_of(
            place.region if place else "",
            hours.offset,
            longitude=place.longitude if place else None,
            otherwise=self._time_zone,
        )
        remark = Remark(Reason.OFFSET_NOT_OF_REGION, "timezone")
        if not is_of_region and remark not in read.remarks:
            read.remarks.append(remark)
        return zone


def _kind_of_both(kind: OrganizationKind, before: Row | None) -> OrganizationKind:
    """Keep what an organisation was first known for; “community” is for those known for nothing else."""
    if before and before["kind"] is not OrganizationKind.COMMUNITY:
        found: OrganizationKind = before["kind"]
        return found
    return kind


def _is_always_open(listed: Listed) -> bool:
    """Tell whether a service says that it is open day and night; unknown is never “open”."""
    if ROUND_THE_CLOCK.search(listed.hours):
        return True
    return any(
        hours.opens_at == time(0, 0)
        and hours.closes_at in MIDNIGHTS
        and ("FREQ=DAILY" in hours.rrule or all(day in hours.rrule for day in EVERY_DAY))
        and not hours.valid_to
        for hours in listed.schedules
    )
