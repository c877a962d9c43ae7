"""Who hears of an event: the case’s navigator, supervisors, and the agency by letter and link."""

from datetime import timedelta
from uuid import UUID

from casework import accounts, notices
from casework.notices.models import LetterKind, NoticeKind
from casework.referrals import policy
from casework.referrals.models import (
    LinkPurpose,
    Referral,
    ReferralEvent,
    ReferralState,
    Remark,
)
from casework.referrals.services import links
from casework.security import Actor, Role

S = ReferralState
ASKING = (
    LetterKind.AGENCY_REQUEST,
    LetterKind.AGENCY_NUDGE,
    LetterKind.AGENCY_LISTED,
    LetterKind.AGENCY_ARRIVAL,
)


def spread(actor: Actor, referral: Referral, event: ReferralEvent) -> None:
    """Tell whoever must know of an event; nothing that leaves the building says about whom (R12)."""
    if event.from_state is not event.to_state:
        _retire_links(actor, referral)
        _write_letters(actor, referral, event)
    elif not event.is_undo:
        _write_to_list(actor, referral)
    _tell_staff(actor, referral, event)


def owner_of(referral: Referral) -> UUID | None:
    """Give the account that answers for a referral: the case’s owner, else who sent it."""
    return referral.case.owner_id or referral.created_by


def tell_owner(actor: Actor, referral: Referral, kind: NoticeKind, key: str) -> None:
    """Put a line in the list of whoever answers for a referral, once for each key."""
    account_id = owner_of(referral)
    if account_id is not None:
        notices.services.tell(actor, account_id, kind, referral, f"{kind.value}:{key}")


def tell_supervisors(actor: Actor, referral: Referral, kind: NoticeKind, key: str) -> None:
    """Put a line in the list of every supervisor of the service, once for each key."""
    for member in accounts.queries.colleagues(actor):
        if member.role is Role.SUPERVISOR:
            own = f"{kind.value}:{key}:{member.account_id}"
            notices.services.tell(actor, member.account_id, kind, referral, own)


def nudge(actor: Actor, referral: Referral, key: str) -> bool:
    """Write to the agency once more, for each time it is asked; its first link stays good."""
    return notices.services.queue_letter(
        actor,
        LetterKind.AGENCY_NUDGE,
        subject_id=referral.id,
        idempotency_key=f"{LetterKind.AGENCY_NUDGE.value}:{key}",
    )


def queue(
    actor: Actor, referral: Referral, kind: LetterKind, *, after: timedelta = timedelta()
) -> bool:
    """Ask for a letter to the agency; the link is made only when the letter leaves."""
    key = f"{kind.value}:{referral.id}:{referral.version}"
    return notices.services.queue_letter(
        actor, kind, subject_id=referral.id, idempotency_key=key, after=after
    )


def _retire_links(actor: Actor, referral: Referral) -> None:
    """Stop every link whose question is no longer open, and letters that would ask it."""
    stale = tuple(purpose for purpose in LinkPurpose if referral.state not in links.FITS[purpose])
    links.revoke(actor, referral, stale)
    notices.services.cancel_letters(actor, subject_id=referral.id, kinds=ASKING)


def _write_letters(actor: Actor, referral: Referral, event: ReferralEvent) -> None:
    if event.to_state is S.REQUESTED and not event.is_undo:
        queue(actor, referral, LetterKind.AGENCY_REQUEST)
    elif event.to_state is S.WAITLISTED and not event.is_undo:
        _write_to_list(actor, referral)
    elif event.to_state in (S.WITHDRAWN, S.RECALLED) and event.from_state is not S.DRAFT:
        queue(actor, referral, LetterKind.AGENCY_WITHDRAWN)


def _write_to_list(actor: Actor, referral: Referral) -> None:
    """Send the agency of a waiting list a link for its next word, when it has none that lasts.

    Only once the answer can no longer be taken back: taking it back gives its own link back. One
    waits at most.
    """
    if referral.is_outcome_withheld or not links.needs_another(referral):
        return
    kind = LetterKind.AGENCY_LISTED
    notices.services.cancel_letters(actor, subject_id=referral.id, kinds=(kind,))
    queue(actor, referral, kind, after=policy.UNDO_WITHIN)


def _tell_staff(actor: Actor, referral: Referral, event: ReferralEvent) -> None:
    if event.to_state is S.EXPIRED and event.from_state is not S.EXPIRED:
        tell_owner(actor, referral, NoticeKind.REQUEST_EXPIRED, str(event.id))
    elif policy.who_is(actor) is policy.Who.PARTNER:
        tell_owner(actor, referral, _kind_of(event), str(event.id))
    if (event.from_state, event.to_state) == (S.CONFIRMED, S.NOT_FULFILLED):
        # A corrected arrival goes to every supervisor (domain.md section 3).
        tell_supervisors(actor, referral, NoticeKind.OUTCOME_CORRECTED, f"corrected:{event.id}")


def _kind_of(event: ReferralEvent) -> NoticeKind:
    """Name an agency’s answer: one that asks for something at once has a line of its own."""
    if event.remark is Remark.LATE_YES and not event.is_undo:
        return NoticeKind.LATE_YES
    if event.from_state in policy.HELD_STATES and event.to_state is S.REQUESTED:
        return NoticeKind.PLACE_LOST
    return NoticeKind.AGENCY_ANSWERED
