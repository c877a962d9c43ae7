"""What is planned and for whom to see: the lanes of My day, a case's next contact, what was tried.

A row is offered for calling only while four things are true in the database at this moment: it is
due, its window is open, the window was read from the plan as it stands, and consent holds.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, not_, or_, select
from sqlalchemy.orm import contains_eager, lazyload

from casework.cases import queries as cases
from casework.cases.models import Case, CaseStatus
from casework.database import NotFound
from casework.extensions import db
from casework.followups.models import (
    Attempt,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    Reminder,
    ReminderStatus,
)
from casework.people.models import Consent, ContactPlan, Purpose, WhenToCall
from casework.security import Actor

CALLABLE_PLANS = (WhenToCall.WINDOWS, WhenToCall.ANY_TIME)
LANE = 100


def get(viewer: Actor, follow_up_id: UUID) -> FollowUp:
    """Give a follow-up of a case the viewer may see; raise NotFound otherwise."""
    found = db.session.scalars(
        select(FollowUp).where(FollowUp.id == follow_up_id, _is_visible(viewer))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def for_case(viewer: Actor, case: Case) -> list[FollowUp]:
    """List all follow-ups of a case, the earliest due first."""
    return list(
        db.session.scalars(
            select(FollowUp)
            .where(FollowUp.service_id == viewer.service_id, FollowUp.case_id == case.id)
            .order_by(FollowUp.due_at, FollowUp.step, FollowUp.id)
        )
    )


def planned_for(case_id: UUID, kind: FollowUpKind | None = None) -> list[FollowUp]:
    """List the follow-ups of a case that are still to come, the earliest due first."""
    planned = select(FollowUp).where(
        FollowUp.case_id == case_id, FollowUp.state == FollowUpState.SCHEDULED
    )
    if kind is not None:
        planned = planned.where(FollowUp.kind == kind)
    return list(db.session.scalars(planned.order_by(FollowUp.due_at, FollowUp.id)))


def next_for(viewer: Actor, case: Case) -> FollowUp | None:
    """Give the next contact planned for a case: telling the person comes before anything else."""
    planned = [f for f in for_case(viewer, case) if f.state is FollowUpState.SCHEDULED]
    return min(planned, key=lambda f: (f.kind is not FollowUpKind.TELL_PERSON, f.due_at), default=None)


def attempts_of(viewer: Actor, case: Case) -> list[Attempt]:
    """List every call made for a case, newest first, for its timeline."""
    return list(
        db.session.scalars(
            select(Attempt)
            .where(Attempt.service_id == viewer.service_id, Attempt.case_id == case.id)
            .order_by(Attempt.started_at.desc(), Attempt.id)
        )
    )


def open_attempt(follow_up: FollowUp) -> Attempt | None:
    """Give the call that is under way for a follow-up, whoever makes it."""
    return db.session.scalars(
        select(Attempt).where(Attempt.follow_up_id == follow_up.id, Attempt.ended_at.is_(None))
    ).one_or_none()


def last_attempt(follow_up: FollowUp) -> Attempt | None:
    """Give the latest call made for a follow-up."""
    return db.session.scalars(
        select(Attempt)
        .where(Attempt.follow_up_id == follow_up.id)
        .order_by(Attempt.started_at.desc(), Attempt.id)
        .limit(1)
    ).one_or_none()


# --- the lanes of My day -------------------------------------------------------------------------


def callable_now(viewer: Actor, at: datetime, *, limit: int = LANE) -> list[FollowUp]:
    """List whom to call now: tell-the-person first, then overdue, then by end of the window (R10)."""
    lane = _lane(viewer).where(FollowUp.due_at <= at, _is_open(at))
    is_late = case((FollowUp.latest_at <= at, 0), else_=1)
    order = (_telling_first(), is_late, FollowUp.window_closes_at, FollowUp.due_at, FollowUp.id)
    return list(db.session.scalars(lane.order_by(*order).limit(limit)))


def later_today(
    viewer: Actor, at: datetime, until: datetime, *, limit: int = LANE
) -> list[FollowUp]:
    """List who may be called later, but before `until`, in the order their agreed time begins."""
    begins = _begins_at()
    lane = _lane(viewer).where(
        _may_be_called(at), begins > at, begins < until, begins < FollowUp.latest_at
    )
    return list(db.session.scalars(lane.order_by(begins, FollowUp.id).limit(limit)))


def waiting_for_call(
    viewer: Actor, at: datetime, until: datetime, *, limit: int = LANE
) -> list[FollowUp]:
    """List those who will call us, or whom we may not call: no phone button, but not forgotten."""
    lane = _lane(viewer).where(FollowUp.due_at < until, _waits(at))
    return list(
        db.session.scalars(lane.order_by(_telling_first(), FollowUp.due_at).limit(limit))
    )


def no_window(viewer: Actor, at: datetime, *, limit: int = LANE) -> list[FollowUp]:
    """List what needs a human: due, and no agreed hour is left before the deadline (R10, R36).

    It is the rest of all that is due, so that nothing can fall between two lanes.
    """
    has_window = and_(_may_be_called(at), _begins_at() < FollowUp.latest_at)
    comes_too_late = and_(
        FollowUp.kind == FollowUpKind.TELL_PERSON, not_(func.coalesce(has_window, False))
    )
    lane = _lane(viewer).where(
        or_(FollowUp.due_at <= at, comes_too_late),
        not_(func.coalesce(_is_open(at), False)),
        not_(func.coalesce(and_(has_window, _begins_at() > at), False)),
        not_(func.coalesce(_waits(at), False)),
    )
    return list(
        db.session.scalars(
            lane.order_by(_telling_first(), FollowUp.latest_at, FollowUp.id).limit(limit)
        )
    )


def due_for(service_id: UUID, account_id: UUID, at: datetime) -> tuple[int, datetime | None]:
    """Count the calls one navigator can make now, and give the earliest end of their windows."""
    due = (
        select(func.count(), func.min(FollowUp.window_closes_at))
        .select_from(FollowUp)
        .join(Case, Case.id == FollowUp.case_id)
        .join(ContactPlan, ContactPlan.person_id == Case.person_id)
        .where(
            FollowUp.service_id == service_id,
            FollowUp.state == FollowUpState.SCHEDULED,
            func.coalesce(FollowUp.assigned_to, Case.owner_id) == account_id,
            FollowUp.due_at <= at,
            _is_open(at),
        )
    )
    number, closes_at = db.session.execute(due).one()
    return number, closes_at


# --- for the room's own services -----------------------------------------------------------------


def lock(follow_up_id: UUID) -> FollowUp | None:
    """Give a follow-up as it stands, locked until the transaction ends."""
    return db.session.scalars(
        select(FollowUp)
        .where(FollowUp.id == follow_up_id)
        .options(lazyload(FollowUp.case))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def to_read_again(service_id: UUID, at: datetime, read_before: datetime, limit: int) -> list[UUID]:
    """Name the follow-ups whose window is over or was read from a plan that has changed since."""
    has_come_back = and_(
        FollowUp.window_opens_at.is_(None),
        FollowUp.windows_read_at < read_before,
        not_(ContactPlan.is_unsafe),
        ContactPlan.when.in_(CALLABLE_PLANS),
        _has_consent(at),
    )
    return list(
        db.session.scalars(
            select(FollowUp.id)
            .join(Case, Case.id == FollowUp.case_id)
            .join(ContactPlan, ContactPlan.person_id == Case.person_id)
            .where(
                FollowUp.service_id == service_id,
                FollowUp.state == FollowUpState.SCHEDULED,
                or_(
                    FollowUp.window_closes_at <= at,
                    FollowUp.plan_version != ContactPlan.version,
                    has_come_back,
                ),
            )
            .order_by(FollowUp.window_closes_at, FollowUp.id)
            .limit(limit)
            .with_for_update(of=FollowUp, skip_locked=True)
        )
    )


def plan_version(person_id: UUID) -> int:
    """Give the version of a person's contact plan; 0 when there is none."""
    version = select(ContactPlan.version).where(ContactPlan.person_id == person_id)
    return db.session.scalar(version) or 0


