"""A call keeps everybody else from its person and number; it is let go in whatever way it ends (R33)."""

from datetime import timedelta
from typing import Any

import pytest

from casework import accounts, database, people
from casework.accounts import locking
from casework.audit import EntryFilter
from casework.audit import queries as audit
from casework.extensions import db
from casework.followups import policy, queries, services
from casework.followups.models import AttemptResult, CallEnding, FreeReason
from casework.followups.refusals import CallIsOver, NumberInUse, SomebodyIsCalling
from tests.followups import lanes
from tests.followups.scenes import a_number, at, call_at, case_of

NINE = at(24, 9)


def two_calls(world: Any, clock: Any, *, phone: str | None = None) -> tuple[Any, Any]:
    """Plan a call of amina's and one of louis', on one number if it is given, and go to their hour."""
    clock.freeze(at(23, 12))
    planned = []
    for member in (world.amina, world.louis):
        case = case_of(member.actor, details={"phone": phone or a_number()})
        planned.append(call_at(member.actor, case, NINE))
    clock.freeze(NINE)
    return planned[0], planned[1]


def session_of(member: Any) -> Any:
    """Begin a session of a member and give its row."""
    membership = accounts.queries.membership_of(member.service_id, member.account_id)
    found = accounts.queries.session_of(accounts.services.begin_session(membership))
    return accounts.queries.web_session(member.actor, found.id)


