"""Ending what is planned: done, given up, or cancelled because consent or the case ended (R5)."""

from uuid import UUID

from casework.audit import services as audit
from casework.cases.models import Case, EventKind
from casework.cases.services import record_event
from casework.database import now
from casework.followups import queries
from casework.followups.inbound import InboundAnswer
from casework.followups.models import CancelReason, FollowUp, FollowUpKind, FollowUpState
from casework.followups.refusals import NoLongerPlanned
from casework.followups.services import reminders
from casework.followups.services.windows import CALLS_NEED
from casework.people.models import Purpose
from casework.security import Actor


def end(
    actor: Actor, follow_up: FollowUp, state: FollowUpState, reason: CancelReason | None = None
) -> None:
    """End a planned follow-up and its reminder; what is no longer planned is left as it is."""
    locked = queries.lock(follow_up.id)
    if locked is None or locked.state is not FollowUpState.SCHEDULED:
        return
    locked.state = state
    locked.cancel_reason = reason
    locked.ended_at = now()
    locked.window_opens_at = locked.window_closes_at = None
    locked.version += 1
    reminders.cancel(locked)
    attempt = queries.open_attempt(locked)
    if attempt is not None:
        # Nothing is left to call for: the person and their number are free for others at once (R33).
        attempt.ended_at = now()
    audit.record(
        actor,
        f"case:followup:{state.value}",
        locked,
        subjects=(locked.case.person_id,),
        detail=None if reason is None else {"reason": reason.value},
    )


def cancel_for_case(
    actor: Actor, case: Case, *, reason: CancelReason, kind: FollowUpKind | None = None
) -> int:
    """Cancel all that is planned for a case; tell how many there were."""
    planned = queries.planned_for(case.id, kind)
    for follow_up in planned:
        end(actor, follow_up, FollowUpState.CANCELLED, reason)
    return len(planned)


def cancel_for_person(actor: Actor, person_id: UUID, *, reason: CancelReason) -> int:
    """Cancel all that is planned in every case of a person; tell how many there were."""
    planned = queries.planned_for_person(person_id)
    for follow_up in planned:
        end(actor, follow_up, FollowUpState.CANCELLED, reason)
    return len(planned)


def mark_told(actor: Actor, follow_up: FollowUp) -> None:
    """Note that the person knows what the agency answered, for example because they called us (R36)."""
    if follow_up.kind is not FollowUpKind.TELL_PERSON:
        raise NoLongerPlanned
    end(actor, follow_up, FollowUpState.COMPLETED)
    record_event(
        actor,
        follow_up.case,
        EventKind.PERSON_CALLED,
        subject_id=follow_up.id,
        code=InboundAnswer.COMPLETED.value,
    )


def consent_has_ended(person_id: UUID, *, purpose: Purpose, actor: Actor, **_: object) -> None:
    """Cancel planned calls in the transaction that ends the consent (R5, R6, R31)."""
    if purpose in CALLS_NEED:
        cancel_for_person(actor, person_id, reason=CancelReason.CONSENT_WITHDRAWN)


def case_has_closed(sender: object, *, case: Case, actor: Actor, **_: object) -> None:
    """Cancel what is planned when its case closes: no task goes on after the end (SORMAS #1710)."""
    cancel_for_case(actor, case, reason=CancelReason.CASE_CLOSED)
