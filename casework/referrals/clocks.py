"""The clocks of a referral, as pure arithmetic: when a request expires, how long a place is held."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from casework.database import Code
from casework.referrals.models import ReferralState, Urgency

# domain.md section 3. A waiting list is an answer, so its clock is the longer one; a question from
# the agency waits for us no longer than the request itself would have.
EXPIRES_AFTER: dict[tuple[ReferralState, Urgency], timedelta] = {
    (ReferralState.REQUESTED, Urgency.URGENT): timedelta(hours=2),
    (ReferralState.INFO_NEEDED, Urgency.URGENT): timedelta(hours=2),
    (ReferralState.WAITLISTED, Urgency.URGENT): timedelta(hours=24),
    (ReferralState.REQUESTED, Urgency.ROUTINE): timedelta(days=14),
    (ReferralState.INFO_NEEDED, Urgency.ROUTINE): timedelta(days=14),
    (ReferralState.WAITLISTED, Urgency.ROUTINE): timedelta(days=14),
}
# Both sides are warned this long before a hold ends; of a hold of two hours, at 90 minutes.
WARN_BEFORE = timedelta(minutes=30)
# Without an agreed end, the agency is asked the next day whether the person came.
ASK_AFTER = timedelta(hours=24)
TONIGHT, TOMORROW = time(20), time(10)
LONGEST_HOLD = timedelta(days=30)


class HoldChoice(Code):
    """How long an agency keeps a place, in one tap."""

    ONE_HOUR = "1h", _l("1 hour")
    TWO_HOURS = "2h", _l("2 hours")
    FOUR_HOURS = "4h", _l("4 hours")
    TONIGHT = "tonight", _l("Tonight, until 8 p.m.")
    TOMORROW = "tomorrow", _l("Tomorrow, until 10 a.m.")
    NO_END = "no_end", _l("No end time")


HOURS = {HoldChoice.ONE_HOUR: 1, HoldChoice.TWO_HOURS: 2, HoldChoice.FOUR_HOURS: 4}


def hold_end(choice: HoldChoice, at: datetime, zone: str) -> datetime | None:
    """Give the moment a hold ends on the agency’s own clock; None when it has no end."""
    if choice in HOURS:
        return at + timedelta(hours=HOURS[choice])
    local = at.astimezone(ZoneInfo(zone))
    if choice is HoldChoice.TONIGHT:
        return _wall(local.date(), TONIGHT, zone)
    if choice is HoldChoice.TOMORROW:
        return _wall(local.date() + timedelta(days=1), TOMORROW, zone)
    return None


def hold_choices(at: datetime, zone: str) -> list[HoldChoice]:
    """List the holds that make sense now: “tonight” is gone once it is nearly eight."""
    local = at.astimezone(ZoneInfo(zone))
    is_late = local.time() >= time(19, 30)
    return [choice for choice in HoldChoice if not (is_late and choice is HoldChoice.TONIGHT)]


def expires_at(state: ReferralState, urgency: Urgency, since: datetime) -> datetime | None:
    """Tell when a request nobody answers expires; a held place never does by the clock alone."""
    span = EXPIRES_AFTER.get((state, urgency))
    return since + span if span else None


def warns_at(hold_until: datetime, since: datetime) -> datetime:
    """Tell when to warn that a hold ends: half an hour before, or at half of a short hold."""
    return max(hold_until - WARN_BEFORE, since + (hold_until - since) / 2)


def wakes_at(
    state: ReferralState, urgency: Urgency, *, since: datetime, hold_until: datetime | None
) -> datetime | None:
    """Tell when the clock next looks at a referral that entered a state at a moment."""
    if state in (ReferralState.ACCEPTED, ReferralState.IN_PROGRESS):
        return warns_at(hold_until, since) if hold_until else since + ASK_AFTER
    return expires_at(state, urgency, since)


def _wall(day: date, at: time, zone: str) -> datetime:
    """Give a wall time of a zone; one that DST skips moves forward, one it repeats is the first."""
    moment = datetime.combine(day, at, ZoneInfo(zone))
    return datetime.fromtimestamp(moment.timestamp(), tz=ZoneInfo("UTC"))
