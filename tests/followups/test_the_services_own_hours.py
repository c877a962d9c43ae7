"""The service's own hours bound what is proposed, and never what a person agreed to (R10, R36)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from casework import public_holidays
from casework.followups import office_hours, policy, safe_time
from casework.followups.models import FollowUpKind
from casework.followups.office_hours import ALWAYS_OPEN, OfficeHours, next_proposed
from casework.people.models import WhenToCall
from casework.people.week import Window
from tests.followups.plans import EVERY_DAY, plan_of, windows_of

WEEKDAYS = (Window(frozenset(range(5)), time(8), time(20)),)
OFFICE = OfficeHours("America/Toronto", WEEKDAYS, "ON")
NINE = windows_of((EVERY_DAY, "09:00", "10:00"))


def toronto(day: int, hour: int, *, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZoneInfo("America/Toronto")).astimezone(UTC)


def test_a_call_is_proposed_on_the_first_agreed_day_that_is_no_holiday() -> None:
    """25 and 28 December are kept in Ontario; the 26th and 27th are a weekend."""
    plan = plan_of(*NINE)
    assert next_proposed(plan, OFFICE, toronto(24, 12)) == toronto(29, 9)
    assert next_proposed(plan, ALWAYS_OPEN, toronto(24, 12)) == toronto(25, 9)


def test_what_the_person_agreed_to_stays_agreed_while_we_are_closed() -> None:
    plan = plan_of(*NINE)
    assert not office_hours.is_open(OFFICE, toronto(25, 9))
    assert safe_time.is_within(plan, toronto(25, 9))
    assert policy.contact_status(plan, toronto(25, 9)).is_callable


def test_hours_that_never_meet_ours_are_proposed_as_they_are() -> None:
    """R10: the person's hours are the truth; a human sees that nobody is there."""
    sundays = plan_of(*windows_of(({6}, "09:00", "10:00")))
    assert next_proposed(sundays, OFFICE, toronto(1, 12)) == toronto(6, 9)


def test_a_try_to_tell_about_a_held_place_does_not_wait_for_us_to_open() -> None:
    """R36."""
    plan = plan_of(*windows_of((EVERY_DAY, "00:00", "23:59")))
    at = toronto(5, 12)  # a Saturday
    told = policy.next_try(plan, FollowUpKind.TELL_PERSON, at=at, office=OFFICE)
    called = policy.next_try(plan, FollowUpKind.CALL_BACK, at=at, office=OFFICE)
    assert told == at + timedelta(minutes=30)
    assert called == toronto(7, 8)


def test_notice_is_kept_before_a_planned_call() -> None:
    office = OfficeHours("America/Toronto", notice=timedelta(days=1))
    plan = plan_of(when=WhenToCall.ANY_TIME)
    at = toronto(1, 12)
    assert policy.next_try(plan, FollowUpKind.CALL_BACK, at=at, office=office) == toronto(2, 12)


def test_a_step_prefers_open_hours_but_never_misses_its_range_for_them() -> None:
    plan = plan_of(*NINE)
    series = policy.CRISIS
    start = toronto(24, 10)
    first, *_ = policy.plan_steps(
        series, plan, start=start, consent_until=start + timedelta(days=45), office=OFFICE
    )
    # 24 to 48 hours later is Christmas and a Saturday: the agreed hour is better than none.
    assert first.due_at == toronto(26, 9)


def test_doors_that_close_after_midnight_are_open_until_then() -> None:
    night = OfficeHours("America/Toronto", (Window(frozenset({4}), time(18), time(2)),))
    assert office_hours.is_open(night, toronto(5, 1))
    assert not office_hours.is_open(night, toronto(5, 2))


def test_each_province_keeps_its_own_holidays_and_names_them_in_both_languages() -> None:
    assert office_hours.holiday_name("ON", date(2026, 2, 16), "en_CA") == "Family Day"
    assert office_hours.holiday_name("ON", date(2026, 2, 16), "fr_CA") == "Fête de la famille"
    assert date(2026, 6, 24) in public_holidays.holiday_days("QC", 2026)
    assert date(2026, 6, 24) not in public_holidays.holiday_days("ON", 2026)
    assert len(public_holidays.PROVINCES) == 13
