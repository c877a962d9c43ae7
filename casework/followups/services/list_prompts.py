"""Telling staff that the call which keeps a place on a waiting list is to be made, or is overdue.

As with a call-back: whoever has it at its time, then the team, then the supervisors. Other than a
call-back it has no prompt beside it: the call is the row that wakes up, so that it can never stand
without one, and it asks nothing about the person, whose agreed hours have no part in it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from casework.audit import services as audit
from casework.database import now
from casework.followups import queries
from casework.followups.ladder import LIST_LADDER, next_rung
from casework.followups.list_models import ListCall
from casework.followups.models import Rung
from casework.followups.services.audience import Staff, audience, owner_of
from casework.notices import services as notices
from casework.notices.models import NoticeKind
from casework.referrals.services.links import has_consent
from casework.security import Actor

# The consent to share has run out, and its own sweep has not ended the request yet.
ASK_AGAIN_AFTER = timedelta(minutes=2)


def prompt_list_calls(service_id: UUID) -> int:
    """Tell of every call to an agency whose moment has come, each rung once; give how many lines.

    After an outage all who should have heard by now hear in one turn. What somebody is changing at
    this moment is left to the next one.
    """
    actor, at = Actor.system(service_id), now()
    told = 0
    for _rung in Rung:
        calls = queries.waking_list_calls(service_id, at)
        if not calls:
            break
        told += _tell(actor, calls, at)
    return told


def _tell(actor: Actor, calls: Sequence[ListCall], at: datetime) -> int:
    owners = {owner for call in calls if (owner := owner_of(call)) is not None}
    staff = Staff(actor, at, owners=owners)
    lines: list[notices.Line] = []
    for call in calls:
        if not has_consent(call.referral):
            # Nobody is sent to speak of a person who no longer agrees to it (R4, R5).
            call.wake_at = at + ASK_AGAIN_AFTER
            continue
        lines += _lines(call, staff, at)
        _climb(call, at)
        audit.record(actor, "case:list_call:prompted", call, subjects=(call.case.person_id,))
    return notices.tell_many(actor, lines)


def _lines(call: ListCall, staff: Staff, at: datetime) -> list[notices.Line]:
    owner = owner_of(call)
    told = audience(call, Rung(call.rung), staff)
    kind, moment = NoticeKind.LIST_CALL_DUE, call.due_at
    if call.latest_at <= at:
        kind, moment = NoticeKind.LIST_CALL_OVERDUE, call.latest_at
        # Being prompted in the morning is not yet knowing that it was missed.
        told = list(dict.fromkeys(([] if owner is None else [owner]) + told))
    key = f"{call.id}:{kind.value}:{int(moment.timestamp())}"
    return [
        notices.Line(account_id, kind, ListCall.__tablename__, call.id, f"{key}:{account_id}")
        for account_id in told
    ]


def _climb(call: ListCall, at: datetime) -> None:
    """Let the call wake up for the next rung; the last one has nobody above it."""
    following = next_rung(LIST_LADDER, Rung(call.rung), call.latest_at)
    call.wake_at = None
    if following is not None:
        rung, wake_at = following
        call.rung, call.wake_at = rung, max(wake_at, at)
