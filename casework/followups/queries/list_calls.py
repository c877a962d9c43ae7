"""Calls to agencies that keep a place on a waiting list: whose they are, and which is planned."""

from collections.abc import Iterable
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
    own = select(Case.id).where(
        Case.service_id == viewer.service_id,
        Case.owner_id == viewer.id,
        Case.status == CaseStatus.OPEN,
    )
    order = (ListCall.latest_at, ListCall.id)
    due = _planned(viewer.service_id).where(ListCall.case_id.in_(own), ListCall.due_at < until)
    if after is not None:
        due = due.where(tuple_(*order) > tuple_(*after))
    with_people = joinedload(ListCall.case).options(joinedload(Case.person), lazyload(Case.needs))
    return list(db.session.scalars(due.options(with_people).order_by(*order).limit(limit)))


def _planned(service_id: UUID) -> Select[ListCall]:
    return select(ListCall).where(
        ListCall.service_id == service_id, ListCall.state == ListCallState.PLANNED
    )