def test_another_call_to_the_same_person_waits_whatever_it_is_for(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    first, second = (call_at(world.amina.actor, case, at(24, 9, minute)) for minute in (0, 10))
    clock.freeze(at(24, 9, 10))
    services.start_call(world.amina.actor, first)
    with pytest.raises(SomebodyIsCalling):
        services.start_call(world.louis.actor, second)


def test_a_number_in_use_is_not_dialled_for_somebody_else_and_says_nothing_of_them(
    world: Any, clock: Any
) -> None:
    # R33: no case reveals the other.
    amina, louis = two_calls(world, clock, phone=a_number())
    services.start_call(world.amina.actor, amina)
    with pytest.raises(NumberInUse) as refused:
        services.start_call(world.louis.actor, louis)
    assert "Amina" not in str(refused.value.message)
    assert "person" not in str(refused.value.message)
    # Nothing but dialling tells: no page of louis shows that a call is under way.
    assert queries.callers_seen_by(world.louis.actor, NINE) == {}
    assert queries.is_being_called(louis.case.person_id, NINE)


def test_other_people_on_other_numbers_may_be_called_meanwhile(world: Any, clock: Any) -> None:
    amina, louis = two_calls(world, clock)
    services.start_call(world.amina.actor, amina)
    assert not queries.is_being_called(louis.case.person_id, NINE)
    services.start_call(world.louis.actor, louis)


def test_a_call_is_over_for_others_when_it_is_recorded_dropped_or_left(
    world: Any, clock: Any
) -> None:
    follow_up, _ = two_calls(world, clock)
    person_id, actor = follow_up.case.person_id, world.amina.actor
    for ended_by in (services.drop_call, services.leave_call):
        attempt = services.start_call(actor, follow_up)
        assert queries.is_being_called(person_id, NINE)
        ended_by(actor, attempt)
        assert not queries.is_being_called(person_id, NINE)
        assert follow_up.attempts == 0
        assert follow_up in lanes.callable_now(actor, NINE)
    attempt = services.start_call(actor, follow_up)
    services.record_reach(actor, attempt, result=AttemptResult.NO_ANSWER)
    assert not queries.is_being_called(person_id, NINE)


def test_a_page_that_beats_keeps_the_call_and_one_that_crashed_lets_it_go(
    world: Any, clock: Any
) -> None:
    follow_up, _ = two_calls(world, clock)
    attempt = services.start_call(world.amina.actor, follow_up)
    for _ in range(5):
        services.keep_call(world.amina.actor, attempt)
        moment = clock.advance(policy.BEATING_LEASE - timedelta(seconds=1))
        assert queries.is_being_called(follow_up.case.person_id, moment)
    moment = clock.advance(timedelta(seconds=1))
    assert not queries.is_being_called(follow_up.case.person_id, moment)


def test_without_scripts_a_call_is_kept_for_longer_and_any_form_renews_it(
    world: Any, clock: Any
) -> None:
    follow_up, _ = two_calls(world, clock)
    attempt = services.start_call(world.amina.actor, follow_up)
    moment = clock.advance(policy.CALL_LEASE - timedelta(seconds=1))
    assert queries.is_being_called(follow_up.case.person_id, moment)
    services.renew(world.amina.actor, attempt)
    moment = clock.advance(policy.CALL_LEASE - timedelta(seconds=1))
    assert queries.is_being_called(follow_up.case.person_id, moment)


def test_leaving_the_page_frees_the_call_unless_its_next_step_opens(world: Any, clock: Any) -> None:
    follow_up, _ = two_calls(world, clock)
    attempt = services.start_call(world.amina.actor, follow_up)
    services.page_left(world.amina.actor, attempt)
    services.keep_call(world.amina.actor, attempt)
    moment = clock.advance(policy.NEXT_STEP_OPENS_WITHIN)
    assert queries.is_being_called(follow_up.case.person_id, moment)
    services.page_left(world.amina.actor, attempt)
    moment = clock.advance(policy.NEXT_STEP_OPENS_WITHIN)
    assert not queries.is_being_called(follow_up.case.person_id, moment)


@pytest.mark.parametrize("way", ["locked", "signed out"])
def test_a_screen_that_is_locked_or_signed_out_keeps_nobody_away(
    world: Any, clock: Any, way: str
) -> None:
    follow_up, _ = two_calls(world, clock)
    session = session_of(world.amina)
    services.start_call(world.amina.actor, follow_up, web_session_id=session.id)
    assert queries.is_being_called(follow_up.case.person_id, NINE)
    if way == "locked":
        locking.lock(world.amina.actor, session)
    else:
        session.ended_at = NINE
    db.session.flush()
    assert not queries.is_being_called(follow_up.case.person_id, NINE)
    assert services.start_call(world.louis.actor, follow_up).by_account == world.louis.account_id


def test_who_unlocks_after_somebody_else_began_may_not_dial(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    first, second = (call_at(world.amina.actor, case, at(24, 9, minute)) for minute in (0, 10))
    clock.freeze(at(24, 9, 10))
    session = session_of(world.amina)
    attempt = services.start_call(world.amina.actor, first, web_session_id=session.id)
    locking.lock(world.amina.actor, session)
    db.session.flush()
    services.start_call(world.louis.actor, second)
    session.locked_at = None
    db.session.flush()
    assert not queries.is_held(attempt, at(24, 9, 10))
    with pytest.raises(SomebodyIsCalling):
        services.keep_call(world.amina.actor, attempt, web_session_id=session.id)
    # What she heard before can still be written down.
    services.record_reach(world.amina.actor, attempt, result=AttemptResult.NO_ANSWER)


def test_a_lapsed_call_that_a_colleague_took_over_is_over(world: Any, clock: Any) -> None:
    follow_up, _ = two_calls(world, clock)
    attempt = services.start_call(world.amina.actor, follow_up)
    services.keep_call(world.amina.actor, attempt)
    clock.advance(policy.BEATING_LEASE)
    services.start_call(world.louis.actor, follow_up)
    assert attempt.ending is CallEnding.LAPSED
    with pytest.raises(CallIsOver):
        services.keep_call(world.amina.actor, attempt)


def test_a_supervisor_frees_a_stuck_call_for_a_reason_that_is_kept(world: Any, clock: Any) -> None:
    follow_up, _ = two_calls(world, clock)
    attempt = services.start_call(world.amina.actor, follow_up)
    services.free_call(world.sophie.actor, attempt, reason=FreeReason.GONE)
    assert not queries.is_being_called(follow_up.case.person_id, NINE)
    assert follow_up.attempts == 0
    assert attempt.ending is CallEnding.FREED
    database.commit()
    [entry] = audit.entries(world.sophie.actor, EntryFilter(action="followup:call:freed"))
    assert entry.detail == {"reason": "gone"}


def test_no_window_moves_under_a_call_in_progress(world: Any, clock: Any) -> None:
    follow_up, _ = two_calls(world, clock)
    attempt = services.start_call(world.amina.actor, follow_up)
    closes = follow_up.window_closes_at
    clock.freeze(at(24, 11, 45))
    services.renew(world.amina.actor, attempt)
    services.roll_windows(world.amina.service_id)
    assert follow_up.window_closes_at == closes
    services.drop_call(world.amina.actor, attempt)
    services.roll_windows(world.amina.service_id)
    assert follow_up.window_closes_at == closes + timedelta(days=1)


def test_a_plan_that_stops_calls_still_stops_them_during_a_call(world: Any, clock: Any) -> None:
    follow_up, _ = two_calls(world, clock)
    services.start_call(world.amina.actor, follow_up)
    people.services.mark_unsafe(world.louis.actor, follow_up.case.person)
    assert follow_up.window_opens_at is None
