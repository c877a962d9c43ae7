"""Sorts what was found by what each service says: yes, nothing, or no; nothing is left out unsaid."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from flask_babel import lazy_gettext as _l

from casework.database import Code
from casework.directory.capacity_policy import Places
from casework.directory.features import Feature
from casework.directory.needs import NeedCode

EARTH_KM = 6371.0
# A degree of latitude, and how many quarters of a degree the directory is laid out in.
DEGREE_KM, CELLS = 111.2, 4


class Ground(Code):
    """What a filter asks; the label says what a service leaves unsaid."""

    AREA = "area", _l("Where is not known")
    LANGUAGE = "language", _l("Languages not said")
    AGE = "age", _l("Ages not said")
    OPEN = "open", _l("Not known if open now")
    PLACES = "places", _l("Places not known")


# Why a service is left out.
LEFT_OUT = {
    Ground.AREA: _l("Too far"),
    Ground.LANGUAGE: _l("Other languages"),
    Ground.AGE: _l("Other ages"),
    Ground.OPEN: _l("Closed now"),
    Ground.PLACES: _l("Full"),
}


class Said(Enum):
    """What a service says to one filter."""

    YES = "yes"
    NOTHING = "nothing"
    NO = "no"


class Point(NamedTuple):
    """A point on the map, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Filters:
    """What is asked of a place; nothing of a person."""

    words: str = ""
    need: NeedCode | None = None
    near: str = ""
    km: int | None = None
    language: str = ""
    age: int | None = None
    is_open: bool = False
    has_places: bool = False


@dataclass(frozen=True)
class Found:
    """What says yes, what does not say, how many were left out and why, and how far each is."""

    fits: list[UUID]
    unsaid: dict[UUID, list[Ground]]
    left_out: Mapping[Ground, int]
    km: Mapping[UUID, float] = field(default_factory=dict)
    is_cut: bool = False


def sort_out(
    answers: Iterable[tuple[UUID, Mapping[Ground, Said]]],
) -> tuple[list[UUID], dict[UUID, list[Ground]], Mapping[Ground, int]]:
    """Part what says yes to all from what leaves something unsaid; count the others by their first no."""
    fits: list[UUID] = []
    unsaid: dict[UUID, list[Ground]] = {}
    left_out: Counter[Ground] = Counter()
    for offer_id, said in answers:
        refused = [ground for ground, answer in said.items() if answer is Said.NO]
        open_ = [ground for ground, answer in said.items() if answer is Said.NOTHING]
        if refused:
            left_out[refused[0]] += 1
        elif open_:
            unsaid[offer_id] = open_
        else:
            fits.append(offer_id)
    return fits, unsaid, left_out


def speaks(languages: Iterable[str], features: Iterable[str], wanted: str) -> Said:
    """Tell whether a language is spoken; where an interpreter comes, that is not known."""
    spoken = {language.split("-")[0] for language in languages}
    if wanted.split("-")[0] in spoken:
        return Said.YES
    return Said.NOTHING if not spoken or Feature.INTERPRETER in set(features) else Said.NO


def takes_age(youngest: int | None, oldest: int | None, age: int) -> Said:
    """Tell whether somebody of an age may come; a service without ages has not said so."""
    if (youngest is not None and age < youngest) or (oldest is not None and age > oldest):
        return Said.NO
    return Said.NOTHING if youngest is None and oldest is None else Said.YES


def has_places(places: Places | None) -> Said:
    """Tell whether a place is free; what was said too long ago says nothing."""
    if places is None or places.free is None:
        return Said.NOTHING
    return Said.YES if places.free else Said.NO


def as_said(answer: bool | None) -> Said:
    """Give a yes, a no, or None for what is not known, as what a service says."""
    return {True: Said.YES, False: Said.NO, None: Said.NOTHING}[answer]


def distance(here: Point, there: Point) -> float:
    """Give the distance of two points in kilometres, as the crow flies."""
    first, second = math.radians(here.latitude), math.radians(there.latitude)
    across = math.radians(there.longitude - here.longitude)
    half = (
        math.sin((second - first) / 2) ** 2
        + math.cos(first) * math.cos(second) * math.sin(across / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(min(math.sqrt(half), 1))


def cells_around(point: Point, km: int) -> list[str]:
    """List the marks of the quarters of a degree that a circle may touch."""
    up = km / DEGREE_KM
    across = up / max(math.cos(math.radians(point.latitude)), 0.1)
    return [
        f"cell:{row}:{column}"
        for row in _quarters(point.latitude - up, point.latitude + up)
        for column in _quarters(point.longitude - across, point.longitude + across)
    ]


def _quarters(first: float, last: float) -> range:
    return range(math.floor(first * CELLS), math.floor(last * CELLS) + 1)
