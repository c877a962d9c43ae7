"""Looking places up; the directory belongs to one service and holds nobody’s personal data."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import selectinload

from casework.database import NotFound
from casework.directory import policy, search_queries
from casework.directory.access_policy import Access, access_of
from casework.directory.features import Feature
from casework.directory.folding import fold, words_alone
from casework.directory.listing_models import Location, ServiceAtLocation, TaxonomyTerm
from casework.directory.models import DirectoryService, Organization
from casework.directory.needs import NeedCode
from casework.directory.search_queries import MOST
from casework.extensions import db
from casework.many import is_one_of
from casework.security import Actor


def search(
    viewer: Actor, *, need: NeedCode | None = None, words: str = "", limit: int = 50
) -> list[DirectoryService]:
    """List active places for a need that have every word, accents folded, names first."""
    found = search_queries.candidates(viewer, need=need, words=words, most=max(limit, MOST))
    return search_queries.listed(viewer, found.ids[:limit])


def suitable(
    viewer: Actor, wants: policy.Wants, *, without: Collection[UUID] = (), limit: int = 20
) -> policy.Suitable:
    """Weigh the places for a need, best first, without those organisations; each agency once."""
    # Of a need that more services answer than are ever ranked, those of the region, and those that
    # say they have what was ticked, are never missed.
    wished = [[f"feature:{each.value}"] for each in wants.features]
    wants = located(viewer, wants)
    found = list(wants.near)
    is_cut = False
    if wished:
        found += search_queries.candidates(viewer, need=wants.need, marks=wished, most=MOST).ids
    for words in dict.fromkeys((wants.region, "")):
        more = search_queries.candidates(viewer, need=wants.need, words=words, most=MOST)
        found, is_cut = [*found, *more.ids], more.is_cut
    services = search_queries.weighed(viewer, list(dict.fromkeys(found)))
    left = [service for service in services if service.organization_id not in without]
    access = _access(viewer, left) if Feature.WHEELCHAIR in wants.features else {}
    fits = policy.best_of_each(policy.best_first(left, wants, access))
    return policy.Suitable(fits[:limit], len(fits[limit:]), is_cut)


def located(viewer: Actor, wants: policy.Wants) -> policy.Wants:
    """Add what the directory knows of the region that is wanted: who is there, and whether it is one."""
    if not wants.region:
        return wants
    key = words_alone(wants.region)[:200]
    there = search_queries.candidates(
        viewer, need=wants.need, marks=[[f"city:{key}", f"area:{key}"]], most=MOST
    )
    named = db.session.scalars(
        select(Organization.region).where(Organization.service_id == viewer.service_id).distinct()
    )
    return replace(wants, near=frozenset(there.ids), regions=frozenset(map(words_alone, named)))


def _access(viewer: Actor, offers: Iterable[DirectoryService]) -> Mapping[UUID, Access]:
    """Read what is published of access to the places of services; a confidential one says nothing."""
    given, place = ServiceAtLocation, Location
    found: defaultdict[UUID, list[list[str]]] = defaultdict(list)
    for offer_id, texts, is_hidden in db.session.execute(
        select(given.directory_service_id, place.accessibility, place.is_confidential)
        .join(place, place.id == given.location_id)
        .where(
            given.service_id == viewer.service_id,
            is_one_of(given.directory_service_id, [offer.id for offer in offers]),
            place.is_active,
        )
        .order_by(place.id)
    ):
        found[offer_id].append([] if is_hidden else texts)
    return {offer_id: access_of(places) for offer_id, places in found.items()}


def get(viewer: Actor, organization_id: UUID) -> Organization:
    """Give an organisation of the viewer’s service; raise NotFound for any other."""
    organization = db.session.scalar(
        select(Organization).where(
            Organization.service_id == viewer.service_id, Organization.id == organization_id
        )
    )
    if organization is None:
        raise NotFound
    return organization


def names_of(viewer: Actor, organization_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Give the names of organisations of the viewer’s service by id."""
    wanted = {id_ for id_ in organization_ids if id_ is not None}
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Organization.id, Organization.name).where(
            Organization.service_id == viewer.service_id, Organization.id.in_(wanted)
        )
    )
    return {row.id: row.name for row in rows}


class Published(NamedTuple):
    """All that is published of one agency and leads to its doors; confidential places have nothing."""

    name: str
    other_names: list[str]
    addresses: list[str]
    second_lines: list[str]
    phones: list[str]
    # Postal codes, and addresses of mail and web: each leads there by itself.
    codes: list[str]


def published_of(viewer: Actor, agency: Organization) -> Published:
    """Give what is published of an agency, its services and its places, also of those no longer given."""
    services = db.session.scalars(
        select(DirectoryService)
        .where(
            DirectoryService.service_id == viewer.service_id,
            DirectoryService.organization_id == agency.id,
        )
        .options(selectinload(DirectoryService.phones))
    ).all()
    places = db.session.scalars(
        select(Location).where(
            Location.service_id == viewer.service_id,
            Location.organization_id == agency.id,
            ~Location.is_confidential,
        )
    ).all()
    names = [name for service in services for name in (service.name_en, service.name_fr)]
    # Many places are named as their town is, and so is the station.
    names += [each.name for each in places if fold(each.name) != fold(each.city)]
    return Published(
        name=agency.name,
        other_names=[agency.alternate_name, *names],
        addresses=[each.address_1 for each in places],
        second_lines=[each.address_2 for each in places],
        phones=[agency.phone, *(line.number for each in services for line in each.phones)],
        codes=[
            *(agency.email, agency.url),
            *(text for each in services for text in (each.email, each.url)),
            *(text for each in places for text in (each.postal_code, each.url)),
        ],
    )


def offers(viewer: Actor, organization_id: UUID, need: NeedCode) -> bool:
    """Tell whether an active organisation offers something for this need."""
    statement = _active(viewer).where(
        DirectoryService.organization_id == organization_id, _answers(need)
    )
    return db.session.scalar(statement.limit(1)) is not None


def term(viewer: Actor, vocabulary: str, code: str) -> TaxonomyTerm | None:
    """Give a term of a taxonomy as the viewer’s service knows it."""
    return db.session.scalars(
        select(TaxonomyTerm).where(
            TaxonomyTerm.service_id == viewer.service_id,
            TaxonomyTerm.vocabulary == vocabulary,
            TaxonomyTerm.code == code,
        )
    ).one_or_none()


def is_there_all_hours(viewer: Actor, organization_id: UUID, need: NeedCode) -> bool:
    """Tell whether an active organisation offers something for this need by day and by night."""
    statement = _active(viewer).where(
        DirectoryService.organization_id == organization_id,
        _answers(need),
        DirectoryService.is_open_all_hours,
    )
    return db.session.scalar(statement.limit(1)) is not None


def _answers(need: NeedCode) -> ColumnElement[bool]:
    return DirectoryService.needs.contains([need.value])


def _active(viewer: Actor) -> Select[DirectoryService]:
    return (
        select(DirectoryService)
        .join(Organization, Organization.id == DirectoryService.organization_id)
        .where(
            DirectoryService.service_id == viewer.service_id,
            DirectoryService.is_active,
            Organization.is_active,
        )
    )
