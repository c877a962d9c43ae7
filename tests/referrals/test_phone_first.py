"""Closed at this moment: the phone comes first, with when it opens; unknown hours claim nothing."""

from datetime import UTC, datetime, time
from typing import Any

import pytest

from casework import database, directory
from casework.directory.features import Feature
from casework.directory.hours_policy import opens_next
from casework.directory.hours_queries import Opening
from casework.directory.listing_models import Phone, Schedule
from casework.directory.models import DirectoryService
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.referrals import phone_first
from casework.referrals.services import offering
from tests.directory.test_filters import TUESDAY, Hours
from tests.referrals import scenes

# A Tuesday evening in Toronto, long after every office has closed.
EVENING = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        # It is 10 h 30 on a Tuesday: next Monday at 9, in its own zone.
        ([Hours()], datetime(2026, 11, 30, 14, tzinfo=UTC)),
        ([Hours(rrule="FREQ=WEEKLY;BYDAY=WE")], datetime(2026, 11, 25, 14, tzinfo=UTC)),
        ([Hours(rrule="FREQ=DAILY", opens_at=time(13))], datetime(2026, 11, 24, 18, tzinfo=UTC)),
        (
            [Hours(rrule="FREQ=DAILY", time_zone="America/Vancouver")],
            datetime(2026, 11, 24, 17, tzinfo=UTC),
        ),
        ([Hours(), Hours(rrule="FREQ=DAILY")], datetime(2026, 11, 25, 14, tzinfo=UTC)),
        # What a week does not settle, and hours without hours, give no time.
        ([Hours(rrule="FREQ=MONTHLY;BYDAY=1TU")], None),
        ([Hours(opens_at=None)], None),
        ([], None),
    ],
)
def test_the_next_opening_is_the_first_one_that_is_sure(
    hours: list[Hours], expected: datetime | None
) -> None:
    assert opens_next(hours, TUESDAY, "ON") == expected


def test_a_holiday_and_a_skipped_hour_are_no_opening() -> None:
    """Christmas is left out; 2 h 30 on the night the clocks go forward is 3 h 30."""
    thursday = datetime(2026, 12, 24, 23, tzinfo=UTC)
    daily = Hours(rrule="FREQ=DAILY", opens_at=time(9))
    assert opens_next([daily], thursday, "QC") == datetime(2026, 12, 26, 14, tzinfo=UTC)
    before = datetime(2026, 3, 8, 5, tzinfo=UTC)
    nightly = Hours(rrule="FREQ=DAILY", opens_at=time(2, 30))
    assert opens_next([nightly], before, "QC") == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def offer_of(world: Any, name: str) -> DirectoryService:
    [offer] = directory.capacity_queries.services_of(world.amina.actor, world.organization(name).id)
    return offer


def open_mornings(world: Any, name: str) -> None:
    """Publish that it is open every morning."""
    offer = offer_of(world, name)
    db.session.add(
        Schedule(
            service_id=world.north.id,
            directory_service_id=offer.id,
            rrule="FREQ=DAILY",
            opens_at=time(8),
            closes_at=time(12),
            time_zone="America/Toronto",
        )
    )
    db.session.flush()


def opening(world: Any, name: str) -> Opening:
    offer = offer_of(world, name)
    return phone_first.openings_of(world.amina.actor, [offer], EVENING)[offer.id]


