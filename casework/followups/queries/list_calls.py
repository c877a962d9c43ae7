"""Calls to agencies that keep a place on a waiting list: whose they are, and which is planned."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import joinedload, lazyload

from casework import referrals
from casework.cases.models import Case, CaseStatus
from casework.database import NotFound
from casework.extensions import db
from casework.followups.list_models import ListCall, ListCallState
from casework.referrals.models import Referral
from casework.security import Actor


def planned_list_call(service_id: UUID, referral_id: UUID) -> ListCall | None:
    """Give the call that is planned for a request, kept as it is until the commit."""
    return db.session.scalar(
        _planned(service_id)
        .where(ListCall.referral_id == referral_id)
        .options(lazyload("*"))
        .with_for_update(of=ListCall)
        .execution_options(populate_existing=True)
    )


def list_call(viewer: Actor, call_id: UUID) -> ListCall:
    """Give a planned call of a case the viewer may see, kept until the commit; NotFound otherwise.

    The request is locked before its call, as an answer does it.
    """
    wanted = ListCall.service_id == viewer.service_id, ListCall.id == call_id
    referral_id = db.session.scalar(select(ListCall.referral_id).where(*wanted))
    if referral_id is None:
        raise NotFound
    referrals.queries.get(viewer, referral_id)
    referrals.queries.locked(viewer.service_id, referral_id)
    found = planned_list_call(viewer.service_id, referral_id)
    if found is None or found.id != call_id:
        raise NotFound
    return found


def list_calls_of(viewer: Actor, made: Iterable[Referral]) -> list[ListCall]:
    """List what is planned for these requests; the caller has shown that it may see their case."""
    wanted = [referral.id for referral in made]
    if not wanted:
        return []
    calls = _planned(viewer.service_id).where(ListCall.referral_id.in_(wanted))
    return list(db.session.scalars(calls.order_by(ListCall.due_at, ListCall.id)))


def my_list_calls(
    viewer: Actor, until: datetime, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[ListCall]:
    """List the calls due before a moment in the viewer’s own open cases, the soonest to end first.

    `after` is how the last one seen was ordered: the list goes on behind it.
    """
    order = (ListCall.latest_at, ListCall.id)
    due = _own(viewer, until)
    if after is not None:
        due = due.where(tuple_(*order) > tuple_(*after))
    with_people = joinedload(ListCall.case).options(joinedload(Case.person), lazyload(Case.needs))
    return list(db.session.scalars(due.options(with_people).order_by(*order).limit(limit)))


def list_calls_to_hand_over(viewer: Actor, until: datetime, *, limit: int = 100) -> list[ListCall]:
    """List the same without their people: a case that is handed over is locked as it stands alone."""
    due = _own(viewer, until).order_by(ListCall.latest_at, ListCall.id)
    return list(db.session.scalars(due.limit(limit)))


def _own(viewer: Actor, until: datetime) -> Select[ListCall]:
    own = select(Case.id).where(
        Case.service_id == viewer.service_id,
        Case.owner_id == viewer.id,
        Case.status == CaseStatus.OPEN,
    )
    return _planned(viewer.service_id).where(ListCall.case_id.in_(own), ListCall.due_at < until)


def hold_list_call(service_id: UUID, call_id: UUID) -> ListCall | None:
    """Give a call as it stands, held until the commit; None when it is planned no longer."""
    held = _planned(service_id).where(ListCall.id == call_id).with_for_update(of=ListCall)
    return db.session.scalar(held.execution_options(populate_existing=True))


def list_calls_of_others(
    viewer: Actor, account_ids: Collection[UUID], at: datetime, *, limit: int = 50
) -> list[ListCall]:
    """List what is due to agencies in cases of these colleagues; references only are to be shown."""
    due = _due_of(viewer, account_ids, at).order_by(ListCall.latest_at, ListCall.id)
    return list(db.session.scalars(due.limit(limit)))


def list_call_of_others(
    viewer: Actor, call_id: UUID, account_ids: Collection[UUID], at: datetime
) -> ListCall:
    """Give one of those that list_calls_of_others lists; raise NotFound for any other."""
    found = db.session.scalar(
        _due_of(viewer, account_ids, at)
        .where(ListCall.id == call_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def _due_of(viewer: Actor, account_ids: Collection[UUID], at: datetime) -> Select[ListCall]:
    return (
        _planned(viewer.service_id)
        .join(Case, Case.id == ListCall.case_id)
        .where(
            Case.owner_id.in_(account_ids), Case.status == CaseStatus.OPEN, ListCall.due_at <= at
        )
    )


def waking_list_calls(service_id: UUID, at: datetime, *, limit: int = 200) -> list[ListCall]:
    """Give planned calls of open cases of which somebody is to hear now, held until the commit.

    What somebody else is changing at this moment is left out: nobody waits.
    """
    waking = (
        _planned(service_id)
        .join(Case, Case.id == ListCall.case_id)
        .where(ListCall.wake_at <= at, Case.status == CaseStatus.OPEN)
        .order_by(ListCall.wake_at, ListCall.id)
        .limit(limit)
        .options(joinedload(ListCall.case).lazyload(Case.needs))
        .with_for_update(of=ListCall, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(waking))


def _planned(service_id: UUID) -> Select[ListCall]:
    return select(ListCall).where(
        ListCall.service_id == service_id, ListCall.state == ListCallState.PLANNED
    )
