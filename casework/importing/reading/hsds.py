"""HSDS 3.0: one service as a nested object becomes one row; both its forms, JSON and tables, end here."""

from collections.abc import Iterator, Mapping
from typing import Any

from casework.importing.reading.hidden import Hidden
from casework.importing.reading.reasons import Reason
from casework.importing.reading.records import (
    Agency,
    Capacity,
    Hours,
    Listed,
    Number,
    Place,
    Read,
    Term,
)
from casework.importing.reading.redacting import withhold
from casework.importing.reading.taking import ID, LINE, NAME, Taker, mapping, mappings
from casework.importing.reading.zones import known_province

# RFC 5545 parts in the order in which a rule is written, by their names in HSDS.
RULE = ("freq", "interval", "byday", "bymonthday", "byyearday", "byweekno", "wkst", "count")
INACTIVE = frozenset({"inactive", "defunct", "temporarily closed"})
REDACTED = frozenset(
    {
        "redacted",
        "confidential",
        "private",
        "hidden",
        "withheld",
        "undisclosed",
        "confidentiel",
        "confidentielle",
        "caviardé",
    }
)
KINDS = frozenset({"physical", "postal", "virtual"})
CAPACITIES = ("capacities", "service_capacities", "service_capacity")

Object = Mapping[str, Any]


def services_of(element: Object) -> Iterator[Object]:
    """Give the services of an element: itself, or those nested in an organisation."""
    if not isinstance(element.get("services"), list):
        yield element
        return
    organization = {name: value for name, value in element.items() if name != "services"}
    for service in mappings(element["services"]):
        yield {**service, "organization": service.get("organization") or organization}


def read_service(service: Object, read: Read, known: Hidden) -> Read:
    """Read one nested service; refuse it without an id, a name or an organisation.

    What is confidential about one of an organisation’s places is remembered for all its services.
    """
    take = Taker(read)
    read.source_id = take.line(service.get("id"), "id", 10_000)
    if not read.source_id:
        return read.refuse(Reason.NO_ID, "id")
    if len(read.source_id) > ID:
        read.source_id = read.source_id[:ID]
        return read.refuse(Reason.TOO_LONG, "id")
    agency = _agency(mapping(service.get("organization")), take)
    if agency is None:
        return read.refuse(Reason.NO_ORGANIZATION, "organization_id")
    if not isinstance(service.get("name"), str | None):
        return read.refuse(Reason.NOT_TEXT, "name")
    name = take.line(service.get("name"), "name")
    if not name:
        return read.refuse(Reason.NO_NAME, "name")
    read.listed = _listed(service, agency, name, take)
    known.add(agency.source_id, _secrets(service, take))
    withhold(read.listed, known.of(agency.source_id), take)
    return read


def learn(service: Object, known: Hidden) -> None:
    """Remember what is confidential about a service that is only looked at."""
    take = Taker(Read("", 0))
    agency_id = take.line(mapping(service.get("organization")).get("id"), "organization.id", ID)
    known.add(agency_id, _secrets(service, take))


def _agency(organization: Object, take: Taker) -> Agency | None:
    source_id = take.line(organization.get("id"), "organization.id", ID)
    name = take.line(organization.get("name"), "organization.name", NAME)
    if not source_id or not name:
        return None
    phones = mappings(organization.get("phones"))
    return Agency(
        source_id=source_id,
        name=name,
        alternate_name=take.line(organization.get("alternate_name"), "alternate_name"),
        description=take.text(organization.get("description"), "organization.description"),
        url=take.url(organization.get("website") or organization.get("url"), "website"),
        email=take.email(organization.get("email"), "organization.email"),
        phone=take.phone(phones[0].get("number"), "phone.number") if phones else "",
    )


