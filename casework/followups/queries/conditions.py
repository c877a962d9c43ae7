"""The few truths every list of follow-ups rests on, each as one SQL condition.

A row is offered for calling only while four things are true in the database at this moment: it is
due, its window is open, the window was read from the plan as it stands, and consent holds. They
apply to rows of FollowUp joined with Case and ContactPlan.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, not_, or_

from casework.cases import queries as cases
from casework.cases.models import Case
from casework.followups.models import FollowUp, FollowUpKind
from casework.people.models import Consent, ContactPlan, Purpose, WhenToCall
from casework.security import Actor

CALLABLE_PLANS = (WhenToCall.WINDOWS, WhenToCall.ANY_TIME)


def is_visible(viewer: Actor) -> ColumnElement[bool]:
    """Say that the viewer may see the case now."""
    visible = cases.visible_to(viewer).with_only_columns(Case.id).order_by(None)
    return and_(FollowUp.service_id == viewer.service_id, FollowUp.case_id.in_(visible))


def may_be_called(at: datetime) -> ColumnElement[bool]:
    """Say that the window was read from the plan as it stands, which allows calls, with consent."""
    return and_(
        FollowUp.plan_version == ContactPlan.version,
        FollowUp.window_opens_at.is_not(None),
        not_(ContactPlan.is_unsafe),
        ContactPlan.when.in_(CALLABLE_PLANS),
        has_consent(at),
    )


def is_open(at: datetime) -> ColumnElement[bool]:
    """Say that the person may be called at this moment (R10)."""
    return and_(may_be_called(at), FollowUp.window_opens_at <= at, FollowUp.window_closes_at > at)


def begins_at() -> ColumnElement[datetime]:
    """Give the first moment that is both due and agreed."""
    return func.greatest(FollowUp.due_at, FollowUp.window_opens_at)


def waits(at: datetime) -> ColumnElement[bool]:
    """Say that the person will call us, or has not agreed to be called."""
    return and_(
        not_(ContactPlan.is_unsafe),
        or_(ContactPlan.when == WhenToCall.WILL_CALL_US, not_(has_consent(at))),
    )


def has_consent(at: datetime) -> ColumnElement[bool]:
    """Say that the consent to be called back holds at this moment (R2)."""
    return exists().where(
        Consent.person_id == Case.person_id,
        Consent.purpose == Purpose.CALL_BACK,
        Consent.is_given,
        Consent.ended_at.is_(None),
        Consent.given_at <= at,
        Consent.expires_at > at,
    )


def telling_first() -> ColumnElement[int]:
    """Put tasks to tell the person before all others (R36)."""
    return case((FollowUp.kind == FollowUpKind.TELL_PERSON, 0), else_=1)
