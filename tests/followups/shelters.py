"""A case whose person agreed that shelters are asked, one that is asked, and one that is full."""

from typing import Any

from casework import people, referrals
from casework.cases.models import Case, Reason, Source
from casework.directory.needs import NeedCode
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.referrals.models import Referral, ReferralState
from tests.followups.scenes import case_of


def shelter_case(world: Any, **plan: Any) -> Case:
    """Open the case of somebody who agreed that shelters are asked."""
    case = case_of(world.amina.actor, needs=[NeedCode.SHELTER], **plan)
    share = ConsentAnswer(Purpose.SHARE_WITH_PARTNER, True, category=NeedCode.SHELTER)
    people.services.record_consents(world.amina.actor, case.person, [share])
    return case


def ask_shelter(world: Any, case: Case, name: str) -> Referral:
    """Ask one shelter for tonight, as the next one after a refusal is asked."""
    return referrals.services.send(
        world.amina.actor,
        case,
        case.needs[0],
        organization_id=world.organization(name).id,
        urgency="urgent",
    )


def answer_for(world: Any, referral: Referral, to: ReferralState, **more: Any) -> None:
    """Record what a shelter said on the phone; a refusal because it is full."""
    reason = Reason.NO_CAPACITY if to is ReferralState.DECLINED else None
    referrals.services.answer(
        world.amina.actor,
        referral,
        to=to,
        source=Source.PARTNER_CONFIRMED,
        **({"reason": reason} | more),
    )
