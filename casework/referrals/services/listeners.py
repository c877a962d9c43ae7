"""What happens to requests when consent ends, a case closes or becomes sensitive, in the same transaction."""

from uuid import UUID

from casework import cases, people
from casework.cases.models import Case
from casework.people.models import ConsentEnd, Purpose
from casework.referrals import policy, queries
from casework.referrals.failures import StillOpen
from casework.referrals.models import Referral
from casework.referrals.services import links, openers, sharing
from casework.referrals.services.ending import withdraw
from casework.referrals.services.erasing import when_case_is_erased
from casework.referrals.services.rounds import when_referral_changes
from casework.referrals.services.sealing import when_person_changes
from casework.referrals.signals import referral_changed
from casework.security import Actor


def when_consent_ends(person_id: UUID, *, purpose: Purpose, end: ConsentEnd, actor: Actor) -> None:
    """Revoke the links and withdraw the requests that nothing allows any more (R5, R31).

    An expiry leaves a held place alone: only the person’s own withdrawal releases it.
    """
    if purpose not in (Purpose.SHARE_WITH_PARTNER, Purpose.KEEP_CASE):
        return
    for found in queries.open_of_person(actor.service_id, person_id):
        # As it stands now: an agency may have answered since, and a place may be held.
        referral = queries.locked(actor.service_id, found.id)
        if not policy.is_open(referral.state):
            continue
        if purpose is Purpose.SHARE_WITH_PARTNER and _is_covered(actor, referral):
            continue
        if end is ConsentEnd.EXPIRED and referral.state in policy.HELD_STATES:
            links.revoke(actor, referral)
        else:
            withdraw(actor, referral)


def when_case_closes(_sender: object, *, case: Case, actor: Actor) -> None:
    """Refuse to close over an open request, unless consent to the case itself has ended (R1)."""
    still_open = queries.open_of_case(case.service_id, case.id)
    if not still_open:
        return
    if sharing.keeps_case(actor, case.person_id):
        raise StillOpen
    for referral in still_open:
        # A place held when consent ran out stays held (R31): the agency is left in peace.
        if referral.state in policy.HELD_STATES and policy.who_is(actor) is policy.Who.SYSTEM:
            links.revoke(actor, referral)
        else:
            withdraw(actor, referral)


def _is_covered(actor: Actor, referral: Referral) -> bool:
    """Tell whether sharing is still agreed to: by the same consent, or by another one now."""
    if links.has_consent(referral):
        return True
    agency = openers.open_agency(actor, referral, purpose="consent")
    other = sharing.consent_to_share(actor, referral.case, referral.need, agency.id)
    if other is None:
        return False
    referral.consent_id = other.id
    return True


def was_referred(actor: Actor, need_id: UUID) -> bool:
    """Tell whether an agency was ever asked for a need: it decides which kind of unmet need it is.

    What waited its turn and was called off told nobody.
    """
    return any(referral.requested_at for referral in queries.of_need(actor, need_id))


def connect() -> None:
    """Listen to the rooms below, and tell cases what only this room knows."""
    cases.services.tell_referred_with(was_referred)
    referral_changed.connect(when_referral_changes)
    people.signals.consent_ended.connect(when_consent_ends)
    people.signals.person_changed.connect(when_person_changes)
    cases.signals.case_closing.connect(when_case_closes)
    cases.signals.case_erasing.connect(when_case_is_erased)
