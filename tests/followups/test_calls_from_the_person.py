"""When the person calls us, what is planned is answered aloud: done, still to do, or moved (R32, R36)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from casework import cases
from casework.audit import EntryFilter
from casework.audit import queries as audit
from casework.cases.models import EventKind
from casework.cases.services import Said
from casework.followups import policy, queries, services
from casework.followups.inbound import InboundAnswer, guess
from casework.followups.models import FollowUpState
from casework.followups.refusals import IdentityFirst, OutsideAgreedHours, SomebodyIsCalling
from casework.followups.services import Answered
from casework.followups.services.endings import end
from casework.notices.models import NoticeKind
from tests.followups import lanes
from tests.followups.scenes import (
    CODE_WORD,
    at,
    call_at,
    case_of,
    deliver_all,
    notices_about,
    reminders_of,
)


def a_series(world: Any, clock: Any) -> Any:
    """Plan the series of a case on Monday noon; the first call lies a week ahead."""
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    return case, services.plan_series(world.amina.actor, case)


def calls_in(world: Any, case: Any, word: str = CODE_WORD) -> None:
    cases.services.recognise(world.amina.actor, case, said=Said(word))


def answer(world: Any, case: Any, *answers: Answered) -> int:
    return services.record_inbound(world.amina.actor, case, answers=answers)


def events(world: Any, case: Any) -> list[str | None]:
    told = cases.queries.timeline(world.amina.actor, case)
    return [event.code for event in told if event.kind is EventKind.PERSON_CALLED]


def test_without_identity_nothing_is_answered(world: Any, clock: Any) -> None:
    case, [first, _] = a_series(world, clock)
    done = Answered(first, InboundAnswer.COMPLETED)
    with pytest.raises(IdentityFirst):
        answer(world, case, done)
    calls_in(world, case, "wrong word")
    with pytest.raises(IdentityFirst):
        answer(world, case, done)
    # One that failed after it undoes it; so does an hour.
    calls_in(world, case)
    clock.advance(timedelta(minutes=1))
    calls_in(world, case, "wrong word")
    with pytest.raises(IdentityFirst):
        answer(world, case, done)
    calls_in(world, case)
    clock.advance(timedelta(minutes=61))
    with pytest.raises(IdentityFirst):
        answer(world, case, done)
    assert first.state is FollowUpState.SCHEDULED


def test_a_call_that_is_answered_is_completed_and_the_story_says_inbound(
    world: Any, clock: Any
) -> None:
    case, [first, second] = a_series(world, clock)
    calls_in(world, case)
    assert services.awaits_answer(world.amina.actor, case)
    done = answer(
        world,
        case,
        Answered(first, InboundAnswer.COMPLETED),
        Answered(second, InboundAnswer.STILL_TO_DO),
    )
    assert done == 1
    assert (first.state, second.state) == (FollowUpState.COMPLETED, FollowUpState.SCHEDULED)
    assert [r.status.value for r in reminders_of(first)] == ["cancelled"]
    assert sorted(events(world, case)) == ["completed", "still_to_do"]
    assert not services.awaits_answer(world.amina.actor, case)
    # The series goes on with the next call.
    assert queries.next_for(world.amina.actor, case) == second


def test_one_that_moves_is_agreed_aloud_and_stays_in_the_agreed_hours(
    world: Any, clock: Any
) -> None:
    case, [first, _] = a_series(world, clock)
    calls_in(world, case)
    evening = at(26, 20)
    with pytest.raises(OutsideAgreedHours):
        answer(world, case, Answered(first, InboundAnswer.MOVED, evening.date(), evening.time()))
    morning = at(26, 10)
    answer(world, case, Answered(first, InboundAnswer.MOVED, morning.date(), morning.time()))
    assert (first.due_at, first.is_agreed) == (morning, True)


def test_a_call_that_lapsed_does_not_stand_in_the_way(world: Any, clock: Any) -> None:
    """R32: whoever calls us is answered, although a colleague’s screen crashed while dialling."""
    case, [first, _] = a_series(world, clock)
    clock.freeze(first.due_at)
    services.start_call(world.louis.actor, first)
    calls_in(world, case)
    with pytest.raises(SomebodyIsCalling):
        answer(world, case, Answered(first, InboundAnswer.COMPLETED))
    clock.advance(policy.CALL_LEASE)
    assert answer(world, case, Answered(first, InboundAnswer.COMPLETED)) == 1


def test_the_number_is_free_again_when_they_call_while_we_dial(world: Any, clock: Any) -> None:
    """R33: a call whose follow-up is done keeps nobody from the person or their number."""
    case, [first, _] = a_series(world, clock)
    clock.freeze(first.due_at)
    services.start_call(world.amina.actor, first)
    calls_in(world, case)
    answer(world, case, Answered(first, InboundAnswer.COMPLETED))
    assert not queries.is_being_called(case.person_id, first.due_at)


def test_only_the_nearest_call_back_is_proposed_as_done(world: Any, clock: Any) -> None:
    _case, [first, second] = a_series(world, clock)
    assert set(guess([first, second], at(24, 12)).values()) == {InboundAnswer.STILL_TO_DO}
    near = guess([first, second], at(29, 12))
    assert near == {first: InboundAnswer.COMPLETED, second: InboundAnswer.STILL_TO_DO}
    overdue = guess([first, second], at(20, 12, month=12))
    assert overdue[first] is InboundAnswer.COMPLETED


def test_the_page_asks_for_identity_then_shows_each_call_and_saves(
    world: Any, clock: Any, visitor: Any
) -> None:
    case, [first, second] = a_series(world, clock)
    amina = visitor(world.amina)
    url = f"/cases/{case.ref}/they-called"

    def answers(what: str) -> dict[str, str]:
        return {f"answer_{first.id}": what, f"answer_{second.id}": "still_to_do"}

    page = amina.get(url).get_data(as_text=True)
    assert "First make sure who is calling" in page
    clock.freeze(at(30, 12))
    amina = visitor(world.amina)
    amina.submit(f"/look-up/{case.ref}/identity", {"code_word": CODE_WORD})
    assert "Say what it answers" in amina.get(f"/cases/{case.ref}").get_data(as_text=True)
    page = amina.get(url).get_data(as_text=True)
    assert page.count("checked") == 2
    refused = amina.post(url, answers("moved"))
    assert "Choose a day." in refused.get_data(as_text=True)
    answered = amina.post(url, answers("completed"))
    assert answered.status_code == 303
    assert (first.state, second.state) == (FollowUpState.COMPLETED, FollowUpState.SCHEDULED)
    story = amina.get(f"/cases/{case.ref}").get_data(as_text=True)
    assert "The person called us: Done: this call answers it" in story
    assert "Say what it answers" not in story
    entries = audit.entries(world.amina.actor, EntryFilter(action="followup:inbound"))
    assert len(entries) == 2


def test_an_answer_is_never_taken_for_another_call(world: Any, clock: Any, visitor: Any) -> None:
    """R36: what is done or planned while the page stands open moves no answer to another line."""
    case, [first, second] = a_series(world, clock)
    clock.freeze(at(30, 10))
    amina = visitor(world.amina)
    amina.submit(f"/look-up/{case.ref}/identity", {"code_word": CODE_WORD})
    url = f"/cases/{case.ref}/they-called"
    names = re.findall(r'name="(answer_[^"]+)"', amina.get(url).get_data(as_text=True))
    typed = dict(zip(dict.fromkeys(names), ("completed", "still_to_do"), strict=True))
    # A colleague has done the first meanwhile, and planned one that comes before the second.
    end(world.louis.actor, first, FollowUpState.COMPLETED)
    slipped_in = call_at(world.louis.actor, case, at(30, 10, 30))
    asked = amina.post(url, typed)
    assert "Choose one of the answers." in asked.get_data(as_text=True)
    assert slipped_in.state is second.state is FollowUpState.SCHEDULED
    end(world.louis.actor, slipped_in, FollowUpState.COMPLETED)
    assert amina.post(url, typed).status_code == 303
    assert second.state is FollowUpState.SCHEDULED


def test_no_other_door_completes_a_call_without_the_identity_step(
    world: Any, clock: Any, visitor: Any
) -> None:
    """R32: what is told to a voice nobody has recognised is told to nobody."""
    _case, [first, _] = a_series(world, clock)
    amina = visitor(world.amina)
    assert amina.post(f"/follow-ups/{first.id}/told").status_code == 404
    assert first.state is FollowUpState.SCHEDULED


# --- the person will call us -------------------------------------------------------------------------


def test_whoever_wanted_to_call_and_has_not_is_told_of_once_and_never_called(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor, when="will_call_us", windows=[])
    [first, second] = services.plan_series(world.amina.actor, case)
    clock.freeze(first.latest_at - timedelta(minutes=1))
    assert deliver_all(world.north.id) == []
    assert notices_about(first) == []
    clock.freeze(first.latest_at)
    deliver_all(world.north.id)
    assert [n.kind for n in notices_about(first)] == [NoticeKind.DID_NOT_CALL]
    clock.advance(timedelta(hours=2))
    services.replan_windows(world.amina.actor, first)
    deliver_all(world.north.id)
    assert len(notices_about(first)) == 1
    assert notices_about(second) == []
    assert lanes.callable_now(world.amina.actor, first.latest_at) == []
    assert first in lanes.waiting_for_call(
        world.amina.actor, first.latest_at, first.latest_at + timedelta(days=1)
    )


def test_whoever_called_in_time_is_not_told_of(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor, when="will_call_us", windows=[])
    [first, _] = services.plan_series(world.amina.actor, case)
    calls_in(world, case)
    answer(world, case, Answered(first, InboundAnswer.COMPLETED))
    clock.freeze(first.latest_at + timedelta(hours=1))
    deliver_all(world.north.id)
    assert notices_about(first) == []
