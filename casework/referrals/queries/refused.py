"""What asks for the next agency: the last request for a need ended without help, and nobody is asked."""

from functools import cache

from sqlalchemy import Select, exists, or_
from sqlalchemy.orm import aliased, joinedload, lazyload

from casework.cases.models import Case, CaseNeed, CaseStatus, NeedOutcome
from casework.extensions import db
from casework.placeholders import ACCOUNT, MOST, SERVICE
from casework.referrals import policy
from casework.referrals.models import Referral, ReferralState
from casework.referrals.queries.asked import of_service
from casework.security import Actor

UNHELPED = (ReferralState.DECLINED, ReferralState.EXPIRED)
STANDING = (*policy.OPEN_STATES, ReferralState.CONFIRMED)


def refused_for(viewer: Actor, *, limit: int) -> list[Referral]:
    """List the newest refusal of each need of the viewer's own cases for which nobody is asked any more.

    Urgent ones come first, then those that wait longest.
    """
    said = {"service": viewer.service_id, "account": viewer.id, "most": limit}
    return list(db.session.scalars(_refused(), said))


@cache
def _refused() -> Select[Referral]:
    other = aliased(Referral)
    is_later = or_(
        other.created_at > Referral.created_at,
        # Several may have been asked in the same moment: one of them stands for all.
        (other.created_at == Referral.created_at)
        & other.state.in_(UNHELPED)
        & (other.id > Referral.id),
    )
    is_followed = exists().where(
        other.need_id == Referral.need_id,
        other.service_id == SERVICE,
        ~other.is_entered_in_error,
        or_(other.state.in_(STANDING), is_later),
    )
    return (
        of_service(SERVICE)
        .join(Case, Case.id == Referral.case_id)
        .join(CaseNeed, CaseNeed.id == Referral.need_id)
        .options(joinedload(Referral.case).options(joinedload(Case.person), lazyload(Case.needs)))
        .where(
            Case.service_id == SERVICE,
            Case.owner_id == ACCOUNT,
            Case.status == CaseStatus.OPEN,
            CaseNeed.outcome == NeedOutcome.PENDING,
            Referral.state.in_(UNHELPED),
            ~Referral.is_entered_in_error,
            ~is_followed,
        )
        .order_by(Referral.urgency.desc(), Referral.answered_at, Referral.id)
        .limit(MOST)
    )
