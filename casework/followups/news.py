"""Which answers of an agency are news for the person, and by when they must know (R36)."""

from datetime import datetime, timedelta

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


def tell_by(
    state: ReferralState, urgency: Urgency, *, hold_until: datetime | None, at: datetime
) -> datetime:
    """Tell by when the person must know: before the hold ends, else a day or three (R36)."""
    if state is ReferralState.ACCEPTED and hold_until is not None:
        return hold_until
    return at + TELL_WITHIN[urgency]
