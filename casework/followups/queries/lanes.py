"""The lanes of My day; together they hold everything that is due, so that nothing falls between.

A navigator's own part of a service is small, however large the service is: the query begins with
the people they may see and goes from each to what is planned for them, by index. `OFFSET 0` keeps
PostgreSQL to that order: on tables it has not looked at yet it would begin with all that is open.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import contains_eager

from casework.cases import queries as cases
from casework.cases.models import Case, CaseStatus
from casework.extensions import db
from casework.followups.models import FollowUp, FollowUpKind, FollowUpState
from casework.followups.queries.conditions import (
    begins_at,
    has_consent,
    is_for_later,
    is_for_now,
    is_late,
    is_left_to_them,
    is_stuck,
    telling_first,
)
from casework.people.models import ContactPlan, WhenToCall
from casework.security import Actor

LANE = 100


class LaneName(StrEnum):
    """Where a planned call stands today."""

    NOW = "now"
    LATER = "later"
    WAITS = "waits"
    STUCK = "no-window"


class Place(NamedTuple):
    """Where a lane goes on: how its last row was ordered, by times and an id and nothing else."""

    lane: LaneName
    telling: int
    late: int
    moment: datetime
    due_at: datetime
    follow_up_id: UUID


class OnLane(NamedTuple):
    """One planned call of a lane, when its person may be called, and where the lane goes on."""

    follow_up: FollowUp
    when: WhenToCall | None
    place: Place


class Lanes(NamedTuple):
    """Everything that stands in the lanes, and how many people can be called now, cut or not."""

    lanes: dict[LaneName, list[OnLane]]
    callable_people: int


def my_lanes(
    viewer: Actor, at: datetime, until: datetime, *, limit: int = LANE, after: Place | None = None
) -> Lanes:
    """List all lanes with one query, each in its own order and cut at the limit.

    Tell-the-person first, then what is overdue, then by end of the agreed window (what comes
    later: as hours begin). With `after` its lane alone, from behind that place.
    """
    rows = _labelled(viewer.service_id, viewer.id, at, until).cte("planned")
    order = (rows.c.telling, rows.c.late, rows.c.moment, rows.c.due_at, rows.c.id)
    wanted: ColumnElement[bool] = rows.c.lane.is_not(None)
    if after is not None:
        wanted = and_(rows.c.lane == after.lane.value, tuple_(*order) > tuple_(*after[1:]))
    rank = func.row_number().over(partition_by=rows.c.lane, order_by=order)
    ranked = select(rows, rank.label("rank")).where(wanted).subquery()
    callable_people = (
        select(func.count(rows.c.person_id.distinct()))
        .where(rows.c.lane == LaneName.NOW.value)
        .scalar_subquery()
    )
    found = db.session.execute(
        select(FollowUp, ranked, callable_people.label("callable_people"))
        .join(ranked, ranked.c.id == FollowUp.id)
        .join(FollowUp.case)
        .options(contains_eager(FollowUp.case).joinedload(Case.person, innerjoin=True))
        .where(FollowUp.service_id == viewer.service_id, ranked.c.rank <= limit)
        .order_by(ranked.c.rank)
    ).all()
    standing = Lanes({name: [] for name in LaneName}, found[0].callable_people if found else 0)
    for row in found:
        name = LaneName(row.lane)
        place = Place(name, row.telling, row.late, row.moment, row.due_at, row.id)
        standing.lanes[name].append(OnLane(row.FollowUp, row.when, place))
    return standing


def people_to_call(viewer: Actor, at: datetime) -> int:
    """Count whom the viewer can call now, as the first lane does."""
    return due_for(viewer.service_id, viewer.id, at, with_unowned=True)[0] if viewer.id else 0


def due_for(
    service_id: UUID, account_id: UUID, at: datetime, *, with_unowned: bool = False
) -> tuple[int, datetime | None]:
    """Count whom one navigator can call now, and give the earliest end of their windows."""
    rows = _labelled(service_id, account_id, at, at, with_unowned=with_unowned).subquery()
    due = select(func.count(rows.c.person_id.distinct()), func.min(rows.c.moment)).where(
        rows.c.lane == LaneName.NOW.value
    )
    number, closes_at = db.session.execute(due).one()
    return number, closes_at


def _labelled(
    service_id: UUID,
    account_id: UUID | None,
    at: datetime,
    until: datetime,
    *,
    with_unowned: bool = True,
) -> Select[Any]:
    """Select what is planned for somebody and concerns today, each with its lane and its order."""
    seen = cases.people_seen_by(service_id, account_id, at).subquery("seen")
    # OFFSET 0 keeps it apart: the consent is looked up once for a row, not for each truth about it.
    consent = has_consent(at).correlate(Case)
    agreed = select(consent.label("holds")).offset(0).lateral("agreed")
    holds = agreed.c.holds
    lane, moment = _lane_and_moment(at, until, holds)
    planned = (
        select(
            FollowUp.id,
            Case.person_id,
            lane.label("lane"),
            telling_first().label("telling"),
            case((is_for_now(at, holds), is_late(at)), else_=1).label("late"),
            moment.label("moment"),
            FollowUp.due_at,
            ContactPlan.when,
        )
        .join(Case, Case.id == FollowUp.case_id)
        .outerjoin(ContactPlan, ContactPlan.person_id == Case.person_id)
        .join(agreed, true())
        .where(
            Case.person_id == seen.c.person_id,
            Case.service_id == service_id,
            Case.status == CaseStatus.OPEN,
            FollowUp.service_id == service_id,
            FollowUp.state == FollowUpState.SCHEDULED,
            or_(FollowUp.due_at <= until, FollowUp.kind == FollowUpKind.TELL_PERSON),
            _is_for(account_id, with_unowned=with_unowned),
        )
        .offset(0)
        .lateral("planned_of_one")
    )
    return select(planned).select_from(seen.join(planned, true()))


def _lane_and_moment(
    at: datetime, until: datetime, holds: ColumnElement[bool]
) -> tuple[ColumnElement[str | None], ColumnElement[datetime]]:
    """Say in which lane a call stands, if in any, and by which moment it is ordered there."""
    lane = case(
        (is_for_now(at, holds), literal(LaneName.NOW.value)),
        (is_for_later(at, until, holds), literal(LaneName.LATER.value)),
        (is_left_to_them(at, until, holds), literal(LaneName.WAITS.value)),
        (is_stuck(at, holds), literal(LaneName.STUCK.value)),
    )
    moment = case(
        (is_for_now(at, holds), FollowUp.window_closes_at),
        (is_for_later(at, until, holds), begins_at()),
        (is_left_to_them(at, until, holds), FollowUp.due_at),
        else_=FollowUp.latest_at,
    )
    return lane, moment


def _is_for(account_id: UUID | None, *, with_unowned: bool) -> ColumnElement[bool]:
    """Say that a call was given to somebody, or to nobody in a case of theirs, or of nobody."""
    owned = Case.owner_id == account_id
    theirs = or_(owned, Case.owner_id.is_(None)) if with_unowned else owned
    return or_(FollowUp.assigned_to == account_id, and_(FollowUp.assigned_to.is_(None), theirs))
