"""What every format is read into: one service with its organisation, places, hours and phones."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Protocol

from casework.importing.reading.reasons import Reason


@dataclass(frozen=True)
class Remark:
    """Something about a row: it was refused, or repaired and taken; never what it said."""

    reason: Reason
    field: str = ""
    is_refused: bool = False


@dataclass
class Agency:
    """An organisation as its source gives it."""

    source_id: str
    name: str
    alternate_name: str = ""
    description: str = ""
    url: str = ""
    email: str = ""
    phone: str = ""


@dataclass
class Hours:
    """One schedule: an RFC 5545 rule and the times on the wall."""

    rrule: str = ""
    starts_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    opens_at: time | None = None
    closes_at: time | None = None
    description: str = ""
    offset: str = ""
    place: str = ""


@dataclass
class Place:
    """A location; what is confidential was left out of it when it was read (R20)."""

    source_id: str
    kind: str = "physical"
    name: str = ""
    description: str = ""
    address_1: str = ""
    address_2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = "CA"
    latitude: float | None = None
    longitude: float | None = None
    url: str = ""
    accessibility: list[str] = field(default_factory=list)

    @property
    def is_confidential(self) -> bool:
        """Whether nothing may be known of it but its region."""
        return self.kind == "redacted"


@dataclass
class Number:
    """A phone number, already in one spelling."""

    number: str
    extension: str = ""
    kind: str = ""
    description: str = ""


@dataclass
class Capacity:
    """How many places of one kind, as said at a time."""

    unit: str
    available: int
    updated_at: datetime


@dataclass
class Term:
    """A term of somebody’s taxonomy."""

    vocabulary: str
    code: str
    name: str = ""


@dataclass
class Listed:
    """One service as its source gives it, texts in one language."""

    source_id: str
    agency: Agency
    name: str
    description: str = ""
    eligibility: str = ""
    minimum_age: int | None = None
    maximum_age: int | None = None
    hours: str = ""
    cost: str = ""
    application: str = ""
    documents: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    url: str = ""
    email: str = ""
    is_active: bool = True
    terms: list[Term] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    schedules: list[Hours] = field(default_factory=list)
    phones: list[Number] = field(default_factory=list)
    capacities: list[Capacity] = field(default_factory=list)
    # The same service in the other language, where one file holds both.
    translated: "Listed | None" = None


@dataclass
class Read:
    """One row of the source: where it stands, what it became, and what is to be said about it."""

    part: str
    line: int
    source_id: str = ""
    listed: Listed | None = None
    remarks: list[Remark] = field(default_factory=list)
    # Further ids that a row held which could not be read: what they name has not vanished.
    ids: list[str] = field(default_factory=list)

    def refuse(self, reason: Reason, field_name: str = "") -> "Read":
        """Leave the row out, for this reason alone."""
        self.listed = None
        self.remarks = [Remark(reason, field_name, is_refused=True)]
        return self


class Reader(Protocol):
    """Reads one source from its beginning, row by row, without keeping it in memory."""

    # Whether the source was read to its end, so that what was not seen has vanished.
    is_whole: bool

    @property
    def percent(self) -> int:
        """How much of the source was read, in whole percent."""

    def rows(self) -> Iterator[Read]:
        """Give each row; raise Unreadable when there is nothing to be read."""
