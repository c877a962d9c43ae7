"""Which answers of an agency are news for the person, and by when they must know (R36)."""

from datetime import datetime, timedelta

from casework.followups import safe_time
from casework.people.contact_plan import Plan
from casework.referrals.models import ReferralState, Urgency

# States that are news for the person, and those after which there is nothing left to tell.
NEWS = frozenset(
    {
        ReferralState.ACCEPTED,
        ReferralState.DECLINED,
        ReferralState.WAITLISTED,
        ReferralState.INFO_NEEDED,
    }
)
TELL_WITHIN = {Urgency.URGENT: timedelta(hours=24), Urgency.ROUTINE: timedelta(days=3)}
# What is put off leaves so much of the last agreed hours to tell it in.
LEFT_TO_TELL = timedelta(hours=1)


def tell_by(
    state: ReferralState, urgency: Urgency, *, hold_until: datetime | None, at: datetime
) -> datetime:
    """Tell by when the person must know: before the hold ends, else a day or three (R36)."""
    if state is ReferralState.ACCEPTED and hold_until is not None:
        return hold_until
    return at + TELL_WITHIN[urgency]


def put_off(plan: Plan, urgency: Urgency, *, at: datetime, until: datetime) -> datetime | None:
    """Give the moment up to which a refusal waits for what another agency says; None: it does not wait.

    A day or three, if it can be told then. Otherwise it comes up in the last agreed hours before
    that: nothing is put off past the hours in which it can be told (R10, R36).
    """
    within = TELL_WITHIN[urgency]
    moment = at + within
    spans = safe_time.windows_between(plan, at, min(moment + within, until))
    if not spans or spans[0].opens_at >= moment:
        return moment if spans else None
    opens_at, closes_at = [span for span in spans if span.opens_at <= moment][-1]
    if closes_at > moment:
        return moment
    return max(at, closes_at - LEFT_TO_TELL) if opens_at <= at else opens_at
