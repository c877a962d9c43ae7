"""What a signed-in member of an agency may see and answer: their organisation's requests only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel.speaklater import LazyString

from casework import accounts, audit, directory, vault
from casework.accounts.models import Membership
from casework.database import NotFound, now
from casework.referrals import policy, queries
from casework.referrals.failures import NotPossible
from casework.referrals.models import LinkPurpose, Referral, ReferralEvent, ReferralState
from casework.referrals.policy import Reply
from casework.referrals.services import driving, links, moves, openers, replies
from casework.referrals.services.ending import undo
from casework.referrals.services.replies import Given
from casework.security import Actor, ActorKind
from casework.vault import open_fields, open_many

ROUTE = vault.IndexKind.PARTNER_ROUTE
# What was given after this state was agreed to is told; before it, no alias (R28).
AFTER_YES = policy.HELD_STATES | {ReferralState.CONFIRMED}


@dataclass(frozen=True)
class Sitting:
    """One request before a member of the agency that is asked."""

    actor: Actor
    referral: Referral
    time_zone: str

    @property
    def purpose(self) -> LinkPurpose | None:
        """What is asked now: an answer, or whether the person arrived; None: nothing."""
        asking = (LinkPurpose.ANSWER, LinkPurpose.ARRIVAL)
        return next((each for each in asking if self.referral.state in links.FITS[each]), None)

    @property
    def asks(self) -> tuple[Reply, ...]:
        """Give the answers that fit now."""
        return policy.REPLIES[self.purpose] if self.purpose else ()


@dataclass(frozen=True)
class Answered:
    """Who answered, and when; without a name it came by a link, by phone or from a sealed hand."""

    at: datetime
    kind: ActorKind
    name: str | None = None


def behind(actor: Actor, referral: Referral) -> Actor:
    """Give who acts on a request: in a sensitive case an alias, since an account names its agency.

    R16 seals where she goes. An audit entry that named a shelter's worker beside the request would
    tell it; the alias is the same at each visit, and only the keys lead back to the account.
    """
    return hidden(actor, referral) if referral.is_sensitive else actor


def open_inbox(actor: Actor, *, purpose: str = "inbox") -> list[Referral]:
    """List what the actor's agency is asked and answered of late (R21, R28).

    A sealed agency's requests are found by its keyed term and shown to be its own by opening it;
    once they end nothing leads to them any more (R16).
    """
    if actor.organization_id is None:
        return []
    clear = queries.asked_of(actor, now())
    wanted = str(actor.organization_id)
    routed = vault.index_candidates(actor.service_id, ROUTE, wanted, limit=queries.MOST)
    sealed = queries.of_ids(actor, routed)
    opened = open_many(sealed, "partner")
    if not sealed and clear:
        people = {referral.case.person_id for referral in clear}
        audit.record(actor, "referral:listed", ("referral", None), subjects=people, purpose=purpose)
    for referral in [*clear, *sealed] if sealed else ():
        # Each under a name of its own: one entry for all would tell whose list it is.
        audit.record(
            hidden(actor, referral),
            "referral:listed",
            referral,
            subjects=(referral.case.person_id,),
            fields=("partner",) if referral.is_sensitive else (),
            purpose=purpose,
        )
    own = [
        referral
        for referral, fields in zip(sealed, opened, strict=True)
        if fields is not None and fields["partner"] == wanted and not referral.is_entered_in_error
    ]
    return [*clear, *own]


def open_request(
    actor: Actor, referral_id: UUID, *, purpose: str = "inbox", is_held: bool = False
) -> Sitting:
    """Give one request of the actor's agency; raise NotFound for any other, and when it is over.

    Consent is asked again at each view (R4). An answer just given can still be seen, to undo it.
    Held until the commit for who answers: no case becomes sensitive between the page and its
    answer, under whose account it would stand (R16).
    """
    found = queries.of_ids(actor, [referral_id]) if actor.organization_id else []
    if not found or found[0].is_entered_in_error or found[0].state is ReferralState.DRAFT:
        raise NotFound
    referral = found[0]
    agency_id = referral.organization_id
    if referral.partner is not None:
        agency_id = UUID(open_fields(referral, "partner")["partner"])
    if agency_id is None or agency_id != actor.organization_id:
        raise NotFound
    if is_held:
        referral = queries.locked(actor.service_id, referral_id)
    if not _is_current(referral) or not links.has_consent(referral):
        raise NotFound
    hands = behind(actor, referral)
    audit.record(
        hands,
        "referral:viewed",
        referral,
        subjects=(referral.case.person_id,),
        fields=("partner",) if referral.partner is not None else (),
        purpose=purpose,
    )
    zone = directory.queries.get(actor, agency_id).time_zone
    return Sitting(hands, referral, zone)


def told_to(sitting: Sitting, *, purpose: str = "inbox") -> dict[str, str | LazyString]:
    """Open what the person agreed that this agency may read: an alias only after its yes (R28)."""
    told = driving.open_told(sitting.actor, sitting.referral, purpose=purpose)
    if sitting.referral.state in AFTER_YES:
        return told
    return {name: text for name, text in told.items() if name != "alias"}


def reply_signed_in(sitting: Sitting, *, given: Given) -> ReferralEvent:
    """Record an agency's answer, given by one of its members; a double tap is one answer."""
    known = replies.already(sitting, given)
    if known is not None:
        return known
    if given.reply not in sitting.asks:
        raise NotPossible
    return replies.write(sitting, given)


