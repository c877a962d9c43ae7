"""What somebody still has to do before their shift ends, and what is due for those who are off."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager

from casework.cases.models import Case, CaseStatus
from casework.database import NotFound
from casework.extensions import db
from casework.followups.models import FollowUp, FollowUpState
from casework.followups.queries.conditions import begins_at, is_open, is_visible, telling_first
from casework.people.models import ContactPlan
from casework.security import Actor


def to_hand_over(viewer: Actor, until: datetime, *, limit: int = 100) -> list[FollowUp]:
    """List what the viewer still has that is due, or may be called, before a moment."""
    begins = func.coalesce(begins_at(), FollowUp.due_at)
    mine = (
        _planned(viewer)
        .where(
            _whose() == viewer.id, is_visible(viewer), or_(begins < until, FollowUp.due_at < until)
        )
        .order_by(telling_first(), begins, FollowUp.id)
        .limit(limit)
    )
    return list(db.session.scalars(mine))


def due_for_others(
    viewer: Actor, account_ids: Collection[UUID], at: datetime, *, limit: int = 50
) -> list[FollowUp]:
    """List what may be called now and belongs to these colleagues; references only are to be shown."""
    due = (
        _due_for(viewer, account_ids, at)
        .order_by(telling_first(), FollowUp.window_closes_at, FollowUp.id)
        .limit(limit)
    )
    return list(db.session.scalars(due))


def due_for_another(
    viewer: Actor, follow_up_id: UUID, account_ids: Collection[UUID], at: datetime
) -> FollowUp:
    """Give one of those that due_for_others lists; raise NotFound for any other."""
    found = db.session.scalars(
        _due_for(viewer, account_ids, at).where(FollowUp.id == follow_up_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def _due_for(viewer: Actor, account_ids: Collection[UUID], at: datetime) -> Select[FollowUp]:
    return _planned(viewer).where(_whose().in_(account_ids), FollowUp.due_at <= at, is_open(at))


def _planned(viewer: Actor) -> Select[FollowUp]:
    return (
        select(FollowUp)
        .join(FollowUp.case)
        .outerjoin(ContactPlan, ContactPlan.person_id == Case.person_id)
        .options(contains_eager(FollowUp.case))
        .where(
            FollowUp.service_id == viewer.service_id,
            FollowUp.state == FollowUpState.SCHEDULED,
            Case.status == CaseStatus.OPEN,
        )
    )


def _whose() -> ColumnElement[UUID]:
    return func.coalesce(FollowUp.assigned_to, Case.owner_id)
