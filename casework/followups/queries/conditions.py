"""The few truths every list of follow-ups rests on, each as one SQL condition.

A row is offered for calling only while four things are true in the database at this moment: it is
due, its window is open, the window was read from the plan as it stands, and consent holds. They
apply to rows of FollowUp joined with Case and ContactPlan.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Exists, and_, case, exists, func, not_, or_

from casework.cases import queries as cases
from casework.cases.models import Case
from casework.database import Instant
from casework.followups.models import FollowUp, FollowUpKind
from casework.people.models import Consent, ContactPlan, Purpose, WhenToCall
from casework.security import Actor

Truth = ColumnElement[bool]
CALLABLE_PLANS = (WhenToCall.WINDOWS, WhenToCall.ANY_TIME)


def is_visible(viewer: Actor) -> ColumnElement[bool]:
    """Say that the viewer may see the case now."""
    visible = cases.visible_to(viewer).with_only_columns(Case.id).order_by(None)
    return and_(FollowUp.service_id == viewer.service_id, FollowUp.case_id.in_(visible))


def may_be_called(at: Instant, consent: Truth | None = None) -> Truth:
    """Say that the window was read from the plan as it stands, which allows calls, with consent.

    `consent` is the same truth as `has_consent` where a query has it already as a column.
    """
    return and_(
        FollowUp.plan_version == ContactPlan.version,
        FollowUp.window_opens_at.is_not(None),
        not_(ContactPlan.is_unsafe),
        ContactPlan.when.in_(CALLABLE_PLANS),
        has_consent(at) if consent is None else consent,
    )


def is_open(at: Instant, consent: Truth | None = None) -> Truth:
    """Say that the person may be called at this moment (R10)."""
    return and_(
        may_be_called(at, consent), FollowUp.window_opens_at <= at, FollowUp.window_closes_at > at
    )


def begins_at() -> ColumnElement[datetime]:
    """Give the first moment that is both due and agreed."""
    return func.greatest(FollowUp.due_at, FollowUp.window_opens_at)


def waits(at: Instant, consent: Truth | None = None) -> Truth:
    """Say that the person will call us, or has not agreed to be called."""
    agreed = has_consent(at) if consent is None else consent
    return and_(
        not_(ContactPlan.is_unsafe),
        or_(ContactPlan.when == WhenToCall.WILL_CALL_US, not_(agreed)),
    )


# --- the lanes of My day, each as one truth; no row is in two ---------------------------------------


def is_for_now(at: Instant, consent: Truth | None = None) -> Truth:
    """Say that the call is due and may be made."""
    return and_(FollowUp.due_at <= at, is_open(at, consent))


def is_for_later(at: Instant, until: Instant, consent: Truth | None = None) -> Truth:
    """Say that the call may be made later, before its deadline: before `until`, unless it is due.

    What is due stands here until its hours begin, however far away: nothing due is out of sight (R10).
    """
    begins = begins_at()
    is_in_sight = or_(begins < until, FollowUp.due_at <= at)
    return and_(may_be_called(at, consent), begins > at, is_in_sight, begins < FollowUp.latest_at)


def is_left_to_them(at: Instant, until: Instant, consent: Truth | None = None) -> Truth:
    """Say that it is due soon, and that we do not call."""
    return and_(FollowUp.due_at < until, waits(at, consent))


def is_stuck(at: Instant, consent: Truth | None = None) -> Truth:
    """Say that it is due and no agreed hour is left before its deadline (R10, R36).

    It is the rest of all that is due, so that nothing can fall between two lanes.
    """
    has_window = and_(may_be_called(at, consent), begins_at() < FollowUp.latest_at)
    comes_too_late = and_(
        FollowUp.kind == FollowUpKind.TELL_PERSON, not_(func.coalesce(has_window, False))
    )
    return and_(
        or_(FollowUp.due_at <= at, comes_too_late),
        not_(func.coalesce(is_open(at, consent), False)),
        not_(func.coalesce(and_(has_window, begins_at() > at), False)),
        not_(func.coalesce(waits(at, consent), False)),
    )


def is_late(at: Instant) -> ColumnElement[int]:
    """Put what is overdue before what is not."""
    return case((FollowUp.latest_at <= at, 0), else_=1)


def has_consent(at: Instant) -> Exists:
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
