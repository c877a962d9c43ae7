"""A refusal asks for a next agency at once: it stands first on My day and on the case (R36)."""

from typing import Any

import pytest

from casework import database
from casework.cases.models import NeedOutcome, Reason, Source
from casework.cases.services import record_outcome
from casework.desk import my_day
from casework.followups.models import FollowUpKind
from casework.referrals.models import Referral, ReferralState
from tests.followups import lanes
from tests.followups.scenes import at, call_at, case_of
from tests.followups.shelters import answer_for, ask_shelter, shelter_case


@pytest.fixture
def refused(world: Any, clock: Any) -> Referral:
    """Give a request for tonight that was refused at night."""
    clock.freeze(at(26, 23, 44))
    case = shelter_case(world)
    referral = ask_shelter(world, case, "Foyer du Pont")
    refuse(world, referral)
    return referral


def refuse(world: Any, referral: Referral) -> None:
    """Record that a shelter is full."""
    answer_for(world, referral, ReferralState.DECLINED)
    database.commit()


def shown(world: Any) -> list[Any]:
    """List which refusals stand on Amina's day."""
    day = my_day.read_day(world.amina.actor, hides_names=True)
    return [row.referral for row in day.refused.rows]


def test_a_refusal_stands_first_with_the_next_step_whatever_the_hour(
    refused: Referral, world: Any, visitor: Any
) -> None:
    page = visitor(world.amina).get("/my-day").text
    link = f"/referrals/{refused.id}/again"
    assert page.count(link) == 1
    assert page.index('id="refused"') < page.index('id="now"') < page.index('id="later"')
    assert page.index(link) < page.index('id="now"')


def test_it_is_gone_once_the_next_one_is_asked_and_comes_back_with_the_next_refusal(
    refused: Referral, world: Any, clock: Any
) -> None:
    assert shown(world) == [refused]
    clock.freeze(at(26, 23, 50))
    second = ask_shelter(world, refused.case, "Bridge House")
    assert shown(world) == []
    refuse(world, second)
    assert shown(world) == [second]


def test_it_is_gone_once_the_need_has_its_outcome(refused: Referral, world: Any) -> None:
    need = refused.need
    record_outcome(
        world.amina.actor,
        refused.case,
        need,
        outcome=NeedOutcome.UNMET,
        reason=Reason.NO_CAPACITY,
        source=Source.NAVIGATOR_OBSERVED,
    )
    assert shown(world) == []


def test_only_whoever_has_the_case_sees_it(refused: Referral, world: Any) -> None:
    for member in (world.louis, world.outsider):
        assert my_day.read_day(member.actor, hides_names=True).refused.rows == []


def test_on_the_case_the_next_agency_stands_before_the_story(
    refused: Referral, world: Any, visitor: Any
) -> None:
    """A phone shows it without a thousand pixels of scrolling."""
    page = visitor(world.amina).get(f"/cases/{refused.case.ref}").text
    assert page.index(f"/referrals/{refused.id}/again") < page.index('id="story"')
    assert "Record as unmet: Full" in page


def test_what_comes_later_is_ordered_by_time_alone(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    actor = world.amina.actor
    telling = call_at(actor, case_of(actor), at(24, 9, 30))
    telling.kind = FollowUpKind.TELL_PERSON
    sooner = call_at(actor, case_of(actor), at(24, 9))
    assert lanes.later_today(actor, at(24, 8), at(25, 0)) == [sooner, telling]
