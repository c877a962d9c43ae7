"""After identity: consent again, what became of each need, what was told, and what follows (R14, R36)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time

from casework import people
from casework.cases import services as cases
from casework.cases.models import Case, CaseNeed, ClosureCode, NeedOutcome, Reason, Source
from casework.followups import queries
from casework.followups.models import Attempt, AttemptResult, FollowUp, FollowUpKind, FollowUpState
from casework.followups.policy import NextCall
from casework.followups.refusals import IdentityFirst, PastDueTime
from casework.followups.services import calls, planning
from casework.followups.services.endings import end
from casework.followups.services.windows import replan_for_person
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.referrals import queries as referrals
from casework.security import Actor


@dataclass(frozen=True)
class NeedAnswer:
    """What the person says became of one need; version is the one the page was opened with."""

    need: CaseNeed
    outcome: NeedOutcome
    reason: Reason | None = None
    version: int | None = None


@dataclass(frozen=True)
class NextStep:
    """What follows: the next call as planned, at another time, none, or the end of the case."""

    choice: NextCall
    local_day: date | None = None
    local_time: time | None = None
    closure: ClosureCode | None = None
    case_version: int | None = field(default=None, compare=False)


def finish_call(
    actor: Actor,
    attempt: Attempt,
    *,
    outcomes: Sequence[NeedAnswer],
    still_ok: bool,
    next_step: NextStep,
    is_told: bool = False,
    note: str = "",
) -> Attempt:
    """Record what the person said, all or nothing: outcomes, note, consent, and what follows.

    “Yes” to “still OK with us checking in?” renews the consent to call back and confirms the plan
    (R14); “no” withdraws it, which cancels what is planned (R5, R31). Raises IdentityFirst before
    the identity step, and whatever the parts refuse.
    """
    follow_up = planning.locked_planned(attempt.follow_up)
    calls.check_mine(actor, attempt)
    if attempt.identity is None:
        raise IdentityFirst
    case = follow_up.case
    for answer in outcomes:
        _record_outcome(actor, case, answer)
    if note.strip():
        cases.add_note(actor, case, body=note)
    result = AttemptResult.REACHED_PERSON if still_ok else AttemptResult.NO_FURTHER
    calls.finish_attempt(actor, follow_up, attempt, result)
    if is_told:
        for telling in queries.planned_for(case.id, FollowUpKind.TELL_PERSON):
            end(actor, telling, FollowUpState.COMPLETED)
    if follow_up.kind is FollowUpKind.CALL_BACK:
        end(actor, follow_up, FollowUpState.COMPLETED)
    if still_ok:
        _renew(actor, case)
        people.services.confirm_plan(actor, case.person)
        # What is planned lies within the fresh consent from now on, and no longer ends with the old.
        replan_for_person(actor, case.person_id)
        _plan_next(actor, case, follow_up, next_step)
    else:
        people.services.withdraw(actor, case.person, Purpose.CALL_BACK)
    if next_step.choice is NextCall.CLOSE and next_step.closure is not None:
        cases.close_case(actor, case, closure=next_step.closure, version=next_step.case_version)
    return attempt


def _record_outcome(actor: Actor, case: Case, answer: NeedAnswer) -> None:
    cases.record_outcome(
        actor,
        case,
        answer.need,
        outcome=answer.outcome,
        reason=answer.reason,
        source=Source.PERSON_REPORTED,
        was_referred=bool(referrals.of_need(actor, answer.need.id)),
        version=answer.version,
    )


def _renew(actor: Actor, case: Case) -> None:
    """Record the fresh yes as a consent of its own, in the language it was asked in (R2)."""
    answer = ConsentAnswer(purpose=Purpose.CALL_BACK, is_given=True, language=case.language)
    people.services.record_consents(actor, case.person, [answer])


def _plan_next(actor: Actor, case: Case, done: FollowUp, step: NextStep) -> None:
    if done.state is FollowUpState.SCHEDULED:
        # They were reached but not told yet: that task goes on within the agreed hours.
        calls.plan_next_try(actor, done, AttemptResult.ASKED_LATER)
    following = next_in_series(case)
    if step.choice is NextCall.CUSTOM:
        if step.local_day is None or step.local_time is None:
            raise PastDueTime
        if following is not None:
            planning.move(actor, following, local_day=step.local_day, local_time=step.local_time)
        else:
            planning.plan_call_back(
                actor, case, local_day=step.local_day, local_time=step.local_time
            )


def next_in_series(case: Case, *, after: FollowUp | None = None) -> FollowUp | None:
    """Give the next planned call-back of a case but for one, which “as planned” means."""
    planned = queries.planned_for(case.id, FollowUpKind.CALL_BACK)
    return next((f for f in planned if after is None or f.id != after.id), None)
