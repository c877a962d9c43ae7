"""The machine: every change of a referral is checked against the table and written as one event."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from casework import audit, vault
from casework.cases.models import Reason, Source
from casework.database import StaleVersion, flush, now
from casework.extensions import db
from casework.referrals import clocks, policy, queries
from casework.referrals.failures import BadHold, NotPossible, ReasonMissing
from casework.referrals.listing import Listing
from casework.referrals.models import Referral, ReferralEvent, ReferralState, Remark
from casework.referrals.services import news, openers, patience
from casework.referrals.signals import referral_changed
from casework.security import Actor


@dataclass(frozen=True, kw_only=True)
class Change:
    """What one event does to a referral, and on whose word."""

    to: ReferralState
    source: Source
    reason: Reason | None = None
    hold_until: datetime | None = None
    details: dict[str, str] | None = None
    remark: Remark | None = None
    is_undo: bool = False
    listing: Listing | None = None
    idempotency_key: str | None = None


def move(
    actor: Actor, referral: Referral, change: Change, *, version: int | None = None
) -> ReferralEvent:
    """Make one transition of the table, or refuse it; the same key twice is one event.

    Raises StaleVersion when the referral changed since `version`, NotPossible when the table has
    no such row for this actor and source, ReasonMissing and BadHold for what lacks.
    """
    referral = queries.locked(actor.service_id, referral.id)
    known = _known(actor, referral, change)
    if known is not None:
        return known
    check_version(referral, version)
    _check(actor, referral, change)
    return _apply(actor, referral, change)


def remark(
    actor: Actor, referral: Referral, change: Change, *, version: int | None = None
) -> ReferralEvent:
    """Record what is said without moving: an answer, a longer hold, a late yes, an error.

    Raises StaleVersion, and NotPossible when the second table has no such row for this actor.
    """
    referral = queries.locked(actor.service_id, referral.id)
    known = _known(actor, referral, change)
    if known is not None:
        return known
    check_version(referral, version)
    what, who = change.remark, policy.who_is(actor)
    if what is None or change.to is not referral.state:
        raise NotPossible
    if not policy.may_remark(what, referral.state, who, change.source):
        raise NotPossible
    if what is Remark.HOLD_EXTENDED or change.hold_until is not None:
        _check_hold(change.hold_until)
    return _apply(actor, referral, change)


def back(actor: Actor, referral: Referral, last: ReferralEvent) -> ReferralEvent:
    """Run the newest event backwards; the caller holds the lock and has asked may_undo()."""
    change = Change(to=last.from_state, source=last.source, is_undo=True, remark=last.remark)
    return _apply(actor, referral, change)


def check_version(referral: Referral, version: int | None) -> None:
    """Refuse when the referral changed after the page with this version was opened."""
    if version is not None and version != referral.version:
        raise StaleVersion


def key_of(referral: Referral, idempotency_key: str | None) -> str | None:
    """Bind a caller’s key to the referral, in a fixed length."""
    if idempotency_key is None:
        return None
    return hashlib.sha256(f"{referral.id}:{idempotency_key}".encode()).hexdigest()


def _known(actor: Actor, referral: Referral, change: Change) -> ReferralEvent | None:
    key = key_of(referral, change.idempotency_key)
    return queries.event_by_key(actor.service_id, key) if key else None


def _check(actor: Actor, referral: Referral, change: Change) -> None:
    row = policy.find(referral.state, change.to)
    if row is None or (policy.who_is(actor), change.source) not in row.claims:
        raise NotPossible
    if row.needs_reason and change.reason is None:
        raise ReasonMissing
    if change.hold_until is not None:
        if change.to not in policy.HELD_STATES:
            raise BadHold
        _check_hold(change.hold_until)


def _check_hold(hold_until: datetime | None) -> None:
    if hold_until is None or not now() < hold_until <= now() + clocks.LONGEST_HOLD:
        raise BadHold


def _apply(actor: Actor, referral: Referral, change: Change) -> ReferralEvent:
    start = referral.state
    event = _event(actor, referral, change)
    _set_answer(actor, referral, change, start)
    _set_listing(referral, change, start)
    _set_state(referral, change, start)
    _set_flags(referral, change)
    _route(actor, referral, start)
    referral.version += 1
    flush()
    _record(actor, referral, event, change)
    news.spread(actor, referral, event)
    referral_changed.send(referral, event=event, actor=actor)
    return event


def _event(actor: Actor, referral: Referral, change: Change) -> ReferralEvent:
    event = ReferralEvent(
        service_id=referral.service_id,
        referral_id=referral.id,
        case_id=referral.case_id,
        position=queries.last_position(referral) + 1,
        from_state=referral.state,
        to_state=change.to,
        source=change.source,
        at=now(),
        actor_kind=actor.kind.value,
        reason=change.reason,
        remark=change.remark,
        is_undo=change.is_undo,
        list_rank=change.listing.rank if change.listing else None,
        idempotency_key=key_of(referral, change.idempotency_key),
    )
    if actor.id is not None and referral.is_sensitive:
        vault.seal(event, actor=str(actor.id))
    else:
        event.actor_id = actor.id
    db.session.add(event)
    return event


def _set_listing(referral: Referral, change: Change, start: ReferralState) -> None:
    """Keep what is said of a waiting list; whoever comes onto one brings nothing from before."""
    if change.to is not ReferralState.WAITLISTED or change.is_undo:
        return
    if start is not ReferralState.WAITLISTED:
        referral.list_rank = referral.rank_said_at = None
        referral.call_every = referral.called_by = None
    said = change.listing
    if said is None:
        return
    if said.rank is not None:
        referral.list_rank, referral.rank_said_at = said.rank, now()
    referral.call_every = said.call_every or referral.call_every
    referral.called_by = said.called_by or referral.called_by


def _set_state(referral: Referral, change: Change, start: ReferralState) -> None:
    at = now()
    referral.state = change.to
    if change.to is not start:
        # Undoing an answer brings back the reason of the state before, not that of the answer.
        before = queries.reason_for(referral, change.to)
        referral.reason = before if change.is_undo else change.reason
        if change.to is ReferralState.REQUESTED:
            referral.requested_at = referral.requested_at if change.is_undo else at
            referral.answered_at = None
        elif start in policy.WAITING_STATES:
            referral.answered_at = at
        if policy.is_open(change.to) and change.to not in policy.HELD_STATES:
            referral.hold_until = None
    if change.hold_until is not None:
        referral.hold_until = change.hold_until
    elif change.remark is Remark.LATE_YES and change.is_undo:
        referral.hold_until = None
    if change.remark in policy.CLOCK_STOPPING and not change.is_undo:
        patience.stop(referral)
    elif change.remark not in policy.CLOCK_KEEPING:
        patience.wind(referral, at, goes_on=change.is_undo)


def _set_flags(referral: Referral, change: Change) -> None:
    if change.remark is Remark.WITHHELD:
        referral.is_outcome_withheld = not change.is_undo
    elif change.remark is Remark.CALL_US:
        referral.wants_person_to_call = not change.is_undo
    elif change.remark is Remark.ENTERED_IN_ERROR:
        referral.is_entered_in_error = True


def _set_answer(actor: Actor, referral: Referral, change: Change, start: ReferralState) -> None:
    """Seal the agency’s words under the state they lead to; undoing an answer takes its words.

    What it says without an answer stands apart, so that taking it back leaves the other words.
    """
    if change.details is None and not (change.is_undo and referral.answer_details is not None):
        return
    answers = openers.open_answers(actor, referral, purpose="answer")
    is_apart = change.remark in policy.CLOCK_STOPPING
    under = change.remark if is_apart and change.remark else start if change.is_undo else change.to
    if change.is_undo:
        answers.pop(under.value, None)
    elif change.details:
        answers[under.value] = {**answers.get(under.value, {}), **change.details}
    vault.seal(referral, answer_details=answers or None)


def _route(actor: Actor, referral: Referral, start: ReferralState) -> None:
    """Keep the keyed term that finds a sealed partner’s requests only as long as one is open."""
    if not referral.is_sensitive or policy.is_open(start) is policy.is_open(referral.state):
        return
    if policy.is_open(referral.state):
        agency = openers.open_agency(actor, referral, purpose="route")
        put_route(referral, agency.id)
    else:
        vault.index_delete(referral.id, "partner_route")


def put_route(referral: Referral, partner_id: UUID) -> None:
    """Make a sensitive referral findable by its partner, through a keyed term only (R16)."""
    vault.index_put(referral.service_id, referral.id, "partner_route", str(partner_id))


def _record(actor: Actor, referral: Referral, event: ReferralEvent, change: Change) -> None:
    detail: dict[str, Any] = {
        "from": event.from_state,
        "to": event.to_state,
        "source": event.source,
    }
    for name, value in (("reason", event.reason), ("remark", event.remark)):
        if value is not None:
            detail[name] = value
    if change.details:
        detail["answer_details"] = vault.digest(referral, "answer_details")
    audit.record(
        actor,
        "referral:undone" if event.is_undo else "referral:moved",
        referral,
        subjects=(referral.case.person_id,),
        fields=("answer_details",) if change.details else (),
        detail=detail,
    )
