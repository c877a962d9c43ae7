"""Which of an agency’s services a request is for: the one that suits best, as the list showed it."""

from casework import directory
from casework.cases.models import Case, CaseNeed
from casework.directory.features import Feature
from casework.directory.models import DirectoryService, Organization
from casework.directory.needs import URGENT_NEEDS
from casework.directory.policy import Wants, best_first
from casework.referrals.models import Referral
from casework.security import Actor


def wants_of(case: Case, need: CaseNeed, *, features: tuple[Feature, ...] = ()) -> Wants:
    """Give what a place should suit; nothing sealed of the person is opened for it."""
    return Wants(
        need=need.code,
        language=case.language,
        adults=case.adults,
        children=case.children,
        features=features,
        region=case.region,
        is_urgent=need.code in URGENT_NEEDS,
    )


def number_of(actor: Actor, referral: Referral, agency: Organization) -> str:
    """Give the number to call about a request: that of the service asked, else its agency’s."""
    offer = asked_offer(actor, referral, agency)
    return offer.number if offer else agency.phone


def asked_offer(actor: Actor, referral: Referral, agency: Organization) -> DirectoryService | None:
    """Give the service of an agency that a request is for; None: it offers nothing for it any more.

    It is the agency that is asked, and the list shows the best of its services for the household.
    """
    wanted = referral.need.code.value
    offers = directory.capacity_queries.services_of(actor, agency.id)
    fitting = [offer for offer in offers if wanted in offer.needs]
    wants = directory.queries.located(actor, wants_of(referral.case, referral.need))
    best = best_first(fitting, wants)
    return best[0].service if best else None
