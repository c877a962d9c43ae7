"""Agreed hours as arithmetic: R10 in every kind of zone and across both changes of clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from casework.followups import safe_time
from casework.followups.safe_time import Span
from casework.people.models import WhenToCall
from tests.followups.plans import EVERY_DAY, plan_of, windows_of

TORONTO = "America/Toronto"
MONDAY, SUNDAY = 0, 6


def toronto(day: int, hour: int, minute: int = 0, *, month: int = 11, fold: int = 0) -> datetime:
    wall = datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(TORONTO), fold=fold)
    return wall.astimezone(UTC)


def test_a_window_is_read_in_the_persons_own_zone_not_in_utc_or_the_servers() -> None:
    # SaraAlert #1228 (eligibility in the server's zone) and SuiteCRM #822 (right only in UTC).
    nine_to_eleven = windows_of((EVERY_DAY, "09:00", "11:00"))
    at = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)  # 9:30 in Toronto, 11:00 in St John's
    assert safe_time.is_within(plan_of(*nine_to_eleven, zone=TORONTO), at)
    assert not safe_time.is_within(plan_of(*nine_to_eleven, zone="America/St_Johns"), at)
    assert not safe_time.is_within(plan_of(*nine_to_eleven, zone="America/Whitehorse"), at)
    assert not safe_time.is_within(plan_of(*nine_to_eleven, zone="UTC"), at)


def test_the_end_of_a_window_is_already_outside_it() -> None:
    plan = plan_of(*windows_of((EVERY_DAY, "09:00", "11:30")))
    assert safe_time.is_within(plan, toronto(24, 9))
    assert safe_time.is_within(plan, toronto(24, 11, 29))
    assert not safe_time.is_within(plan, toronto(24, 11, 30))
    assert not safe_time.is_within(plan, toronto(24, 8, 59))


def test_the_next_window_is_the_open_one_and_after_its_end_the_following_days() -> None:
    plan = plan_of(*windows_of(({MONDAY, 2}, "09:00", "11:00")))
    open_one = safe_time.next_window(plan, toronto(23, 10))
    assert open_one == Span(toronto(23, 9), toronto(23, 11))
    assert safe_time.next_window(plan, toronto(23, 11)) == Span(toronto(25, 9), toronto(25, 11))
    assert safe_time.next_safe_moment(plan, toronto(23, 10)) == toronto(23, 10)
    assert safe_time.next_safe_moment(plan, toronto(23, 12)) == toronto(25, 9)


def test_windows_that_touch_are_one_so_that_until_tells_the_real_end() -> None:
    plan = plan_of(*windows_of((EVERY_DAY, "09:00", "12:00"), (EVERY_DAY, "12:00", "17:00")))
    assert safe_time.next_window(plan, toronto(24, 10)) == Span(toronto(24, 9), toronto(24, 17))


def test_a_window_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    plan = plan_of(*windows_of(({MONDAY}, "22:00", "02:00")))
    assert safe_time.is_within(plan, toronto(24, 1))  # Tuesday 1 a.m.
    assert not safe_time.is_within(plan, toronto(23, 1))  # Monday 1 a.m. was Sunday's night


def test_a_window_whose_end_is_its_start_gives_no_time() -> None:
    plan = plan_of(*windows_of((EVERY_DAY, "09:00", "09:00")))
    assert safe_time.next_window(plan, toronto(24, 9)) is None


def test_tomorrow_at_nine_is_not_twenty_four_hours_later_when_clocks_change() -> None:
    before = safe_time.local_to_utc(date(2026, 3, 7), time(9), TORONTO)
    after = safe_time.local_to_utc(date(2026, 3, 8), time(9), TORONTO)
    assert after - before == timedelta(hours=23)
    before = safe_time.local_to_utc(date(2026, 10, 31), time(9), TORONTO)
    after = safe_time.local_to_utc(date(2026, 11, 1), time(9), TORONTO)
    assert after - before == timedelta(hours=25)


def test_a_time_that_does_not_exist_moves_forward() -> None:
    moved = safe_time.local_to_utc(date(2026, 3, 8), time(2, 30), TORONTO)
    assert moved == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)  # 3:00, the first moment that exists


def test_a_time_that_comes_twice_is_the_first() -> None:
    first = safe_time.local_to_utc(date(2026, 11, 1), time(1, 30), TORONTO)
    assert first == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # still summer time


def test_a_window_swallowed_by_the_spring_change_gives_no_time_that_day_but_a_week_later() -> None:
    plan = plan_of(*windows_of(({SUNDAY}, "02:00", "03:00")))
    window = safe_time.next_window(plan, toronto(8, 0, month=3))
    assert window == Span(toronto(15, 2, month=3), toronto(15, 3, month=3))


def test_a_window_cut_by_the_spring_change_begins_when_the_clocks_have_gone_forward() -> None:
    plan = plan_of(*windows_of(({SUNDAY}, "02:30", "04:00")))
    window = safe_time.next_window(plan, toronto(8, 0, month=3))
    assert window == Span(toronto(8, 3, month=3), toronto(8, 4, month=3))


def test_when_clocks_go_back_the_end_counts_once_and_no_call_is_offered_a_second_time() -> None:
    plan = plan_of(*windows_of(({SUNDAY}, "01:00", "01:30")))
    assert safe_time.is_within(plan, toronto(1, 1, 15))
    assert not safe_time.is_within(plan, toronto(1, 1, 15, fold=1))


def test_when_clocks_go_back_behind_the_agreed_start_we_wait_until_it_comes_again() -> None:
    plan = plan_of(*windows_of(({SUNDAY}, "01:30", "03:00")))
    assert safe_time.is_within(plan, toronto(1, 1, 45))
    assert not safe_time.is_within(plan, toronto(1, 1, 15, fold=1))
    assert safe_time.is_within(plan, toronto(1, 1, 45, fold=1))
    spans = safe_time.occurrences(plan, toronto(1, 0), toronto(1, 12))
    assert spans == [
        Span(toronto(1, 1, 30), toronto(1, 1, 0, fold=1)),
        Span(toronto(1, 1, 30, fold=1), toronto(1, 3)),
    ]


@pytest.mark.parametrize("zone", ["America/Regina", "America/Whitehorse"])
def test_zones_without_summer_time_keep_the_same_hour_all_year(zone: str) -> None:
    plan = plan_of(*windows_of((EVERY_DAY, "09:00", "10:00")), zone=zone)
    year = datetime(2026, 1, 1, tzinfo=UTC)
    hours = {s.opens_at.hour for s in safe_time.occurrences(plan, year, year + timedelta(days=365))}
    assert len(hours) == 1


def test_st_johns_is_half_an_hour_off_and_changes_clocks() -> None:
    plan = plan_of(*windows_of((EVERY_DAY, "09:00", "10:00")), zone="America/St_Johns")
    winter = safe_time.next_window(plan, datetime(2026, 1, 15, tzinfo=UTC))
    summer = safe_time.next_window(plan, datetime(2026, 7, 15, tzinfo=UTC))
    assert winter is not None
    assert summer is not None
    assert (winter.opens_at.hour, winter.opens_at.minute) == (12, 30)
    assert (summer.opens_at.hour, summer.opens_at.minute) == (11, 30)


def test_any_time_is_always_and_has_no_end() -> None:
    plan = plan_of(when=WhenToCall.ANY_TIME)
    assert safe_time.is_within(plan, toronto(24, 3))
    assert safe_time.next_window(plan, toronto(24, 3)) == Span(toronto(24, 3), safe_time.NO_END)


@pytest.mark.parametrize("when", [WhenToCall.WILL_CALL_US, WhenToCall.ASK_FIRST])
def test_will_call_us_and_ask_first_are_never_callable_whatever_windows_are_kept(
    when: WhenToCall,
) -> None:
    # R11: unknown means no contact.
    plan = plan_of(*windows_of((EVERY_DAY, "00:00", "23:59")), when=when)
    assert safe_time.next_window(plan, toronto(24, 9)) is None
    assert safe_time.next_safe_moment(plan, toronto(24, 9)) is None
    assert not safe_time.is_within(plan, toronto(24, 9))


@pytest.mark.parametrize("when", list(WhenToCall))
def test_a_plan_marked_unsafe_is_never_callable(when: WhenToCall) -> None:
    # R13: after a failed identity step nobody calls until the plan is made again.
    plan = plan_of(*windows_of((EVERY_DAY, "00:00", "23:59")), when=when, is_unsafe=True)
    assert safe_time.next_window(plan, toronto(24, 9)) is None
    assert not safe_time.is_within(plan, toronto(24, 9))


def test_agreed_hours_without_a_single_window_are_never_callable() -> None:
    assert safe_time.next_window(plan_of(when=WhenToCall.WINDOWS), toronto(24, 9)) is None


def test_a_written_wall_time_comes_back_as_the_same_moment() -> None:
    for moment in (toronto(24, 9, 30), toronto(1, 1, 30), toronto(8, 3, month=3)):
        wall = safe_time.wall_of(moment, TORONTO)
        assert safe_time.wall_to_utc(wall, TORONTO) == moment
    assert safe_time.wall_of(toronto(24, 9, 30), TORONTO) == "2026-11-24T09:30"
