"""Which closed cases are past their time; counts for administrators, ids for the sweep only."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from casework.cases.erasure_models import LegalHold
from casework.cases.models import Case, CaseStatus, ClosureCode
from casework.extensions import db
from casework.keeping.models import RetentionRule
from casework.keeping.policy import DEFAULT_DAYS, Report
from casework.security import Actor


def rules(viewer: Actor) -> Sequence[RetentionRule]:
    """List the times a service chose for itself."""
    chosen = select(RetentionRule).where(RetentionRule.service_id == viewer.service_id)
    return db.session.scalars(chosen).all()


def days_of(viewer: Actor) -> dict[ClosureCode, int]:
    """Give how many days a service keeps cases of each closure code: its own rule or the default."""
    return {**DEFAULT_DAYS, **{rule.closure: rule.days for rule in rules(viewer)}}


def report(viewer: Actor, at: datetime, days: Mapping[ClosureCode, int]) -> Report:
    """Count the cases past their time by these days, and those of them that are held; no case shows."""
    counted = db.session.execute(
        select(Case.closure, func.count())
        .where(_is_past(viewer, at, days), ~_is_held())
        .group_by(Case.closure)
    )
    held = db.session.scalar(
        select(func.count()).select_from(Case).where(_is_past(viewer, at, days), _is_held())
    )
    return Report({closure: n for closure, n in counted if closure is not None}, held or 0)


def past_time(
    viewer: Actor,
    at: datetime,
    days: Mapping[ClosureCode, int],
    *,
    limit: int,
    without: Collection[uuid.UUID] = (),
) -> list[uuid.UUID]:
    """Name the cases that are to be erased, the longest closed first, without those that failed."""
    return list(
        db.session.scalars(
            select(Case.id)
            .where(_is_past(viewer, at, days), ~_is_held(), Case.id.not_in(without))
            .order_by(Case.closed_at, Case.id)
            .limit(limit)
        )
    )


def _is_past(viewer: Actor, at: datetime, days: Mapping[ClosureCode, int]) -> ColumnElement[bool]:
    over = (
        and_(Case.closure == closure, Case.closed_at <= at - timedelta(days=kept))
        for closure, kept in days.items()
    )
    return and_(Case.service_id == viewer.service_id, Case.status == CaseStatus.CLOSED, or_(*over))


def _is_held() -> ColumnElement[bool]:
    return exists().where(LegalHold.case_id == Case.id, LegalHold.lifted_at.is_(None))
