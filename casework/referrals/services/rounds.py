"""Asking several agencies for one need: all at once, or the next one when one refuses or is silent."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from casework import cases, directory
from casework.cases.models import Case, CaseNeed, CaseStatus
from casework.directory.features import Feature
from casework.referrals import policy, queries
from casework.referrals.failures import (
    CaseIsClosed,
    ConsentMissing,
    NotPossible,
    OneAtATime,
    TooManyAtOnce,
)
from casework.referrals.manners import MOST_AT_ONCE, Manner, Scope
from casework.referrals.models import Referral, ReferralEvent, ReferralState, Urgency
from casework.referrals.services import asking, moves, openers, sharing
from casework.referrals.services.agreeing import agree
from casework.referrals.services.ending import withdraw
from casework.security import Actor

S = ReferralState
# After these the next one of a round is asked; whatever the desk ends itself, it goes on with itself.
GO_ON_AFTER = frozenset({S.DECLINED, S.EXPIRED})


def ask_several(
    actor: Actor,
    case: Case,
    need: CaseNeed,
    *,
    organization_ids: Sequence[UUID],
    urgency: Urgency,
    manner: Manner = Manner.IN_ORDER,
    agreed: Scope | None = None,
    details: dict[str, str] | None = None,
    wishes: Sequence[Feature] = (),
) -> list[Referral]:
    """Ask up to five agencies, each under a consent that covers it (R4); give their requests.

    In order, the first is asked and the others wait as drafts. Raises TooManyAtOnce, and what
    `send` raises: when one may not be asked, nobody is.
    """
    chosen = list(dict.fromkeys(organization_ids))
    if len(chosen) > MOST_AT_ONCE:
        raise TooManyAtOnce
    cases.queries.hold(case)
    if agreed is not None:
        agree(actor, case, need, chosen, scope=agreed)
    is_round = manner is Manner.IN_ORDER and len(chosen) > 1
    round_id = uuid4() if is_round else None
    line = [
        asking.draft(
            actor,
            case,
            need,
            organization_id=organization_id,
            urgency=urgency,
            details=details,
            wishes=wishes,
            place=(round_id, turn) if round_id else None,
        )
        for turn, organization_id in enumerate(chosen, start=1)
    ]
    for referral in line[:1] if is_round else line:
        asking.begin(actor, referral)
    return line


def when_referral_changes(referral: Referral, *, event: ReferralEvent, actor: Actor) -> None:
    """Ask the next one of a round in the very transaction that refuses: none is lost, none doubled."""
    has_moved = event.from_state is not event.to_state and not event.is_undo
    if referral.round_id is not None and has_moved and event.to_state in GO_ON_AFTER:
        _go_on(Actor.system(referral.service_id), referral.round_id)


def ask_in_turn(actor: Actor, referral: Referral, *, version: int | None = None) -> Referral:
    """Ask one that waits its turn now, because the desk ended the one before it.

    Raises OneAtATime while another of the round is asked, ConsentMissing, and NotPossible for one
    that does not wait.
    """
    if referral.round_id is None:
        raise NotPossible
    if queries.hold_status_of_case(referral) is not CaseStatus.OPEN:
        raise CaseIsClosed
    line = queries.hold_round(actor.service_id, referral.round_id)
    referral = queries.locked(actor.service_id, referral.id)
    moves.check_version(referral, version)
    if referral.state is not S.DRAFT:
        raise NotPossible
    if any(policy.is_asked(other.state) for other in line):
        raise OneAtATime
    if not _is_agreed(actor, referral):
        raise ConsentMissing
    asking.begin(actor, referral)
    return referral


def _go_on(actor: Actor, round_id: UUID) -> None:
    """Ask the first that waits and may be asked; consent is asked for again at this moment (R4)."""
    line = queries.hold_round(actor.service_id, round_id)
    if any(policy.is_asked(each.state) or each.state is S.CONFIRMED for each in line):
        return
    for waiting in line:
        referral = queries.locked(actor.service_id, waiting.id)
        if referral.state is not S.DRAFT:
            continue
        is_open = queries.hold_status_of_case(referral) is CaseStatus.OPEN
        if not is_open or not _is_agreed(actor, referral):
            withdraw(actor, referral)
        elif _is_offered(actor, referral):
            asking.begin(actor, referral)
            return


def _is_agreed(actor: Actor, referral: Referral) -> bool:
    agency = openers.open_agency(actor, referral, purpose="consent")
    consent = sharing.consent_to_share(actor, referral.case, referral.need, agency.id)
    if consent is None:
        return False
    referral.consent_id = consent.id
    return True


def _is_offered(actor: Actor, referral: Referral) -> bool:
    """Tell whether the agency is still listed for the need; one that left is passed over."""
    agency = openers.open_agency(actor, referral, purpose="ask")
    return directory.queries.offers(actor, agency.id, referral.need.code)
