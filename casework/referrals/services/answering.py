"""Recording what an agency answers, or what became of the person, on whoever’s word."""

from datetime import datetime

from casework.cases.models import Reason, Source
from casework.referrals import policy, queries
from casework.referrals.models import Referral, ReferralEvent, ReferralState, Remark
from casework.referrals.services import moves
from casework.referrals.services.moves import Change
from casework.security import Actor


def answer(
    actor: Actor,
    referral: Referral,
    *,
    to: ReferralState,
    reason: Reason | None = None,
    source: Source,
    hold_until: datetime | None = None,
    details: dict[str, str] | None = None,
    version: int | None = None,
    idempotency_key: str | None = None,
) -> ReferralEvent:
    """Record an answer as one transition of the table; the same key twice is one event."""
    change = Change(
        to=to,
        source=source,
        reason=reason,
        hold_until=hold_until,
        details=policy.told(details, policy.ANSWER_FIELDS) or None,
        idempotency_key=idempotency_key,
    )
    return moves.move(actor, referral, change, version=version)


def remark(
    actor: Actor,
    referral: Referral,
    *,
    what: Remark,
    source: Source = Source.PARTNER_CONFIRMED,
    version: int | None = None,
    idempotency_key: str | None = None,
) -> ReferralEvent:
    """Record “we may not say” or “have her call us”: the state stays, nudging and expiry stop."""
    change = Change(to=referral.state, source=source, remark=what, idempotency_key=idempotency_key)
    return moves.remark(actor, referral, change, version=version)


def extend_hold(
    actor: Actor,
    referral: Referral,
    *,
    hold_until: datetime,
    source: Source = Source.PARTNER_CONFIRMED,
    version: int | None = None,
) -> ReferralEvent:
    """Record that the agency keeps the place longer (R36)."""
    change = Change(
        to=referral.state, source=source, remark=Remark.HOLD_EXTENDED, hold_until=hold_until
    )
    return moves.remark(actor, referral, change, version=version)


def report_arrival(
    actor: Actor,
    referral: Referral,
    *,
    has_arrived: bool,
    source: Source,
    reason: Reason | None = None,
    version: int | None = None,
) -> ReferralEvent:
    """Record that the person got there, or not, whoever says so; their own word is enough.

    A request that the agency never answered is passed through “accepted” on the same word.
    """
    moves.check_version(queries.locked(actor.service_id, referral.id), version)
    if has_arrived and referral.state in policy.WAITING_STATES:
        moves.move(actor, referral, Change(to=ReferralState.ACCEPTED, source=source))
    to = ReferralState.CONFIRMED if has_arrived else ReferralState.NOT_FULFILLED
    default = None if has_arrived else Reason.NO_SHOW
    return moves.move(actor, referral, Change(to=to, source=source, reason=reason or default))
