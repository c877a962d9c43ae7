"""Days on which nobody calls, hours of one date, and the reasons in words (R10, R11, R33)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g

from casework.followups import reasons, safe_time
from casework.followups.safe_time import NO_END, Span
from casework.followups.spacing import by_day
from casework.people.contact_plan import Dates, OneOff, Plan, strictest
from casework.people.models import WhenToCall
from casework.people.words import window_line
from tests.followups.plans import EVERY_DAY, plan_of, windows_of

TORONTO = "America/Toronto"
FRIDAY = 4
NINE_TO_FIVE = windows_of((EVERY_DAY, "09:00", "17:00"))
ANY_TIME = WhenToCall.ANY_TIME


def toronto(day: int, hour: int, minute: int = 0, *, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(TORONTO)).astimezone(UTC)


def test_a_day_off_wins_over_the_window_of_that_day() -> None:
    plan = plan_of(*NINE_TO_FIVE, days_off=frozenset({FRIDAY}))
    assert not safe_time.is_within(plan, toronto(27, 10))
    assert safe_time.next_safe_moment(plan, toronto(26, 18)) == toronto(28, 9)


def test_any_time_but_fridays_ends_on_thursday_night_and_comes_back() -> None:
    plan = plan_of(when=ANY_TIME, days_off=frozenset({FRIDAY}))
    assert safe_time.safe_until(plan, toronto(26, 10)) == toronto(27, 0)
    assert safe_time.safe_until(plan, toronto(27, 10)) is None
    # The span is whole, so that it stays the same from one reading to the next.
    assert safe_time.next_window(plan, toronto(30, 3)) == Span(
        toronto(28, 0), toronto(4, 0, month=12)
    )
    assert safe_time.safe_until(plan_of(when=ANY_TIME), toronto(26, 10)) == NO_END


def test_dates_off_hold_from_their_first_to_their_last_day() -> None:
    away = Dates(date(2026, 12, 24), date(2027, 1, 2))
    plan = plan_of(*NINE_TO_FIVE, dates_off=(away,))
    assert safe_time.safe_until(plan, toronto(23, 10, month=12)) == toronto(23, 17, month=12)
    assert safe_time.next_safe_moment(plan, toronto(24, 10, month=12)) == toronto(
        3, 9, month=1, year=2027
    )


def test_a_day_off_before_long_dates_off_stays_a_day_off() -> None:
    """R10: the next agreed day is so far away that the weekdays around it say nothing of today.

    Today was offered all the same: a million simulated call-backs found it on a Sunday before Christmas.
    """
    away = Dates(date(2028, 12, 25), date(2029, 1, 19))
    plan = plan_of(when=ANY_TIME, days_off=frozenset({0, 6}), dates_off=(away,))
    sunday = toronto(24, 0, 45, month=12, year=2028)
    assert not safe_time.is_within(plan, sunday)
    assert safe_time.safe_until(plan, sunday) is None
    assert safe_time.next_safe_moment(plan, sunday) == toronto(20, 0, month=1, year=2029)


def test_what_comes_back_after_months_is_found() -> None:
    away = Dates(date(2026, 11, 20), date(2027, 3, 31))
    for plan in (
        plan_of(*NINE_TO_FIVE, dates_off=(away,)),
        plan_of(when=ANY_TIME, dates_off=(away,)),
    ):
        found = safe_time.next_safe_moment(plan, toronto(26, 10))
        assert found is not None
        assert found.astimezone(ZoneInfo(TORONTO)).date() == date(2027, 4, 1)


def test_dates_off_are_days_of_the_persons_own_zone() -> None:
    """R9: in Whitehorse the day off begins three hours after it began in Halifax and Toronto."""
    off = (Dates(date(2026, 12, 1), date(2026, 12, 1)),)
    late = plan_of(when=ANY_TIME, zone="America/Whitehorse", dates_off=off)
    assert safe_time.safe_until(late, toronto(30, 10)) == toronto(1, 2, month=12)


def test_hours_of_one_date_are_agreed_besides_the_week_and_only_then() -> None:
    plan = plan_of(
        *windows_of(({0}, "09:00", "10:00")),
        one_offs=(OneOff(date(2026, 12, 24), time(14), time(15)),),
    )
    assert safe_time.is_within(plan, toronto(24, 14, 59, month=12))
    assert not safe_time.is_within(plan, toronto(24, 15, month=12))
    assert not safe_time.is_within(plan, toronto(31, 14, month=12))


def test_a_one_off_without_any_week_is_found_however_far_it_is() -> None:
    """R11: hours agreed aloud are a window, also of somebody we otherwise ask first."""
    plan = plan_of(one_offs=(OneOff(date(2027, 2, 3), time(14), time(15)),))
    assert safe_time.next_safe_moment(plan, toronto(26, 10)) == toronto(3, 14, month=2, year=2027)
    assert safe_time.next_safe_moment(plan, toronto(4, 10, month=2, year=2027)) is None


def test_a_day_off_wins_over_hours_of_the_same_date() -> None:
    plan = plan_of(
        days_off=frozenset({FRIDAY}), one_offs=(OneOff(date(2026, 11, 27), time(14), time(15)),)
    )
    assert safe_time.next_safe_moment(plan, toronto(26, 10)) is None


def test_a_day_off_that_the_wall_shows_twice_is_off_all_the_while() -> None:
    """Until 2011 clocks in St John's went back at 00:01, so that the evening before came again."""
    plan = plan_of(when=ANY_TIME, zone="America/St_Johns", days_off=frozenset({5}))
    back = datetime(2010, 11, 7, 2, 31, tzinfo=UTC)  # Sunday 00:01 was shown; Saturday 23:01 again
    assert not safe_time.is_within(plan, back)
    assert not safe_time.is_within(plan, back - timedelta(seconds=30))
    assert safe_time.is_within(plan, back + timedelta(minutes=59))


