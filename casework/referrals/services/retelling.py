"""Changing what an agency is told of an open request, within what the person agreed to (R4, R28)."""

from casework import audit, vault
from casework.database import flush
from casework.referrals import policy, queries, telling
from casework.referrals.failures import ConsentMissing, NotPossible
from casework.referrals.models import Referral
from casework.referrals.services import moves, openers, sharing
from casework.referrals.services.driving import check_driver
from casework.security import Actor


def change_told(
    actor: Actor, referral: Referral, *, details: dict[str, str], version: int | None = None
) -> Referral:
    """Tell an agency something else; what it has read already it has read.

    Raises NotPossible once the request is over, StaleVersion, ConsentMissing, and NamesThePlace.
    """
    referral = queries.locked(actor.service_id, referral.id)
    moves.check_version(referral, version)
    if not policy.is_open(referral.state):
        raise NotPossible
    told = policy.told(details, (*telling.fields_for(referral.need.code), "reply"))
    check_driver(actor, referral.case, referral.need, told)
    agency = openers.open_agency(actor, referral, purpose="consent")
    consent = sharing.consent_to_share(actor, referral.case, referral.need, agency.id)
    if consent is None:
        raise ConsentMissing
    referral.consent_id = consent.id
    vault.seal(referral, request_details=told or None)
    referral.version += 1
    flush()
    audit.record(
        actor,
        "referral:told:changed",
        referral,
        subjects=(referral.case.person_id,),
        fields=("request_details",),
        detail={"request_details": vault.digest(referral, "request_details")} if told else {},
    )
    return referral
