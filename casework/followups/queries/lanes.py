"""The lanes of My day; together they hold everything that is due, so that nothing falls between.

A navigator's own part of a service is small, however large the service is: each query begins with
the cases they own and the calls given to them, by index, and never with all that is planned.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
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
    is_open,
    is_stuck,
    telling_first,
)
from casework.people.models import ContactPlan, PersonAccess, WhenToCall
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


def my_lanes(
    viewer: Actor, at: datetime, until: datetime, *, limit: int = LANE, after: Place | None = None
) -> dict[LaneName, list[OnLane]]:
    """List all lanes with one query, each in its own order and cut at the limit.

    Tell-the-person first, then what is overdue, then by end of the agreed window (what comes
    later: as hours begin). With `after` its lane alone, from behind that place.
    """
    rows = _labelled(viewer, at, until).subquery()
    order = (rows.c.telling, rows.c.late, rows.c.moment, rows.c.due_at, rows.c.id)
    wanted: ColumnElement[bool] = rows.c.lane.is_not(None)
    if after is not None:
        wanted = and_(rows.c.lane == after.lane.value, tuple_(*order) > tuple_(*after[1:]))
    rank = func.row_number().over(partition_by=rows.c.lane, order_by=order)
    ranked = select(rows, rank.label("rank")).where(wanted).subquery()
    found = db.session.execute(
        select(FollowUp, ranked)
        .join(ranked, ranked.c.id == FollowUp.id)
        .join(FollowUp.case)
        .options(contains_eager(FollowUp.case).joinedload(Case.person, innerjoin=True))
        .where(FollowUp.service_id == viewer.service_id, ranked.c.rank <= limit)
        .order_by(ranked.c.rank)
    )
    lanes: dict[LaneName, list[OnLane]] = {name: [] for name in LaneName}
    for row in found:
        name = LaneName(row.lane)
        place = Place(name, row.telling, row.late, row.moment, row.due_at, row.id)
        lanes[name].append(OnLane(row.FollowUp, row.when, place))
    return lanes


def callable_now(viewer: Actor, at: datetime, *, limit: int = LANE) -> list[FollowUp]:
    """List whom to call now: tell-the-person first, then overdue, then by end of the window (R10)."""
    lane = _lane(viewer).where(is_for_now(at))
    order = (is_late(at), FollowUp.window_closes_at, FollowUp.due_at, FollowUp.id)
    return list(db.session.scalars(lane.order_by(telling_first(), *order).limit(limit)))


def later_today(
    viewer: Actor, at: datetime, until: datetime, *, limit: int = LANE
) -> list[FollowUp]:
    """List who may be called before `until`, or is due and may be later: telling first, as hours begin."""
    lane = _lane(viewer).where(is_for_later(at, until))
    order = (telling_first(), begins_at(), FollowUp.due_at, FollowUp.id)
    return list(db.session.scalars(lane.order_by(*order).limit(limit)))


def waiting_for_call(
    viewer: Actor, at: datetime, until: datetime, *, limit: int = LANE
) -> list[FollowUp]:
    """List those who will call us, or whom we may not call: no phone button, but not forgotten."""
    lane = _lane(viewer).where(is_left_to_them(at, until))
    order = (telling_first(), FollowUp.due_at, FollowUp.id)
    return list(db.session.scalars(lane.order_by(*order).limit(limit)))


def no_window(viewer: Actor, at: datetime, *, limit: int = LANE) -> list[FollowUp]:
    """List what needs a human: due, and no agreed hour is left before the deadline (R10, R36)."""
    lane = _lane(viewer).where(is_stuck(at))
    order = (telling_first(), FollowUp.latest_at, FollowUp.due_at, FollowUp.id)
    return list(db.session.scalars(lane.order_by(*order).limit(limit)))


def due_for(service_id: UUID, account_id: UUID, at: datetime) -> tuple[int, datetime | None]:
    """Count whom one navigator can call now, and give the earliest end of their windows."""
    mine = union_all(*_given(service_id, account_id)).subquery()
    due = (
        select(func.count(Case.person_id.distinct()), func.min(FollowUp.window_closes_at))
        .select_from(mine)
        .join(FollowUp, FollowUp.id == mine.c.id)
        .join(Case, Case.id == FollowUp.case_id)
        .join(ContactPlan, ContactPlan.person_id == Case.person_id)
        .where(
            FollowUp.service_id == service_id,
            FollowUp.state == FollowUpState.SCHEDULED,
            FollowUp.due_at <= at,
            is_open(at),
        )
    )
    number, closes_at = db.session.execute(due).one()
    return number, closes_at


def _labelled(viewer: Actor, at: datetime, until: datetime) -> Select[Any]:
    """Select the viewer's planned calls that concern today, each with its lane and its order."""
    # OFFSET 0 keeps it apart: the consent is looked up once for a row, not for each truth about it.
    consent = has_consent(at).correlate(Case)
    agreed = select(consent.label("holds")).offset(0).lateral("agreed")
    holds = agreed.c.holds
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
    planned = _of_viewer(select(FollowUp.id), viewer).join(agreed, true())
    return planned.add_columns(
        lane.label("lane"),
        telling_first().label("telling"),
        case((is_for_now(at, holds), is_late(at)), else_=1).label("late"),
        moment.label("moment"),
        FollowUp.due_at,
        ContactPlan.when,
    ).where(or_(FollowUp.due_at < until, FollowUp.kind == FollowUpKind.TELL_PERSON))