def _listed(service: Object, agency: Agency, name: str, take: Taker) -> Listed:
    at_locations = mappings(service.get("service_at_locations"))
    located = [(mapping(each.get("location")), each) for each in at_locations]
    places = [_place(place, take) for place, _each in located if place.get("id")]
    return Listed(
        source_id=take.read.source_id,
        agency=agency,
        name=name,
        description=take.text(service.get("description"), "description"),
        eligibility=take.text(service.get("eligibility_description"), "eligibility_description"),
        minimum_age=take.age(service.get("minimum_age"), "minimum_age"),
        maximum_age=take.age(service.get("maximum_age"), "maximum_age"),
        hours="; ".join(_descriptions(service, take)),
        cost=_cost(service, take),
        application=take.text(service.get("application_process"), "application_process"),
        documents=take.lines(
            (each.get("document") for each in mappings(service.get("required_documents"))),
            "required_document",
        ),
        areas=take.lines(
            (each.get("name") for each in mappings(service.get("service_areas"))), "service_area"
        ),
        languages=_languages(service, [place for place, _each in located], take),
        url=take.url(service.get("url"), "url"),
        email=take.email(service.get("email"), "email"),
        is_active=take.line(service.get("status"), "status").casefold() not in INACTIVE,
        terms=_terms(service, take),
        places=places,
        schedules=_schedules(service, located, take),
        phones=_phones(service, located, take),
        capacities=_capacities(service, take),
    )


def _place(location: Object, take: Taker) -> Place:
    addresses = mappings(location.get("addresses"))
    kind = take.line(location.get("location_type"), "location_type").casefold()
    kinds = [take.line(each.get("address_type"), "address_type").casefold() for each in addresses]
    source_id = take.line(location.get("id"), "location.id", ID)
    physical = next((a for a, k in zip(addresses, kinds, strict=True) if k != "postal"), None)
    address = mapping(physical or (addresses[0] if addresses else None))
    region = take.line(address.get("state_province"), "state_province", LINE)
    if kind in REDACTED or REDACTED & set(kinds):
        take.remark(Reason.ADDRESS_WITHHELD, "location")
        return Place(source_id=source_id, kind="redacted", region=known_province(region))
    if addresses and physical is None:
        kind = "postal"
    return Place(
        source_id=source_id,
        kind=kind if kind in KINDS else "physical",
        name=take.line(location.get("name"), "location.name"),
        description=take.text(location.get("description"), "location.description"),
        address_1=take.line(address.get("address_1"), "address_1"),
        address_2=take.line(address.get("address_2"), "address_2"),
        city=take.line(address.get("city"), "city"),
        region=region,
        postal_code=take.line(address.get("postal_code"), "postal_code", 12),
        country=take.line(address.get("country"), "country", 40) or "CA",
        latitude=take.degree(location.get("latitude"), "latitude", 90),
        longitude=take.degree(location.get("longitude"), "longitude", 180),
        url=take.url(location.get("url"), "location.url"),
        accessibility=take.lines(
            (each.get("description") for each in mappings(location.get("accessibility"))),
            "accessibility",
        ),
    )


def _secrets(service: Object, take: Taker) -> list[str]:
    """Give what must not be repeated anywhere: the address lines of confidential places."""
    found = []
    for each in mappings(service.get("service_at_locations")):
        location = mapping(each.get("location"))
        if not _place(location, take).is_confidential:
            continue
        for address in mappings(location.get("addresses")):
            found += [
                take.line(address.get(n), n) for n in ("address_1", "address_2", "postal_code")
            ]
        found += [take.line(location.get("name"), "location.name")]
    return [secret for secret in found if secret]


def _hours(schedule: Object, place: str, take: Taker) -> Hours:
    parts = [(name, take.line(schedule.get(name), name).upper()) for name in RULE]
    until = take.day(schedule.get("until"), "until")
    rule = [f"{name.upper()}={value}" for name, value in parts if value]
    if until:
        rule.append(f"UNTIL={until:%Y%m%d}")
    return Hours(
        rrule=";".join(rule),
        starts_on=take.day(schedule.get("dtstart"), "dtstart"),
        valid_from=take.day(schedule.get("valid_from"), "valid_from"),
        valid_to=take.day(schedule.get("valid_to"), "valid_to"),
        opens_at=take.clock(schedule.get("opens_at"), "opens_at"),
        closes_at=take.clock(schedule.get("closes_at"), "closes_at"),
        description=take.text(schedule.get("description"), "schedule.description"),
        offset=take.line(schedule.get("timezone"), "timezone", 20),
        place=place,
    )


