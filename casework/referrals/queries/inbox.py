"""What agencies are asked, as their own members find it; and the places they hold."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from casework.cases.models import Case, CaseNeed
from casework.directory.capacity_policy import GOOD_FOR, Hold
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.referrals import policy
from casework.referrals.models import Referral, ReferralEvent, ReferralState
from casework.referrals.queries.asked import of_service
from casework.security import Actor

# How long an answered request still stands in the inbox, and how many do.
ANSWERED_WITHIN = timedelta(days=7)
MOST = 200
# Whoever is held a place for takes it, and still does when they have arrived.
TAKING = (*policy.HELD_STATES, ReferralState.CONFIRMED)


# What a list of a day leads to.
ARRIVALS = (ReferralState.CONFIRMED, ReferralState.NOT_FULFILLED)


def asked_of(viewer: Actor, at: datetime) -> list[Referral]:
    """List what the viewer's agency is asked, and answered of late; sealed agencies stand apart."""
    if viewer.organization_id is None:
        return []
    moment = func.coalesce(Referral.answered_at, Referral.requested_at)
    return list(
        db.session.scalars(
            of_service(viewer.service_id)
            .where(Referral.organization_id == viewer.organization_id)
            .where(Referral.state != ReferralState.DRAFT, ~Referral.is_entered_in_error)
            .where(or_(Referral.state.in_(policy.OPEN_STATES), moment > at - ANSWERED_WITHIN))
            .order_by(moment.desc(), Referral.id)
            .limit(MOST)
        )
    )


def held_for(viewer: Actor, need: NeedCode) -> list[Referral]:
    """List for whom the viewer's agency holds something for one need; sealed agencies stand apart."""
    if viewer.organization_id is None:
        return []
    held = _own(viewer, need).where(Referral.state.in_(policy.HELD_STATES))
    return list(db.session.scalars(held.order_by(Referral.ref).limit(MOST)))


def ended_for(viewer: Actor, need: NeedCode, since: datetime) -> list[Referral]:
    """List who came to the viewer's agency, or did not, since a moment; the last one first."""
    if viewer.organization_id is None:
        return []
    said_at = (
        select(func.max(ReferralEvent.at))
        .where(ReferralEvent.referral_id == Referral.id)
        .correlate(Referral)
        .scalar_subquery()
    )
    ended = _own(viewer, need).where(Referral.state.in_(ARRIVALS), said_at >= since)
    return list(db.session.scalars(ended.order_by(said_at.desc(), Referral.ref).limit(MOST)))


def last_answers(viewer: Actor, referrals: Iterable[Referral]) -> dict[UUID, ReferralEvent]:
    """Give the event that brought each of these referrals to where it stands."""
    wanted = [referral.id for referral in referrals]
    rows = db.session.scalars(
        select(ReferralEvent)
        .where(ReferralEvent.service_id == viewer.service_id, ReferralEvent.referral_id.in_(wanted))
        .order_by(ReferralEvent.position)
    )
    return {row.referral_id: row for row in rows}


def holds(viewer: Actor, organization_ids: Collection[UUID], at: datetime) -> list[Hold]:
    """List the places these agencies hold now through requests; one whose time is over is free.

    A sealed agency's are not among them: counting them in clear would say who went there (R16).
    """
    rows = db.session.execute(
        select(
            Referral.organization_id,
            CaseNeed.code,
            Referral.answered_at,
            (Case.adults + Case.children).label("people"),
        )
        .join(Case, Case.id == Referral.case_id)
        .join(CaseNeed, CaseNeed.id == Referral.need_id)
        .where(
            Referral.service_id == viewer.service_id,
            Referral.organization_id.in_(organization_ids),
            Referral.state.in_(TAKING),
            ~Referral.is_entered_in_error,
            Referral.answered_at > at - GOOD_FOR,
            or_(
                Referral.state == ReferralState.CONFIRMED,
                Referral.hold_until.is_(None),
                Referral.hold_until > at,
            ),
        )
    )
    return [Hold(row.organization_id, row.code, row.answered_at, row.people) for row in rows]


def _own(viewer: Actor, need: NeedCode) -> Select[Referral]:
    return (
        of_service(viewer.service_id)
        .join(CaseNeed, CaseNeed.id == Referral.need_id)
        .where(Referral.organization_id == viewer.organization_id, CaseNeed.code == need)
        .where(~Referral.is_entered_in_error)
    )
