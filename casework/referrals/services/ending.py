"""Taking an answer back, calling a request off, and asking an agency once more."""

from casework import audit
from casework.cases.models import CaseStatus, Reason, Source
from casework.database import now
from casework.notices.models import LetterKind
from casework.referrals import policy, queries
from casework.referrals.failures import NotPossible, TooLateToUndo
from casework.referrals.models import Referral, ReferralEvent, ReferralState, Remark
from casework.referrals.services import links, moves, news, openers
from casework.referrals.services.moves import Change
from casework.security import Actor


def undo(actor: Actor, referral: Referral, *, version: int | None = None) -> ReferralEvent:
    """Take the newest answer back within 5 minutes, by the same actor, if nothing followed.

    What has ended opens again only in an open case, and while the person agrees to share (R4).
    """
    status = queries.hold_status_of_case(referral)
    referral = queries.locked(actor.service_id, referral.id)
    moves.check_version(referral, version)
    events = queries.events_of(actor, referral)
    if not events:
        raise NotPossible
    author = openers.open_event_actor(actor, referral, events[0])
    is_same = author is not None and author == actor.id
    if not policy.may_undo(events[0], at=now(), is_same_actor=is_same):
        raise TooLateToUndo
    if queries.is_overtaken(referral):
        raise TooLateToUndo
    queries.read_consent_anew(referral)
    opens_again = policy.is_open(events[0].from_state) and not policy.is_open(referral.state)
    if opens_again and not (status is CaseStatus.OPEN and links.has_consent(referral)):
        raise TooLateToUndo
    return moves.back(actor, referral, events[0])


def recall(
    actor: Actor, referral: Referral, *, reason: Reason, version: int | None = None
) -> ReferralEvent:
    """Call a request off for the desk’s own reason; the agency is told only “withdrawn”."""
    change = Change(to=ReferralState.RECALLED, source=Source.NAVIGATOR_OBSERVED, reason=reason)
    return moves.move(actor, referral, change, version=version)


def recall_siblings(actor: Actor, referral: Referral, *, version: int | None = None) -> int:
    """Call off the other requests for the same need, a place being held; tell how many there were.

    One that an agency answers in this very moment is left alone. Raises StaleVersion, and
    NotPossible when no place is held here any more.
    """
    referral = queries.locked(actor.service_id, referral.id)
    moves.check_version(referral, version)
    if referral.state not in policy.HELD_STATES:
        raise NotPossible
    count = 0
    for sibling in queries.siblings(actor, referral):
        other = queries.locked(actor.service_id, sibling.id)
        if policy.is_open(other.state) and other.state not in policy.HELD_STATES:
            recall(actor, other, reason=Reason.OTHER)
            count += 1
    return count


def mark_entered_in_error(
    actor: Actor, referral: Referral, *, version: int | None = None
) -> ReferralEvent:
    """Mark a request that should never have been made: it leaves every list, its history stays.

    One that is still open is recalled before, so that its agency hears “withdrawn”.
    """
    referral = queries.locked(actor.service_id, referral.id)
    moves.check_version(referral, version)
    if referral.is_entered_in_error:
        raise NotPossible
    if policy.is_open(referral.state):
        recall(actor, referral, reason=Reason.OTHER)
    change = Change(
        to=referral.state, source=Source.NAVIGATOR_OBSERVED, remark=Remark.ENTERED_IN_ERROR
    )
    return moves.remark(actor, referral, change)


def withdraw(actor: Actor, referral: Referral, *, version: int | None = None) -> ReferralEvent:
    """End a request because the person wishes it, or agrees to it no more (R5)."""
    is_system = policy.who_is(actor) is policy.Who.SYSTEM
    source = Source.SYSTEM if is_system else Source.PERSON_REPORTED
    return moves.move(
        actor, referral, Change(to=ReferralState.WITHDRAWN, source=source), version=version
    )


def ask_again(actor: Actor, referral: Referral) -> bool:
    """Send the agency a fresh link for what is open now; tell whether a letter was queued."""
    if referral.state in policy.WAITING_STATES:
        kind = LetterKind.AGENCY_REQUEST
    elif referral.state in policy.HELD_STATES:
        kind = LetterKind.AGENCY_ARRIVAL
    else:
        raise NotPossible
    referral = queries.locked(actor.service_id, referral.id)
    referral.version += 1
    audit.record(actor, "referral:link:asked", referral, subjects=(referral.case.person_id,))
    return news.queue(actor, referral, kind)
