"""A person is in danger from violence: what their requests hold in clear is sealed (R16, R19)."""

from uuid import UUID

from casework import audit, cases, vault
from casework.extensions import db
from casework.referrals import policy, queries
from casework.referrals.models import Referral, ReferralEvent
from casework.referrals.services import moves, openers
from casework.security import Actor, ActorKind


def when_person_changes(person_id: UUID, *, what: str, actor: Actor) -> None:
    """Seal every request of a person whose record is one of violence now, also those that have ended.

    Nothing is told to anybody, no clock moves and no version: it is no answer, and a page that
    was opened before still takes one.
    """
    if what != "sensitive":
        return
    cases.queries.hold_of_person(actor, person_id)
    for referral in queries.hold_unsealed(actor.service_id, person_id):
        _seal(actor, referral)


def _seal(actor: Actor, referral: Referral) -> None:
    """Keep a request as if it had been asked in a sensitive case; the audit keeps what it has."""
    agency = openers.open_agency(actor, referral, purpose="route")
    referral.is_sensitive, referral.organization_id = True, None
    vault.seal(referral, partner=str(agency.id))
    for event in queries.events_of(actor, referral):
        _seal_hand(event)
    db.session.flush()
    db.session.expire(referral, ["organization"])
    if policy.is_asked(referral.state):
        moves.put_route(referral, agency.id)
    audit.record(
        actor,
        "referral:sealed",
        referral,
        subjects=(referral.case.person_id,),
        fields=("partner", "actor"),
        detail={"partner": vault.digest(referral, "partner")},
    )


def _seal_hand(event: ReferralEvent) -> None:
    """Seal who made an event: of an agency’s account its alias, by which its answer is known on."""
    if event.actor_id is None:
        return
    hand = event.actor_id
    if event.actor_kind == ActorKind.AGENCY.value:
        hand = vault.alias(event.service_id, event.referral_id, hand)
    vault.seal(event, actor=str(hand))
    event.actor_id = None
