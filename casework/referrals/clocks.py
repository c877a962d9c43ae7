"""The clocks of a referral, as pure arithmetic: who hears when nobody answers, how long a place is held."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from casework.database import Code
from casework.referrals.business_days import Office, after, wall
from casework.referrals.ladders import DEFAULTS, Ladder
from casework.referrals.models import ReferralState, Urgency


class Rung(StrEnum):
    """What the clock does, one after the other, while nobody answers."""

    NUDGE = "nudge"  # the agency is written to once more
    NAVIGATOR = "navigator"  # whoever answers for the referral is told to call
    SUPERVISOR = "supervisor"  # and the supervisors
    EXPIRE = "expire"


@dataclass(frozen=True)
class BusinessDays:
    """A wait that only counts the days on which an agency works."""

    days: int


@dataclass(frozen=True)
class Step:
    """One rung of a ladder: what happens, and after how long a wait from the question on."""

    rung: Rung
    wait: timedelta | BusinessDays


S, U, MINUTE = ReferralState, Urgency, timedelta(minutes=1)
# A waiting list is an answer, so its clock is a longer one, whatever the ladder.
LISTED: Mapping[Urgency, timedelta | BusinessDays] = {
    U.URGENT: timedelta(hours=24),
    U.ROUTINE: BusinessDays(14),
}


def rungs(state: ReferralState, urgency: Urgency, ladder: Ladder) -> tuple[Step, ...]:
    """List the steps of a ladder in a state; none where a place is held, or where it is over.

    An urgent request counts in minutes of any night; a routine one waits for the agency’s business
    days and opening hours. A question from the agency is ours to answer, so nobody nudges it.
    """
    if state is S.WAITLISTED:
        return (Step(Rung.EXPIRE, LISTED[urgency]),)
    if state not in (S.REQUESTED, S.INFO_NEEDED):
        return ()
    waits = {rung: getattr(ladder, rung.value) for rung in Rung}
    if state is S.INFO_NEEDED:
        del waits[Rung.NUDGE]
    return tuple(
        Step(rung, wait * MINUTE if urgency is U.URGENT else BusinessDays(wait))
        for rung, wait in waits.items()
        if wait is not None
    )


# As domain.md section 3 has them.
LADDERS: Mapping[tuple[ReferralState, Urgency], tuple[Step, ...]] = {
    (state, urgency): rungs(state, urgency, DEFAULTS[urgency])
    for urgency in Urgency
    for state in (S.REQUESTED, S.INFO_NEEDED, S.WAITLISTED)
}
# Somebody who is on the way keeps the place at least so long.
ON_THE_WAY = timedelta(hours=2)
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
        return wall(local.date(), TONIGHT, zone)
    if choice is HoldChoice.TOMORROW:
        return wall(local.date() + timedelta(days=1), TOMORROW, zone)
    return None


def hold_choices(at: datetime, zone: str) -> list[HoldChoice]:
    """List the holds that make sense now: “tonight” is gone once it is nearly eight."""
    local = at.astimezone(ZoneInfo(zone))
    is_late = local.time() >= time(19, 30)
    return [choice for choice in HoldChoice if not (is_late and choice is HoldChoice.TONIGHT)]


def needs_office(state: ReferralState, urgency: Urgency) -> bool:
    """Tell whether a clock counts business days; an urgent one asks nobody when they open."""
    return any(isinstance(step.wait, BusinessDays) for step in LADDERS.get((state, urgency), ()))


def steps(
    state: ReferralState,
    urgency: Urgency,
    *,
    since: datetime,
    office: Office | None,
    ladder: Ladder | None = None,
) -> list[tuple[Rung, datetime]]:
    """List what the clock does, and when, while nobody answers; nothing where a place is held.

    A held place never expires by the clock alone (R31). Without an office, one of the usual hours
    in UTC is taken: it is asked for where needs_office() says so. Each step comes after the one
    before it: an agency that opens on Saturdays alone is not nudged in the moment it expires.
    """
    asked = office or Office("UTC")
    reached: list[tuple[Rung, datetime]] = []
    for step in rungs(state, urgency, ladder or DEFAULTS[urgency]):
        moment = _reached(step.wait, since, asked)
        if reached and moment <= reached[-1][1]:
            moment = after(asked, 1, reached[-1][1])
        reached.append((step.rung, moment))
    return reached


def warns_at(
    hold_until: datetime, since: datetime, warn: int = DEFAULTS[Urgency.URGENT].warn
) -> datetime:
    """Tell when to warn that a hold ends: so many minutes before, or at half of a short hold."""
    return max(hold_until - warn * MINUTE, since + (hold_until - since) / 2)


def looks_at_hold(
    since: datetime, hold_until: datetime | None, warn: int = DEFAULTS[Urgency.URGENT].warn
) -> datetime:
    """Tell when the clock looks at a held place: to warn that it ends, or to ask who came."""
    return warns_at(hold_until, since, warn) if hold_until else since + ASK_AFTER


def on_the_way_until(at: datetime, hold_until: datetime | None) -> datetime:
    """Give the end of a hold once the person is on the way: never earlier than it was."""
    return max(at + ON_THE_WAY, hold_until or at)


def _reached(wait: timedelta | BusinessDays, since: datetime, office: Office) -> datetime:
    if isinstance(wait, BusinessDays):
        return after(office, wait.days, since)
    return since + wait
