"""The lanes of My day; together they hold everything that is due, so that nothing falls between.

A navigator's own part of a service is small, however large the service is: the query begins with
the people they may see and goes from each to what is planned for them, by index. `OFFSET 0` keeps
PostgreSQL to that order: on tables it has not looked at yet it would begin with all that is open.
"""

from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import contains_eager, load_only

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
from casework.placeholders import ACCOUNT, AT, MOST, SERVICE, UNTIL
from casework.security import Actor

LANE = 100
# What a line tells; a page has some two hundred, and every column more is read for each.
OF_A_CALL = (
    FollowUp.service_id,
    FollowUp.case_id,
    FollowUp.referral_id,
    FollowUp.kind,
    FollowUp.due_at,
    FollowUp.latest_at,
    FollowUp.window_opens_at,
    FollowUp.window_closes_at,
    FollowUp.time_zone,
    FollowUp.attempts,
    FollowUp.max_attempts,
)
# How a lane is ordered, before anything else what is to be told.
ORDER = ("telling", "late", "moment", "wanted_at", "id")
OF_ITS_CASE = (Case.service_id, Case.ref, Case.person_id, Case.is_sensitive, Case.language)


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
    wanted_at: datetime
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

    Tell-the-person first, then what is overdue, then by end of the agreed window; what comes later
    by the moment at which it begins alone. With `after` its lane alone, from behind that place.
    """
    said: dict[str, Any] = {**_who_and_when(viewer.service_id, viewer.id, at, until), "most": limit}
    if after is not None:
        said |= {"only": after.lane.value, **dict(zip(ORDER, after[1:], strict=True))}
    found = db.session.execute(_all_lanes(goes_on=after is not None), said).all()
    standing = Lanes({name: [] for name in LaneName}, found[0].callable_people if found else 0)
    for row in found:
        name = LaneName(row.lane)
        place = Place(name, row.telling, row.late, row.moment, row.wanted_at, row.id)
        standing.lanes[name].append(OnLane(row.FollowUp, row.when, place))
    return standing


def people_to_call(viewer: Actor, at: datetime) -> int:
    """Count whom the viewer can call now, as the first lane does."""
    return due_for(viewer.service_id, viewer.id, at, with_unowned=True)[0] if viewer.id else 0


def due_for(
    service_id: UUID, account_id: UUID, at: datetime, *, with_unowned: bool = False
) -> tuple[int, datetime | None]:
    """Count whom one navigator can call now, and give the earliest end of their windows."""
    said = _who_and_when(service_id, account_id, at, at)
    number, closes_at = db.session.execute(_due(with_unowned=with_unowned), said).one()
    return number, closes_at


# --- the statements: their words are put together once, and each visit says who and when --------------


def _who_and_when(
    service_id: UUID, account_id: UUID | None, at: datetime, until: datetime
) -> dict[str, Any]:
    return {"service": service_id, "account": account_id, "at": at, "until": until}


@cache
def _all_lanes(*, goes_on: bool) -> Select[Any]:
    rows = _labelled(with_unowned=True).cte("planned")
    order = tuple(rows.c[name] for name in ORDER)
    wanted: ColumnElement[bool] = rows.c.lane.is_not(None)
    if goes_on:
        behind = tuple_(*(bindparam(name, type_=rows.c[name].type) for name in ORDER))
        wanted = and_(rows.c.lane == bindparam("only", type_=String), tuple_(*order) > behind)
    rank = func.row_number().over(partition_by=rows.c.lane, order_by=order)
    ranked = select(rows, rank.label("rank")).where(wanted).subquery()
    callable_people = (
        select(func.count(rows.c.person_id.distinct()))
        .where(rows.c.lane == LaneName.NOW.value)
        .scalar_subquery()
    )
    theirs = contains_eager(FollowUp.case).load_only(*OF_ITS_CASE)
    return (
        select(FollowUp, ranked, callable_people.label("callable_people"))
        .join(ranked, ranked.c.id == FollowUp.id)
        .join(FollowUp.case)
        .options(load_only(*OF_A_CALL), theirs.joinedload(Case.person, innerjoin=True))
        .where(FollowUp.service_id == SERVICE, ranked.c.rank <= MOST)
        .order_by(ranked.c.rank)
    )


@cache
def _due(*, with_unowned: bool) -> Select[int, Any]:
    rows = _labelled(with_unowned=with_unowned).subquery()
    return select(func.count(rows.c.person_id.distinct()), func.min(rows.c.moment)).where(
        rows.c.lane == LaneName.NOW.value
    )


def _labelled(*, with_unowned: bool) -> Select[Any]:
    """Select what is planned for somebody and concerns today, each with its lane and its order."""
    seen = cases.people_seen_by(SERVICE, ACCOUNT, AT).subquery("seen")
    # OFFSET 0 keeps it apart: the consent is looked up once for a row, not for each truth about it.
    consent = has_consent(AT).correlate(Case)
    agreed = select(consent.label("holds")).offset(0).lateral("agreed")
    holds = agreed.c.holds
    lane, moment = _lane_and_moment(holds)
    planned = (
        select(
            FollowUp.id,
            Case.person_id,
            lane.label("lane"),
            # What comes later is read as a clock: by time alone.
            case((is_for_later(AT, UNTIL, holds), 1), else_=telling_first()).label("telling"),
            case((is_for_now(AT, holds), is_late(AT)), else_=1).label("late"),
            moment.label("moment"),
            _wanted_at().label("wanted_at"),
            ContactPlan.when,
        )
        .join(Case, Case.id == FollowUp.case_id)
        .outerjoin(ContactPlan, ContactPlan.person_id == Case.person_id)
        .join(agreed, true())
        .where(
            Case.person_id == seen.c.person_id,
            Case.service_id == SERVICE,
            Case.status == CaseStatus.OPEN,
            FollowUp.service_id == SERVICE,
            FollowUp.state == FollowUpState.SCHEDULED,
            or_(FollowUp.due_at <= UNTIL, FollowUp.kind == FollowUpKind.TELL_PERSON),
            _is_for_them(with_unowned=with_unowned),
        )
        .offset(0)
        .lateral("planned_of_one")
    )
    return select(planned).select_from(seen.join(planned, true()))


def _lane_and_moment(
    holds: ColumnElement[bool],
) -> tuple[ColumnElement[str | None], ColumnElement[datetime]]:
    """Say in which lane a call stands, if in any, and by which moment it is ordered there."""
    lane = case(
        (is_for_now(AT, holds), literal(LaneName.NOW.value)),
        (is_for_later(AT, UNTIL, holds), literal(LaneName.LATER.value)),
        (is_left_to_them(AT, UNTIL, holds), literal(LaneName.WAITS.value)),
        (is_stuck(AT, holds), literal(LaneName.STUCK.value)),
    )
    moment = case(
        (is_for_now(AT, holds), FollowUp.window_closes_at),
        (is_for_later(AT, UNTIL, holds), begins_at()),
        (is_left_to_them(AT, UNTIL, holds), FollowUp.due_at),
        else_=FollowUp.latest_at,
    )
    return lane, moment


def _wanted_at() -> ColumnElement[datetime]:
    """Order what is to be told by its deadline, as a held place ends before it (R36), the rest as due."""
    is_telling = FollowUp.kind == FollowUpKind.TELL_PERSON
    return case((is_telling, FollowUp.latest_at), else_=FollowUp.due_at)


def _is_for_them(*, with_unowned: bool) -> ColumnElement[bool]:
    """Say that a call was given to somebody, or to nobody in a case of theirs, or of nobody."""
    owned = Case.owner_id == ACCOUNT
    theirs = or_(owned, Case.owner_id.is_(None)) if with_unowned else owned
    return or_(FollowUp.assigned_to == ACCOUNT, and_(FollowUp.assigned_to.is_(None), theirs))
