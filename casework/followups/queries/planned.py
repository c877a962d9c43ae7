"""What is planned and what was tried, for one case, one person, or the room's own sweeps."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, func, not_, or_, select
from sqlalchemy.orm import lazyload

from casework.cases.models import Case
from casework.database import NotFound, now
from casework.extensions import db
from casework.followups.models import (
    Attempt,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    Reminder,
    ReminderStatus,
)
from casework.followups.queries.calls import has_call
from casework.followups.queries.conditions import CALLABLE_PLANS, has_consent, is_visible
from casework.people.models import ContactPlan
from casework.referrals.models import Referral, ReferralState
from casework.security import Actor


def get(viewer: Actor, follow_up_id: UUID) -> FollowUp:
    """Give a follow-up of a case the viewer may see; raise NotFound otherwise."""
    found = db.session.scalars(
        select(FollowUp).where(FollowUp.id == follow_up_id, is_visible(viewer))
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
    """Give the next contact planned for a case: first what must be told, the soonest deadline first (R36)."""
    planned = [f for f in for_case(viewer, case) if f.state is FollowUpState.SCHEDULED]
    telling = [f for f in planned if f.kind is FollowUpKind.TELL_PERSON and not _is_put_off(f)]
    if telling:
        return min(telling, key=lambda f: f.latest_at)
    return min(planned, key=lambda f: f.due_at, default=None)


def _is_put_off(telling: FollowUp) -> bool:
    """Tell whether it waits for what another agency says: nobody tried it yet, nor agreed on its time."""
    return telling.due_at > now() and not telling.attempts and not telling.is_agreed


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


# --- for the room's own services ------------------------------------------------------------------


def lock(follow_up_id: UUID) -> FollowUp | None:
    """Give a follow-up as it stands, locked until the transaction ends."""
    return db.session.scalars(
        select(FollowUp)
        .where(FollowUp.id == follow_up_id)
        .options(lazyload(FollowUp.case))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


class Held(NamedTuple):
    """What is held of a case that is being erased."""

    follow_ups: list[UUID]
    reminders: list[UUID]


def hold_of_case(service_id: UUID, case_id: UUID) -> Held:
    """Hold every follow-up of a case with its reminders and calls until the commit, without waiting."""
    follow_ups = _held(
        select(FollowUp.id).where(FollowUp.service_id == service_id, FollowUp.case_id == case_id)
    )
    _held(select(Attempt.id).where(Attempt.service_id == service_id, Attempt.case_id == case_id))
    return Held(follow_ups, _held(select(Reminder.id).where(Reminder.follow_up_id.in_(follow_ups))))


def _held(wanted: Select[UUID]) -> list[UUID]:
    return list(db.session.scalars(wanted.with_for_update(nowait=True)))


def to_read_again(
    service_id: UUID, at: datetime, read_before: datetime, zone_rules: str, limit: int
) -> list[UUID]:
    """Name the follow-ups whose window is over, or was read from a plan or under rules now changed.

    Nothing moves under a call in progress: what its person has planned is read again when it is over.
    """
    has_come_back = and_(
        FollowUp.window_opens_at.is_(None),
        FollowUp.windows_read_at < read_before,
        not_(ContactPlan.is_unsafe),
        ContactPlan.when.in_(CALLABLE_PLANS),
        has_consent(at),
    )
    return list(
        db.session.scalars(
            select(FollowUp.id)
            .join(Case, Case.id == FollowUp.case_id)
            .join(ContactPlan, ContactPlan.person_id == Case.person_id)
            .where(
                FollowUp.service_id == service_id,
                FollowUp.state == FollowUpState.SCHEDULED,
                not_(has_call(at, Case.person_id)),
                or_(
                    FollowUp.window_closes_at <= at,
                    FollowUp.plan_version != ContactPlan.version,
                    FollowUp.zone_rules != zone_rules,
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


def untold_refusals(need_id: UUID, *, but: UUID) -> list[FollowUp]:
    """List the tasks to tell of a refusal for a need, except that of one referral, the earliest due first."""
    return list(
        db.session.scalars(
            select(FollowUp)
            .join(Referral, Referral.id == FollowUp.referral_id)
            .where(
                Referral.need_id == need_id,
                Referral.id != but,
                Referral.state == ReferralState.DECLINED,
                FollowUp.kind == FollowUpKind.TELL_PERSON,
                FollowUp.state == FollowUpState.SCHEDULED,
            )
            .order_by(FollowUp.due_at, FollowUp.id)
        )
    )


def oldest_waiting(service_id: UUID) -> datetime | None:
    """Tell since when the oldest reminder that nobody has delivered should have been shown."""
    return db.session.scalar(
        select(func.min(Reminder.wake_at)).where(
            Reminder.service_id == service_id, Reminder.status == ReminderStatus.SCHEDULED
        )
    )
