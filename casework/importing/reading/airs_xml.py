"""Reads AIRS XML 3: agency by agency, each in memory by itself; confidential places lose their address."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, TreeBuilder
from xml.parsers import expat

from casework.importing.reading.files import Part, Parts
from casework.importing.reading.reasons import Reason, Unreadable
from casework.importing.reading.records import Agency, Listed, Number, Place, Read, Term
from casework.importing.reading.redacting import withhold
from casework.importing.reading.taking import ID, NAME, Taker, is_private
from casework.importing.reading.texts import Window, chunks, mend, strip_controls
from casework.importing.reading.zones import known_province

BEGINS = re.compile(r"<(?:[\w.-]+:)?Agency(?=[\s>])")
ENDS = re.compile(r"</(?:[\w.-]+:)?Agency\s*>|<(?:[\w.-]+:)?Agency(?=[\s>])")
# A document type can declare entities, and entities can unpack to gigabytes or read files.
DECLARATION = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
ENCODING = re.compile(r"""^<\?xml[^>]*encoding=["']([\w.-]+)["']""")
AGES = re.compile(r"\d{1,3}")
KEYS = re.compile(r"<(?:[\w.-]+:)?Key>([^<]{1,200})</")
MOST_KEYS = 500
DEEPEST = 24


class TooDeep(Exception):
    """Elements are nested more deeply than in any directory."""


class AirsXml:
    """Agencies are found by their tags and parsed one by one, so that a broken one is refused alone."""

    def __init__(self, path: Path) -> None:
        self._parts = Parts(path, ".xml")
        self.is_whole = True

    @property
    def percent(self) -> int:
        """How much was read, by bytes."""
        return self._parts.percent

    def rows(self) -> Iterator[Read]:
        """Give each service of each agency; an agency that is broken is refused by itself."""
        for part in self._parts.list:
            with self._parts.open(part) as stream:
                yield from self._rows_of(part, Window(chunks(stream, self._parts.count)))

    def _rows_of(self, part: Part, window: Window) -> Iterator[Read]:
        while begins := window.find(BEGINS):
            if DECLARATION.search(window.text, 0, begins.start()):
                raise Unreadable(Reason.ENTITIES)
            window.drop(begins.start())
            line = window.line
            ends = window.find(ENDS, 1)
            is_closed = ends is not None and ends.group().startswith("</")
            if ends is None or not is_closed:
                reason = Reason.CUT_SHORT if window.is_at_end else Reason.TOO_LONG
                reason = Reason.MALFORMED if ends else reason
                self.is_whole = self.is_whole and ends is not None
                end = ends.start() if ends else len(window.text)
                yield Read(part.name, line, ids=_keys(window.text, end)).refuse(reason)
                window.drop(end)
                continue
            text = window.text[: ends.end()]
            window.drop(ends.end())
            yield from _agency_rows(text, Read(part.name, line))
        if not window.is_at_end:
            self.is_whole = False
            yield Read(part.name, window.line).refuse(Reason.TOO_LONG)
        if DECLARATION.search(window.text):
            raise Unreadable(Reason.ENTITIES)


def _keys(text: str, end: int) -> list[str]:
    """Find the keys in an agency that cannot be read: what they name has not vanished."""
    return [key.strip() for key in KEYS.findall(text, 0, end)[:MOST_KEYS]]


def _agency_rows(text: str, read: Read) -> Iterator[Read]:
    text, was_stray = mend(text)
    text, was_dirty = strip_controls(text)
    try:
        element = _parsed(text)
    except TooDeep:
        yield read.refuse(Reason.TOO_DEEP)
        return
    except (ParseError, expat.ExpatError):
        read.ids = _keys(text, len(text))
        yield read.refuse(Reason.MALFORMED)
        return
    if was_stray:
        Taker(read).remark(Reason.WRONG_ENCODING)
    if was_dirty:
        Taker(read).remark(Reason.CARRIAGE_RETURNS)
    yield from _services(element, read)


def _parsed(text: str) -> Element:
    """Parse one agency; names lose their prefix, and nothing outside the text is ever read."""
    parser, builder, depth = expat.ParserCreate("utf-8"), TreeBuilder(), 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise TooDeep
        builder.start(name.rpartition(":")[2], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name.rpartition(":")[2])

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.Parse(text.encode("utf-8"), True)
    return builder.close()


def _services(agency: Element, read: Read) -> Iterator[Read]:
    """Give each service once, with every site it is given at."""
    found: dict[str, tuple[Element, list[Element]]] = {}
    for site in agency.findall("Site"):
        for number, service in enumerate(site.findall("SiteService")):
            key = _own(service, "Key") or f"\x00{_own(site, 'Key')}/{number}"
            found.setdefault(key, (service, []))[1].append(site)
    for service in agency.findall("AgencyService") + agency.findall("Service"):
        found.setdefault(_own(service, "Key") or f"\x00{len(found)}", (service, []))
    if not found:
        found["\x00agency"] = (agency, agency.findall("Site"))
    # Whatever one of its places hides, no text of the whole agency repeats.
    hidden = [each for each in (agency, *agency.findall("Site")) if _is_confidential(each)]
    secrets = [line for each in hidden for line in _secrets(each, Taker(Read("", 0)))]
    for service, sites in found.values():
        row = Read(read.part, read.line, remarks=list(read.remarks))
        yield _read_service(agency, service, sites, row, secrets)


def _read_service(
    agency: Element, service: Element, sites: list[Element], read: Read, secrets: list[str]
) -> Read:
    take = Taker(read)
    key = take.line(_own(service, "Key"), "Key", 10_000)
    read.source_id = key[:ID]
    if not key or len(key) > ID:
        return read.refuse(Reason.TOO_LONG if key else Reason.NO_ID, "Key")
    owner = Agency(
        source_id=take.line(_own(agency, "Key"), "Agency/Key", ID),
        name=take.line(_own(agency, "Name"), "Agency/Name", NAME),
        alternate_name=take.line(_own(agency, "AKA/Name"), "AKA"),
        description=take.text(
            _own(agency, "AgencyDescription", "Description"), "AgencyDescription"
        ),
        url=take.url(_own(agency, "URL/Address", "URL"), "URL"),
        email=take.email(_own(agency, "Email/Address", "Email"), "Email"),
        phone=next((number.number for number in _phones([agency], take)), ""),
    )
    if not owner.source_id or not owner.name:
        return read.refuse(Reason.NO_ORGANIZATION, "Agency")
    name = take.line(_own(service, "Name"), "Name")
    if not name:
        return read.refuse(Reason.NO_NAME, "Name")
    read.listed = _listed(service, owner, name, sites, take)
    withhold(read.listed, secrets, take)
    return read


def _listed(
    service: Element, owner: Agency, name: str, sites: list[Element], take: Taker
) -> Listed:
    ages = [int(found) for found in AGES.findall(_own(service, "AgeRequirements"))][:2]
    return Listed(
        source_id=take.read.source_id,
        agency=owner,
        name=name,
        description=take.text(_own(service, "Description"), "Description"),
        eligibility=take.text(_own(service, "Eligibility"), "Eligibility"),
        minimum_age=take.age(ages[0], "AgeRequirements") if ages else None,
        maximum_age=take.age(ages[1], "AgeRequirements") if len(ages) > 1 else None,
        hours="; ".join(_all([service], "TimeOpen", take) or _all(sites, "TimeOpen", take)),
        cost=take.text(_own(service, "FeeStructure", "Fees"), "FeeStructure"),
        application=take.text(_own(service, "ApplicationProcess"), "ApplicationProcess"),
        documents=_all([service], "DocumentsRequired", take),
        areas=_areas(service, take),
        languages=_all([service, *sites], "Languages/LanguageName", take)
        or _all([service, *sites], "Languages", take),
        url=take.url(_own(service, "URL/Address", "URL"), "URL"),
        email=take.email(_own(service, "Email/Address", "Email"), "Email"),
        is_active=not _is_no(service, "ResourceInfo", "AvailableForReferral"),
        terms=_terms(service, take),
        places=[place for site in sites if (place := _place(site, take))],
        phones=_phones([service], take) or _phones(sites, take),
    )


def _place(site: Element, take: Taker) -> Place | None:
    key = take.line(_own(site, "Key"), "Site/Key", ID)
    if not key:
        return None
    address = site.find("PhysicalAddress")
    get = address if address is not None else Element("PhysicalAddress")
    region = take.line(_own(get, "State", "Province"), "State")
    if _is_confidential(site):
        take.remark(Reason.ADDRESS_WITHHELD, "PhysicalAddress")
        return Place(key, kind="redacted", region=known_province(region))
    point = site.find("SpatialLocation")
    where = point if point is not None else site
    return Place(
        source_id=key,
        name=take.line(_own(site, "Name"), "Site/Name"),
        description=take.text(_own(site, "Description"), "Site/Description"),
        address_1=take.line(_own(get, "Line1"), "Line1"),
        address_2=take.line(_own(get, "Line2"), "Line2"),
        city=take.line(_own(get, "City"), "City"),
        region=region,
        postal_code=take.line(_own(get, "ZipCode", "PostalCode"), "ZipCode", 12),
        country=take.line(_own(get, "Country"), "Country", 40) or "CA",
        latitude=take.degree(_own(where, "Latitude"), "Latitude", 90),
        longitude=take.degree(_own(where, "Longitude"), "Longitude", 180),
        accessibility=_all([site], "DisabilitiesAccess", take),
    )


def _is_confidential(site: Element) -> bool:
    """Tell whether a place, or its address, says that it must not be known (R20)."""
    return any(
        is_private(each.get("Confidential", "")) or bool(_own(each, "ReasonWithheld"))
        for each in (site, *site.findall("PhysicalAddress"), *site.findall("AgencyLocation"))
    )


def _secrets(site: Element, take: Taker) -> list[str]:
    lines = [
        take.line(address.findtext(name), name)
        for address in site.iter("PhysicalAddress")
        for name in ("Line1", "Line2", "ZipCode", "PostalCode")
    ]
    return [line for line in lines if line]


def _phones(elements: list[Element], take: Taker) -> list[Number]:
    found: dict[str, Number] = {}
    for phone in (phone for element in elements for phone in element.findall("Phone")):
        # A confidential number is between agencies; it is not kept at all.
        if is_private(phone.get("Confidential", "")) or _own(phone, "ReasonWithheld"):
            continue
        if number := take.phone(_own(phone, "PhoneNumber"), "PhoneNumber"):
            extension = take.line(_own(phone, "Extension"), "Extension", 20)
            kind = take.line(_own(phone, "Type"), "Type", 40)
            words = take.line(_own(phone, "Description", "Name"), "Description")
            found.setdefault(number, Number(number, extension, kind, words))
    return list(found.values())


def _terms(service: Element, take: Taker) -> list[Term]:
    found = []
    for taxonomy in service.findall("Taxonomy"):
        if code := take.line(_own(taxonomy, "Code"), "Taxonomy/Code", ID):
            found.append(Term("airs", code, take.line(_own(taxonomy, "Name"), "Taxonomy/Name")))
    return found


def _areas(service: Element, take: Taker) -> list[str]:
    served = service.findall("GeographicAreaServed")
    inside = [text for area in served for each in area if (text := each.text)]
    return take.lines(inside or [area.text for area in served], "GeographicAreaServed")


def _all(elements: list[Element], path: str, take: Taker) -> list[str]:
    return take.lines((each.text for e in elements for each in e.findall(path)), path)


def _own(element: Element, *paths: str) -> str:
    """Give the text of the first of these that has one."""
    return next((text for path in paths if (text := (element.findtext(path) or "").strip())), "")


def _is_no(element: Element, path: str, attribute: str) -> bool:
    found = element.find(path)
    return found is not None and found.get(attribute, "").casefold() in ("false", "no", "0")
