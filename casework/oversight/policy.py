"""Which days a report covers: the last 7, 30 or 90, or two dates of one's own."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from casework.database import Code


class Span(Code):
    """The periods a supervisor picks from."""

    WEEK = "7", _l("Last 7 days")
    MONTH = "30", _l("Last 30 days")
    QUARTER = "90", _l("Last 90 days")
    DATES = "dates", _l("Between two dates")


@dataclass(frozen=True)
class Period:
    """Whole days, both ends included, as the wall calendar of one zone has them."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def starts_at(self) -> datetime:
        """The first moment of the period."""
        return datetime.combine(self.first, time(), self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first moment after the period."""
        return datetime.combine(self.last + timedelta(days=1), time(), self.zone)


def period_of(
    span: Span, at: datetime, zone: ZoneInfo, *, first: date | None = None, last: date | None = None
) -> Period:
    """Give the days of a choice, today included; an open end of two dates is today."""
    today = at.astimezone(zone).date()
    if span is Span.DATES:
        last = min(last or today, today)
        return Period(min(first or last, last), last, zone)
    return Period(today - timedelta(days=int(span) - 1), today, zone)