def _lane(viewer: Actor) -> Select[FollowUp]:
    """Select what is planned in open cases for this viewer, or for nobody yet."""
    eager = contains_eager(FollowUp.case).joinedload(Case.person, innerjoin=True)
    return _of_viewer(select(FollowUp), viewer).options(eager)


def _of_viewer(rows: Select[Any], viewer: Actor) -> Select[Any]:
    mine = _planned_for(viewer).subquery("mine")
    return (
        rows.join(mine, mine.c.id == FollowUp.id)
        .join(FollowUp.case)
        .outerjoin(ContactPlan, ContactPlan.person_id == Case.person_id)
        .where(
            FollowUp.service_id == viewer.service_id,
            FollowUp.state == FollowUpState.SCHEDULED,
            Case.status == CaseStatus.OPEN,
            cases.may_be_seen(viewer),
        )
    )


def _planned_for(viewer: Actor) -> CompoundSelect[Any]:
    """Name what is planned for the viewer, and what nobody has in cases the viewer may open."""
    of_nobody = (
        select(FollowUp.id)
        .join(Case, Case.id == FollowUp.case_id)
        .where(
            Case.service_id == viewer.service_id,
            Case.owner_id.is_(None),
            Case.status == CaseStatus.OPEN,
            FollowUp.assigned_to.is_(None),
            FollowUp.state == FollowUpState.SCHEDULED,
            Case.person_id.in_(
                select(PersonAccess.person_id).where(
                    PersonAccess.service_id == viewer.service_id,
                    PersonAccess.account_id == viewer.id,
                )
            ),
        )
    )
    return union_all(*_given(viewer.service_id, viewer.id), of_nobody)


def _given(service_id: UUID, account_id: UUID | None) -> tuple[Select[Any], Select[Any]]:
    """Name what is planned for somebody: what was given to them, and what is in their own cases."""
    to_them = select(FollowUp.id).where(
        FollowUp.service_id == service_id,
        FollowUp.assigned_to == account_id,
        FollowUp.state == FollowUpState.SCHEDULED,
    )
    in_their_cases = (
        select(FollowUp.id)
        .join(Case, Case.id == FollowUp.case_id)
        .where(
            Case.service_id == service_id,
            Case.owner_id == account_id,
            Case.status == CaseStatus.OPEN,
            FollowUp.assigned_to.is_(None),
            FollowUp.state == FollowUpState.SCHEDULED,
        )
    )
    return to_them, in_their_cases