def planned_for_person(person_id: UUID) -> list[FollowUp]:
    """List the follow-ups still to come in all cases of a person."""
    return list(
        db.session.scalars(
            select(FollowUp)
            .join(Case, Case.id == FollowUp.case_id)
            .where(Case.person_id == person_id, FollowUp.state == FollowUpState.SCHEDULED)
            .order_by(FollowUp.due_at, FollowUp.id)
        )
    )


def planned_telling(referral_id: UUID) -> FollowUp | None:
    """Give the task to tell the person about this referral, if one is still to come."""
    return db.session.scalars(
        select(FollowUp).where(
            FollowUp.referral_id == referral_id,
            FollowUp.kind == FollowUpKind.TELL_PERSON,
            FollowUp.state == FollowUpState.SCHEDULED,
        )
    ).first()


def oldest_waiting(service_id: UUID) -> datetime | None:
    """Tell since when the oldest reminder that nobody has delivered should have been shown."""
    return db.session.scalar(
        select(func.min(Reminder.wake_at)).where(
            Reminder.service_id == service_id, Reminder.status == ReminderStatus.SCHEDULED
        )
    )


def _lane(viewer: Actor) -> Select[tuple[FollowUp]]:
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
            _is_visible(viewer),
        )
    )


def _is_visible(viewer: Actor) -> ColumnElement[bool]:
    visible = cases.visible_to(viewer).with_only_columns(Case.id).order_by(None)
    return and_(FollowUp.service_id == viewer.service_id, FollowUp.case_id.in_(visible))


def _may_be_called(at: datetime) -> ColumnElement[bool]:
    return and_(
        FollowUp.plan_version == ContactPlan.version,
        FollowUp.window_opens_at.is_not(None),
        not_(ContactPlan.is_unsafe),
        ContactPlan.when.in_(CALLABLE_PLANS),
        _has_consent(at),
    )


def _is_open(at: datetime) -> ColumnElement[bool]:
    return and_(
        _may_be_called(at), FollowUp.window_opens_at <= at, FollowUp.window_closes_at > at
    )


def _begins_at() -> ColumnElement[datetime]:
    return func.greatest(FollowUp.due_at, FollowUp.window_opens_at)


def _waits(at: datetime) -> ColumnElement[bool]:
    return and_(
        not_(ContactPlan.is_unsafe),
        or_(ContactPlan.when == WhenToCall.WILL_CALL_US, not_(_has_consent(at))),
    )


def _has_consent(at: datetime) -> ColumnElement[bool]:
    return exists().where(
        Consent.person_id == Case.person_id,
        Consent.purpose == Purpose.CALL_BACK,
        Consent.is_given,
        Consent.ended_at.is_(None),
        Consent.given_at <= at,
        Consent.expires_at > at,
    )


def _telling_first() -> ColumnElement[int]:
    return case((FollowUp.kind == FollowUpKind.TELL_PERSON, 0), else_=1)
