"""Which places are closed at this moment, so that one calls before one writes, and when they open."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from casework import accounts
from casework.directory.hours_queries import Opening, openings
from casework.directory.models import DirectoryService, Organization
from casework.referrals import business_days
from casework.referrals.business_days import Office
from casework.referrals.models import Referral
from casework.referrals.services.offering import asked_offer
from casework.security import Actor


def openings_of(
    viewer: Actor, offers: Collection[DirectoryService], at: datetime
) -> Mapping[UUID, Opening]:
    """Tell of each service whether it is open: by its own hours, else by those of its agency.

    Nothing said is not known: unlike a clock that must stop somewhere, a page claims nothing.
    """
    known = dict(openings(viewer, offers, at))
    province = accounts.queries.service_of(viewer).holidays_of
    for offer in offers:
        if known[offer.id].is_open is None and offer.organization.opening_hours:
            known[offer.id] = _by_agency(offer.organization, province, at)
    return known


def opening_of(
    viewer: Actor, referral: Referral, agency: Organization | None, at: datetime
) -> Opening:
    """Tell whether the agency of a request is open; one that is sealed says nothing (R16)."""
    if agency is None:
        return Opening()
    offer = asked_offer(viewer, referral, agency)
    return openings_of(viewer, [offer], at)[offer.id] if offer else Opening()


def _by_agency(agency: Organization, province: str | None, at: datetime) -> Opening:
    office = Office(
        agency.time_zone,
        agency.holidays_of or province,
        business_days.windows_from(agency.opening_hours),
    )
    opens_at = business_days.opens_at(office, at)
    return Opening(True) if opens_at <= at else Opening(False, opens_at)
