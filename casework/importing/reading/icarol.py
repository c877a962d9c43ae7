"""Reads iCarol's wide export: one row an agency, program, site or program at a site, in one or two languages."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from casework.importing.reading.files import Parts
from casework.importing.reading.hidden import Hidden
from casework.importing.reading.reasons import Reason, Unreadable
from casework.importing.reading.records import Agency, Listed, Number, Place, Read, Remark, Term
from casework.importing.reading.redacting import withhold
from casework.importing.reading.staging import Staged
from casework.importing.reading.tables import Row, Table
from casework.importing.reading.taking import ID, NAME, Taker, is_private
from casework.importing.reading.zones import known_province

NEEDED = {"resourceagencynum", "publicname"}
# What is left out of a row whose address is private, before it is kept anywhere (R20).
PLACE_COLUMNS = ("address1", "address2", "addressline", "city", "county", "postalcode", "zip")
POINT_COLUMNS = ("latitude", "longitude", "map", "directions", "busserviceaccess")
# An address without its own word for it: physical, mailing and other are each private alone.
BLOCKS = {
    "physical": "physicaladdressisprivate",
    "mailing": "mailingaddressisprivate",
    "other": "otheraddressisprivate",
}
PHONES = 6
LIST = re.compile(r"[;\n|]")
AGES = re.compile(r"(\d{1,3})\s*(?:-|–|to|à|a)\s*(\d{1,3})")
INACTIVE = frozenset({"inactive", "inactif", "deleted", "closed", "deactivated"})
MARK = "\x00private"

Values = Mapping[str, str]


class Icarol:
    """Rows are staged by their number, so that programs find their agency and sites in any order."""

    def __init__(self, path: Path) -> None:
        self._parts = Parts(path, ".csv")
        self.is_whole = True
        self._total = self._given = 0

    @property
    def percent(self) -> int:
        """How much was read: half of it is the reading, half the putting together."""
        return self._parts.percent // 2 + self._given * 50 // max(self._total, 1)

    def rows(self) -> Iterator[Read]:
        """Give each program, and each agency or place that stands for itself."""
        with Staged() as staged, Hidden() as known:
            for part in self._parts.list:
                for row in Table(self._parts, part).rows():
                    if isinstance(row, Read):
                        yield row
                    else:
                        yield from self._stage(part.name, row, staged, known)
            staged.ready()
            self._total = staged.count("service")
            for name, line, body in staged.every("service"):
                self._given += 1
                yield self._whole(body, Read(name, line), staged, known)

    def _stage(self, part: str, row: Row, staged: Staged, known: Hidden) -> Iterator[Read]:
        values = row.values
        if not set(values) >= NEEDED:
            raise Unreadable(Reason.NO_COLUMNS)
        number = values["resourceagencynum"].strip()
        read = Read(part, row.line, number[:ID], remarks=list(row.remarks))
        if not number or len(number) > ID:
            yield read.refuse(Reason.TOO_LONG if number else Reason.NO_ID, "ResourceAgencyNum")
            return
        given = {name: text for name, text in values.items() if text}
        hidden, secrets = _private(given)
        body = _without_private(given, hidden, secrets, read)
        level = _level(values)
        kind = {"agency": "agency", "site": "site", "programatsite": "at_site"}.get(
            level, "service"
        )
        if _is_second_language(values):
            kind = f"{kind}_fr"
        parent = values.get("parentagencynum", "").strip()
        known.add(parent or number, secrets)
        program = values.get("connectstoprogramnum", "").strip()
        if kind == "at_site" and not program:
            kind = "service"
        owner = program if kind.startswith("at_site") else parent
        staged.put(kind, number, owner, part, row.line, body)
        # An agency without programs is a service itself; the others are looked at when it is read.
        if kind == "agency":
            staged.put("service", number, "", part, row.line, body | {"\x00agency": "1"})
        if read.remarks:
            yield read

    def _whole(self, body: Values, read: Read, staged: Staged, known: Hidden) -> Read:
        number = body["resourceagencynum"].strip()
        read.source_id = number
        is_agency = "\x00agency" in body
        if is_agency and staged.of("service", number):
            return read  # its programs say what it offers
        agency_number = number if is_agency else body.get("parentagencynum", "").strip() or number
        agency = body if is_agency else staged.one("agency", agency_number)
        if agency is None and agency_number != number:
            return read.refuse(Reason.NO_ORGANIZATION, "ParentAgencyNum")
        sites = self._sites(body, number, staged)
        take = Taker(read)
        read.listed = _listed(body, agency or body, agency_number, sites, take)
        if not read.listed.name or not read.listed.agency.name:
            return read.refuse(Reason.NO_NAME, "PublicName")
        kinds = ("agency_fr",) if is_agency else ("service_fr",)
        for kind in kinds:
            if other := staged.one(kind, number):
                agency_fr = staged.one("agency_fr", agency_number) or agency or other
                read.listed.translated = _listed(other, agency_fr, agency_number, [], take)
        # Whatever one of its rows hides, no text of the whole agency repeats.
        for listed in filter(None, (read.listed, read.listed.translated)):
            withhold(listed, known.of(agency_number), take)
        return read

    @staticmethod
    def _sites(body: Values, number: str, staged: Staged) -> list[Values]:
        """Give the rows that say where: its own, and the sites that its rows at sites connect to."""
        found: dict[str, Values] = {}
        rows = [body, *staged.of("at_site", number)]
        for row in rows:
            site = staged.one("site", row.get("connectstositenum", "").strip())
            place = site or (row if _has_place(row) else None)
            if place:
                found.setdefault(place["resourceagencynum"], place)
        return list(found.values())


def _level(values: Values) -> str:
    name = values.get("taxonomylevelname", "").casefold()
    return "".join(sign for sign in name if sign.isalpha())


def _is_second_language(values: Values) -> bool:
    return values.get("languageofrecord", "").strip().casefold()[:2] == "fr"


def _has_place(row: Values) -> bool:
    names = ("physicaladdress1", "physicalcity", "physicalstateprovince", "latitude")
    return MARK in row or any(row.get(name) for name in names)


def _private(values: Values) -> tuple[set[str], list[str]]:
    """Name the columns of a row that are private, and give the address lines among them."""
    hidden, secrets = set[str](), list[str]()
    is_excluded = is_private(values.get("excludefromwebsite", ""))
    for block, flag in BLOCKS.items():
        if not (is_private(values.get(flag, "")) or is_excluded):
            continue
        names = {f"{block}{column}" for column in PLACE_COLUMNS} | {f"{block}country"}
        secrets += [
            values[f"{block}{c}"]
            for c in ("address1", "address2", "postalcode")
            if f"{block}{c}" in values
        ]
        hidden |= names | (set(POINT_COLUMNS) if block == "physical" else set())
    for index in range(1, PHONES + 1):
        if is_private(values.get(f"phone{index}isprivate", "")):
            hidden.add(f"phone{index}number")
    return hidden, secrets


def _without_private(
    values: Values, hidden: set[str], secrets: list[str], read: Read
) -> dict[str, str]:
    """Leave out what is private: an address with its point, a phone; and what a text repeats of it."""
    kept = {name: text for name, text in values.items() if name not in hidden}
    if "physicaladdress1" in hidden:
        kept[MARK] = "1"
    if secrets:
        read.remarks.append(Remark(Reason.ADDRESS_WITHHELD, "PhysicalAddressIsPrivate"))
    take = Taker(read)
    return {name: take.withheld(text, secrets, name) for name, text in kept.items()}


def _listed(body: Values, agency: Values, number: str, sites: list[Values], take: Taker) -> Listed:
    get = body.get
    low, high = _ages(body, take)
    return Listed(
        source_id=body["resourceagencynum"].strip(),
        agency=_agency(agency, number, take),
        name=take.line(get("publicname"), "PublicName"),
        description=take.text(get("agencydescription"), "AgencyDescription"),
        eligibility=take.text(get("eligibility"), "Eligibility"),
        minimum_age=low,
        maximum_age=high,
        hours=take.text(get("hoursofoperation") or get("hours"), "HoursOfOperation"),
        cost=take.text(get("feestructuresource"), "FeeStructureSource"),
        application=take.text(get("applicationprocess"), "ApplicationProcess"),
        documents=take.lines(_split(get("documentsrequired")), "DocumentsRequired"),
        areas=take.lines(_split(get("coveragearea") or get("coverage")), "CoverageArea"),
        languages=take.lines(
            _split(get("languagesofferedlist") or get("languagesoffered")), "LanguagesOffered"
        ),
        url=take.url(get("websiteaddress"), "WebsiteAddress"),
        email=take.email(get("emailaddressmain"), "EmailAddressMain"),
        is_active=get("agencystatus", "").strip().casefold() not in INACTIVE,
        terms=_terms(body, take),
        places=[_place(site, take) for site in sites],
        phones=_phones(body, take) or _phones(agency, take),
    )


def _agency(agency: Values, number: str, take: Taker) -> Agency:
    phones = _phones(agency, take)
    return Agency(
        source_id=number,
        name=take.line(agency.get("publicname"), "PublicName", NAME),
        alternate_name=take.line(agency.get("alternatename"), "AlternateName"),
        description=take.text(agency.get("agencydescription"), "AgencyDescription"),
        url=take.url(agency.get("websiteaddress"), "WebsiteAddress"),
        email=take.email(agency.get("emailaddressmain"), "EmailAddressMain"),
        phone=phones[0].number if phones else "",
    )


def _place(site: Values, take: Taker) -> Place:
    number = site["resourceagencynum"].strip()
    region = take.line(site.get("physicalstateprovince"), "PhysicalStateProvince")
    if MARK in site:
        return Place(number, kind="redacted", region=known_province(region))
    return Place(
        source_id=number,
        name=take.line(site.get("publicname"), "PublicName"),
        address_1=take.line(site.get("physicaladdress1"), "PhysicalAddress1"),
        address_2=take.line(site.get("physicaladdress2"), "PhysicalAddress2"),
        city=take.line(site.get("physicalcity"), "PhysicalCity"),
        region=region,
        postal_code=take.line(site.get("physicalpostalcode"), "PhysicalPostalCode", 12),
        country=take.line(site.get("physicalcountry"), "PhysicalCountry", 40) or "CA",
        latitude=take.degree(site.get("latitude"), "Latitude", 90),
        longitude=take.degree(site.get("longitude"), "Longitude", 180),
        accessibility=take.lines(_split(site.get("disabilitiesaccess")), "DisabilitiesAccess"),
    )


def _phones(body: Values, take: Taker) -> list[Number]:
    found = []
    for index in range(1, PHONES + 1):
        field = f"Phone{index}Number"
        if number := take.phone(body.get(f"phone{index}number"), field):
            kind = take.line(body.get(f"phone{index}type"), f"Phone{index}Type", 40)
            words = body.get(f"phone{index}name") or body.get(f"phone{index}description")
            found.append(Number(number, "", kind, take.line(words, f"Phone{index}Name")))
    return found


def _terms(body: Values, take: Taker) -> list[Term]:
    codes = take.lines(_split(body.get("taxonomycodes")), "TaxonomyCodes")
    names = take.lines(
        _split(body.get("taxonomyterms") or body.get("taxonomyterm")), "TaxonomyTerms"
    )
    if not codes:
        return [Term("airs", name[:ID], name) for name in names]
    paired = names if len(names) == len(codes) else [""] * len(codes)
    return [Term("airs", code[:ID], name) for code, name in zip(codes, paired, strict=True)]


def _ages(body: Values, take: Taker) -> tuple[int | None, int | None]:
    low = take.age(body.get("minimumage"), "MinimumAge")
    high = take.age(body.get("maximumage"), "MaximumAge")
    span = AGES.search(body.get("customeligibilitybyage", ""))
    if span and low is None and high is None:
        low, high = int(span[1]), int(span[2])
    return low, high


def _split(text: str | None) -> list[str]:
    return LIST.split(text) if text else []
