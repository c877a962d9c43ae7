"""The clock of referrals: requests expire, holds are warned about, arrivals are asked for."""

from uuid import UUID

from casework.cases.models import Source
from casework.database import now
from casework.notices.models import LetterKind, NoticeKind
from casework.referrals import clocks, policy, queries
from casework.referrals.models import Referral, ReferralState
from casework.referrals.services import moves, news
from casework.referrals.services.moves import Change
from casework.security import Actor


def watch(service_id: UUID) -> int:
    """Do what is due for every referral whose clock has come; twice is the same as once.

    A request nobody answered expires. A held place never does (R31): its navigator is warned
    before the hold ends, and when it has ended the agency is asked whether the person came.
    """
    actor = Actor.system(service_id)
    due = queries.due(service_id, now())
    for referral in due:
        if referral.state in policy.HELD_STATES:
            _watch_hold(actor, referral)
        elif clocks.expires_at(referral.state, referral.urgency, now()) is not None:
            moves.move(actor, referral, Change(to=ReferralState.EXPIRED, source=Source.SYSTEM))
        else:
            referral.wake_at = None
    return len(due)


def _watch_hold(actor: Actor, referral: Referral) -> None:
    hold_until = referral.hold_until
    if hold_until is not None and now() < hold_until:
        key = f"{referral.id}:{hold_until.isoformat()}"
        news.tell_owner(actor, referral, NoticeKind.HOLD_ENDING, key)
        referral.wake_at = hold_until
        return
    news.queue(actor, referral, LetterKind.AGENCY_ARRIVAL)
    referral.wake_at = None
