"""Reads HSDS 3.0 as tables: one CSV for each kind of row, joined again into nested services."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from casework.importing.reading.files import Part, Parts
from casework.importing.reading.hidden import Hidden
from casework.importing.reading.hsds import REDACTED, read_service
from casework.importing.reading.reasons import Reason, Unreadable
from casework.importing.reading.records import Read
from casework.importing.reading.staging import Staged
from casework.importing.reading.tables import Table
from casework.importing.reading.taking import mapping

# File names are published in the singular and in the plural. Locations come before addresses, so
# that the address of a confidential one is known as such when it is met.
KINDS = {
    "location": ("location", "locations"),
    "organization": ("organization", "organizations"),
    "service": ("service", "services"),
    "service_at_location": ("service_at_location", "service_at_locations", "services_at_location"),
    "address": ("address", "addresses", "physical_addresses", "postal_addresses"),
    "phone": ("phone", "phones"),
    "schedule": ("schedule", "schedules", "regular_schedules"),
    "language": ("language", "languages"),
    "accessibility": ("accessibility", "accessibilities", "accessibility_for_disabilities"),
    "required_document": ("required_document", "required_documents"),
    "cost_option": ("cost_option", "cost_options"),
    "service_area": ("service_area", "service_areas"),
    "taxonomy_term": ("taxonomy_term", "taxonomy_terms"),
    "attribute": ("attribute", "attributes"),
    "unit": ("unit", "units"),
    "service_capacity": ("service_capacity", "service_capacities"),
}
# Under which name a table’s rows stand in the nested form.
OF_SERVICE = {
    "schedules": "schedule",
    "phones": "phone",
    "languages": "language",
    "required_documents": "required_document",
    "cost_options": "cost_option",
    "service_areas": "service_area",
}
OF_LOCATION = {
    "addresses": "address",
    "phones": "phone",
    "schedules": "schedule",
    "languages": "language",
    "accessibility": "accessibility",
}
# The most particular owner comes first: a row may name a service and a location.
OWNERS = ("serviceatlocationid", "serviceid", "locationid", "organizationid", "linkid")
# Columns are found by their plain names; nested rows are read by their published ones.
PUBLISHED = (
    "id name alternate_name description url website email status fees_description fees "
    "application_process eligibility_description minimum_age maximum_age organization_id "
    "location_id service_id location_type latitude longitude address_1 address_2 city "
    "state_province postal_code country address_type number extension type valid_from valid_to "
    "dtstart timezone until count wkst freq interval byday byweekno bymonthday byyearday opens_at "
    "closes_at code document option amount currency amount_description taxonomy taxonomy_term_id "
    "available maximum updated unit_id"
)
LINES = ("address_1", "address_2", "postal_code")
NAMES = {name.replace("_", ""): name for name in PUBLISHED.split()}


class HiddenPlaces(Hidden):
    """Confidential places by their ids, beside the lines by agency: the three stand in different tables."""

    def add_place(self, location: Mapping[str, str]) -> None:
        """Remember a confidential place, its name and whose it says it is."""
        id_ = location.get("id", "")
        self.add(f"\x00place {id_}", [location.get("name", "")])
        self.add(f"\x00owner {id_}", [location.get("organization_id", "")])

    def add_address(self, place: str, address: Mapping[str, str]) -> None:
        """Remember the lines of a confidential address, for its place and for whom that belongs to."""
        lines = [line for name in LINES if (line := address.get(name))]
        self.add(f"\x00place {place}", lines)
        for agency in self.of(f"\x00owner {place}"):
            self.add(agency, lines)

    def has(self, place: str) -> bool:
        """Tell whether a place was said to be confidential."""
        return bool(self.of_place(place))

    def of_place(self, place: str) -> list[str]:
        """Give what is hidden about a place."""
        return self.of(f"\x00place {place}")


class HsdsCsv:
    """All tables are staged first, without what is confidential; then services are put together."""

    def __init__(self, path: Path) -> None:
        self._parts = Parts(path, ".csv")
        self._tables = {kind: part for part in self._parts.list if (kind := _kind(part))}
        if not {"organization", "service"} <= set(self._tables):
            raise Unreadable(Reason.NO_PARTS)
        self.is_whole = True
        self._total = self._given = 0

    @property
    def percent(self) -> int:
        """How much was read: half of it is the reading, half the putting together."""
        return self._parts.percent // 2 + self._given * 50 // max(self._total, 1)

    def rows(self) -> Iterator[Read]:
        """Give what was refused of the tables, then each service."""
        with Staged() as staged, HiddenPlaces() as hidden:
            for kind in KINDS:
                if kind in self._tables:
                    yield from self._stage(kind, self._tables[kind], staged, hidden)
            staged.ready()
            self._learn_owners(staged, hidden)
            self._total = staged.count("service")
            for part, line, service in staged.every("service"):
                self._given += 1
                yield self._whole(service, Read(part, line), staged, hidden)

    def _stage(self, kind: str, part: Part, staged: Staged, hidden: HiddenPlaces) -> Iterator[Read]:
        for row in Table(self._parts, part).rows():
            if isinstance(row, Read):
                yield row
                continue
            if row.remarks:
                yield Read(part.name, row.line, row.values.get("id", ""), remarks=row.remarks)
            body = {
                NAMES[name]: value for name, value in row.values.items() if value and name in NAMES
            }
            owner = next((row.values[name] for name in OWNERS if row.values.get(name)), "")
            if kind == "location" and body.get("location_type", "").casefold() in REDACTED:
                hidden.add_place(body)
                body = {"id": body.get("id", ""), "location_type": "redacted"}
            elif kind == "address" and (_is_redacted(body) or hidden.has(owner)):
                hidden.add_address(owner, body)
                body = {name: body[name] for name in ("id", "state_province") if name in body}
                body["address_type"] = "redacted"
            staged.put(kind, body.get("id", ""), owner, part.name, row.line, body)

    def _learn_owners(self, staged: Staged, hidden: HiddenPlaces) -> None:
        """Find whose services are given at confidential places: a location need not name its owner."""
        for _part, _line, body in () if hidden.is_empty else staged.every("service_at_location"):
            lines = hidden.of_place(str(body.get("location_id", "")))
            service = staged.one("service", str(body.get("service_id", ""))) if lines else None
            if service:
                hidden.add(str(service.get("organization_id", "")), lines)

    def _whole(
        self, service: dict[str, Any], read: Read, staged: Staged, hidden: HiddenPlaces
    ) -> Read:
        """Put one service together from its tables, and read it as the nested form is read."""
        id_ = str(service.get("id", ""))
        organization = staged.one("organization", str(service.get("organization_id", "")))
        service["organization"] = organization
        if organization:
            organization["phones"] = staged.of("phone", str(organization.get("id", "")))
        for name, kind in OF_SERVICE.items():
            service[name] = staged.of(kind, id_)
        service["attributes"] = [
            each | {"taxonomy_term": staged.one("taxonomy_term", each.get("taxonomy_term_id", ""))}
            for each in staged.of("attribute", id_)
        ]
        service["capacities"] = [
            each | {"unit": staged.one("unit", each.get("unit_id", ""))}
            for each in staged.of("service_capacity", id_)
        ]
        service["service_at_locations"] = [
            self._located(each, staged) for each in staged.of("service_at_location", id_)
        ]
        return read_service(service, read, hidden)

    def _located(self, each: dict[str, Any], staged: Staged) -> dict[str, Any]:
        location = staged.one("location", str(each.get("location_id", ""))) or {}
        for name, kind in OF_LOCATION.items():
            location[name] = staged.of(kind, str(location.get("id", "")))
        own = str(each.get("id", ""))
        return {
            "location": mapping(location),
            "schedules": staged.of("schedule", own),
            "phones": staged.of("phone", own),
        }


def _is_redacted(address: Mapping[str, str]) -> bool:
    return address.get("address_type", "").casefold() in REDACTED


def _kind(part: Part) -> str | None:
    stem = PurePosixPath(part.name).stem.casefold().replace("-", "_")
    return next((kind for kind, names in KINDS.items() if stem in names), None)
