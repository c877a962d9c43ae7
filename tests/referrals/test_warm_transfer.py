"""A warm transfer: the navigator stayed on the line until the agency and the person spoke; recorded as such."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from casework import cases, database
from casework.cases.models import ClosureCode, Source
from casework.database import StaleVersion
from casework.directory.needs import NeedCode, NeedGroup
from casework.oversight import queries as oversight
from casework.oversight.counting import MINIMUM, make_report
from casework.oversight.policy import Period
from casework.referrals import failures, queries, services
from casework.referrals.models import Referral, ReferralState, Remark
from casework.security import Actor
from tests.referrals import scenes


def around() -> Period:
    """Give the days around now."""
    today, day = database.now().date(), timedelta(days=1)
    return Period(today - day, today + day, ZoneInfo("America/Toronto"))


def counted(world: Any) -> dict[NeedGroup, int]:
    return oversight.transfers_counted(world.sophie.actor, around())


def connect(world: Any, referral: Referral) -> Any:
    return services.record_warm_transfer(world.amina.actor, referral)


def test_it_says_who_and_when_and_leaves_state_and_clock_alone(world: Any, clock: Any) -> None:
    clock.freeze(database.now())
    referral = scenes.ask(world)
    clock.advance(timedelta(minutes=10))
    before = (referral.state, referral.wake_at, referral.expires_at)
    event = connect(world, referral)
    assert (referral.state, referral.wake_at, referral.expires_at) == before
    assert (event.remark, event.source) == (Remark.WARM_TRANSFER, Source.NAVIGATOR_OBSERVED)
    assert (event.actor_id, event.at) == (world.amina.account_id, database.now())
    clock.advance(timedelta(minutes=1))
    services.undo(world.amina.actor, referral)
    assert (referral.state, referral.wake_at, referral.expires_at) == before


def test_a_clock_that_an_answer_stopped_stays_stopped(world: Any) -> None:
    """domain.md section 3: “have her call us” nudges nobody, also once they have spoken."""
    referral = scenes.ask(world)
    services.remark(world.amina.actor, referral, what=Remark.CALL_US)
    connect(world, referral)
    assert (referral.wake_at, referral.expires_at) == (None, None)


def test_in_a_sensitive_case_who_connected_them_is_sealed(world: Any) -> None:
    """R16."""
    event = connect(world, scenes.ask(world, "Maison Rivage"))
    assert event.actor_id is None
    assert event.actor is not None


def test_only_the_desk_says_so_and_only_while_an_agency_is_asked(world: Any) -> None:
    referral = scenes.ask(world)
    with pytest.raises(failures.NotPossible), database.attempt():
        services.record_warm_transfer(Actor.system(world.north.id), referral)
    services.withdraw(world.amina.actor, referral)
    with pytest.raises(failures.NotPossible), database.attempt():
        connect(world, referral)


def test_it_is_pressed_on_the_page_and_stands_in_what_happened(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world)
    database.commit()
    navigator, url = visitor(world.amina), f"/referrals/{referral.id}"
    navigator.get(url)
    version = referral.version
    answer = navigator.post(f"{url}/warm-transfer", {"version": version})
    assert answer.status_code == 303
    page = navigator.get(url).get_data(as_text=True)
    assert "Warm transfer: connected on the line" in page
    assert "Undo the answer" in page
    database.enter_service(world.north.id)
    with pytest.raises(StaleVersion), database.attempt():
        services.record_warm_transfer(world.amina.actor, referral, version=version)


def test_it_is_counted_once_for_a_need_and_not_when_taken_back(world: Any) -> None:
    """R25: a few are hidden."""
    assert counted(world) == {}
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER)
    first = scenes.ask(world, "Foyer du Pont", case)
    second = scenes.ask(world, "Bridge House", case)
    for referral in (first, second, first):
        connect(world, referral)
    assert counted(world) == {NeedGroup.SHELTER: 1}
    food = scenes.ask(world)
    connect(world, food)
    assert counted(world) == {NeedGroup.SHELTER: 1, NeedGroup.FOOD: 1}
    services.undo(world.amina.actor, food)
    assert food.state is ReferralState.REQUESTED
    assert counted(world) == {NeedGroup.SHELTER: 1}
    assert oversight.transfers_counted(world.outsider.actor, around()) == {}
    queried = queries.events_of(world.amina.actor, first)
    assert [event.remark for event in queried].count(Remark.WARM_TRANSFER) == 2


def test_one_that_was_taken_back_leaves_the_others_of_its_need_counted(world: Any) -> None:
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER)
    first = scenes.ask(world, "Foyer du Pont", case)
    second = scenes.ask(world, "Bridge House", case)
    connect(world, first)
    connect(world, second)
    services.undo(world.amina.actor, second)
    assert counted(world) == {NeedGroup.SHELTER: 1}


def test_what_should_never_have_been_is_not_counted(world: Any) -> None:
    """R25: neither a request entered in error, nor a case opened in error."""
    wrong, opened_in_error = scenes.ask(world), scenes.ask(world, "Foyer du Pont")
    for referral in (wrong, opened_in_error):
        connect(world, referral)
    assert counted(world) == {NeedGroup.FOOD: 1, NeedGroup.SHELTER: 1}
    services.mark_entered_in_error(world.amina.actor, wrong)
    services.withdraw(world.amina.actor, opened_in_error)
    assert counted(world) == {NeedGroup.SHELTER: 1}
    closure = ClosureCode.OPENED_IN_ERROR
    cases.services.close_case(world.amina.actor, opened_in_error.case, closure=closure)
    assert counted(world) == {}


@pytest.mark.parametrize(("n", "shown"), [(MINIMUM - 1, None), (MINIMUM, MINIMUM)])
def test_small_numbers_of_them_stay_hidden(n: int, shown: int | None) -> None:
    """R25."""
    report = make_report([], {}, {NeedGroup.FOOD: n})
    assert report.transfers[NeedGroup.FOOD] == shown
    assert report.is_blank is (shown is None)
