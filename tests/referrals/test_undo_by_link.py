"""Taking an answer back through the link that gave it: five minutes, one browser, nothing after it."""

from datetime import timedelta
from typing import Any

from casework import database
from casework.referrals import queries, services
from casework.referrals.clocks import Rung
from casework.referrals.models import ReferralState
from casework.referrals.services.patience import steps_of
from casework.referrals.services.watch import watch
from tests.referrals import scenes
from tests.referrals.test_agency_link import HIDDEN, press


def test_a_double_tap_is_one_answer(world: Any, visitor: Any) -> None:
    """Replies are idempotent."""
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    agency = visitor()
    fields = dict(HIDDEN.findall(agency.get(link).get_data(as_text=True))) | {"reply": "waitlist"}
    first, second = agency.post(link, fields), agency.post(link, fields)
    assert (first.status_code, second.status_code) == (303, 303)
    events = queries.events_of(world.amina.actor, referral)
    assert [event.to_state for event in events] == ["waitlisted", "requested"]


def test_undo_brings_the_question_back(world: Any, visitor: Any) -> None:
    """domain.md section 3: within five minutes, by the same actor, if nothing followed."""
    referral = scenes.ask(world, "Maison Rivage")
    link = scenes.linked(world, referral)
    agency = visitor()
    press(agency, link, reply="decline", reason="no_capacity")
    agency.get(link)
    assert agency.post(f"{link}/undo").status_code == 303
    assert referral.state is ReferralState.REQUESTED
    assert referral.reason is None
    assert referral.wake_at is not None
    assert press(agency, link, reply="hold", hold="1h").status_code == 303
    assert referral.state is ReferralState.ACCEPTED


def test_undo_ends_after_five_minutes(world: Any, visitor: Any, clock: Any) -> None:
    clock.freeze(database.now())
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    agency = visitor()
    press(agency, link, reply="waitlist")
    agency.get(link)
    clock.advance(timedelta(minutes=5, seconds=1))
    assert agency.post(f"{link}/undo").status_code == 404
    assert referral.state is ReferralState.WAITLISTED


def test_undo_is_refused_once_something_followed(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    agency = visitor()
    press(agency, link, reply="hold", hold="1h")
    services.extend_hold(
        world.amina.actor, referral, hold_until=database.now() + timedelta(hours=3)
    )
    database.commit()
    page = agency.get(link).get_data(as_text=True)
    assert "/undo" not in page
    assert agency.post(f"{link}/undo").status_code == 422
    assert referral.state is ReferralState.ACCEPTED


def test_undo_takes_the_clock_back_to_where_it_was(world: Any, visitor: Any, clock: Any) -> None:
    """domain.md section 3: back to the prior state, and to the time it gave; no answer gains time."""
    clock.freeze(database.now())
    referral = scenes.ask(world, "Foyer du Pont")
    link, agency = scenes.linked(world, referral), visitor()
    before = (referral.requested_at, referral.wake_at, referral.expires_at)
    for reply in ("waitlist", "hold"):
        clock.advance(timedelta(minutes=3))
        press(agency, link, reply=reply)
        clock.advance(timedelta(minutes=1))
        agency.get(link)
        assert agency.post(f"{link}/undo").status_code == 303
        database.enter_service(world.north.id)
        assert (referral.requested_at, referral.wake_at, referral.expires_at) == before
    # What the clock does later reads the same from what happened.
    assert dict(steps_of(referral))[Rung.EXPIRE] == before[2]


def test_what_the_clock_reached_while_an_answer_stood_is_done_once_and_at_once(
    world: Any, visitor: Any, clock: Any
) -> None:
    """An undone answer leaves no request without a clock, and nudges nobody twice (R31)."""
    clock.freeze(database.now())
    asked_at = database.now()
    referral = scenes.ask(world, "Foyer du Pont")
    link, agency = scenes.linked(world, referral), visitor()
    clock.advance(timedelta(minutes=14))
    press(agency, link, reply="waitlist")
    clock.advance(timedelta(minutes=2))
    agency.get(link)
    agency.post(f"{link}/undo")
    database.enter_service(world.north.id)
    assert referral.wake_at == database.now()
    for _each in range(2):
        watch(world.north.id)
    database.commit()
    assert len(scenes.post(world.north.id)) == 1
    assert referral.expires_at == asked_at + timedelta(hours=2)

    clock.advance(timedelta(minutes=102))
    press(agency, link, reply="waitlist")
    clock.advance(timedelta(minutes=4))
    agency.get(link)
    agency.post(f"{link}/undo")
    database.enter_service(world.north.id)
    watch(world.north.id)
    assert referral.state is ReferralState.EXPIRED
