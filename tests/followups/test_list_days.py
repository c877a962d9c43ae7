"""On which day the agency of a waiting list is called next: its own calendar, holidays and hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.followups.list_days import next_call
from casework.people.week import Window
from casework.public_holidays import holiday_days
from casework.referrals.business_days import USUAL_HOURS, Office, is_business_day
from casework.referrals.models import CallEvery

QUEBEC = Office("America/Toronto", "QC")
# Open on Tuesdays and Saturdays only, in the afternoon.
TWO_DAYS = Office("America/Toronto", "QC", (Window(frozenset({1, 5}), time(13), time(16)),))
DAY_AND_NIGHT = Office("America/Toronto", "QC", ())
CALLS = [CallEvery.DAY, CallEvery.BUSINESS_DAY, CallEvery.WEEK]
ZONES = ("America/Toronto", "America/St_Johns", "America/Regina", "America/Whitehorse")


def at(office: Office, text: str) -> datetime:
    """Give a moment that the wall of an agency shows."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(office.time_zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("office", "every", "since", "opens", "closes"),
    [
        # A Thursday: tomorrow, from nine to five.
        (QUEBEC, CallEvery.DAY, "2026-11-26 15:00", "2026-11-27 09:00", "2026-11-27 17:00"),
        # A Friday. “Every day” without known hours means the weekend too ...
        (QUEBEC, CallEvery.DAY, "2026-11-27 10:00", "2026-11-28 09:00", "2026-11-28 17:00"),
        # ... “every business day” does not ...
        (QUEBEC, CallEvery.BUSINESS_DAY, "2026-11-27 10:00", "2026-11-30 09:00", "2026-11-30 17:00"),
        # ... and an agency that said its hours is called when somebody is there.
        (TWO_DAYS, CallEvery.DAY, "2026-11-24 14:00", "2026-11-28 13:00", "2026-11-28 16:00"),
        (DAY_AND_NIGHT, CallEvery.DAY, "2026-11-27 23:30", "2026-11-28 09:00", "2026-11-28 17:00"),
        # Saint-Jean-Baptiste, a Wednesday: a holiday in Quebec and not in Ontario.
        (QUEBEC, CallEvery.BUSINESS_DAY, "2026-06-23 10:00", "2026-06-25 09:00", "2026-06-25 17:00"),
        (
            Office("America/Toronto", "ON"), CallEvery.BUSINESS_DAY,
            "2026-06-23 10:00", "2026-06-24 09:00", "2026-06-24 17:00",
        ),
        # Christmas, a Friday, and then a weekend.
        (QUEBEC, CallEvery.BUSINESS_DAY, "2026-12-24 10:00", "2026-12-28 09:00", "2026-12-28 17:00"),
        (QUEBEC, CallEvery.WEEK, "2026-11-24 10:00", "2026-12-01 09:00", "2026-12-01 17:00"),
        # A week later is Christmas: the next day on which somebody is there.
        (QUEBEC, CallEvery.WEEK, "2026-12-18 10:00", "2026-12-28 09:00", "2026-12-28 17:00"),
        # Clocks go back in the night of November 1: nine is nine on the wall.
        (QUEBEC, CallEvery.DAY, "2026-10-31 10:00", "2026-11-01 09:00", "2026-11-01 17:00"),
    ],
)  # fmt: skip
def test_the_next_call_is_on_the_next_day_that_fits(
    office: Office, every: CallEvery, since: str, opens: str, closes: str
) -> None:
    span = next_call(office, every, at(office, since))
    assert (span.opens_at, span.closes_at) == (at(office, opens), at(office, closes))


@given(
    minutes=st.integers(0, 2 * 366 * 24 * 60),
    every=st.sampled_from(CALLS),
    zone=st.sampled_from(ZONES),
    province=st.sampled_from(["QC", "ON", "NL", "SK", "YT", None]),
    windows=st.sampled_from([USUAL_HOURS, (), TWO_DAYS.windows]),
)
def test_it_is_never_today_never_closed_and_never_long(
    minutes: int, every: CallEvery, zone: str, province: str | None, windows: tuple[Window, ...]
) -> None:
    office = Office(zone, province, windows)
    since = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    span = next_call(office, every, since)
    day, today = office.shown(span.opens_at).date(), office.shown(since).date()
    assert since < span.opens_at < span.closes_at
    assert day > today, "whoever has just spoken to the agency is done for the day"
    assert day - today <= timedelta(days=21), "a place is lost in so long a time"
    if every is CallEvery.BUSINESS_DAY and windows is not TWO_DAYS.windows:
        assert is_business_day(office, day)
    if every is CallEvery.WEEK:
        assert day - today >= timedelta(days=7)
    if windows is TWO_DAYS.windows:
        assert day.weekday() in (1, 5)
        assert not is_holiday(office, day)


@given(minutes=st.integers(0, 366 * 24 * 60))
def test_a_daily_call_leaves_no_day_out_where_the_hours_are_not_known(minutes: int) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    span = next_call(QUEBEC, CallEvery.DAY, since)
    gap = QUEBEC.shown(span.opens_at).date() - QUEBEC.shown(since).date()
    assert gap == timedelta(days=1)


def is_holiday(office: Office, day: date) -> bool:
    """Tell whether the province of an agency keeps a day."""
    return office.province is not None and day in holiday_days(office.province, day.year)
