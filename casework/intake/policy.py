"""What a first contact tells us, and how quick answers become agreed hours: pure, no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from casework.database import Code
from casework.directory.needs import NeedCode
from casework.people.models import Channel, VoicemailRule, WhenToCall

MOST_WINDOWS = 6


class PartOfDay(Code):
    """The quick answers to “when may we call?”; the last two say it all by themselves."""

    MORNING = "morning", _l("Morning, 9 to 12")
    AFTERNOON = "afternoon", _l("Afternoon, 12 to 5")
    EVENING = "evening", _l("Evening, 5 to 8")
    ANY_TIME = "any_time", _l("Any time")
    WILL_CALL_US = "will_call_us", _l("Do not call: they will call us")


class Days(Code):
    """Which days of the week an agreed hour stands for."""

    WEEKDAYS = "weekdays", _l("Weekdays")
    ANY_DAY = "any_day", _l("Any day")
    WEEKEND = "weekend", _l("Weekend")
    MONDAY = "0", _l("Monday")
    TUESDAY = "1", _l("Tuesday")
    WEDNESDAY = "2", _l("Wednesday")
    THURSDAY = "3", _l("Thursday")
    FRIDAY = "4", _l("Friday")
    SATURDAY = "5", _l("Saturday")
    SUNDAY = "6", _l("Sunday")

    @property
    def numbers(self) -> list[int]:
        """The days as numbers, 0 = Monday."""
        groups = {Days.WEEKDAYS: range(5), Days.ANY_DAY: range(7), Days.WEEKEND: range(5, 7)}
        return list(groups[self]) if self in groups else [int(self)]


class Share(Code):
    """Whom the person lets us tell: one answer, never granted by another (R2, R4)."""

    NEEDS = "needs", _l("Yes, with agencies for these needs")
    AGENCY = "agency", _l("Yes, with one agency only")
    NO = "no", _l("No")


HOURS: dict[PartOfDay, tuple[time, time]] = {
    PartOfDay.MORNING: (time(9), time(12)),
    PartOfDay.AFTERNOON: (time(12), time(17)),
    PartOfDay.EVENING: (time(17), time(20)),
}
WHOLE_ANSWERS = {
    PartOfDay.ANY_TIME: WhenToCall.ANY_TIME,
    PartOfDay.WILL_CALL_US: WhenToCall.WILL_CALL_US,
}
QUICK_DAYS = (Days.WEEKDAYS, Days.ANY_DAY)


@dataclass(frozen=True)
class AgreedHours:
    """One agreed stretch of the week, in the person's wall time."""

    days: Days
    start: time
    end: time

    def as_stored(self) -> dict[str, Any]:
        """Give the form in which a contact plan keeps it."""
        return {
            "days": self.days.numbers,
            "start": self.start.isoformat(timespec="minutes"),
            "end": self.end.isoformat(timespec="minutes"),
        }


def hours_of(parts: Iterable[PartOfDay], days: Days | None) -> list[AgreedHours]:
    """Give the agreed hours of quick answers, neighbours joined: 9 to 12 and 12 to 5 is 9 to 5."""
    joined: list[AgreedHours] = []
    for part in PartOfDay:
        if part not in HOURS or part not in set(parts) or days is None:
            continue
        start, end = HOURS[part]
        if joined and joined[-1].end == start:
            joined[-1] = AgreedHours(days, joined[-1].start, end)
        else:
            joined.append(AgreedHours(days, start, end))
    return joined


def when_of(parts: Sequence[PartOfDay], hours: Sequence[AgreedHours]) -> WhenToCall:
    """Tell what was agreed; nothing said means ask first, which is never callable (R11)."""
    for part, when in WHOLE_ANSWERS.items():
        if part in parts:
            return when
    return WhenToCall.WINDOWS if hours else WhenToCall.ASK_FIRST


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """All that one first contact says, once the person has let us keep it (R1)."""

    may_call_back: bool
    share: Share
    share_with: UUID | None = None
    spoken: str
    needs: tuple[NeedCode, ...]
    details: dict[str, Any]
    plan: dict[str, Any]
    voicemail: VoicemailRule
    may_text: bool | None = None
    region: str = ""
    channel: Channel = Channel.PHONE
    language: str = "en"
    adults: int = 1
    children: int = 0
    note: str = ""
    first_call: tuple[date, time] | None = None
    # The needs whose agencies may be told, when the person did not name one agency (R4).
    categories: tuple[NeedCode, ...] = field(default=())
