"""The end of a shift: every call one still has goes to a colleague or the team, with a sealed note."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from casework import people
from casework.accounts import queries as accounts
from casework.accounts import shift_queries
from casework.audit import services as audit
from casework.cases import services as cases
from casework.cases.models import Case
from casework.database import Refused, now
from casework.followups import queries
from casework.followups.list_models import ListCall
from casework.followups.models import FollowUp
from casework.followups.refusals import NoLongerPlanned, SomebodyIsCalling
from casework.followups.services import planning
from casework.notices import services as notices
from casework.notices.models import NoticeKind
from casework.people.models import AccessReason
from casework.security import Actor


class NothingChosen(Refused):
    """Handing over needs at least one call."""

    message = _l("Choose at least one call to hand over.")
    field = "chosen"


class NotThere(Refused):
    """A hand-over goes to somebody who can take it."""

    message = _l("Choose a colleague, or the team.")
    field = "to"


@dataclass(frozen=True)
class Handed:
    """One call, to a person or to an agency, and what the next one must know about its case."""

    task: FollowUp | ListCall
    note: str = ""


def hand_over(actor: Actor, handed: Sequence[Handed], *, to: UUID | None) -> int:
    """Hand calls to a colleague, or to the team (None); tell how many cases went, all or none.

    The note is sealed in its case before the case goes; the receiver is told in the app. Raises
    NothingChosen, NotThere, SomebodyIsCalling, NoLongerPlanned, and what notes refuse.
    """
    if not handed:
        raise NothingChosen
    if to == actor.id or (to is not None and to not in _colleagues(actor)):
        raise NotThere
    gone: set[UUID] = set()
    # Call-backs are held first, as by an answer, which holds them before the call to its agency.
    for one in sorted(handed, key=lambda each: isinstance(each.task, ListCall)):
        case = _held(one.task).case
        if one.note.strip():
            cases.add_note(actor, case, body=one.note)
        gone.add(case.id)
    for one in handed:
        _pass_on(actor, one.task, to)
    return len(gone)


def take_over(actor: Actor, follow_up_id: UUID) -> Case:
    """Take a case whose call may be made now while whoever has it is off shift.

    Raises NotFound when it is not, or no longer, such a call, and SomebodyIsCalling.
    """
    at = now()
    off = _off_shift(actor, at)
    # Held before it is asked whose it is: of two who press at once, the second finds it taken.
    queries.lock(follow_up_id)
    follow_up = queries.due_for_another(actor, follow_up_id, off, at)
    if queries.call_for(follow_up, at) is not None:
        raise SomebodyIsCalling
    case = follow_up.case
    cases.assign(actor, case, owner_id=actor.id)
    follow_up.assigned_to = None
    audit.record(actor, "followup:taken_over", follow_up, subjects=(case.person_id,))
    return case


def take_over_list_call(actor: Actor, call_id: UUID) -> Case:
    """Take a case whose call to an agency is due while whoever has it is off shift.

    Raises NotFound when it is not, or no longer, such a call: of two who press at once, the second
    finds it taken.
    """
    at = now()
    queries.hold_list_call(actor.service_id, call_id)
    call = queries.list_call_of_others(actor, call_id, _off_shift(actor, at), at)
    cases.assign(actor, call.case, owner_id=actor.id)
    audit.record(actor, "case:list_call:taken_over", call, subjects=(call.case.person_id,))
    return call.case


def _held(task: FollowUp | ListCall) -> FollowUp | ListCall:
    """Hold a call until the commit; raise SomebodyIsCalling or NoLongerPlanned."""
    if isinstance(task, ListCall):
        held = queries.hold_list_call(task.service_id, task.id)
        if held is None:
            raise NoLongerPlanned
        return held
    follow_up = planning.locked_planned(task)
    if queries.call_for(follow_up, now()) is not None:
        raise SomebodyIsCalling
    return follow_up


def _off_shift(actor: Actor, at: datetime) -> list[UUID]:
    return [
        account_id for account_id in shift_queries.off_shift(actor, at) if account_id != actor.id
    ]


def _pass_on(actor: Actor, task: FollowUp | ListCall, to: UUID | None) -> None:
    if isinstance(task, FollowUp):
        _pass_on_call_back(actor, task, to)
        return
    case = task.case
    # A call to an agency goes with its case, which another call of it may have taken along already.
    if case.owner_id == actor.id:
        cases.assign(actor, case, owner_id=to)
    audit.record(
        actor,
        "case:list_call:handed_over",
        task,
        subjects=(case.person_id,),
        detail={"to": to},
    )


def _pass_on_call_back(actor: Actor, follow_up: FollowUp, to: UUID | None) -> None:
    case = follow_up.case
    if case.owner_id == actor.id:
        follow_up.assigned_to = None
        cases.assign(actor, case, owner_id=to)
    elif follow_up.assigned_to == actor.id:
        # Somebody else has the case: only this call was ours to give.
        follow_up.assigned_to = to
        if to is not None:
            people.services.grant_access(actor, case.person_id, to, AccessReason.ASSIGNED)
            key = f"handed:{follow_up.id}:{follow_up.version}:{to}"
            notices.tell(actor, to, NoticeKind.CASE_ASSIGNED, case, key)
    else:
        follow_up.assigned_to = None
    follow_up.version += 1
    audit.record(
        actor,
        "followup:handed_over",
        follow_up,
        subjects=(case.person_id,),
        detail={"to": to},
    )


def _colleagues(actor: Actor) -> set[UUID]:
    return {member.account_id for member in accounts.colleagues(actor)}
