"""A yes that comes after a request expired reaches the navigator and is never a dead end."""

from datetime import timedelta
from typing import Any

import pytest

from casework import database, people
from casework.people.models import Purpose
from casework.referrals import failures, queries, services
from casework.referrals.models import Referral, Remark
from casework.referrals.services.watch import watch
from tests.referrals import scenes
from tests.referrals.test_going_on import HIDDEN, S, press


def expired(world: Any, clock: Any, name: str = "Foyer du Pont") -> tuple[Referral, str]:
    """Let a request expire unanswered; give it and the link of its letter."""
    clock.freeze(database.now())
    referral = scenes.ask(world, name)
    link = scenes.linked(world, referral)
    clock.advance(timedelta(hours=3))
    watch(world.north.id)
    assert referral.state is S.EXPIRED
    database.commit()
    return referral, link


def test_a_late_yes_reaches_the_navigator_and_the_place_is_taken_in_one_press(
    world: Any, clock: Any, visitor: Any
) -> None:
    """domain.md section 3: a late yes reaches the navigator, never a dead end."""
    referral, link = expired(world, clock)
    agency = visitor()
    answered = press(agency, link, reply="hold", hold="2h", bring="carte soleil")
    assert answered.status_code == 200
    assert "carte soleil" in answered.get_data(as_text=True)
    page = agency.get(link).get_data(as_text=True)
    assert "Nous réservons une place" in page
    database.enter_service(world.north.id)
    assert referral.state is S.EXPIRED, "what expired is not revived"
    assert scenes.unseen(world.amina) == ["late_yes", "request_expired"]

    navigator = visitor(world.amina)
    url = f"/referrals/{referral.id}"
    assert f"{url}/take" in navigator.get(url).get_data(as_text=True)
    taken = navigator.post(f"{url}/take", {"version": referral.version})
    assert taken.status_code == 303
    database.enter_service(world.north.id)
    new = next(r for r in queries.for_case(world.amina.actor, referral.case) if r.id != referral.id)
    assert taken.headers["Location"].endswith(str(new.id))
    assert (new.state, new.supersedes_id) == (S.ACCEPTED, referral.id)
    assert new.hold_until == database.now() + timedelta(hours=2)
    # The letter that would ask what is answered never leaves.
    assert scenes.post(world.north.id) == []


def test_a_page_opened_before_the_expiry_still_takes_the_yes(
    world: Any, clock: Any, visitor: Any
) -> None:
    """The agency presses a moment too late: it is no error of its own."""
    clock.freeze(database.now())
    referral = scenes.ask(world, "Foyer du Pont")
    link = scenes.linked(world, referral)
    agency = visitor()
    fields = dict(HIDDEN.findall(agency.get(link).get_data(as_text=True)))
    database.enter_service(world.north.id)
    clock.advance(timedelta(hours=3))
    watch(world.north.id)
    database.commit()
    assert agency.post(link, fields | {"reply": "hold", "hold": "1h"}).status_code == 303
    database.enter_service(world.north.id)
    newest = queries.newest_event(referral)
    assert newest is not None
    assert newest.remark is Remark.LATE_YES


def test_a_late_no_is_not_offered_and_changes_nothing(world: Any, clock: Any, visitor: Any) -> None:
    referral, link = expired(world, clock)
    page = visitor().get(link).get_data(as_text=True)
    assert 'value="decline"' not in page
    assert 'value="hold"' in page
    assert press(visitor(), link, reply="decline", reason="no_capacity").status_code == 422
    database.enter_service(world.north.id)
    assert referral.state is S.EXPIRED


def test_a_late_yes_can_be_taken_back_and_then_there_is_nothing_to_take(
    world: Any, clock: Any, visitor: Any
) -> None:
    referral, link = expired(world, clock)
    agency = visitor()
    press(agency, link, reply="hold", hold="1h")
    agency.get(link)
    assert agency.post(f"{link}/undo").status_code == 303
    database.enter_service(world.north.id)
    assert referral.hold_until is None
    with pytest.raises(failures.NotPossible):
        services.take_late_place(world.amina.actor, referral)


def test_a_late_yes_without_consent_finds_the_neutral_page(
    world: Any, clock: Any, visitor: Any
) -> None:
    """R4: at view time again."""
    referral, link = expired(world, clock)
    people.services.withdraw(world.amina.actor, referral.case.person, Purpose.SHARE_WITH_PARTNER)
    database.commit()
    assert visitor().get(link).status_code == 404


def test_a_late_place_is_not_taken_without_consent(world: Any, clock: Any) -> None:
    """R4: at send time."""
    referral, _link = expired(world, clock)
    services.say_yes_late(world.amina.actor, referral)
    people.services.withdraw(world.amina.actor, referral.case.person, Purpose.SHARE_WITH_PARTNER)
    with pytest.raises(failures.ConsentMissing):
        services.take_late_place(world.amina.actor, referral)


def test_a_late_place_is_taken_once(world: Any, clock: Any) -> None:
    referral, _link = expired(world, clock)
    services.say_yes_late(world.amina.actor, referral)
    services.take_late_place(world.amina.actor, referral)
    with pytest.raises(failures.AlreadyAsked):
        services.take_late_place(world.amina.actor, referral)
