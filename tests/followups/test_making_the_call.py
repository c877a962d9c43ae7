"""The call itself: who may dial and when, identity before anything else, and what each answer does."""

from datetime import timedelta
from typing import Any

import pytest

from casework import cases, people
from casework.cases.models import CaseStatus, ClosureCode, NeedOutcome, Reason, UnmetKind
from casework.database import Refused
from casework.database import attempt as savepoint
from casework.directory.needs import NeedCode
from casework.followups import policy, queries, services
from casework.followups.models import (
    AttemptResult,
    FollowUpState,
    OverrideReason,
    ReminderStatus,
)
from casework.followups.policy import ContactRule, NextCall
from casework.followups.refusals import (
    CallIsOver,
    CallsNotAgreed,
    IdentityFirst,
    NotToBeCalled,
    OutsideAgreedHours,
    SomebodyIsCalling,
    VoicemailNever,
)
from casework.followups.services import NeedAnswer, NextStep
from casework.people.models import IdentityMeans, Purpose, WhenToCall
from tests.followups import lanes
from tests.followups.scenes import at, call_at, case_of, reminders_of

AS_PLANNED = NextStep(NextCall.SERIES)


def calling(world: Any, clock: Any, *, needs: Any = (NeedCode.FOOD,), **plan: Any) -> Any:
    """Plan a series, go to its first moment and dial."""
    clock.freeze(at(16, 12))
    case = case_of(world.amina.actor, needs=needs, **plan)
    follow_up = services.plan_series(world.amina.actor, case)[0]
    clock.freeze(follow_up.due_at)
    return follow_up, services.start_call(world.amina.actor, follow_up)


def identified(world: Any, attempt: Any) -> Any:
    """Take the identity step with the right code word."""
    return services.record_reach(
        world.amina.actor, attempt, result=AttemptResult.REACHED_PERSON, code_word="  Blue HERON "
    )


# --- dialling --------------------------------------------------------------------------------------


def test_outside_the_agreed_hours_nobody_dials_without_a_reason(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    follow_up = call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    clock.freeze(at(24, 13))
    with pytest.raises(OutsideAgreedHours):
        services.start_call(world.amina.actor, follow_up)
    attempt = services.start_call(
        world.amina.actor, follow_up, override_reason=OverrideReason.HOLD_ENDS
    )
    assert attempt.override_reason is OverrideReason.HOLD_ENDS


def test_no_reason_lets_anybody_call_who_will_call_us_who_is_unsafe_or_said_no(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 12))
    actor, reason = world.amina.actor, OverrideReason.DANGER
    will_call = call_at(actor, case_of(actor, when="will_call_us", windows=[]), at(24, 9))
    unsafe_case, refused_case = case_of(actor), case_of(actor, consent_days=1)
    unsafe, refused = (
        call_at(actor, unsafe_case, at(24, 9)),
        call_at(actor, refused_case, at(24, 9)),
    )
    people.services.mark_unsafe(actor, unsafe_case.person)
    clock.freeze(at(24, 13))
    for follow_up, refusal in (
        (will_call, NotToBeCalled),
        (unsafe, NotToBeCalled),
        (refused, CallsNotAgreed),
    ):
        with pytest.raises(refusal):
            services.start_call(actor, follow_up, override_reason=reason)


def test_two_navigators_never_call_the_same_person_at_once(world: Any, clock: Any) -> None:
    follow_up, attempt = calling(world, clock)
    assert services.start_call(world.amina.actor, follow_up) is attempt
    with pytest.raises(SomebodyIsCalling):
        services.start_call(world.louis.actor, follow_up)
    with pytest.raises(SomebodyIsCalling):
        services.record_reach(world.louis.actor, attempt, result=AttemptResult.NO_ANSWER)
    clock.advance(policy.CALL_LEASE)
    assert services.start_call(world.louis.actor, follow_up).by_account == world.louis.account_id
    with pytest.raises(CallIsOver):
        services.record_reach(world.amina.actor, attempt, result=AttemptResult.NO_ANSWER)


# --- identity --------------------------------------------------------------------------------------


