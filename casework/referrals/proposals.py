"""The next best place: searched already when an agency has refused, without those asked so far."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casework import directory
from casework.cases.models import Case, CaseNeed, CaseStatus, NeedOutcome, Reason
from casework.database import now
from casework.directory.capacity_policy import Places
from casework.directory.features import Feature
from casework.directory.needs import URGENT_NEEDS, NeedCode
from casework.directory.policy import Fit, Suitable
from casework.referrals import policy
from casework.referrals.models import Referral, ReferralState, Urgency
from casework.referrals.services import open_agencies
from casework.referrals.services.offering import wants_of
from casework.security import Actor

S = ReferralState
# After these an agency is of no more help, and the next one can be asked.
REFUSED = frozenset({S.DECLINED, S.EXPIRED, S.NOT_FULFILLED, S.RECALLED})
# Needs with these outcomes no longer look for a place.
SOLVED = frozenset({NeedOutcome.MET, NeedOutcome.RESOLVED_OTHERWISE})


@dataclass(frozen=True)
class Proposal:
    """What to do after a refusal: the best place left, if any; hidden where asking is sealed."""

    fit: Fit | None = None
    places: Places | None = None
    # Which agencies were asked in a sensitive case is sealed, and so is what a place should have:
    # who is left shows after a press (R16).
    is_hidden: bool = False


def urgency_of(case: Case, need: CaseNeed, made: Collection[Referral]) -> Urgency | None:
    """Propose how soon a need is to be answered; None: somebody must choose, it is never routine unasked.

    `made` are the requests of the case. A drive is as urgent as the most urgent place it may lead to.
    """
    is_pressing = any(
        other.code in URGENT_NEEDS and other.outcome not in SOLVED for other in case.needs
    ) or any(policy.is_open(each.state) and each.urgency is Urgency.URGENT for each in made)
    if need.code in URGENT_NEEDS or (need.code is NeedCode.TRANSPORT and is_pressing):
        return Urgency.URGENT
    return None if is_pressing or case.is_sensitive else Urgency.ROUTINE


def suitable(
    viewer: Actor,
    case: Case,
    need: CaseNeed,
    *,
    without: Collection[UUID] = (),
    features: tuple[Feature, ...] = (),
) -> Suitable:
    """List the places that suit a need of a case, best first, without these agencies.

    `features` are what was ticked for this once. What is sealed of the person is not opened for it.
    """
    wants = wants_of(case, need, features=features)
    return directory.queries.suitable(viewer, wants, without=without)


def next_best(viewer: Actor, referral: Referral, of_need: Collection[Referral]) -> Proposal | None:
    """Propose the next place after this request; None while another is open, or none is needed.

    `of_need` are all requests for the same need. A sensitive one, and one for which something was
    ticked, proposes nothing by name: a page that is only looked at opens no seal (R16, R19).
    """
    if not asks_for_next(referral, of_need):
        return None
    if referral.is_sensitive or referral.wishes is not None:
        return Proposal(is_hidden=True)
    asked = open_agencies(viewer, referral.need)
    fits = suitable(viewer, referral.case, referral.need, without=asked).fits
    if not fits:
        return Proposal()
    best = fits[0]
    places = directory.capacity_queries.of_services(viewer, [best.service], now())
    return Proposal(best, places.get(best.service.id))


def asks_for_next(referral: Referral, of_need: Collection[Referral]) -> bool:
    """Tell whether a request ended without help, and nobody else has been asked since."""
    if referral.state not in REFUSED or referral.is_entered_in_error:
        return False
    if referral.case.status is not CaseStatus.OPEN or is_settled(referral, of_need):
        return False
    return not any(
        policy.is_open(other.state)
        or other.created_at > referral.created_at
        or other.supersedes_id == referral.id
        for other in of_need
        if other.id != referral.id
    )


def is_settled(referral: Referral, of_need: Collection[Referral]) -> bool:
    """Tell whether the need of a refused request asks for no other agency any more.

    It is solved, or another request for it has brought the person there, or a place that is held.
    """
    if referral.state not in REFUSED:
        return False
    return referral.need.outcome in SOLVED or what_stands(referral, of_need) is not None


def what_stands(referral: Referral, of_need: Collection[Referral]) -> Referral | None:
    """Give the other request by which the person has arrived, or else one that holds a place."""
    if referral.state not in REFUSED:
        return None
    standing = [
        other
        for other in of_need
        if other.id != referral.id
        and not other.is_entered_in_error
        and (other.state is S.CONFIRMED or other.state in policy.HELD_STATES)
    ]
    return min(standing, key=lambda other: other.state is not S.CONFIRMED, default=None)


def refused_with(need: CaseNeed, of_need: Collection[Referral]) -> Reason | None:
    """Tell why a need is left without help once everybody asked has refused; None while it is not.

    `of_need` are all requests for it: the one that was heard last tells. Several may have been asked
    at the same moment. Silence until the end is an agency that could not be reached.
    """
    if need.outcome is not NeedOutcome.PENDING or not of_need:
        return None
    if any(other.state not in REFUSED for other in of_need):
        return None
    last = max(of_need, key=_heard_at)
    return Reason.PARTNER_UNREACHABLE if last.state is S.EXPIRED else last.reason


def _heard_at(referral: Referral) -> datetime:
    """Give when a request was answered, or when waiting for an answer ended."""
    # Where it expired, this is the moment when its clock ran out.
    until = referral.answered_at
    return until or referral.created_at