def was_said(sitting: Sitting, key: str | None) -> bool:
    """Tell whether this very tap was an answer already: the second one is the same."""
    bound = moves.key_of(sitting.referral, key)
    return bound is not None and bool(queries.event_by_key(sitting.actor.service_id, bound))


def take_back_signed_in(sitting: Sitting) -> ReferralEvent:
    """Undo the answer that this member just gave."""
    return undo(sitting.actor, sitting.referral)


def can_take_back_signed_in(sitting: Sitting) -> bool:
    """Tell whether the newest event is this member's own answer of the last five minutes."""
    newest = queries.newest_event(sitting.referral)
    if newest is None or newest.actor_kind != ActorKind.AGENCY.value:
        return False
    if not policy.may_undo(newest, at=now(), is_same_actor=True):
        return False
    if queries.is_overtaken(sitting.referral):
        return False
    return openers.open_event_actor(sitting.actor, sitting.referral, newest) == sitting.actor.id


def answered(actor: Actor, sitting: Sitting) -> Answered | None:
    """Tell who answered a request that is open before a member; a colleague by name."""
    newest = queries.newest_event(sitting.referral)
    if newest is None or newest.is_undo:
        return None
    if newest.actor_kind != ActorKind.AGENCY.value:
        return Answered(newest.at, ActorKind(newest.actor_kind))
    author = openers.open_event_actor(sitting.actor, sitting.referral, newest)
    return Answered(newest.at, ActorKind.AGENCY, _colleagues(actor, sitting.referral).get(author))


def answers_of(actor: Actor, referrals: list[Referral]) -> dict[UUID, Answered]:
    """Tell who answered each of these; where the case is sensitive the hand stays sealed."""
    found = {}
    names = {member.account_id: member.account.display_name for member in _members(actor)}
    for referral_id, event in queries.last_answers(actor, referrals).items():
        name = names.get(event.actor_id) if event.actor_id else None
        found[referral_id] = Answered(event.at, ActorKind(event.actor_kind), name)
    return found


def _colleagues(actor: Actor, referral: Referral) -> dict[UUID | None, str]:
    """Give the names of the agency's members by the ids under which they act on a request."""
    named: dict[UUID | None, str] = {}
    for member in _members(actor):
        ids = {member.account_id}
        if referral.is_sensitive:
            ids = vault.aliases(actor.service_id, referral.id, member.account_id)
        named |= dict.fromkeys(ids, member.account.display_name)
    return named


def _members(actor: Actor) -> list[Membership]:
    if actor.organization_id is None:
        return []
    return accounts.queries.members_of(actor, actor.organization_id)


def hidden(actor: Actor, referral: Referral) -> Actor:
    """Give the alias under which a member acts on one request, the same at each visit (R16)."""
    if actor.id is None:
        return actor
    hidden = vault.alias(actor.service_id, referral.id, actor.id)
    return Actor(ActorKind.AGENCY, actor.service_id, hidden, actor.role)


def _is_current(referral: Referral) -> bool:
    if policy.is_open(referral.state):
        return True
    # Of what its own members just answered the page still tells; what the desk ended is over.
    newest = queries.newest_event(referral)
    is_theirs = newest is not None and newest.actor_kind == ActorKind.AGENCY.value
    return is_theirs and newest is not None and now() - newest.at <= policy.UNDO_WITHIN
