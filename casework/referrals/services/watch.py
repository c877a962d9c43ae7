"""The clock of referrals: nudges, escalations and expiry; holds that end, arrivals to ask for."""

from uuid import UUID

from casework.cases.models import Source
from casework.database import now
from casework.notices.models import LetterKind, NoticeKind
from casework.referrals import policy, queries
from casework.referrals.clocks import Rung
from casework.referrals.models import Referral, ReferralState
from casework.referrals.services import moves, news, patience
from casework.referrals.services.answering import ask_longer
from casework.referrals.services.moves import Change
from casework.security import Actor


def watch(service_id: UUID) -> int:
    """Do what is due for every referral whose clock has come; twice is the same as once.

    A request nobody answers is nudged, escalated and in the end expires. A held place never does
    (R31): both sides are warned before the hold ends, and when it has ended the agency is asked
    whether the person came.
    """
    actor = Actor.system(service_id)
    due = queries.due(service_id, now())
    for referral in due:
        if referral.state in policy.HELD_STATES:
            _watch_hold(actor, referral)
        else:
            _watch_silence(actor, referral)
    return len(due)


def _watch_silence(actor: Actor, referral: Referral) -> None:
    """Climb the ladder of a request that waits, each rung once, however late the sweep comes."""
    at = now()
    steps = patience.steps_of(referral)
    reached = [rung for rung, moment in steps if moment <= at]
    if Rung.EXPIRE in reached:
        moves.move(actor, referral, Change(to=ReferralState.EXPIRED, source=Source.SYSTEM))
        return
    since = queries.waits_since(referral)
    key = f"{referral.id}:{int(since.timestamp() * 1000) if since else 0}"
    for rung in reached:
        _climb(actor, referral, rung, key)
    patience.set_next(referral, steps, at)


def _climb(actor: Actor, referral: Referral, rung: Rung, key: str) -> None:
    is_ours = referral.state is ReferralState.INFO_NEEDED
    kind = NoticeKind.AGENCY_ASKS if is_ours else NoticeKind.AGENCY_SILENT
    if rung is Rung.NUDGE:
        news.nudge(actor, referral, key)
    elif rung is Rung.NAVIGATOR:
        news.tell_owner(actor, referral, kind, key)
    elif rung is Rung.SUPERVISOR:
        news.tell_supervisors(actor, referral, kind, key)


def _watch_hold(actor: Actor, referral: Referral) -> None:
    hold_until = referral.hold_until
    if hold_until is not None and now() < hold_until:
        key = f"{referral.id}:{hold_until.isoformat()}"
        news.tell_owner(actor, referral, NoticeKind.HOLD_ENDING, key)
        ask_longer(actor, referral)
        referral.wake_at = hold_until
        return
    news.queue(actor, referral, LetterKind.AGENCY_ARRIVAL)
    referral.wake_at = None
