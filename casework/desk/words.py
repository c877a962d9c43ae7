"""The short controlled words of the desk: chips, reasons and times, never a free text.

They are made of facts and nothing else: who has said the same facts before may say the words again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask_babel import gettext as _
from flask_babel import ngettext

from casework.cases.models import Case, NeedOutcome
from casework.directory.needs import NeedCode
from casework.followups.list_models import ListCall
from casework.followups.models import FollowUp
from casework.followups.safe_time import NO_END
from casework.people import languages, time_zones
from casework.referrals.models import ReferralState
from casework.web.filters import in_zone, moment_of, since, time_of
from casework.web.i18n import page_locale

SHORT_LIST = 3
# Agreed hours come back week by week; a window that is open longer has no hours at all.
LONGEST_HOURS = timedelta(days=7)
WEEK = 7
# So near that a time of day alone can mean only one moment.
NEAR = timedelta(hours=12)


@dataclass(frozen=True)
class Chip:
    """A state as tone, icon and word."""

    tone: str
    icon: str
    text: str


OUTCOME_CHIPS = {
    NeedOutcome.MET: ("safe", "check"),
    NeedOutcome.PARTIALLY_MET: ("safe", "circle-dot"),
    NeedOutcome.RESOLVED_OTHERWISE: ("safe", "check"),
    NeedOutcome.UNMET: ("unmet", "circle-x"),
    NeedOutcome.PENDING: ("waiting", "hourglass"),
    NeedOutcome.UNKNOWN: ("idle", "circle-dashed"),
    NeedOutcome.NOT_DISCLOSED: ("idle", "eye-off"),
}


def outcome_chip(outcome: NeedOutcome) -> Chip:
    """Give the chip of a need's outcome."""
    tone, icon = OUTCOME_CHIPS[outcome]
    return Chip(tone, icon, str(outcome.label))


def needs_line(codes: Sequence[NeedCode], is_sensitive: bool) -> str:
    """Name the needs of a case, a few at most; of a sensitive case none at all (R19)."""
    if is_sensitive:
        return _("Sensitive case")
    names = [str(code.label) for code in codes]
    if len(names) > SHORT_LIST:
        more = len(names) - SHORT_LIST
        return _("%(needs)s and %(more)d more", needs=", ".join(names[:SHORT_LIST]), more=more)
    return ", ".join(names)


def language_line(language: str) -> str | None:
    """Say which language the person speaks when it is not the reader's."""
    if language.split("-")[0] == page_locale()[:2]:
        return None
    return _("Speaks %(language)s", language=languages.name(language, page_locale()))


def household_line(case: Case) -> str:
    """Count who is in the household."""
    adults = ngettext("%(num)d adult", "%(num)d adults", case.adults)
    children = ngettext("%(num)d child", "%(num)d children", case.children)
    return joined([adults, children if case.children else None])


def telling_line(
    answer: ReferralState | None, is_sensitive: bool, agency_to_call: str | None
) -> str:
    """Say why we call: an agency answered, or asks to be called; in a sensitive case no more (R19)."""
    if answer is None or is_sensitive:
        return _("An agency answered: tell the person")
    if agency_to_call and answer is ReferralState.REQUESTED:
        return _("Tell the person: call %(agency)s", agency=agency_to_call)
    if agency_to_call:
        return _(
            "Tell the person: %(state)s, and call %(agency)s",
            state=answer.label,
            agency=agency_to_call,
        )
    return _("Tell the person: %(state)s", state=answer.label)


def try_line(attempts: int, most: int) -> str:
    """Say which call-back it is of how many tries."""
    return (
        _("Try %(number)d of %(most)d", number=attempts + 1, most=most)
        if attempts
        else _("First try")
    )


def window_line(opens: datetime | None, closes: datetime | None, zone: str) -> str | None:
    """Write the agreed window on the person's clock, when that is not the reader's clock."""
    if opens is None or closes is None or closes >= NO_END:
        return None
    theirs = ZoneInfo(zone)
    if in_zone(opens).utcoffset() == opens.astimezone(theirs).utcoffset():
        return None
    return _(
        "their time, %(place)s: %(start)s to %(end)s",
        place=place_of(zone),
        start=time_of(opens, zone),
        end=time_of(closes, zone),
    )


def due_line(due_at: datetime) -> str:
    """Say when a call is due."""
    return _("Due %(moment)s", moment=moment_of(due_at))


def open_line(opened_at: datetime) -> str:
    """Say for how long a case has been open."""
    return _("Open for %(time)s", time=since(opened_at))


def place_of(zone: str) -> str:
    """Name the city of a time zone in the reader's language."""
    return time_zones.place(zone, page_locale())


