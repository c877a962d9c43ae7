"""How times, dates and phone numbers are written here: 14 h 30, 2:30 p.m., 514-555-0142."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date
from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from casework import database
from casework.web.i18n import page_locale, page_zone
from casework.web.icons import icon

NBSP = "\u00a0"


def clock_time(value: time, locale: str) -> str:
    """Write a wall time: « 14 h 30 », « 14 h », “2:30 p.m.”, “2 p.m.”."""
    if locale.startswith("fr"):
        minutes = f"{NBSP}{value.minute:02d}" if value.minute else ""
        return f"{value.hour}{NBSP}h{minutes}"
    hour = value.hour % 12 or 12
    minutes = f":{value.minute:02d}" if value.minute else ""
    return f"{hour}{minutes}{NBSP}{'a.m.' if value.hour < 12 else 'p.m.'}"


def in_zone(moment: datetime, zone: str | ZoneInfo | None = None) -> datetime:
    """Give a UTC moment on the wall clock of a zone; of the reader's zone when none is named."""
    where = page_zone() if zone is None else ZoneInfo(str(zone))
    return moment.astimezone(where)


def time_of(moment: datetime, zone: str | None = None) -> str:
    """Write the time of day of a moment."""
    return clock_time(in_zone(moment, zone).time(), page_locale())


def day_of(moment: datetime | date, zone: str | None = None) -> str:
    """Write the day of a moment: today, tomorrow, yesterday, else weekday and date."""
    day = in_zone(moment, zone).date() if isinstance(moment, datetime) else moment
    today = in_zone(database.now(), zone).date()
    distance = (day - today).days
    if distance == 0:
        return _("today")
    if abs(distance) == 1:
        return _("tomorrow") if distance > 0 else _("yesterday")
    style = "EEEE d MMMM" if page_locale().startswith("fr") else "EEEE, MMMM d"
    return format_date(day, style, locale=page_locale())


def date_of(day: date) -> str:
    """Write a date with its weekday and year, wherever today may be."""
    style = "EEEE d MMMM y" if page_locale().startswith("fr") else "EEEE, MMMM d, y"
    return format_date(day, style, locale=page_locale())


def moment_of(moment: datetime, zone: str | None = None) -> str:
    """Write day and time of a moment: “today, 2:30 p.m.”."""
    return _("%(day)s, %(time)s", day=day_of(moment, zone), time=time_of(moment, zone))


def short_time_of(moment: datetime, zone: str | None = None) -> str:
    """Write only the time of a moment that lies on the day it is on that clock, else its day too."""
    is_today = in_zone(moment, zone).date() == in_zone(database.now(), zone).date()
    return time_of(moment, zone) if is_today else moment_of(moment, zone)


def duration_of(span: timedelta) -> str:
    """Write a length of time in its largest whole unit; number and unit stay on one line."""
    minutes = max(int(span.total_seconds() // 60), 0)
    if minutes < 60:
        words = ngettext("%(num)d min", "%(num)d min", minutes)
    elif minutes < 48 * 60:
        words = ngettext("%(num)d h", "%(num)d h", minutes // 60)
    else:
        words = ngettext("%(num)d day", "%(num)d days", minutes // 1440)
    return words.replace(" ", NBSP)


def since(moment: datetime) -> str:
    """Write how long ago a moment was."""
    return duration_of(database.now() - moment)


def ago(moment: datetime) -> str:
    """Write how long ago something was said or done: “just now”, “5 min ago”."""
    if database.now() - moment < timedelta(minutes=1):
        return _("just now")
    return _("%(age)s ago", age=since(moment))


def until(moment: datetime) -> str:
    """Write how long it is until a moment."""
    return duration_of(moment - database.now())


def iso(moment: datetime) -> str:
    """Write a moment for a datetime attribute."""
    return moment.astimezone(UTC).isoformat(timespec="minutes")


def phone(number: str) -> str:
    """Write a phone number as both languages do here: 514-555-0142; others internationally."""
    try:
        parsed = phonenumbers.parse(number, "CA")
    except phonenumbers.NumberParseException:
        return number
    digits = phonenumbers.national_significant_number(parsed)
    if not phonenumbers.is_possible_number(parsed):
        return number
    if parsed.country_code != 1 or len(digits) != 10:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    written = f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    if not parsed.extension:
        return written
    return _("%(number)s, extension %(extension)s", number=written, extension=parsed.extension)


def bdi(text: str) -> Markup:
    """Keep a phone number or reference left to right inside any sentence."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(text)


def init_app(app: Flask) -> None:
    """Give templates these filters and the icon macro's function."""
    for name, function in {
        "time_of": time_of,
        "day_of": day_of,
        "date_of": date_of,
        "moment_of": moment_of,
        "duration_of": duration_of,
        "since": since,
        "ago": ago,
        "until": until,
        "iso": iso,
        "phone": phone,
        "bdi": bdi,
    }.items():
        app.jinja_env.filters[name] = function
    app.jinja_env.filters["clock_time"] = lambda value: clock_time(value, page_locale())
    app.jinja_env.globals["icon"] = icon
    app.jinja_env.globals["now"] = database.now
