"""On which day the agency of a waiting list is called next: pure arithmetic on its own calendar."""

from datetime import date, datetime, time

from casework.followups.safe_time import Span
from casework.people.week import Window
from casework.public_holidays import holiday_days
from casework.referrals.business_days import (
    DAY,
    LONGEST_CLOSED,
    USUAL_HOURS,
    Office,
    is_business_day,
    wall,
)
from casework.referrals.models import CallEvery

# An agency that is there day and night, or that said “every day” and no hours, is called by day.
BY_DAY = Window(frozenset(range(7)), time(9), time(17))
WEEK = 7


def next_call(office: Office, every: CallEvery, since: datetime) -> Span:
    """Give from when until when the agency is called next, after a call or a word at a moment.

    Never on the same day: whoever has just spoken to the agency is done for that day. “Every day”
    means each day it is open, and each day there is when nobody said its hours: a weekend without
    a call would lose the place. “Every business day” leaves out weekends and its holidays.
    """
    today = office.shown(since).date()
    first = today + (WEEK if every is CallEvery.WEEK else 1) * DAY
    for number in range(LONGEST_CLOSED):
        day = first + number * DAY
        window = _window_on(office, every, day)
        if window is not None:
            return _span(office, day, window)
    # Closed for as long as one looks: it is called all the same, and a human sees that.
    return _span(office, first, BY_DAY)


def _window_on(office: Office, every: CallEvery, day: date) -> Window | None:
    """Give the hours of a day on which the call fits; None: not on this day."""
    if every is CallEvery.BUSINESS_DAY and not is_business_day(office, day):
        return None
    if not office.windows:
        return BY_DAY
    if every is CallEvery.DAY and office.windows is USUAL_HOURS:
        # The very hours that are taken when nobody said any.
        return BY_DAY
    if office.province is not None and day in holiday_days(office.province, day.year):
        return None
    fitting = [window for window in office.windows if day.weekday() in window.days]
    return min(fitting, key=lambda window: window.start, default=None)


def _span(office: Office, day: date, window: Window) -> Span:
    last = day if window.end > window.start else day + DAY
    return Span(wall(day, window.start, office.time_zone), wall(last, window.end, office.time_zone))