def joined(parts: Iterable[str | None]) -> str:
    """Put facts side by side; each stands alone, so no sentence is built from them."""
    return " · ".join(part for part in parts if part)


def begins_at(follow_up: FollowUp) -> datetime:
    """Give the first moment that is both due and agreed."""
    return max(follow_up.due_at, follow_up.window_opens_at or follow_up.due_at)


def has_no_hours(follow_up: FollowUp) -> bool:
    """Tell whether the open window is so long that it ends with the consent, not with an hour."""
    opens, closes = follow_up.window_opens_at, follow_up.window_closes_at
    return opens is not None and closes is not None and closes - opens > LONGEST_HOURS


def until_chip(latest_at: datetime, closes: datetime | None, at: datetime) -> Chip:
    """Say how long somebody may be called now, or that the call is overdue; one short line.

    Without an end they may be called at any time.
    """
    if latest_at <= at:
        return overdue_chip(latest_at)
    if closes is None or closes >= NO_END:
        return Chip("safe", "shield-check", _("Any time"))
    return Chip("safe", "shield-check", until_line(closes, at))


def overdue_chip(latest_at: datetime) -> Chip:
    """Say how late a call is."""
    return Chip("late", "clock-alert", _("Overdue %(time)s", time=since(latest_at)))


def agency_chip(call: ListCall, at: datetime) -> Chip:
    """Say until when the agency of a waiting list answers, from when, or that its call is overdue."""
    if call.latest_at <= at:
        return overdue_chip(call.latest_at)
    if call.due_at > at:
        return Chip("due", "phone-outgoing", _("From %(time)s", time=time_of(call.due_at)))
    return Chip("waiting", "phone-outgoing", until_line(call.latest_at, at))


def unanswered_line(tries: int) -> str | None:
    """Say how often nobody at the agency answered."""
    if not tries:
        return None
    return ngettext("%(num)d try, no answer", "%(num)d tries, no answer", tries)


def until_line(moment: datetime, at: datetime) -> str:
    """Say until when, in few words: the time if it is near, else the day."""
    ends, today = in_zone(moment).date(), in_zone(at).date()
    if ends == today or moment - at < NEAR:
        return _("Until %(time)s", time=time_of(moment))
    if (ends - today).days == 1:
        return _("Until tomorrow")
    if (ends - today).days < WEEK:
        return _("Until %(weekday)s", weekday=_weekday(moment))
    return _("Until %(date)s", date=_short_date(moment))


def stuck_chip(latest_at: datetime, at: datetime) -> Chip:
    """Say how late it is, or that no agreed hour comes before the deadline (R10)."""
    return (
        overdue_chip(latest_at)
        if latest_at <= at
        else Chip("late", "clock-alert", _("No hour left"))
    )


def later_chip(begins: datetime, at: datetime) -> Chip:
    """Say from when somebody may be called, in few words: the time if it is near, else the day."""
    days = (in_zone(begins).date() - in_zone(at).date()).days
    if days == 0:
        return Chip("due", "clock", _("From %(time)s", time=time_of(begins)))
    if days == 1:
        return Chip("due", "clock", _("Tomorrow %(time)s", time=time_of(begins)))
    if days < WEEK:
        return Chip("due", "clock", _("From %(weekday)s", weekday=_weekday(begins)))
    return Chip("due", "clock", _("From %(date)s", date=_short_date(begins)))


def _weekday(moment: datetime) -> str:
    return format_date(in_zone(moment).date(), "EEEE", locale=page_locale())


def _short_date(moment: datetime) -> str:
    style = "d MMM" if page_locale().startswith("fr") else "MMM d"
    return format_date(in_zone(moment).date(), style, locale=page_locale())


def waiting_chip(held_until: datetime | None, asked_at: datetime, at: datetime) -> Chip:
    """Say until when a place is held, or for how long nobody has answered."""
    if held_until is not None and held_until > at:
        return Chip("due", "clock", until_line(held_until, at))
    return Chip("waiting", "hourglass", since(asked_at))


def state_line(state: ReferralState, held_until: datetime | None, at: datetime) -> str:
    """Say where a request stands; of a held place, until when exactly."""
    if held_until is not None and held_until > at:
        return _("Place held until %(time)s", time=short_moment(held_until, at))
    return str(state.label)


def short_moment(moment: datetime, at: datetime) -> str:
    """Write only the time of a moment of today, else its day too."""
    if in_zone(moment).date() == in_zone(at).date():
        return time_of(moment)
    return moment_of(moment)


def need_line(code: NeedCode, is_sensitive: bool) -> str:
    """Name a need; the need of a sensitive case stays unnamed (R19)."""
    return _("A need of a sensitive case") if is_sensitive else str(code.label)
