"""Where a place publishes no hours those of its agency count, to the minute and by its holidays."""

from datetime import UTC, datetime
from typing import Any

from casework import directory
from casework.directory.hours_queries import Opening
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.referrals import phone_first
from tests.directory.test_filters import TUESDAY
from tests.referrals import scenes
from tests.referrals.test_phone_first import EVENING, offer_of, open_mornings


def test_an_agency_is_open_from_its_first_minute_and_closed_on_the_holidays_of_its_service(
    world: Any,
) -> None:
    """24 June is kept in Quebec: where the agency names no province, that of the service counts."""
    agency, offer = world.organization("Bridge House"), offer_of(world, "Bridge House")
    agency.opening_hours = [{"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}]
    world.north.holidays_of = "QC"
    db.session.flush()
    for at, expected in (
        (datetime(2026, 11, 24, 14, tzinfo=UTC), Opening(True)),
        (TUESDAY, Opening(True)),
        (
            datetime(2026, 6, 24, 15, tzinfo=UTC),
            Opening(False, datetime(2026, 6, 25, 13, tzinfo=UTC)),
        ),
    ):
        found = phone_first.openings_of(world.amina.actor, [offer], at)
        assert found[offer.id] == expected, at


def test_the_hours_of_another_service_of_the_agency_say_nothing(world: Any) -> None:
    """Its meals end at noon; of its beds nobody said."""
    open_mornings(world, "Foyer du Pont")
    meals = offer_of(world, "Foyer du Pont")
    meals.need, meals.needs = NeedCode.FOOD, [NeedCode.FOOD.value]
    agency = world.organization("Foyer du Pont")
    directory.services.add_service(
        world.marc.actor, organization_id=agency.id, need=NeedCode.SHELTER
    )
    referral = scenes.ask(world, "Foyer du Pont")
    found = phone_first.opening_of(world.amina.actor, referral, agency, EVENING)
    assert found == Opening(None)