def test_nothing_can_be_recorded_before_the_identity_step(world: Any, clock: Any) -> None:
    # R13, R32: "yes" to a harmless opening line is not identity.
    _, attempt = calling(world, clock)
    with pytest.raises(IdentityFirst):
        services.record_reach(world.amina.actor, attempt, result=AttemptResult.REACHED_PERSON)
    with pytest.raises(IdentityFirst):
        services.finish_call(
            world.amina.actor, attempt, outcomes=[], still_ok=True, next_step=AS_PLANNED
        )


def test_the_right_code_word_opens_the_conversation(world: Any, clock: Any) -> None:
    _, attempt = calling(world, clock)
    identified(world, attempt)
    assert attempt.identity is IdentityMeans.CODE_WORD
    assert attempt.ended_at is None


@pytest.mark.parametrize("way", ["wrong word", "could not say it"])
def test_a_failed_identity_step_marks_the_number_unsafe_and_nobody_dials_again(
    world: Any, clock: Any, way: str
) -> None:
    follow_up, attempt = calling(world, clock)
    said = {"wrong word": (AttemptResult.REACHED_PERSON, "grey goose")}
    result, word = said.get(way, (AttemptResult.CODE_WORD_FAILED, ""))
    services.record_reach(world.amina.actor, attempt, result=result, code_word=word)
    assert attempt.identity is IdentityMeans.FAILED
    assert attempt.result is AttemptResult.CODE_WORD_FAILED
    assert attempt.ended_at is not None
    assert people.queries.plan_of(world.amina.actor, follow_up.case.person_id).is_unsafe
    assert follow_up.window_opens_at is None
    assert reminders_of(follow_up, ReminderStatus.SCHEDULED) == []
    with pytest.raises(NotToBeCalled):
        services.start_call(
            world.amina.actor, follow_up, override_reason=OverrideReason.PERSON_ASKED
        )
    kinds = [e.kind.value for e in cases.queries.timeline(world.amina.actor, follow_up.case)]
    assert "identity_failed" in kinds


# --- not reached -----------------------------------------------------------------------------------


def test_nobody_answered_plans_the_next_try_within_the_agreed_hours(world: Any, clock: Any) -> None:
    follow_up, attempt = calling(world, clock)
    first_due = follow_up.due_at
    services.record_reach(world.amina.actor, attempt, result=AttemptResult.NO_ANSWER)
    assert follow_up.attempts == 1
    assert follow_up.due_at == first_due + timedelta(days=1)  # three hours later is outside
    [waiting] = reminders_of(follow_up, ReminderStatus.SCHEDULED)
    assert waiting.wake_at == follow_up.due_at


def test_after_the_last_try_the_call_is_noted_as_unable_to_reach(world: Any, clock: Any) -> None:
    follow_up, attempt = calling(world, clock)
    for number in range(1, follow_up.max_attempts + 1):
        assert follow_up.state is FollowUpState.SCHEDULED
        services.record_reach(world.amina.actor, attempt, result=AttemptResult.NO_ANSWER)
        assert follow_up.attempts == number
        if number < follow_up.max_attempts:
            clock.freeze(follow_up.due_at)
            attempt = services.start_call(world.amina.actor, follow_up)
    assert follow_up.state is FollowUpState.UNABLE_TO_REACH
    assert reminders_of(follow_up, ReminderStatus.SCHEDULED) == []
    # The later step of the series goes on; nobody is given up after one bad week.
    assert len(queries.planned_for(follow_up.case_id)) == 1


def test_who_asks_to_be_called_later_is_never_given_up(world: Any, clock: Any) -> None:
    follow_up, attempt = calling(world, clock)
    for _ in range(follow_up.max_attempts + 1):
        services.record_reach(world.amina.actor, attempt, result=AttemptResult.ASKED_LATER)
        clock.freeze(follow_up.due_at)
        attempt = services.start_call(world.amina.actor, follow_up)
    assert follow_up.attempts == 0
    assert follow_up.state is FollowUpState.SCHEDULED


