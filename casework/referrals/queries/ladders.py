"""Which ladder holds for a request, which was promised to one that is open, and since when it runs."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.referrals.ladder_models import ReferralLadder
from casework.referrals.ladders import DEFAULTS, Ladder
from casework.referrals.models import Referral, ReferralEvent, Remark, Urgency
from casework.security import Actor

Key = tuple[Urgency, NeedCode | None]


def current_ladders(viewer: Actor) -> Mapping[Key, ReferralLadder]:
    """Give the newest version of every ladder that was ever set, also one that has ended."""
    rows = db.session.scalars(_newest(viewer.service_id))
    return {(row.urgency, row.need): row for row in rows}


def hold_ladders(viewer: Actor) -> Mapping[Key, ReferralLadder]:
    """Give the same, and let nobody else change one of this service until the commit."""
    number = func.hashtextextended(f"ladders:{viewer.service_id}", 0)
    db.session.execute(select(func.pg_advisory_xact_lock(number)))
    return current_ladders(viewer)


def ladder_for(service_id: UUID, urgency: Urgency, need: NeedCode) -> ReferralLadder | None:
    """Give the ladder for what is asked now: its need’s own, else that of all; None: the standard."""
    wanted = _newest(service_id).where(
        ReferralLadder.urgency == urgency,
        or_(ReferralLadder.need == need, ReferralLadder.need.is_(None)),
    )
    own = {row.need: row for row in db.session.scalars(wanted) if row.is_own}
    return own.get(need) or own.get(None)


def promised_to(referral: Referral) -> Ladder:
    """Give the ladder that held when a request was asked; it keeps that one to its end."""
    if referral.ladder_id is None:
        return DEFAULTS[referral.urgency]
    row = db.session.get_one(ReferralLadder, referral.ladder_id)
    return row.ladder


def _newest(service_id: UUID) -> Select[ReferralLadder]:
    each = ReferralLadder
    return (
        select(each)
        .ext(distinct_on(each.urgency, each.need))
        .where(each.service_id == service_id)
        .order_by(each.urgency, each.need, each.version.desc())
    )


def waits_since(referral: Referral) -> datetime | None:
    """Tell when a referral came into its state, or a list was said anew.

    An answer that was taken back, and its undoing, count for nothing: the question goes on with
    the clock it had, and neither its time to answer nor its nudges begin anew.
    """
    undoing = aliased(ReferralEvent)
    is_taken_back = exists().where(
        undoing.referral_id == ReferralEvent.referral_id,
        undoing.position == ReferralEvent.position + 1,
        undoing.is_undo,
    )
    entered = or_(
        ReferralEvent.from_state != ReferralEvent.to_state,
        ReferralEvent.remark == Remark.STILL_LISTED,
    )
    return db.session.scalar(
        select(func.max(ReferralEvent.at)).where(
            ReferralEvent.referral_id == referral.id,
            entered,
            ~ReferralEvent.is_undo,
            ~is_taken_back,
        )
    )
