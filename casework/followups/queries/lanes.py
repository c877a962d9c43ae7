"""The lanes of My day; together they hold everything that is due, so that nothing falls between."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, case, func, not_, or_, select
from sqlalchemy.orm import contains_eager

from casework.cases.models import Case, CaseStatus
from casework.extensions import db
from casework.followups.models import FollowUp, FollowUpKind, FollowUpState
from casework.followups.queries.conditions import (
    begins_at,
    is_open,
    is_visible,
    may_be_called,
    telling_first,
    waits,
)
from casework.people.models import ContactPlan
from casework.security import Actor

LANE = 100


def callable_now(viewer: Actor, at: datetime, *, limit: int = LANE) -> list[FollowUp]:
    """List whom to call now: tell-the-person first, then overdue, then by end of the window (R10)."""
    lane = _lane(viewer).where(FollowUp.due_at <= at, is_open(at))
    is_late = case((FollowUp.latest_at <= at, 0), else_=1)
    order = (telling_first(), is_late, FollowUp.window_closes_at, FollowUp.due_at, FollowUp.id)
    return list(db.session.scalars(lane.order_by(*order).limit(limit)))


def later_today(
    viewer: Actor, at: datetime, until: datetime, *, limit: int = LANE
) -> list[FollowUp]:
    """List who may be called later, but before `until`: tell-the-person first, then as hours begin."""
    begins = begins_at()
    lane = _lane(viewer).where(
        may_be_called(at), begins > at, begins < until, begins < FollowUp.latest_at
    )
    order = (telling_first(), begins, FollowUp.id)
    return list(db.session.scalars(lane.order_by(*order).limit(limit)))


def waiting_for_call(
    viewer: Actor, at: datetime, until: datetime, *, limit: int = LANE
) -> list[FollowUp]:
    """List those who will call us, or whom we may not call: no phone button, but not forgotten."""
    lane = _lane(viewer).where(FollowUp.due_at < until, waits(at))
    return list(db.session.scalars(lane.order_by(telling_first(), FollowUp.due_at).limit(limit)))


def no_window(viewer: Actor, at: datetime, *, limit: int = LANE) -> list[FollowUp]:
    """List what needs a human: due, and no agreed hour is left before the deadline (R10, R36).

    It is the rest of all that is due, so that nothing can fall between two lanes.
    """
    has_window = and_(may_be_called(at), begins_at() < FollowUp.latest_at)
    comes_too_late = and_(
        FollowUp.kind == FollowUpKind.TELL_PERSON, not_(func.coalesce(has_window, False))
    )
    lane = _lane(viewer).where(
        or_(FollowUp.due_at <= at, comes_too_late),
        not_(func.coalesce(is_open(at), False)),
        not_(func.coalesce(and_(has_window, begins_at() > at), False)),
        not_(func.coalesce(waits(at), False)),
    )
    return list(
        db.session.scalars(
            lane.order_by(telling_first(), FollowUp.latest_at, FollowUp.id).limit(limit)
        )
    )


def due_for(service_id: UUID, account_id: UUID, at: datetime) -> tuple[int, datetime | None]:
    """Count whom one navigator can call now, and give the earliest end of their windows."""
    due = (
        select(func.count(Case.person_id.distinct()), func.min(FollowUp.window_closes_at))
        .select_from(FollowUp)
        .join(Case, Case.id == FollowUp.case_id)
        .join(ContactPlan, ContactPlan.person_id == Case.person_id)
        .where(
            FollowUp.service_id == service_id,
            FollowUp.state == FollowUpState.SCHEDULED,
            func.coalesce(FollowUp.assigned_to, Case.owner_id) == account_id,
            FollowUp.due_at <= at,
            is_open(at),
        )
    )
    number, closes_at = db.session.execute(due).one()
    return number, closes_at


def _lane(viewer: Actor) -> Select[FollowUp]:
    """Select what is planned in open cases for this viewer, or for nobody yet."""
    whose = func.coalesce(FollowUp.assigned_to, Case.owner_id)
    return (
        select(FollowUp)
        .join(FollowUp.case)
        .outerjoin(ContactPlan, ContactPlan.person_id == Case.person_id)
        .options(contains_eager(FollowUp.case).joinedload(Case.person, innerjoin=True))
        .where(
            FollowUp.service_id == viewer.service_id,
            FollowUp.state == FollowUpState.SCHEDULED,
            Case.status == CaseStatus.OPEN,
            or_(whose == viewer.id, whose.is_(None)),
            is_visible(viewer),
        )
    )
