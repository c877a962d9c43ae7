"""A consent given on the line, in the same act as the request that needs it (R2, R4)."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from casework import cases, people
from casework.cases.models import Case, CaseNeed
from casework.directory.features import Feature
from casework.people.models import Consent, Purpose
from casework.people.services import ConsentAnswer
from casework.referrals.manners import Scope
from casework.referrals.models import Referral, Urgency
from casework.referrals.services import sharing
from casework.referrals.services.asking import send
from casework.security import Actor


def ask_agency(
    actor: Actor,
    case: Case,
    need: CaseNeed,
    *,
    organization_id: UUID,
    urgency: Urgency,
    agreed: Scope | None = None,
    details: dict[str, str] | None = None,
    wishes: Sequence[Feature] = (),
    supersedes: Referral | None = None,
) -> Referral:
    """Ask one agency, and first record the yes that the person has just said, if any.

    Raises what `send` raises: without a consent that covers the agency nothing is asked (R4).
    """
    if agreed is not None:
        cases.queries.hold(case)
        agree(actor, case, need, [organization_id], scope=agreed)
    return send(
        actor,
        case,
        need,
        organization_id=organization_id,
        urgency=urgency,
        details=details,
        wishes=wishes,
        supersedes=supersedes,
    )


def agree(
    actor: Actor, case: Case, need: CaseNeed, organization_ids: Collection[UUID], *, scope: Scope
) -> list[Consent]:
    """Record that the person agrees to share; what is agreed already is not asked twice.

    The sentence was read aloud in the person’s language, so the answer names its wording (R2).
    """
    asked = [
        organization_id
        for organization_id in dict.fromkeys(organization_ids)
        if sharing.consent_to_share(actor, case, need, organization_id) is None
    ]
    if not asked:
        return []
    yes = ConsentAnswer(Purpose.SHARE_WITH_PARTNER, True, language=case.language)
    if scope is Scope.KIND:
        answers = [replace(yes, category=need.code)]
    else:
        answers = [replace(yes, partner_id=organization_id) for organization_id in asked]
    return people.services.record_consents(actor, case.person, answers)