def test_hours_are_its_own_else_those_of_the_agency_else_not_known(world: Any) -> None:
    assert opening(world, "Bridge House") == Opening(None)
    agency = world.organization("Bridge House")
    agency.opening_hours = [{"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}]
    db.session.flush()
    nine = datetime(2026, 11, 25, 14, tzinfo=UTC)
    assert opening(world, "Bridge House") == Opening(False, nine)
    open_mornings(world, "Bridge House")
    assert opening(world, "Bridge House").opens_at == datetime(2026, 11, 25, 13, tzinfo=UTC)
    offer_of(world, "Bridge House").is_open_all_hours = True
    assert opening(world, "Bridge House") == Opening(True)


def test_the_asking_pages_and_the_request_show_the_phone_and_when_it_opens(
    world: Any, visitor: Any, clock: Any
) -> None:
    clock.freeze(EVENING)
    for name in ("Foyer du Pont", "Bridge House"):
        open_mornings(world, name)
    referral = scenes.ask(world, "Foyer du Pont")
    database.commit()
    navigator = visitor(world.amina)
    for url in (
        f"/cases/{referral.case.ref}/referrals/new",
        f"/referrals/{referral.id}/again",
        f"/referrals/{referral.id}",
    ):
        page = navigator.get(url).get_data(as_text=True)
        assert "Closed now, opens tomorrow, 8\u00a0a.m." in page, url
        assert 'href="tel:+15145550100"' in page, url
        assert "Call first: 514-555-0100" in page, url


def test_a_sealed_agency_says_nothing_of_its_hours_until_it_is_shown(
    world: Any, visitor: Any, clock: Any
) -> None:
    """R16: looking at the page opens no seal."""
    clock.freeze(EVENING)
    open_mornings(world, "Maison Rivage")
    referral = scenes.ask(world, "Maison Rivage")
    database.commit()
    navigator, url = visitor(world.amina), f"/referrals/{referral.id}"
    assert "Closed now" not in navigator.get(url).get_data(as_text=True)
    shown = navigator.post(f"{url}/reveal").get_data(as_text=True)
    assert "Closed now" in shown


def test_a_place_that_is_open_or_unknown_asks_for_no_call_first(
    world: Any, visitor: Any, clock: Any
) -> None:
    clock.freeze(TUESDAY)
    open_mornings(world, "Foyer du Pont")
    referral = scenes.ask(world, "Foyer du Pont")
    database.commit()
    for url in (f"/cases/{referral.case.ref}/referrals/new", f"/referrals/{referral.id}"):
        page = visitor(world.amina).get(url).get_data(as_text=True)
        assert "Closed now" not in page
        assert "tel:" not in page


def test_of_several_services_of_an_agency_the_one_that_suits_is_looked_at(world: Any) -> None:
    """Issue 5: what the list showed is what is asked; the first one in the directory may be another."""
    agency = world.organization("Foyer du Pont")
    families = directory.services.add_service(
        world.marc.actor,
        organization_id=agency.id,
        need=NeedCode.SHELTER,
        features=[Feature.FAMILIES],
    )
    for offer in directory.capacity_queries.services_of(world.amina.actor, agency.id):
        offer.is_open_all_hours = offer.id == families.id
    others = directory.capacity_queries.services_of(world.amina.actor, agency.id)
    assert len(others) == 2
    referral = scenes.ask(world, "Foyer du Pont")
    assert offering.asked_offer(world.amina.actor, referral, agency) == families
    assert phone_first.opening_of(world.amina.actor, referral, agency, EVENING) == Opening(True)
    families.is_active = False
    db.session.flush()
    assert phone_first.opening_of(world.amina.actor, referral, agency, EVENING) == Opening()


def test_the_number_shown_is_the_published_one_of_the_service_asked(
    world: Any, visitor: Any, clock: Any
) -> None:
    """An imported service has a line of its own: its agency’s may ring in an empty office, or be none."""
    clock.freeze(EVENING)
    open_mornings(world, "Foyer du Pont")
    offer = offer_of(world, "Foyer du Pont")
    for number, kind, extension in (
        ("+15145550177", "fax", ""),
        ("+15145550166", "", ""),
        ("+15145550199", "voice", "12"),
    ):
        db.session.add(
            Phone(
                service_id=world.north.id,
                directory_service_id=offer.id,
                number=number,
                kind=kind,
                extension=extension,
            )
        )
    referral, before = scenes.ask(world, "Foyer du Pont"), scenes.ask(world, "Bridge House")
    database.commit()
    db.session.expire_all()
    navigator = visitor(world.amina)
    for url in (
        f"/cases/{referral.case.ref}/referrals/new",
        f"/referrals/{before.id}/again",
        f"/referrals/{referral.id}",
    ):
        page = navigator.get(url).get_data(as_text=True)
        assert 'href="tel:+15145550199;ext=12"' in page, url
        assert "Call first: 514-555-0199, extension 12" in page, url
    found = navigator.get("/directory?q=Foyer").get_data(as_text=True)
    assert "514-555-0199, extension 12" in found
    assert "514-555-0100" not in found