def _schedules(service: Object, located: list[tuple[Object, Object]], take: Taker) -> list[Hours]:
    """Give the hours of a service and of its places; those of a service at a place win over the place’s."""
    found = [_hours(each, "", take) for each in mappings(service.get("schedules"))]
    for location, each in located:
        own = mappings(each.get("schedules")) or mappings(location.get("schedules"))
        place = take.line(location.get("id"), "location.id", ID)
        found += [_hours(schedule, place, take) for schedule in own]
    return found


def _descriptions(service: Object, take: Taker) -> list[str]:
    texts = (each.get("description") for each in mappings(service.get("schedules")))
    return take.lines(texts, "schedule.description")


def _phones(service: Object, located: list[tuple[Object, Object]], take: Taker) -> list[Number]:
    given = [*mappings(service.get("phones"))]
    for location, each in located:
        given += [*mappings(each.get("phones")), *mappings(location.get("phones"))]
    given = given or mappings(mapping(service.get("organization")).get("phones"))
    found: dict[tuple[str, str], Number] = {}
    for each in given:
        number = take.phone(each.get("number"), "phone.number")
        extension = take.line(each.get("extension"), "extension", 20)
        if number:
            found.setdefault(
                (number, extension),
                Number(
                    number,
                    extension,
                    take.line(each.get("type"), "phone.type", 40),
                    take.text(each.get("description"), "phone.description"),
                ),
            )
    return list(found.values())


def _languages(service: Object, locations: list[Object], take: Taker) -> list[str]:
    given = mappings(service.get("languages"))
    for location in locations:
        given += mappings(location.get("languages"))
    return take.lines((each.get("code") or each.get("name") for each in given), "language")


def _cost(service: Object, take: Taker) -> str:
    said = [take.text(service.get("fees_description") or service.get("fees"), "fees_description")]
    for each in mappings(service.get("cost_options")):
        amount = take.line(each.get("amount"), "amount")
        words = [take.line(each.get("option"), "option"), amount]
        words += [take.line(each.get("currency"), "currency").upper() if amount else ""]
        words += [take.line(each.get("amount_description"), "amount_description")]
        said.append(" ".join(word for word in words if word))
    return "; ".join(text for text in said if text)


def _terms(service: Object, take: Taker) -> list[Term]:
    found = []
    for each in mappings(service.get("attributes")):
        term = mapping(each.get("taxonomy_term"))
        code = take.line(term.get("code") or term.get("id"), "taxonomy_term.code", ID)
        detail = mapping(term.get("taxonomy_detail"))
        vocabulary = take.line(term.get("taxonomy") or detail.get("name"), "taxonomy", 40)
        if code:
            name = take.line(term.get("name"), "taxonomy_term.name")
            found.append(Term(vocabulary or "hsds", code, name))
    return found


def _capacities(service: Object, take: Taker) -> list[Capacity]:
    given = next((service[name] for name in CAPACITIES if service.get(name)), None)
    found: dict[str, Capacity] = {}
    for each in mappings(given):
        available = take.number(each.get("available"), "available")
        updated_at = take.moment(each.get("updated"), "updated")
        # A number of places without a date says nothing about today: unknown is never “free”.
        if available is None or updated_at is None or not 0 <= available < 1_000_000:
            take.remark(Reason.BAD_NUMBER, "service_capacity")
            continue
        unit = take.line(mapping(each.get("unit")).get("name"), "unit", 80)
        # Of one kind what was said last counts, wherever it stands in the list.
        if unit not in found or found[unit].updated_at <= updated_at:
            found[unit] = Capacity(unit, int(available), updated_at)
    return list(found.values())
