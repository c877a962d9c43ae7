"""Handing a case over: the new owner sees it at once, the old one no longer; the team's can be taken."""

from typing import Any

import pytest

from casework.cases import policy, services
from casework.cases.models import Case
from casework.directory.needs import NeedCode
from casework.notices import queries as notices
from casework.notices.models import NoticeKind
from casework.people.models import AccessReason
from tests.cases.openings import can_open, open_case
from tests.world import World


def hand_over(browser: Any, case: Case, owner: object) -> Any:
    """Send the hand-over page."""
    fields = {"owner": str(owner), "version": case.version}
    return browser.submit(f"/cases/{case.ref}/assign", fields)


def test_a_colleague_sees_the_case_at_once_and_is_told(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor)
    assert not can_open(world.louis, case)
    hand_over(visitor(world.amina), case, world.louis.account_id)
    assert can_open(world.louis, case)
    told = [notice.kind for notice in notices.unseen(world.louis.actor)]
    assert told == [NoticeKind.CASE_ASSIGNED]


def test_the_old_owner_can_no_longer_open_it(world: World, visitor: Any) -> None:
    """house.md section 1: seeing is a row, and it ends with the reason for it."""
    case = open_case(world.amina.actor)
    browser = visitor(world.amina)
    answer = hand_over(browser, case, world.louis.account_id)
    assert answer.headers["Location"] == "/my-day"
    assert browser.get(f"/cases/{case.ref}/notes").status_code == 404


def test_who_still_looks_after_another_case_of_the_person_keeps_seeing_them(world: World) -> None:
    first = open_case(world.amina.actor)
    second = services.open_case(world.amina.actor, first.person, needs=[NeedCode.RENT])
    services.assign(world.amina.actor, first, owner_id=world.louis.account_id)
    assert can_open(world.amina, second)


def test_a_case_handed_to_the_team_is_taken_by_whoever_comes_first(
    world: World, visitor: Any
) -> None:
    case = open_case(world.amina.actor)
    hand_over(visitor(world.amina), case, "team")
    assert case.owner_id is None
    answer = visitor(world.louis).post(f"/cases/{case.ref}/take")
    assert answer.headers["Location"] == f"/cases/{case.ref}"
    assert case.owner_id == world.louis.account_id
    assert can_open(world.louis, case)


def test_a_case_that_somebody_has_cannot_be_taken(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor)
    assert visitor(world.louis).post(f"/cases/{case.ref}/take").status_code == 404
    assert case.owner_id == world.amina.account_id


def test_of_two_who_take_a_case_at_once_the_second_is_told(world: World) -> None:
    case = open_case(world.amina.actor)
    services.assign(world.amina.actor, case, owner_id=None)
    services.take(world.louis.actor, case)
    with pytest.raises(policy.AlreadyTaken):
        services.take(world.amina.actor, case)


@pytest.mark.parametrize("who", ["outsider", "marc", "agency"])
def test_a_case_goes_only_to_navigators_and_supervisors_of_the_service(
    world: World, visitor: Any, who: str
) -> None:
    case = open_case(world.amina.actor)
    answer = hand_over(visitor(world.amina), case, getattr(world, who).account_id)
    assert answer.status_code == 422
    assert "Choose a colleague of this service." in answer.get_data(as_text=True)
    assert case.owner_id == world.amina.account_id


@pytest.mark.parametrize("owner", ["", "nobody", "'--"])
def test_a_case_goes_to_nobody_unknown(world: World, visitor: Any, owner: str) -> None:
    case = open_case(world.amina.actor)
    assert hand_over(visitor(world.amina), case, owner).status_code == 422


def test_handing_over_on_an_old_page_shows_who_has_it_now(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor)
    old = case.version
    services.admit(world.sophie.actor, case, reason=AccessReason.COVERING)
    services.assign(world.amina.actor, case, owner_id=world.louis.account_id)
    fields = {"owner": str(world.sophie.account_id), "version": old}
    answer = visitor(world.sophie).submit(f"/cases/{case.ref}/assign", fields)
    assert answer.status_code == 422
    assert "Louis P. looks after this case." in answer.get_data(as_text=True)
    assert case.owner_id == world.louis.account_id
