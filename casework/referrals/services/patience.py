"""When the clock next looks at a referral; for routine ones it asks when their agency works."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from casework import accounts, directory
from casework.directory import hours_queries
from casework.directory.models import Organization
from casework.people.week import Window
from casework.referrals import clocks, listing, policy, queries
from casework.referrals.business_days import Office, windows_from
from casework.referrals.clocks import Rung
from casework.referrals.models import Referral, ReferralState, Urgency
from casework.referrals.services import openers
from casework.referrals.services.offering import asked_offer
from casework.security import Actor


def wind(referral: Referral, at: datetime, *, goes_on: bool = False) -> None:
    """Start the clock of the state just entered; after an answer taken back the one before goes on.

    What that clock reached meanwhile is done by the next sweep.
    """
    if referral.state in policy.HELD_STATES:
        hold_until = referral.hold_until
        is_running = hold_until is not None and hold_until > at
        warn = queries.promised_to(referral).warn
        referral.wake_at = clocks.looks_at_hold(at, hold_until if is_running else None, warn)
        referral.expires_at = None
        return
    steps = steps_of(referral, since=None if goes_on else at)
    set_next(referral, steps, at)
    if any(moment <= at for _rung, moment in steps):
        referral.wake_at = at


def stop(referral: Referral) -> None:
    """Let nothing nudge and nothing expire any more."""
    referral.wake_at = referral.expires_at = None


def set_next(referral: Referral, steps: list[tuple[Rung, datetime]], at: datetime) -> None:
    """Wake up for the first step that is still to come, and say when the last one is."""
    referral.wake_at = min((moment for _rung, moment in steps if moment > at), default=None)
    referral.expires_at = dict(steps).get(Rung.EXPIRE)


def steps_of(referral: Referral, *, since: datetime | None = None) -> list[tuple[Rung, datetime]]:
    """List what the clock does while a referral waits in its state, and when."""
    begun = since or queries.waits_since(referral) or referral.created_at
    office = None
    urgency = _pace(referral)
    if clocks.needs_office(referral.state, urgency):
        office = office_of(referral)
    ladder = queries.promised_to(referral)
    return clocks.steps(referral.state, urgency, since=begun, office=office, ladder=ladder)


def late_since(referral: Referral, at: datetime) -> datetime | None:
    """Tell since when an answer is late: from the moment the navigator is told; None if it is not.

    A sealed agency is not opened to look at its opening hours, so of a routine one nothing is said.
    """
    is_waited_for = referral.state in (ReferralState.REQUESTED, ReferralState.INFO_NEEDED)
    if not is_waited_for or referral.expires_at is None:
        return None
    if referral.is_sensitive and clocks.needs_office(referral.state, referral.urgency):
        return None
    told = dict(steps_of(referral)).get(Rung.NAVIGATOR)
    return told if told is not None and told <= at else None


def late_among(referrals: Collection[Referral], at: datetime) -> dict[UUID, datetime]:
    """Give since when each of these is late, by id; those that are not are left out."""
    found = {referral.id: late_since(referral, at) for referral in referrals}
    return {id_: moment for id_, moment in found.items() if moment is not None}


def _pace(referral: Referral) -> Urgency:
    """Give the pace of the clock: a list that is kept by calls never ends between two of them."""
    return Urgency.ROUTINE if listing.is_kept_by_calls(referral) else referral.urgency


def office_of(referral: Referral) -> Office:
    """Tell when the agency works; a sealed one is opened for it, and that is recorded (R16, R21)."""
    actor = Actor.system(referral.service_id)
    agency = openers.open_agency(actor, referral, purpose="clock")
    province = agency.holidays_of or accounts.queries.service_of(actor).holidays_of
    said = _said_by_agency(actor, referral, agency)
    if said is not None:
        return Office(agency.time_zone, province, said)
    if _is_there_all_hours(actor, referral, agency):
        return Office(agency.time_zone, province, windows=())
    return Office(agency.time_zone, province, windows_from(agency.opening_hours))


def _said_by_agency(
    actor: Actor, referral: Referral, agency: Organization
) -> tuple[Window, ...] | None:
    """Give the week that an agency says itself of what it is asked; None: it says nothing.

    A time of closing stops no clock: whoever waits for an agency that is away would wait unheard.
    """
    offer = asked_offer(actor, referral, agency)
    word = hours_queries.words_on(actor, [offer.id]).get(offer.id) if offer else None
    if word is None or not word.row.is_said:
        return None
    return tuple(Window(frozenset({span.day}), span.opens, span.closes) for span in word.said.spans)


def _is_there_all_hours(actor: Actor, referral: Referral, agency: Organization) -> bool:
    if agency.opening_hours:
        return False
    return directory.queries.is_there_all_hours(actor, agency.id, referral.need.code)