def test_another_time_asked_for_must_lie_in_the_agreed_hours(world: Any, clock: Any) -> None:
    follow_up, attempt = calling(world, clock)
    evening, morning = at(25, 20), at(25, 10)
    with pytest.raises(OutsideAgreedHours), savepoint():
        services.record_reach(
            world.amina.actor,
            attempt,
            result=AttemptResult.ASKED_LATER,
            next_day=evening.date(),
            next_time=evening.time(),
        )
    assert attempt.ended_at is None
    services.record_reach(
        world.amina.actor,
        attempt,
        result=AttemptResult.ASKED_LATER,
        next_day=morning.date(),
        next_time=morning.time(),
    )
    assert follow_up.due_at == morning


def test_no_voicemail_is_recorded_where_none_may_be_left(world: Any, clock: Any) -> None:
    # R11: unknown means no voicemail.
    _, attempt = calling(world, clock)
    with pytest.raises(VoicemailNever):
        services.record_reach(world.amina.actor, attempt, result=AttemptResult.VOICEMAIL_LEFT)


def test_someone_else_with_not_safe_stops_every_call(world: Any, clock: Any) -> None:
    follow_up, attempt = calling(world, clock)
    services.record_reach(
        world.amina.actor,
        attempt,
        result=AttemptResult.REACHED_OTHER,
        rule=ContactRule.NOT_SAFE,
    )
    assert people.queries.plan_of(world.amina.actor, follow_up.case.person_id).is_unsafe
    assert follow_up.window_opens_at is None


def test_will_call_us_leaves_the_call_in_sight_without_a_phone_button(
    world: Any, clock: Any
) -> None:
    follow_up, attempt = calling(world, clock)
    services.record_reach(
        world.amina.actor,
        attempt,
        result=AttemptResult.UNSAFE_TO_TALK,
        rule=ContactRule.WILL_CALL_US,
    )
    later = follow_up.due_at + timedelta(days=1)
    assert lanes.callable_now(world.amina.actor, later) == []
    assert follow_up in lanes.waiting_for_call(world.amina.actor, later, later + timedelta(days=1))


def test_will_call_us_lifts_no_not_safe_that_a_colleague_set_during_the_call(
    world: Any, clock: Any
) -> None:
    """R13: only who makes the plan again, having looked at it, says that it is safe again."""
    follow_up, attempt = calling(world, clock)
    people.services.mark_unsafe(world.sophie.actor, follow_up.case.person)
    services.record_reach(
        world.amina.actor,
        attempt,
        result=AttemptResult.UNSAFE_TO_TALK,
        rule=ContactRule.WILL_CALL_US,
    )
    plan = people.queries.plan_of(world.amina.actor, follow_up.case.person_id)
    assert plan.is_unsafe
    assert plan.when is WhenToCall.WILL_CALL_US


def test_a_wrong_number_is_never_dialled_again(world: Any, clock: Any) -> None:
    follow_up, attempt = calling(world, clock)
    services.record_reach(world.amina.actor, attempt, result=AttemptResult.WRONG_NUMBER)
    assert people.queries.plan_of(world.amina.actor, follow_up.case.person_id).is_unsafe


def test_a_dropped_call_counts_for_nothing_and_stays_due(world: Any, clock: Any) -> None:
    follow_up, attempt = calling(world, clock)
    services.drop_call(world.amina.actor, attempt)
    assert follow_up.attempts == 0
    assert lanes.callable_now(world.amina.actor, follow_up.due_at) == [follow_up]


# --- reached ---------------------------------------------------------------------------------------


def test_what_the_person_said_is_recorded_and_the_next_call_stays_as_planned(
    world: Any, clock: Any
) -> None:
    follow_up, attempt = calling(world, clock, needs=[NeedCode.FOOD, NeedCode.BENEFITS])
    identified(world, attempt)
    case = follow_up.case
    food, benefits = cases.queries.needs_of(world.amina.actor, case)
    services.finish_call(
        world.amina.actor,
        attempt,
        outcomes=[
            NeedAnswer(food, NeedOutcome.MET, version=food.version),
            NeedAnswer(benefits, NeedOutcome.UNMET, Reason.DID_NOT_TRY),
        ],
        still_ok=True,
        next_step=AS_PLANNED,
        note="The hamper came.",
    )
    assert (food.outcome, food.source.value) == (NeedOutcome.MET, "person_reported")
    assert benefits.unmet_kind is UnmetKind.NO_REFERRAL
    assert follow_up.state is FollowUpState.COMPLETED
    [following] = queries.planned_for(case.id)
    assert following.step == 2
    [(_, note)] = cases.services.open_notes(world.amina.actor, case, purpose="test")
    assert note == "The hamper came."