def test_exceptions_of_all_are_united_and_one_offs_need_everybody() -> None:
    """R33: one number, two people in different zones."""
    here = plan_of(*NINE_TO_FIVE, one_offs=(OneOff(date(2026, 11, 28), time(20), time(21)),))
    there = plan_of(*NINE_TO_FIVE, zone="America/Winnipeg", days_off=frozenset({FRIDAY}))
    both = strictest([here, there])
    assert not safe_time.is_within(both, toronto(27, 12))
    assert not safe_time.is_within(both, toronto(28, 20, 30))
    open_one = plan_of(when=ANY_TIME, zone="America/Winnipeg")
    assert safe_time.is_within(strictest([here, open_one]), toronto(28, 20, 30))


def test_narrowed_to_the_day_a_number_still_obeys_everybody_on_it() -> None:
    """R33: a series is laid by day, and not through the day off of another person."""
    both = strictest([plan_of(when=ANY_TIME), plan_of(when=ANY_TIME, days_off=frozenset({FRIDAY}))])
    assert safe_time.next_safe_moment(by_day(both), toronto(26, 21)) == toronto(28, 9)


@pytest.fixture
def reader(app: Flask) -> Iterator[None]:
    """Give a page in English, read in Toronto."""
    with app.test_request_context():
        g.locale, g.time_zone = "en_CA", TORONTO
        yield


def said(plan: Plan, at: datetime) -> str:
    """Say why a moment is agreed or not, without the odd space of a time."""
    return reasons.words(reasons.of_moment(plan, at)).replace("\u00a0", " ")


@pytest.mark.usefixtures("reader")
def test_each_reason_is_one_sentence() -> None:
    plan = plan_of(
        *NINE_TO_FIVE,
        days_off=frozenset({FRIDAY}),
        dates_off=(Dates(date(2026, 12, 24), date(2027, 1, 2)),),
    )
    assert said(plan, toronto(27, 10)) == "Not on Fridays"
    assert said(plan, toronto(28, 10)).startswith("Agreed until ")
    assert said(plan, toronto(28, 7)).endswith("9 a.m.: outside the agreed hours")
    assert said(plan, toronto(24, 10, month=12)) == (
        "Not on these dates: Thursday, December 24, 2026 to Saturday, January 2, 2027"
    )
    assert said(plan_of(when=ANY_TIME), toronto(24, 10)) == "Agreed at any time"
    assert said(plan_of(when=WhenToCall.ASK_FIRST), toronto(24, 10)) == "No agreed hours: ask first"


@pytest.mark.usefixtures("reader")
def test_a_time_on_another_wall_names_its_place() -> None:
    plan = plan_of(*NINE_TO_FIVE, zone="America/Vancouver")
    assert "9 a.m. on the clock in Vancouver" in said(plan, toronto(28, 7))


@pytest.mark.usefixtures("reader")
def test_no_agreed_hour_before_a_deadline_is_a_reason_too() -> None:
    """R36: the hold ends before the next agreed hour."""
    plan = plan_of(*NINE_TO_FIVE)
    why = reasons.of_none_left(plan, toronto(28, 18), toronto(29, 8))
    assert why is not None
    assert reasons.words(why).startswith("No agreed hour before ")
    assert reasons.of_none_left(plan, toronto(28, 16), toronto(29, 8)) is None


@pytest.mark.usefixtures("reader")
def test_the_exception_of_another_person_on_the_number_is_never_named() -> None:
    """R33: no case reveals another."""
    own = plan_of(*NINE_TO_FIVE)
    both = strictest([own, plan_of(*NINE_TO_FIVE, days_off=frozenset({FRIDAY}))])
    assert "Friday" not in said(both, toronto(27, 10))
    assert said(both, toronto(27, 10)).endswith("outside the agreed hours")


@pytest.mark.usefixtures("reader")
def test_hours_of_every_day_are_read_aloud_without_seven_names() -> None:
    """R14: the hours are said to the person, who is asked whether they are still right."""
    every, week = windows_of((EVERY_DAY, "09:00", "17:00"), (range(6), "09:00", "17:00"))
    assert window_line(every).startswith("Every day: 9")
    assert window_line(week).startswith("Monday, Tuesday, ")
