"""After identity: consent again, what became of each need, what was told, and what follows (R14, R36)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time

from casework import people
from casework.cases import services as cases
from casework.cases.models import Case, CaseNeed, ClosureCode, NeedOutcome, Reason, Source
from casework.database import now
from casework.followups import consequences, queries
from casework.followups.models import Attempt, AttemptResult, FollowUp, FollowUpKind
from casework.followups.policy import NextCall
from casework.followups.refusals import HoursFirst, IdentityFirst, PastDueTime
from casework.followups.services import calls, leases, planning
from casework.followups.services.carrying import carry_out, situation_of
from casework.followups.services.windows import read_plan, replan_for_person
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
    are_hours_right: bool = True,
    note: str = "",
) -> Attempt:
    """Record what the person said, all or nothing: outcomes, note, consent, and what follows.

    “Yes” to “still OK with us checking in?” renews the consent to call back and confirms the plan
    (R14); “no” withdraws it, which cancels what is planned (R5, R31). One call answers all that is
    due in its case. Raises IdentityFirst before the identity step, HoursFirst when the hours are
    said to be wrong and stand as they were, and whatever the parts refuse.
    """
    follow_up = planning.locked_planned(attempt.follow_up)
    leases.check_mine(actor, attempt)
    if attempt.identity is None:
        raise IdentityFirst
    case = follow_up.case
    if still_ok and not are_hours_right:
        _check_hours_changed(actor, case, attempt)
    for answer in outcomes:
        _record_outcome(actor, case, answer)
    if note.strip():
        cases.add_note(actor, case, body=note)
    result = AttemptResult.REACHED_PERSON if still_ok else AttemptResult.NO_FURTHER
    calls.finish_attempt(actor, follow_up, attempt, result)
    if still_ok:
        _renew(actor, case)
        people.services.confirm_plan(actor, case.person)
    _carry_out(actor, follow_up, still_ok=still_ok, is_told=is_told, step=next_step)
    if not still_ok:
        people.services.withdraw(actor, case.person, Purpose.CALL_BACK)
    if next_step.choice is NextCall.CLOSE and next_step.closure is not None:
        cases.close_case(actor, case, closure=next_step.closure, version=next_step.case_version)
    return attempt


def _check_hours_changed(actor: Actor, case: Case, attempt: Attempt) -> None:
    """Refuse to plan in hours that the person says are wrong, until they are written anew (R14)."""
    plan = people.queries.plan_of(actor, case.person_id)
    if plan.last_confirmed_at < attempt.started_at:
        raise HoursFirst


def _carry_out(
    actor: Actor, follow_up: FollowUp, *, still_ok: bool, is_told: bool, step: NextStep
) -> None:
    """Do to all that is planned what the page has shown; with a yes, under the fresh consent."""
    case = follow_up.case
    reading = read_plan(actor, case, purpose="plan_call")
    chosen, following = None, next_in_series(case, after=follow_up)
    if still_ok and step.choice is NextCall.CUSTOM:
        if step.local_day is None or step.local_time is None:
            raise PastDueTime
        chosen = planning.agreed_moment(reading, step.local_day, step.local_time)
    consequence = consequences.after_talk(
        situation_of(follow_up, reading),
        still_ok=still_ok,
        is_told=is_told,
        # The case itself ends the rest when it closes; until then it stays as it is.
        choice=NextCall.SERIES if step.choice is NextCall.CLOSE else step.choice,
        moved=following.id if following else None,
        chosen=chosen,
    )
    carry_out(actor, case, consequence, reading=reading)
    if not still_ok:
        return
    # What is planned in other cases lies within the fresh consent too, and no longer ends with the old.
    replan_for_person(actor, case.person_id)
    if step.choice is NextCall.CUSTOM and step.local_day and step.local_time:
        if following is not None:
            planning.move(actor, following, local_day=step.local_day, local_time=step.local_time)
        else:
            planning.plan_call_back(
                actor, case, local_day=step.local_day, local_time=step.local_time
            )


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


def next_in_series(case: Case, *, after: FollowUp | None = None) -> FollowUp | None:
    """Give the next planned call-back of a case, which “as planned” means.

    After a call it is the first that this call does not answer: what is due is answered with it.
    """
    planned = queries.planned_for(case.id, FollowUpKind.CALL_BACK)
    at = now()
    return next((f for f in planned if after is None or (f.id != after.id and f.due_at > at)), None)
