"""Recording what an agency answers, or what became of the person, on whoever’s word."""

from datetime import datetime

from casework import audit, notices
from casework.cases.models import Reason, Source
from casework.database import now
from casework.notices.models import LetterKind
from casework.referrals import clocks, policy, queries
from casework.referrals.failures import NotPossible
from casework.referrals.listing import Listing
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
    listing: Listing | None = None,
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
        listing=listing,
        idempotency_key=idempotency_key,
    )
    return moves.move(actor, referral, change, version=version)


def remark(
    actor: Actor,
    referral: Referral,
    *,
    what: Remark,
    words: str = "",
    source: Source = Source.PARTNER_CONFIRMED,
    version: int | None = None,
    idempotency_key: str | None = None,
) -> ReferralEvent:
    """Record “we may not say” or “have her call us”: the state stays, nudging and expiry stop.

    `words` is what the agency said with it, such as whom to ask for and until when.
    """
    change = Change(
        to=referral.state,
        source=source,
        remark=what,
        details=policy.told({"words": words}, ("words",)) or None,
        idempotency_key=idempotency_key,
    )
    return moves.remark(actor, referral, change, version=version)


def say_listed(
    actor: Actor,
    referral: Referral,
    *,
    listing: Listing | None = None,
    source: Source = Source.PARTNER_CONFIRMED,
    details: dict[str, str] | None = None,
    version: int | None = None,
    idempotency_key: str | None = None,
) -> ReferralEvent:
    """Record that the person still stands on the waiting list, with the rank and what is asked now.

    Its clock begins anew. Raises NotPossible where the request is on no waiting list.
    """
    change = Change(
        to=ReferralState.WAITLISTED,
        source=source,
        remark=Remark.STILL_LISTED,
        listing=listing,
        details=policy.told(details, policy.ANSWER_FIELDS) or None,
        idempotency_key=idempotency_key,
    )
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


def set_out(
    actor: Actor,
    referral: Referral,
    *,
    source: Source,
    version: int | None = None,
    idempotency_key: str | None = None,
) -> ReferralEvent:
    """Record that the person is on the way: the hold lasts at least two hours more.

    The agency is asked by letter when that is longer than it had said.
    """
    referral = queries.locked(actor.service_id, referral.id)
    before = referral.hold_until
    until = clocks.on_the_way_until(now(), before) if before else None
    event = answer(
        actor,
        referral,
        to=ReferralState.IN_PROGRESS,
        source=source,
        hold_until=until,
        version=version,
        idempotency_key=idempotency_key,
    )
    if until is not None and until != before:
        ask_longer(actor, referral)
    return event


def record_warm_transfer(
    actor: Actor, referral: Referral, *, version: int | None = None
) -> ReferralEvent:
    """Record that the navigator stayed on the line until the agency and the person spoke.

    It is no answer: the request stays as it is, and so does its clock.
    """
    change = Change(
        to=referral.state, source=Source.NAVIGATOR_OBSERVED, remark=Remark.WARM_TRANSFER
    )
    return moves.remark(actor, referral, change, version=version)


def say_yes_late(
    actor: Actor,
    referral: Referral,
    *,
    hold_until: datetime | None = None,
    details: dict[str, str] | None = None,
    idempotency_key: str | None = None,
) -> ReferralEvent:
    """Record a yes that came after the request expired: it reaches whoever answers for it.

    It stays expired; `take_late_place` asks anew. No version is checked: the page from which the
    yes comes was opened before the clock ended the request.
    """
    change = Change(
        to=ReferralState.EXPIRED,
        source=Source.PARTNER_CONFIRMED,
        remark=Remark.LATE_YES,
        hold_until=hold_until,
        details=policy.told(details, policy.ANSWER_FIELDS) or None,
        idempotency_key=idempotency_key,
    )
    return moves.remark(actor, referral, change)


def was_recorded(actor: Actor, referral: Referral, *, idempotency_key: str | None) -> bool:
    """Tell whether an answer with this key is recorded already, so that a second press is none."""
    key = moves.key_of(referral, idempotency_key or None)
    return key is not None and queries.event_by_key(actor.service_id, key) is not None


def ask_longer(actor: Actor, referral: Referral) -> bool:
    """Ask the agency by letter to hold the place longer, once for each end of a hold (R36).

    Tell whether it is new. Raises NotPossible when no place is held until a moment to come.
    """
    if not policy.is_hold_running(referral, now()):
        raise NotPossible
    until = referral.hold_until
    key = f"hold:{referral.id}:{int(until.timestamp()) if until else 0}"
    is_new = notices.services.queue_letter(
        actor, LetterKind.AGENCY_HOLD, subject_id=referral.id, idempotency_key=key
    )
    audit.record(actor, "referral:hold:asked", referral, subjects=(referral.case.person_id,))
    return is_new


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
