"""Places: said in one tap, always with their age, unknown when old, less what is held."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from casework import database, directory
from casework.cases.models import Reason, Source
from casework.directory.capacity_models import CapacityEvent, PlaceUnit
from casework.directory.capacity_policy import GOOD_FOR, Places
from casework.directory.capacity_services import BadNumber
from casework.directory.models import DirectoryService
from casework.directory.needs import NeedCode
from casework.referrals import services
from tests.agencies import scenes as here
from tests.referrals import scenes
from tests.security.scene import browser_of
from tests.world import HOME

FIELD = "places-{}-available"


def offer(world: Any, name: str = HOME) -> DirectoryService:
    database.enter_service(world.north.id)
    found = directory.capacity_queries.services_of(world.amina.actor, world.organization(name).id)
    return found[0]


def say(world: Any, available: int, unit: PlaceUnit = PlaceUnit.PLACE) -> None:
    actor = world.agency.actor
    directory.capacity_services.say_places(actor, offer(world), available=available, unit=unit)


def places(world: Any) -> Places | None:
    one = offer(world)
    found = directory.capacity_queries.of_services(world.amina.actor, [one], database.now())
    return found.get(one.id)


def field(one: DirectoryService) -> str:
    return FIELD.format(one.id.hex[:12])


def test_nothing_said_is_unknown(app: Any, world: Any) -> None:
    found = places(world)
    assert found is not None and (found.free, found.said_at) == (None, None)
    page = browser_of(app, world.amina).get("/directory").get_data(as_text=True)
    assert "Places not known" in page
    assert "places free" not in page


def test_one_tap_from_the_inbox_shows_on_the_card_and_on_the_form(app: Any, world: Any) -> None:
    one = offer(world)
    desk = here.at_desk(app, world.agency).visitor
    desk.get("/inbox")
    assert desk.post(f"/inbox/places/{one.id}", {field(one): "3"}).status_code == 303
    case = scenes.case_for(world.amina.actor, scenes.need_of(HOME))
    navigator = browser_of(app, world.amina)
    for url in ("/directory", f"/cases/{case.ref}/referrals/new"):
        page = navigator.get(url).get_data(as_text=True)
        assert "3 places free · said just now" in page, url


def test_what_was_said_long_ago_is_unknown_and_never_free(app: Any, world: Any, clock: Any) -> None:
    """Issue 5: stale after a set time means “unknown”, never “free”; its age stands beside it."""
    clock.freeze(database.now())
    say(world, 3)
    clock.advance(GOOD_FOR - timedelta(seconds=1))
    found = places(world)
    assert found is not None and found.free == 3
    clock.advance(timedelta(seconds=1))
    found = places(world)
    assert found is not None and (found.free, found.said) == (None, 3)
    page = browser_of(app, world.amina).get("/directory").get_data(as_text=True)
    assert "Places not known: last word 12\u00a0h ago" in page
    assert "3 places free" not in page


def test_a_hold_counts_until_its_time_is_over(app: Any, world: Any, clock: Any) -> None:
    clock.freeze(database.now())
    say(world, 2)
    clock.advance(timedelta(minutes=1))
    referral = here.ask(world)
    desk = here.at_desk(app, world.agency)
    desk.press(referral, reply="hold", hold="2h")
    found = places(world)
    assert found is not None and (found.free, found.held) == (1, 1)
    clock.advance(timedelta(hours=2))
    found = places(world)
    assert found is not None and (found.free, found.held) == (2, 0)


def test_a_hold_taken_back_or_released_is_free_again(app: Any, world: Any, clock: Any) -> None:
    clock.freeze(database.now())
    say(world, 2)
    clock.advance(timedelta(minutes=1))
    first, second = here.ask(world), here.ask(world)
    desk = here.at_desk(app, world.agency)
    desk.press(first, reply="hold")
    desk.press(second, reply="hold")
    assert places(world).free == 0  # type: ignore[union-attr]
    desk.visitor.post(here.path(first) + "/undo")
    assert places(world).free == 1  # type: ignore[union-attr]
    services.recall(world.amina.actor, second, reason=Reason.OTHER)
    assert places(world).free == 2  # type: ignore[union-attr]


def test_a_bed_is_for_one_and_whoever_arrived_stays(app: Any, world: Any, clock: Any) -> None:
    """A mother and three children take four beds; a new word of the agency counts anew."""
    clock.freeze(database.now())
    say(world, 6, PlaceUnit.BED)
    clock.advance(timedelta(minutes=1))
    referral = here.ask(world)
    desk = here.at_desk(app, world.agency)
    desk.press(referral, reply="hold", hold="1h")
    desk.press(referral, reply="arrived")
    clock.advance(timedelta(hours=3))
    assert places(world).free == 2  # type: ignore[union-attr]
    say(world, 2, PlaceUnit.BED)
    assert places(world).free == 2  # type: ignore[union-attr]


def test_more_held_than_said_is_none_and_an_entry_in_error_takes_none(
    app: Any, world: Any, clock: Any
) -> None:
    """An agency that holds more than it said has no place left, and never fewer than none."""
    clock.freeze(database.now())
    say(world, 1)
    clock.advance(timedelta(minutes=1))
    held = [here.ask(world), here.ask(world)]
    for referral in held:
        services.report_arrival(
            world.amina.actor, referral, has_arrived=True, source=Source.PARTNER_CONFIRMED
        )
    assert places(world).free == 0  # type: ignore[union-attr]
    for referral in held:
        services.mark_entered_in_error(world.amina.actor, referral)
    assert places(world).free == 1  # type: ignore[union-attr]


def test_a_hold_counts_for_the_need_it_was_asked_for_alone(
    app: Any, world: Any, visitor: Any, clock: Any
) -> None:
    """An agency that has beds and meals: a bed that is held takes no meal, and each is said apart."""
    clock.freeze(database.now())
    shelter, agency = offer(world), world.organization(HOME)
    meals = directory.services.add_service(
        world.marc.actor, organization_id=agency.id, need=NeedCode.BENEFITS
    )
    for one in (shelter, meals):
        directory.capacity_services.say_places(world.agency.actor, one, available=3)
    clock.advance(timedelta(minutes=1))
    referral = here.ask(world)
    link = visitor().get(scenes.linked(world, referral)).get_data(as_text=True)
    assert field(shelter) in link
    assert field(meals) not in link
    here.at_desk(app, world.agency).press(referral, reply="hold")
    found = directory.capacity_queries.of_services(
        world.amina.actor, [shelter, meals], database.now()
    )
    assert (found[shelter.id].free, found[meals.id].free) == (2, 3)


def test_what_an_agency_gives_no_more_is_not_asked_of_it(app: Any, world: Any, db: Any) -> None:
    """An import retires one of its services: the inbox asks for no places of it."""
    one = offer(world)
    desk = here.at_desk(app, world.agency)
    assert field(one) in desk.inbox()
    database.enter_service(world.north.id)
    one.is_active = False
    db.session.flush()
    assert field(one) not in desk.inbox()
    assert desk.visitor.post(f"/inbox/places/{one.id}", {field(one): "2"}).status_code == 404


def test_a_held_place_of_a_sealed_agency_is_not_counted(world: Any, clock: Any) -> None:
    """R16: a count that fell at that moment would say which shelter she went to."""
    clock.freeze(database.now())
    one = offer(world, "Maison Rivage")
    directory.capacity_services.say_places(world.amina.actor, one, available=4)
    clock.advance(timedelta(minutes=1))
    referral = here.ask(world, "Maison Rivage")
    services.report_arrival(
        world.amina.actor, referral, has_arrived=True, source=Source.PERSON_REPORTED
    )
    found = directory.capacity_queries.of_services(world.amina.actor, [one], database.now())
    assert found[one.id].free == 4


def test_one_tap_from_the_link_keeps_the_link_and_names_no_request(
    world: Any, visitor: Any, db: Any
) -> None:
    """The link stays good for its answer; the row does not say through which request it came."""
    link = scenes.linked(world, here.ask(world))
    agency = visitor()
    page = agency.get(link).get_data(as_text=True)
    one = offer(world)
    assert field(one) in page
    assert agency.post(f"{link}/places", {field(one): "0"}).status_code == 303
    assert "Complet" in agency.get(link).get_data(as_text=True)
    database.enter_service(world.north.id)
    [event] = db.session.scalars(select(CapacityEvent)).all()
    assert (event.available, event.actor_kind, event.actor_id) == (0, "partner_link", None)
    entry = text("SELECT actor_id FROM audit_entry WHERE action = 'directory:places:said'")
    assert db.session.scalars(entry).all() == [None]
    assert places(world).free == 0  # type: ignore[union-attr]


def test_a_sealed_agency_says_its_places_from_the_inbox_only(world: Any, visitor: Any) -> None:
    """R16: said through the link of a sensitive request, it would tell whose request it is."""
    link = scenes.linked(world, here.ask(world, "Maison Rivage"))
    agency = visitor()
    assert "places-" not in agency.get(link).get_data(as_text=True)
    one = offer(world, "Maison Rivage")
    assert agency.post(f"{link}/places", {field(one): "2"}).status_code == 404


def test_another_agencys_places_are_no_page(app: Any, world: Any) -> None:
    one = offer(world, "Bridge House")
    desk = here.at_desk(app, world.agency).visitor
    assert desk.post(f"/inbox/places/{one.id}", {field(one): "2"}).status_code == 404


@pytest.mark.parametrize("typed", ["", "-1", "1000", "deux"])
def test_a_number_that_cannot_be_is_refused_in_one_sentence(
    app: Any, world: Any, typed: str
) -> None:
    one = offer(world)
    desk = here.at_desk(app, world.agency).visitor
    desk.get("/inbox")
    answer = desk.post(f"/inbox/places/{one.id}", {field(one): typed})
    assert answer.status_code == 422
    assert "nombre de 0 à 999" in answer.get_data(as_text=True)
    assert places(world).said_at is None  # type: ignore[union-attr]


def test_the_service_refuses_it_too(world: Any) -> None:
    with pytest.raises(BadNumber):
        say(world, 1000)


def test_every_word_is_kept_as_history(world: Any, db: Any) -> None:
    for number in (3, 0, 1):
        say(world, number)
    events = db.session.scalars(select(CapacityEvent.available)).all()
    assert sorted(events) == [0, 1, 3]


def test_places_of_a_food_bank_are_shown_only_once_it_said_them(app: Any, world: Any) -> None:
    one = offer(world, "Moisson du Quartier")
    navigator = browser_of(app, world.amina)
    url = "/directory?q=moisson"
    assert "Not known how many" not in navigator.get(url).get_data(as_text=True)
    directory.capacity_services.say_places(world.amina.actor, one, available=1)
    assert "Can take 1" in navigator.get(url).get_data(as_text=True)
