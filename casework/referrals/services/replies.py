"""Answers of agencies; one that comes through a link uses it up, for a session of five minutes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from casework.cases.models import Reason, Source
from casework.database import now
from casework.referrals import clocks, policy, queries
from casework.referrals.clocks import HoldChoice
from casework.referrals.failures import NotPossible
from casework.referrals.listing import Listing
from casework.referrals.models import Referral, ReferralEvent, ReferralState
from casework.referrals.policy import Reply
from casework.referrals.services import links, moves
from casework.referrals.services.answering import answer, remark, say_listed, say_yes_late
from casework.referrals.services.ending import undo
from casework.referrals.services.links import Visit
from casework.security import Actor


class Asked(Protocol):
    """A request before whoever answers it, by a link or signed in."""

    @property
    def actor(self) -> Actor:
        """Who answers."""

    @property
    def referral(self) -> Referral:
        """What is asked."""

    @property
    def time_zone(self) -> str:
        """The agency's clock."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What stands in the form an agency sends."""

    reply: Reply
    reason: Reason | None = None
    hold: HoldChoice | None = None
    details: dict[str, str] | None = None
    listing: Listing | None = None
    version: int | None = None
    key: str


def reply(visited: Visit, secret: str, *, given: Given) -> ReferralEvent:
    """Record an agency’s answer and use its link up; a double tap is one answer (R4, R28).

    Raises NotPossible when the link was used meanwhile by another browser, or the answer is not
    one that this link asks for.
    """
    known = already(visited, given)
    if known is not None:
        return known
    if given.reply not in policy.REPLIES[visited.link.purpose]:
        raise NotPossible
    if visited.has_answered or not links.consume(visited, secret):
        raise NotPossible
    return write(visited, given)


def already(asked: Asked, given: Given) -> ReferralEvent | None:
    """Keep everybody else out of a request, and give the event that the same tap already made."""
    referral = queries.locked(asked.actor.service_id, asked.referral.id)
    return queries.event_by_key(referral.service_id, moves.key_of(referral, given.key) or "")


def take_back(visited: Visit) -> ReferralEvent:
    """Undo the answer just given through this link, and let it be answered again."""
    event = undo(visited.actor, visited.referral)
    links.restore(visited)
    return event


def can_take_back(visited: Visit) -> bool:
    """Tell whether the newest event came through this link, so that Undo may be shown."""
    newest = queries.newest_event(visited.referral)
    if newest is None:
        return False
    may = policy.may_undo(newest, at=now(), is_same_actor=_is_of(visited, newest))
    return may and not queries.is_overtaken(visited.referral)


def is_last_word(visited: Visit) -> bool:
    """Tell whether nobody has said anything since the answer that came through this link."""
    newest = queries.newest_event(visited.referral)
    return newest is not None and _is_of(visited, newest)


def _is_of(visited: Visit, event: ReferralEvent) -> bool:
    # The actor of a sensitive event is sealed and a GET opens nothing: the time the link was
    # consumed tells the same, and undo() itself looks at the seal.
    return event.actor_kind == visited.actor.kind and event.at == visited.link.consumed_at


def write(asked: Asked, given: Given) -> ReferralEvent:
    """Write an answer down, as the table of the machine allows it."""
    if given.reply is Reply.STILL:
        return say_listed(
            asked.actor,
            asked.referral,
            listing=given.listing,
            details=given.details,
            version=given.version,
            idempotency_key=given.key,
        )
    what = policy.REMARKS.get(given.reply)
    if what is not None:
        return remark(
            asked.actor,
            asked.referral,
            what=what,
            words=(given.details or {}).get("note", ""),
            version=given.version,
            idempotency_key=given.key,
        )
    if given.reply is Reply.HOLD and asked.referral.state is ReferralState.EXPIRED:
        # The page was opened before the clock ended the request, or because it did.
        return say_yes_late(
            asked.actor,
            asked.referral,
            hold_until=_hold_until(asked, given),
            details=given.details,
            idempotency_key=given.key,
        )
    to = policy.STATES[given.reply]
    reason = Reason.NO_SHOW if to is ReferralState.NOT_FULFILLED else given.reason
    return answer(
        asked.actor,
        asked.referral,
        to=to,
        reason=reason if given.reply in policy.REASONED else None,
        source=Source.PARTNER_CONFIRMED,
        hold_until=_hold_until(asked, given),
        details=given.details,
        listing=given.listing if given.reply is Reply.WAITLIST else None,
        version=given.version,
        idempotency_key=given.key,
    )


def _hold_until(asked: Asked, given: Given) -> datetime | None:
    if given.reply is not Reply.HOLD or given.hold is None:
        return None
    return clocks.hold_end(given.hold, now(), asked.time_zone)
