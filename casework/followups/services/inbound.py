"""The person called us: what that call answers is done or planned anew, and the case says so (R32)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from casework.audit import services as audit
from casework.cases import queries as cases
from casework.cases import services as case_services
from casework.cases.models import Case, EventKind
from casework.database import now
from casework.followups import queries
from casework.followups.inbound import InboundAnswer
from casework.followups.models import FollowUp, FollowUpState
from casework.followups.refusals import IdentityFirst, PastDueTime, SomebodyIsCalling
from casework.followups.services import planning
from casework.followups.services.endings import end
from casework.people import queries as people
from casework.people.models import AccessReason
from casework.security import Actor

# So long after the identity step the voice on the line is taken as the one that proved itself.
RECOGNISED_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Answered:
    """What the call does to one planned call, and when it is made instead if it moves."""

    follow_up: FollowUp
    what: InboundAnswer
    local_day: date | None = None
    local_time: time | None = None


def recognised_at(actor: Actor, case: Case) -> datetime | None:
    """Tell when the actor last heard the person prove who they are, within the hour (R32).

    A later identity step that failed, whoever heard it, undoes the earlier ones.
    """
    at = now()
    heard = [
        access.from_at
        for access in people.accesses_to(actor, case.person_id, at)
        if access.account_id == actor.id and access.reason is AccessReason.PERSON_CALLED
    ]
    latest = max(heard, default=None)
    failed_at = cases.last_failed_identity(actor, case.person_id)
    if latest is None or latest < at - RECOGNISED_FOR or (failed_at and failed_at >= latest):
        return None
    return latest


def awaits_answer(actor: Actor, case: Case) -> bool:
    """Tell whether the person is on the line and nobody has said yet what their call answers."""
    since = recognised_at(actor, case)
    if since is None or not queries.planned_for(case.id):
        return False
    return not any(
        event.kind is EventKind.PERSON_CALLED and event.at >= since
        for event in cases.timeline(actor, case)
    )


def record_inbound(actor: Actor, case: Case, *, answers: Sequence[Answered]) -> int:
    """Record what a call from the person answers, all or nothing; tell how many are done.

    Raises IdentityFirst without the identity step of this call (R32), SomebodyIsCalling, and for
    a move what planning.move refuses.
    """
    if recognised_at(actor, case) is None:
        raise IdentityFirst(field="answers")
    done = 0
    for answer in answers:
        follow_up = planning.locked_planned(answer.follow_up)
        under_way = queries.call_for(follow_up, now())
        if under_way is not None and under_way.by_account != actor.id:
            raise SomebodyIsCalling
        if answer.what is InboundAnswer.COMPLETED:
            end(actor, follow_up, FollowUpState.COMPLETED)
            done += 1
        elif answer.what is InboundAnswer.MOVED:
            if answer.local_day is None or answer.local_time is None:
                raise PastDueTime
            planning.move(
                actor, follow_up, local_day=answer.local_day, local_time=answer.local_time
            )
        tell_of(actor, case, follow_up, answer.what)
    return done


def tell_of(actor: Actor, case: Case, follow_up: FollowUp, what: InboundAnswer) -> None:
    """Write in the timeline and the audit that it was the person who called."""
    case_services.record_event(
        actor, case, EventKind.PERSON_CALLED, subject_id=follow_up.id, code=what.value
    )
    audit.record(
        actor,
        "followup:inbound",
        follow_up,
        subjects=(case.person_id,),
        detail={"answer": what.value},
    )
