"""No-login links: made when a letter leaves, proven by a hash, good for one answer."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from casework import audit, database
from casework.database import now
from casework.directory.models import Organization
from casework.extensions import db
from casework.referrals import policy, queries
from casework.referrals.models import (
    LinkPurpose,
    Referral,
    ReferralLink,
    ReferralState,
)
from casework.referrals.services import sharing
from casework.security import Actor

TOKEN_BYTES = 32  # 256 bits: no salt and no slow hash are needed
GOOD_FOR: dict[LinkPurpose, timedelta] = {
    # Longer than 14 business days with their weekends and holidays: no request outlives its link.
    LinkPurpose.ANSWER: timedelta(days=30),
    LinkPurpose.ARRIVAL: timedelta(days=7),
    LinkPurpose.WITHDRAWN: timedelta(days=7),
}
# In which states a link of each purpose still has something to ask or to say.
FITS: dict[LinkPurpose, frozenset[ReferralState]] = {
    # Also once it has expired: a late yes reaches the navigator, never a dead end.
    LinkPurpose.ANSWER: policy.WAITING_STATES | {ReferralState.EXPIRED},
    LinkPurpose.ARRIVAL: policy.HELD_STATES,
    LinkPurpose.WITHDRAWN: frozenset({ReferralState.WITHDRAWN, ReferralState.RECALLED}),
}


@dataclass(frozen=True)
class Visit:
    """A proven link: its referral, and whether this browser already answered through it."""

    link: ReferralLink
    referral: Referral
    has_answered: bool

    @property
    def actor(self) -> Actor:
        """Who acts behind the link."""
        return Actor.link(self.link.service_id, self.link.id)

    @property
    def time_zone(self) -> str:
        """The agency's clock, as it was when the link was made."""
        return self.link.time_zone


def token_hash(token: str) -> bytes:
    """Give what the database keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", errors="replace")).digest()


def make_link(actor: Actor, referral: Referral, purpose: LinkPurpose, agency: Organization) -> str:
    """Make a link and give its token, which exists only in the letter about to leave."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = ReferralLink(
        service_id=referral.service_id,
        referral_id=referral.id,
        purpose=purpose,
        locale=agency.locale,
        time_zone=agency.time_zone,
        token_hash=token_hash(token),
        created_at=now(),
        expires_at=now() + GOOD_FOR[purpose],
    )
    db.session.add(link)
    database.flush()
    audit.record(
        actor, "referral:link:made", link, subjects=(referral.case.person_id,),
        detail={"referral": referral.id, "purpose": purpose},
    )  # fmt: skip
    return token


def revoke(
    actor: Actor, referral: Referral, purposes: tuple[LinkPurpose, ...] = tuple(LinkPurpose)
) -> None:
    """Make links of a referral stop working at once; those already used keep their short session."""
    for link in queries.live_links(referral, purposes):
        link.revoked_at = now()
        audit.record(actor, "referral:link:revoked", link, subjects=(referral.case.person_id,))


def needs_another(referral: Referral) -> bool:
    """Tell whether a waiting list outlives every link by which its agency could still answer.

    An answer uses its link up, and a list lasts for weeks: the place that comes free, or the word
    that the person still waits, needs a link of its own.
    """
    if referral.state is not ReferralState.WAITLISTED:
        return False
    until = max(now(), referral.expires_at or now())
    live = queries.live_links(referral, (LinkPurpose.ANSWER,))
    return not any(link.expires_at > until for link in live)


def visit(token: str, secret: str) -> Visit | None:
    """Prove a link and enter its service; None for one used, expired, revoked, guessed or unconsented.

    `secret` is what this browser holds; it counts only after this browser answered.
    """
    found = queries.link_by_hash(token_hash(token))
    if found is None:
        return None
    service_id, link_id = found
    database.enter_service(service_id)
    link = queries.link(service_id, link_id)
    referral = queries.of_link(link) if link else None
    if link is None or referral is None or not _is_alive(link, referral):
        return None
    if link.consumed_at is not None:
        is_mine = link.session_hash == _session_hash(link.id, secret)
        in_time = now() - link.consumed_at <= policy.UNDO_WITHIN
        # What the desk has called off since is told by its own letter, as “withdrawn” and no more.
        is_over = referral.state in FITS[LinkPurpose.WITHDRAWN]
        is_open = is_mine and in_time and not is_over
        return Visit(link, referral, has_answered=True) if is_open else None
    if referral.state not in FITS[link.purpose]:
        return None
    return Visit(link, referral, has_answered=False)


def visit_again(token: str, secret: str) -> Visit | None:
    """Prove a link anew after an answer was refused: what it shows may have ended meanwhile (R4)."""
    db.session.expire_all()
    return visit(token, secret)


def mark_seen(visited: Visit) -> None:
    """Write one “link seen” entry, at the first press: a page that was fetched was seen by nobody.

    The request is locked before its link, as an answer does it: it revokes the other links.
    """
    queries.locked(visited.link.service_id, visited.referral.id)
    first = db.session.execute(
        update(ReferralLink)
        .where(ReferralLink.id == visited.link.id, ReferralLink.seen_at.is_(None))
        .values(seen_at=now())
        .returning(ReferralLink.id)
    ).first()
    if first is not None:
        audit.record(
            visited.actor,
            "referral:link:seen",
            visited.link,
            subjects=(visited.referral.case.person_id,),
        )


def consume(visited: Visit, secret: str) -> bool:
    """Use the link up and tie the next five minutes to this browser; tell whether it was first."""
    used = db.session.execute(
        update(ReferralLink)
        .where(
            ReferralLink.id == visited.link.id,
            ReferralLink.consumed_at.is_(None),
            ReferralLink.revoked_at.is_(None),
        )
        .values(consumed_at=now(), session_hash=_session_hash(visited.link.id, secret))
        .returning(ReferralLink.id)
    )
    return used.first() is not None


def restore(visited: Visit) -> None:
    """Give an undone answer its link back, so that the agency can answer otherwise."""
    visited.link.consumed_at = None
    visited.link.session_hash = None


def _is_alive(link: ReferralLink, referral: Referral) -> bool:
    if link.revoked_at is not None or link.expires_at <= now():
        return False
    # A page that only says “withdrawn” tells nothing about anybody.
    if link.purpose is LinkPurpose.WITHDRAWN:
        return True
    return not referral.is_entered_in_error and has_consent(referral)


def has_consent(referral: Referral) -> bool:
    """Tell whether the person still agrees to what is shared, now (R4)."""
    return sharing.still_holds(Actor.system(referral.service_id), referral.consent_id)


def _session_hash(link_id: UUID, secret: str) -> bytes:
    return hashlib.sha256(link_id.bytes + secret.encode("utf-8", errors="replace")).digest()
