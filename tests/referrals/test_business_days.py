"""Business days and opening hours as arithmetic: every province, both changes of clocks, holidays."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.people.week import Window
from casework.public_holidays import PROVINCES, holiday_days
from casework.referrals.business_days import (
    USUAL_HOURS,
    Office,
    after,
    is_business_day,
    opens_at,
    windows_from,
)

ZONES = (
    "America/St_Johns", "America/Halifax", "America/Toronto", "America/Winnipeg",
    "America/Regina", "America/Edmonton", "America/Vancouver", "America/Whitehorse",
)  # fmt: skip
EVENINGS = (Window(frozenset({1, 5}), time(18), time(1)),)  # Tuesday and Saturday, past midnight
SATURDAYS = (Window(frozenset({5}), time(10), time(14)),)
offices = st.builds(
    Office,
    st.sampled_from(ZONES),
    st.sampled_from((None, *PROVINCES)),
    st.sampled_from((USUAL_HOURS, (), EVENINGS, SATURDAYS)),
)
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
moments = st.integers(0, 5 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))


def local(zone: str, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone))  # type: ignore[misc, arg-type]


def is_open(office: Office, at: datetime) -> bool:
    """Read the wall minute by minute, as a person at the door does: the rule written a second time."""
    wall = office.shown(at)
    for window in office.windows:
        for day in (wall.date(), wall.date() - timedelta(days=1)):
            if day.weekday() not in window.days or day in holidays_of(office, day):
                continue
            ends = day if window.end > window.start else day + timedelta(days=1)
            starts, closes = datetime.combine(day, window.start), datetime.combine(ends, window.end)
            if starts <= wall < closes:
                return True
    return not office.windows


def holidays_of(office: Office, day: date) -> dict[date, str]:
    return holiday_days(office.province, day.year) if office.province else {}


@given(offices, moments)
def test_an_agency_is_open_when_it_is_asked(office: Office, at: datetime) -> None:
    opened = opens_at(office, at)
    assert opened >= at
    assert is_open(office, opened)
    if is_open(office, at):
        assert opened == at


@given(offices, moments, st.integers(1, 14))
def test_a_wait_ends_in_opening_hours_and_after_that_many_days_of_work(
    office: Office, at: datetime, days: int
) -> None:
    ends = after(office, days, at)
    assert is_open(office, ends)
    first, last = office.shown(at).date(), office.shown(ends).date()
    worked = [
        day
        for day in (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
        if is_business_day(office, day)
    ]
    assert len(worked) >= days


@given(offices, moments, st.integers(1, 13), st.timedeltas(timedelta(0), timedelta(days=5)))
def test_who_asks_later_is_never_reminded_earlier(
    office: Office, at: datetime, days: int, later: timedelta
) -> None:
    # A clock that is put back shows an hour twice: so much, and no more, may be lost.
    assert after(office, days, at) <= after(office, days, at + later) + timedelta(hours=1)
    assert after(office, days, at) <= after(office, days + 1, at)


@given(st.sampled_from(PROVINCES), st.integers(2025, 2030))
def test_no_statutory_holiday_and_no_weekend_is_a_day_of_work(province: str, year: int) -> None:
    office = Office("America/Toronto", province)
    for number in range(365):
        day = date(year, 1, 1) + timedelta(days=number)
        is_closed = day.weekday() > 4 or day in holiday_days(province, year)
        assert is_business_day(office, day) is not is_closed


@pytest.mark.parametrize(("province", "ends_on"), [("QC", 25), ("ON", 24), (None, 24)])
def test_the_national_day_of_quebec_is_no_business_day_there(
    province: str | None, ends_on: int
) -> None:
    """Asked on Tuesday 2026-06-23: the 24th is a holiday in Quebec and nowhere else here."""
    asked = local("America/Toronto", 2026, 6, 23, 11)
    ends = after(Office("America/Toronto", province), 1, asked)
    assert ends == local("America/Toronto", 2026, 6, ends_on, 11)


@pytest.mark.parametrize(
    "asked",
    [
        local("America/Toronto", 2026, 10, 30, 11),  # Friday; clocks go back on Sunday
        local("America/Toronto", 2026, 3, 6, 11),  # Friday; clocks go forward on Sunday
    ],
)
def test_a_business_day_later_is_the_same_hour_on_the_wall_across_a_change_of_clocks(
    asked: datetime,
) -> None:
    office = Office("America/Toronto", "ON")
    ends = after(office, 1, asked)
    assert office.shown(ends).time() == time(11)
    assert office.shown(ends).date() == asked.date() + timedelta(days=3)
    assert ends - asked != timedelta(days=3)


def test_what_is_asked_on_a_saturday_counts_from_the_opening_on_monday() -> None:
    saturday = local("America/St_Johns", 2026, 11, 21, 15)
    ends = after(Office("America/St_Johns", "NL"), 1, saturday)
    assert ends == local("America/St_Johns", 2026, 11, 24, 9)


def test_an_agency_that_is_there_day_and_night_is_asked_at_any_hour_of_a_business_day() -> None:
    night = local("America/Whitehorse", 2026, 11, 24, 3, 12)
    ends = after(Office("America/Whitehorse", "YT", windows=()), 1, night)
    assert ends == local("America/Whitehorse", 2026, 11, 25, 3, 12)


def test_hours_that_nobody_wrote_down_are_the_usual_ones_and_never_open() -> None:
    """Unknown is never open at night or on a weekend."""
    assert windows_from([]) == USUAL_HOURS
    written = [{"days": [1, 5], "start": "18:00", "end": "01:00"}]
    assert windows_from(written) == EVENINGS
