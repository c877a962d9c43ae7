"""The short controlled words of the desk: chips, reasons and times, never a free text."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask_babel import gettext as _
from flask_babel import ngettext

from casework.cases.models import Case, CaseNeed, NeedOutcome
from casework.followups.models import FollowUp, FollowUpKind
from casework.followups.safe_time import NO_END
from casework.people import languages, time_zones
from casework.referrals.models import Referral, ReferralState
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


def needs_line(case: Case) -> str:
    """Name the needs of a case, a few at most; of a sensitive case none at all (R19)."""
    if case.is_sensitive:
        return _("Sensitive case")
    names = [str(need.code.label) for need in case.needs]
    if len(names) > SHORT_LIST:
        more = len(names) - SHORT_LIST
        return _("%(needs)s and %(more)d more", needs=", ".join(names[:SHORT_LIST]), more=more)
    return ", ".join(names)


def language_line(case: Case) -> str | None:
    """Say which language the person speaks when it is not the reader's."""
    if case.language.split("-")[0] == page_locale()[:2]:
        return None
    return _("Speaks %(language)s", language=languages.name(case.language, page_locale()))


def household_line(case: Case) -> str:
    """Count who is in the household."""
    adults = ngettext("%(num)d adult", "%(num)d adults", case.adults)
    children = ngettext("%(num)d child", "%(num)d children", case.children)
    return joined([adults, children if case.children else None])


def purpose_line(follow_up: FollowUp, answer: ReferralState | None) -> str:
    """Say why we call: an answer to tell, or which call-back of how many tries."""
    if follow_up.kind is FollowUpKind.TELL_PERSON:
        if answer is None or follow_up.case.is_sensitive:
            return _("An agency answered: tell the person")
        return _("Tell the person: %(state)s", state=answer.label)
    if follow_up.attempts:
        return _(
            "Try %(number)d of %(most)d",
            number=follow_up.attempts + 1,
            most=follow_up.max_attempts,
        )
    return _("First try")


def window_line(follow_up: FollowUp) -> str | None:
    """Write the agreed window on the person's clock, when that is not the reader's clock."""
    opens, closes = follow_up.window_opens_at, follow_up.window_closes_at
    if opens is None or closes is None or closes >= NO_END:
        return None
    theirs = ZoneInfo(follow_up.time_zone)
    if in_zone(opens).utcoffset() == opens.astimezone(theirs).utcoffset():
        return None
    return _(
        "their time, %(place)s: %(start)s to %(end)s",
        place=place_of(follow_up.time_zone),
        start=time_of(opens, follow_up.time_zone),
        end=time_of(closes, follow_up.time_zone),
    )


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


def until_chip(follow_up: FollowUp, at: datetime, *, is_any_time: bool = False) -> Chip:
    """Say how long somebody may be called now, or that the call is overdue; one short line."""
    if follow_up.latest_at <= at:
        return Chip("late", "clock-alert", _("Overdue %(time)s", time=since(follow_up.latest_at)))
    closes = follow_up.window_closes_at
    if is_any_time or closes is None or closes >= NO_END:
        return Chip("safe", "shield-check", _("Any time"))
    return Chip("safe", "shield-check", until_line(closes, at))


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


def stuck_chip(follow_up: FollowUp, at: datetime) -> Chip:
    """Say how late it is, or that no agreed hour comes before the deadline (R10)."""
    if follow_up.latest_at <= at:
        return until_chip(follow_up, at)
    return Chip("late", "clock-alert", _("No hour left"))


def later_chip(follow_up: FollowUp, at: datetime) -> Chip:
    """Say from when somebody may be called, in few words: the time if it is near, else the day."""
    begins = begins_at(follow_up)
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


def waiting_chip(referral: Referral, at: datetime) -> Chip:
    """Say until when a place is held, or for how long nobody has answered."""
    if referral.hold_until is not None and referral.hold_until > at:
        return Chip("due", "clock", until_line(referral.hold_until, at))
    return Chip("waiting", "hourglass", since(referral.requested_at or referral.created_at))


def state_line(referral: Referral, at: datetime) -> str:
    """Say where a request stands; of a held place, until when exactly."""
    if referral.hold_until is not None and referral.hold_until > at:
        return _("Place held until %(time)s", time=short_moment(referral.hold_until, at))
    return str(referral.state.label)


def short_moment(moment: datetime, at: datetime) -> str:
    """Write only the time of a moment of today, else its day too."""
    if in_zone(moment).date() == in_zone(at).date():
        return time_of(moment)
    return moment_of(moment)


def need_line(need: CaseNeed, *, is_sensitive: bool) -> str:
    """Name a need; the need of a sensitive case stays unnamed (R19)."""
    return _("A need of a sensitive case") if is_sensitive else str(need.code.label)
