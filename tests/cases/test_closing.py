"""Closing: with a reason, once nothing is open any more, and never twice."""

from typing import Any

import pytest

from casework.cases import policy, queries, services
from casework.cases.models import Case, CaseStatus, ClosureCode
from casework.cases.signals import case_closed, case_closing
from casework.database import Refused, StaleVersion
from casework.directory.needs import NeedCode
from tests.cases.openings import open_case
from tests.world import World


class StillWaiting(Refused):
    """What a room above says while it waits for an agency."""

    message = "An agency has not answered yet."


@pytest.fixture
def waiting_agency() -> Any:
    """Let a room above object to closing, as referrals do."""

    def refuse(_sender: object, **_news: Any) -> None:
        raise StillWaiting

    with case_closing.connected_to(refuse):
        yield


def test_a_case_closes_with_its_reason(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor)
    answer = visitor(world.amina).submit(
        f"/cases/{case.ref}/close", {"closure": "need_met", "version": case.version}
    )
    assert answer.headers["Location"] == f"/cases/{case.ref}"
    assert (case.status, case.closure) == (CaseStatus.CLOSED, ClosureCode.NEED_MET)


def test_closing_wants_a_reason(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor)
    answer = visitor(world.amina).submit(f"/cases/{case.ref}/close", {"version": case.version})
    assert answer.status_code == 422
    assert case.status is CaseStatus.OPEN


@pytest.mark.usefixtures("waiting_agency")
def test_a_case_does_not_close_while_a_referral_is_open(world: World, visitor: Any) -> None:
    """domain.md section 3: a case cannot close with a non-terminal referral; the page says so first."""
    case = open_case(world.amina.actor)
    browser, url = visitor(world.amina), f"/cases/{case.ref}/close"
    assert "An agency has not answered yet." in browser.get(url).get_data(as_text=True)
    answer = browser.post(url, {"closure": "need_met", "version": case.version})
    assert answer.status_code == 422
    assert "An agency has not answered yet." in answer.get_data(as_text=True)
    assert case.status is CaseStatus.OPEN


def test_looking_at_what_stands_in_the_way_changes_nothing(world: World) -> None:
    case = open_case(world.amina.actor)
    before = case.version, len(queries.timeline(world.amina.actor, case))
    assert services.obstacle(world.amina.actor, case) is None
    assert (case.version, len(queries.timeline(world.amina.actor, case))) == before


def test_the_page_lists_the_needs_that_are_still_in_process(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor, needs=[NeedCode.FOOD, NeedCode.RENT])
    page = visitor(world.amina).get(f"/cases/{case.ref}/close").get_data(as_text=True)
    assert "Needs still in process" in page
    assert f"/cases/{case.ref}/needs/" in page


def test_closing_on_an_old_page_shows_the_case_as_it_stands(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor)
    old = case.version
    services.assign(world.amina.actor, case, owner_id=None)
    services.take(world.amina.actor, case)
    browser, url = visitor(world.amina), f"/cases/{case.ref}/close"
    answer = browser.submit(url, {"closure": "need_met", "version": old})
    assert answer.status_code == 422
    assert str(StaleVersion.message) in answer.get_data(as_text=True)
    assert case.status is CaseStatus.OPEN


def test_a_closed_case_takes_nothing_more(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor)
    services.close_case(world.amina.actor, case, closure=ClosureCode.NEED_MET)
    browser = visitor(world.amina)
    for path, data in (
        ("notes", {"body": "One more thing"}),
        ("needs/add", {"needs": "rent"}),
        ("close", {"closure": "need_met", "version": case.version}),
        ("assign", {"owner": "team", "version": case.version}),
    ):
        answer = browser.submit(f"/cases/{case.ref}/{path}", data)
        assert answer.status_code == 422, path
        assert "This case is closed." in answer.get_data(as_text=True)


def test_consent_is_no_reason_to_choose_by_hand(world: World, visitor: Any) -> None:
    """R5: consent ends on its own page, with all that follows from it."""
    case = open_case(world.amina.actor)
    answer = visitor(world.amina).submit(
        f"/cases/{case.ref}/close", {"closure": "consent_withdrawn", "version": case.version}
    )
    assert answer.status_code == 422


def test_the_news_of_a_closed_case_is_told_once(world: World) -> None:
    heard: list[Case] = []

    def listen(_sender: object, *, case: Case, **_news: Any) -> None:
        heard.append(case)

    case = open_case(world.amina.actor)
    with case_closed.connected_to(listen):
        services.close_case(world.amina.actor, case, closure=ClosureCode.NEED_MET)
        with pytest.raises(policy.AlreadyClosed):
            services.close_case(world.amina.actor, case, closure=ClosureCode.NEED_MET)
    assert heard == [case]
