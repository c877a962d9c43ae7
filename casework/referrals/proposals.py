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
from casework.directory.needs import URGENT_NEEDS
from casework.directory.policy import Fit, Suitable, Wants
from casework.referrals import clocks, policy
from casework.referrals.clocks import Rung
from casework.referrals.models import Referral, ReferralState
from casework.referrals.services import open_agencies, patience
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
    # In a sensitive case, which agencies were asked is sealed: who is left shows after a press (R16).
    is_hidden: bool = False


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
    wants = Wants(
        need=need.code,
        language=case.language,
        adults=case.adults,
        children=case.children,
        features=features,
        region=case.region,
        is_urgent=need.code in URGENT_NEEDS,
    )
    return directory.queries.suitable(viewer, wants, without=without)


def next_best(viewer: Actor, referral: Referral, of_need: Collection[Referral]) -> Proposal | None:
    """Propose the next place after this request; None while another is open, or none is needed.

    `of_need` are all requests for the same need. A sensitive one proposes nothing by name: a page
    that is only looked at opens no seal (R16, R19).
    """
    if not asks_for_next(referral, of_need):
        return None
    if referral.is_sensitive:
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
    if referral.case.status is not CaseStatus.OPEN or referral.need.outcome in SOLVED:
        return False
    return not any(
        policy.is_open(other.state)
        or other.state is S.CONFIRMED
        or other.created_at > referral.created_at
        or other.supersedes_id == referral.id
        for other in of_need
        if other.id != referral.id
    )


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


def late_since(referral: Referral, at: datetime) -> datetime | None:
    """Tell since when an answer is late: from the moment the navigator is told; None if it is not.

    A sealed agency is not opened to look at its opening hours, so of a routine one nothing is said.
    """
    is_waited_for = referral.state in (S.REQUESTED, S.INFO_NEEDED)
    if not is_waited_for or referral.expires_at is None:
        return None
    if referral.is_sensitive and clocks.needs_office(referral.state, referral.urgency):
        return None
    told = dict(patience.steps_of(referral)).get(Rung.NAVIGATOR)
    return told if told is not None and told <= at else None


def late_among(referrals: Collection[Referral], at: datetime) -> dict[UUID, datetime]:
    """Give since when each of these is late, by id; those that are not are left out."""
    found = {referral.id: late_since(referral, at) for referral in referrals}
    return {id_: moment for id_, moment in found.items() if moment is not None}