def test_yes_renews_the_consent_to_call_and_confirms_the_plan(world: Any, clock: Any) -> None:
    # R14.
    follow_up, attempt = calling(world, clock)
    identified(world, attempt)
    services.finish_call(
        world.amina.actor, attempt, outcomes=[], still_ok=True, next_step=AS_PLANNED
    )
    person_id = follow_up.case.person_id
    plan = people.queries.plan_of(world.amina.actor, person_id)
    assert plan.last_confirmed_at == follow_up.due_at
    consent = people.queries.active_consent(
        world.amina.actor, person_id, Purpose.CALL_BACK, follow_up.due_at
    )
    assert consent is not None
    assert consent.given_at == follow_up.due_at


def test_a_renewed_consent_reaches_the_calls_that_the_old_one_would_have_cut(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(16, 12))
    case = case_of(world.amina.actor, consent_days=31, when="any_time", windows=[])
    first, second = services.plan_series(world.amina.actor, case)
    assert second.window_closes_at == at(16, 12) + timedelta(days=31)
    clock.freeze(first.due_at)
    attempt = services.start_call(world.amina.actor, first)
    identified(world, attempt)
    services.finish_call(
        world.amina.actor, attempt, outcomes=[], still_ok=True, next_step=AS_PLANNED
    )
    # As far as the case itself may be kept: that consent was not asked for again (R1).
    assert second.window_closes_at == at(16, 12) + timedelta(days=45)


def test_no_ends_the_calls_in_one_step_and_the_case_stays(world: Any, clock: Any) -> None:
    follow_up, attempt = calling(world, clock)
    identified(world, attempt)
    services.finish_call(
        world.amina.actor, attempt, outcomes=[], still_ok=False, next_step=AS_PLANNED
    )
    assert attempt.result is AttemptResult.NO_FURTHER
    assert queries.planned_for(follow_up.case_id) == []
    assert follow_up.case.status is CaseStatus.OPEN


def test_another_time_moves_the_planned_call(world: Any, clock: Any) -> None:
    follow_up, attempt = calling(world, clock)
    identified(world, attempt)
    chosen = at(28, 10)
    services.finish_call(
        world.amina.actor,
        attempt,
        outcomes=[],
        still_ok=True,
        next_step=NextStep(NextCall.CUSTOM, chosen.date(), chosen.time()),
    )
    [following] = queries.planned_for(follow_up.case_id)
    assert following.due_at == chosen


def test_closing_from_the_call_ends_everything_at_once(world: Any, clock: Any) -> None:
    follow_up, attempt = calling(world, clock)
    identified(world, attempt)
    services.finish_call(
        world.amina.actor,
        attempt,
        outcomes=[],
        still_ok=True,
        next_step=NextStep(NextCall.CLOSE, closure=ClosureCode.NEED_MET),
    )
    assert follow_up.case.status is CaseStatus.CLOSED
    assert follow_up.case.closure is ClosureCode.NEED_MET
    assert queries.planned_for(follow_up.case_id) == []


def test_a_refusal_half_way_records_nothing_at_all(world: Any, clock: Any) -> None:
    follow_up, attempt = calling(world, clock)
    identified(world, attempt)
    [need] = cases.queries.needs_of(world.amina.actor, follow_up.case)
    evening = at(28, 22)
    with pytest.raises(Refused), savepoint():
        services.finish_call(
            world.amina.actor,
            attempt,
            outcomes=[NeedAnswer(need, NeedOutcome.MET)],
            still_ok=True,
            next_step=NextStep(NextCall.CUSTOM, evening.date(), evening.time()),
        )
    assert need.outcome is NeedOutcome.PENDING
    assert attempt.ended_at is None
    assert follow_up.state is FollowUpState.SCHEDULED
