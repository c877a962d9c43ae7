"""May this be shared with this agency? One place asks, at send time and whenever consent ends (R4)."""

from uuid import UUID

from casework import people
from casework.cases.models import Case, CaseNeed
from casework.database import now
from casework.people.models import Consent, Purpose
from casework.referrals import queries
from casework.security import Actor


def consent_to_share(
    actor: Actor, case: Case, need: CaseNeed, organization_id: UUID
) -> Consent | None:
    """Find the active consent that names this agency, or a category that covers this need."""
    return people.services.open_sharing_consent(
        actor, case.person_id, now(), need=need.code, partner_id=organization_id
    )


def keeps_case(actor: Actor, person_id: UUID) -> bool:
    """Tell whether the person still agrees to a case being kept (R1)."""
    consent = people.queries.active_consent(actor, person_id, Purpose.KEEP_CASE, now())
    return consent is not None


def still_holds(actor: Actor, consent_id: UUID | None) -> bool:
    """Tell whether the consent under which something was shared still holds, opening nothing (R4).

    One that was asked again and given again holds through the answers that replaced it.
    """
    consents = queries.consents_in_force(actor, consent_id)
    return bool(consents) and all(
        consent.ended_at is None and consent.expires_at > now() for consent in consents
    )
