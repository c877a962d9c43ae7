"""Why a moment is agreed or not, as a small value, and as one whole sentence for the screen (R10).

A number that stands in several cases obeys all of their plans (R33), but only the person’s own
exceptions are ever named: what another plan says sounds like any hour that is not agreed.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.followups import office_hours, safe_time
from casework.followups.office_hours import OfficeHours
from casework.followups.safe_time import NO_END
from casework.followups.wall_time import shown, zone_of
from casework.people import time_zones
from casework.people.contact_plan import Plan
from casework.people.dates import Dates
from casework.people.words import dates_line
from casework.web.filters import in_zone, moment_of, short_time_of
from casework.web.i18n import page_locale

NEVER_ON = (
    _l("Not on Mondays"),
    _l("Not on Tuesdays"),
    _l("Not on Wednesdays"),
    _l("Not on Thursdays"),
    _l("Not on Fridays"),
    _l("Not on Saturdays"),
    _l("Not on Sundays"),
)


class WhyCode(StrEnum):
    """Which sentence it is."""

    ANY_TIME = "any_time"
    UNTIL = "until"
    NOT_BEFORE = "not_before"
    DAY_OFF = "day_off"
    DATES_OFF = "dates_off"
    NOT_AGREED = "not_agreed"
    NONE_LEFT = "none_left"
    CLOSED = "closed"
    HOLIDAY = "holiday"


# What names the person's own exception, or our own doors, rather than the next hour.
NAMED = frozenset({WhyCode.DAY_OFF, WhyCode.DATES_OFF, WhyCode.CLOSED, WhyCode.HOLIDAY})


@dataclass(frozen=True)
class Why:
    """A reason: its code, the zone it is told in, and the moment, day or dates it names."""

    code: WhyCode
    zone: str
    moment: datetime | None = None
    day: date | None = None
    dates: Dates | None = None
    province: str | None = None


def of_moment(plan: Plan, at: datetime) -> Why:
    """Tell why a moment is within the agreed hours, and until when; or why it is not."""
    zone = plan.time_zone
    window = safe_time.next_window(plan, at)
    if window is not None and window.opens_at <= at:
        if window.closes_at >= NO_END:
            return Why(WhyCode.ANY_TIME, zone)
        return Why(WhyCode.UNTIL, zone, window.closes_at)
    if plan.is_unsafe or plan.when not in safe_time.CALLABLE:
        return Why(WhyCode.NOT_AGREED, zone)
    day = shown(at, zone_of(zone)).date()
    for dates in plan.dates_off:
        if dates.first <= day <= dates.last:
            return Why(WhyCode.DATES_OFF, zone, dates=dates)
    if day.weekday() in plan.days_off:
        return Why(WhyCode.DAY_OFF, zone, day=day)
    if window is None:
        return Why(WhyCode.NOT_AGREED, zone)
    return Why(WhyCode.NOT_BEFORE, zone, window.opens_at)


def of_until(plan: Plan, at: datetime) -> Why | None:
    """Tell until when a call begun at this moment stays within agreed hours; None: it is outside."""
    return of_moment(plan, at) if safe_time.safe_until(plan, at) is not None else None


def of_next(plan: Plan, not_before: datetime) -> Why:
    """Tell from when the next agreed time is, or that none is known (R11)."""
    moment = safe_time.next_safe_moment(plan, not_before)
    if moment is None:
        return Why(WhyCode.NOT_AGREED, plan.time_zone)
    return Why(WhyCode.NOT_BEFORE, plan.time_zone, moment)


def of_none_left(plan: Plan, start: datetime, until: datetime) -> Why | None:
    """Tell that no agreed hour lies between two moments (R10, R36); None: there is one."""
    if safe_time.windows_between(plan, start, until):
        return None
    return Why(WhyCode.NONE_LEFT, plan.time_zone, until)


def of_closed(office: OfficeHours, at: datetime) -> Why | None:
    """Tell why nobody of the service is there at a moment; None: somebody is."""
    if office_hours.is_open(office, at):
        return None
    holiday = office_hours.holiday_at(office, at)
    if holiday is not None:
        return Why(WhyCode.HOLIDAY, office.time_zone, day=holiday, province=office.province)
    return Why(WhyCode.CLOSED, office.time_zone, office_hours.opens_next(office, at))


def words(why: Why) -> str:
    """Write a reason as one sentence without its full stop, in the language of the page.

    Times are on the wall they were agreed on, which is named when the reader’s wall shows another.
    """
    if why.code is WhyCode.ANY_TIME:
        return _("Agreed at any time")
    if why.code is WhyCode.DAY_OFF and why.day is not None:
        return str(NEVER_ON[why.day.weekday()])
    if why.code is WhyCode.DATES_OFF and why.dates is not None:
        return _dates_words(why.dates)
    if why.code is WhyCode.HOLIDAY and why.day is not None:
        name = office_hours.holiday_name(why.province or "", why.day, page_locale())
        return _("The service is closed: %(holiday)s", holiday=name)
    if why.moment is None:
        return _no_moment_words(why.code)
    if in_zone(why.moment).utcoffset() == in_zone(why.moment, why.zone).utcoffset():
        return _here_words(why.code, why.moment, why.zone)
    return _there_words(why.code, why.moment, why.zone)


def _dates_words(dates: Dates) -> str:
    if dates.first == dates.last:
        return _("Not on %(date)s", date=dates_line(dates))
    return _("Not on these dates: %(dates)s", dates=dates_line(dates))


def _no_moment_words(code: WhyCode) -> str:
    if code is WhyCode.CLOSED:
        return _("The service is closed")
    return _("No agreed hours: ask first")


def _here_words(code: WhyCode, moment: datetime, zone: str) -> str:
    if code is WhyCode.UNTIL:
        return _("Agreed until %(time)s", time=short_time_of(moment, zone))
    if code is WhyCode.NONE_LEFT:
        return _("No agreed hour before %(moment)s", moment=moment_of(moment, zone))
    if code is WhyCode.CLOSED:
        return _("The service is closed until %(moment)s", moment=moment_of(moment, zone))
    return _("Not before %(moment)s: outside the agreed hours", moment=moment_of(moment, zone))


def _there_words(code: WhyCode, moment: datetime, zone: str) -> str:
    place = time_zones.place(zone, page_locale())
    when = moment_of(moment, zone)
    if code is WhyCode.UNTIL:
        time = short_time_of(moment, zone)
        return _("Agreed until %(time)s on the clock in %(place)s", time=time, place=place)
    if code is WhyCode.NONE_LEFT:
        return _(
            "No agreed hour before %(moment)s on the clock in %(place)s", moment=when, place=place
        )
    if code is WhyCode.CLOSED:
        return _(
            "The service is closed until %(moment)s on the clock in %(place)s",
            moment=when,
            place=place,
        )
    return _(
        "Not before %(moment)s on the clock in %(place)s: outside the agreed hours",
        moment=when,
        place=place,
    )
