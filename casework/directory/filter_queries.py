"""Finds services by words and filters, and tells what each says to every filter."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, func, select

from casework.database import Refused
from casework.directory import (
    capacity_queries,
    filter_policy,
    hours_policy,
    hours_queries,
    search_queries,
)
from casework.directory.capacity_policy import Places
from casework.directory.filter_policy import Filters, Found, Ground, Point, Said
from casework.directory.listing_models import Location, ServiceAtLocation
from casework.directory.models import DirectoryService, Organization
from casework.directory.search_queries import MOST, any_of, ids_of
from casework.extensions import db
from casework.many import is_one_of
from casework.security import Actor

# So many places of a municipality are enough to find its middle.
SAMPLE = 500
# Farther than any place on earth.
MOST_KM = 50_000.0


class UnknownTown(Refused):
    """A distance was asked from where the directory knows no place."""

    message = _l(
        "The directory knows no place there. Try another spelling, or a municipality nearby."
    )
    field = "near"


def find(viewer: Actor, filters: Filters, at: datetime) -> Found:
    """Rank a fixed number of candidates and sort them by what they say; raise UnknownTown."""
    key = _folded(filters.near)
    middle = _middle(viewer, key) if key and filters.km else None
    if key and filters.km and middle is None:
        raise UnknownTown
    answers: dict[UUID, dict[Ground, Said]] = {}
    is_cut = False
    for marks, said in _tiers(key, filters, middle):
        most = MOST - len(answers)
        if most <= 0:
            is_cut = True
            break
        found = search_queries.candidates(
            viewer, words=filters.words, need=filters.need, marks=marks, most=most
        )
        is_cut = is_cut or found.is_cut
        for id_ in found.ids:
            answers.setdefault(id_, {Ground.AREA: said})
    km = _distances(viewer, middle, answers) if middle else {}
    for id_, given in answers.items():
        if given[Ground.AREA] is Said.NO and km.get(id_, MOST_KM) <= (filters.km or 0):
            given[Ground.AREA] = Said.YES
    _answer(viewer, filters, answers, at)
    fits, unsaid, left_out = filter_policy.sort_out(answers.items())
    if middle:
        fits.sort(key=lambda id_: km.get(id_, 0.0))
    return Found(fits, unsaid, left_out, km, is_cut)


def _tiers(key: str, filters: Filters, middle: Point | None) -> list[tuple[list[list[str]], Said]]:
    """List what to look for one after the other, and what each says of where it is.

    What the circle may touch is too far until its distance is known.
    """
    if not key:
        return [([], Said.YES)]
    tiers = [([[f"city:{key}", f"area:{key}"]], Said.YES)]
    if middle is None or filters.km is None:
        return [*tiers, ([["where:unknown"]], Said.NOTHING)]
    tiers.append(([filter_policy.cells_around(middle, filters.km)], Said.NO))
    return [*tiers, ([["where:unknown", "point:unknown"]], Said.NOTHING)]


def _answer(
    viewer: Actor,
    filters: Filters,
    answers: Mapping[UUID, dict[Ground, Said]],
    at: datetime,
) -> None:
    """Write down what each candidate says to the filters that are set."""
    rows = _asked_of(viewer, filters, answers)
    hours = hours_queries.hours_of(viewer, rows) if filters.is_open else {}
    places: Mapping[UUID, Places] = {}
    if filters.has_places:
        places = capacity_queries.of_services(viewer, cast("Any", rows.values()), at)
    for id_, row in rows.items():
        said = answers[id_]
        if filters.language:
            said[Ground.LANGUAGE] = filter_policy.speaks(
                row.languages, row.features, filters.language
            )
        if filters.age is not None:
            said[Ground.AGE] = filter_policy.takes_age(
                row.minimum_age, row.maximum_age, filters.age
            )
        if filters.is_open:
            is_open = row.is_open_all_hours or hours_policy.is_open(
                hours.get(id_, ()), at, row.holidays_of
            )
            said[Ground.OPEN] = filter_policy.as_said(is_open)
        if filters.has_places:
            said[Ground.PLACES] = filter_policy.has_places(places.get(id_))


def _asked_of(viewer: Actor, filters: Filters, ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """Load of each candidate what the filters ask, and nothing where none asks anything."""
    offer = DirectoryService
    asked: list[Any] = []
    if filters.language:
        asked += [offer.languages, offer.features]
    if filters.age is not None:
        asked += [offer.minimum_age, offer.maximum_age]
    if filters.is_open:
        asked += [offer.is_open_all_hours, Organization.holidays_of]
    if filters.has_places:
        asked += [offer.service_id, offer.organization_id, offer.need]
    if not asked or not ids:
        return {}
    statement = select(offer.id, *asked).where(
        offer.service_id == viewer.service_id, is_one_of(offer.id, ids)
    )
    if filters.is_open:
        statement = statement.join(Organization, Organization.id == offer.organization_id)
    return {row.id: row for row in db.session.execute(statement)}


def _folded(text: str) -> str:
    """Fold the name of a municipality as the index does."""
    folded = func.left(func.casework_fold(text.replace("\0", " ")), 200)
    return str(db.session.scalar(select(folded)) or "") if text.strip() else ""


def _middle(viewer: Actor, key: str) -> Point | None:
    """Give the middle of the directory's own places in a municipality; None: it knows none there."""
    given, place = ServiceAtLocation, Location
    there = ids_of(any_of([f"city:{key}"]), SAMPLE)
    sample = (
        select(place.latitude, place.longitude)
        .select_from(there)
        .join(given, given.directory_service_id == there.c.id)
        .join(place, place.id == given.location_id)
        .where(
            given.service_id == viewer.service_id,
            func.casework_fold(place.city) == key,
            place.latitude.is_not(None),
            place.longitude.is_not(None),
            ~place.is_confidential,
        )
        .subquery()
    )
    row = db.session.execute(
        select(func.avg(sample.c.latitude), func.avg(sample.c.longitude))
    ).one()
    return None if row[0] is None else Point(float(row[0]), float(row[1]))


def _distances(viewer: Actor, middle: Point, ids: Iterable[UUID]) -> dict[UUID, float]:
    """Give how far the nearest place of each service is, in kilometres, where a point is known."""
    given, place = ServiceAtLocation, Location
    found = db.session.execute(
        select(given.directory_service_id, place.latitude, place.longitude)
        .join(place, place.id == given.location_id)
        .where(
            given.service_id == viewer.service_id,
            is_one_of(given.directory_service_id, ids),
            place.latitude.is_not(None),
            place.longitude.is_not(None),
            ~place.is_confidential,
        )
    )
    nearest: dict[UUID, float] = {}
    for id_, latitude, longitude in found:
        km = filter_policy.distance(middle, Point(latitude or 0.0, longitude or 0.0))
        nearest[id_] = min(km, nearest.get(id_, km))
    return nearest
