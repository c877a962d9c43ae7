"""For any plan, zone and instant, the engine says what a minute-by-minute judge says (R10)."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from casework.followups import safe_time
from casework.people.contact_plan import Dates, OneOff, Plan, Window, strictest
from casework.people.models import WhenToCall
from tests.followups.oracle import MINUTE, agreed_by_all, agreed_minutes
from tests.followups.plans import plan_of

ZONES = [
    "America/Toronto",
    "America/St_Johns",
    "America/Halifax",
    "America/Regina",
    "America/Whitehorse",
    "America/Vancouver",
    "America/Havana",  # changes clocks at midnight
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Chatham",  # at 2:45
    "Asia/Kathmandu",
    "Pacific/Apia",
    "UTC",
]
# Instants around the changes of clocks are where engines break; most examples begin there.
CHANGES = [
    datetime(2026, 3, 8, 5, tzinfo=UTC),
    datetime(2026, 11, 1, 3, tzinfo=UTC),
    datetime(2027, 3, 14, 5, tzinfo=UTC),
    datetime(2027, 11, 7, 3, tzinfo=UTC),
    datetime(2026, 4, 4, 12, tzinfo=UTC),  # Lord Howe and Chatham
    datetime(2026, 10, 3, 12, tzinfo=UTC),
    datetime(2011, 12, 29, 20, tzinfo=UTC),  # Apia left out a whole day
]

times = st.builds(
    time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 45, 59]) | st.integers(0, 59)
)
early = st.builds(time, st.integers(0, 4), st.sampled_from([0, 15, 30, 45]))
windows = st.builds(
    Window,
    st.frozensets(st.integers(0, 6), min_size=1),
    times | early,
    times | early,
)
instants = st.builds(
    lambda base, minutes: base + minutes * MINUTE,
    st.sampled_from(CHANGES),
    st.integers(-36 * 60, 36 * 60),
) | st.builds(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE,
    st.integers(0, 2 * 365 * 24 * 60),
)
# Days off and hours of one date fall near the instants, where they can matter.
days = st.builds(
    lambda base, offset: base.date() + timedelta(days=offset),
    st.sampled_from(CHANGES),
    st.integers(-2, 4),
)
dates_off = st.builds(
    lambda first, length: Dates(first, first + timedelta(days=length)), days, st.integers(0, 9)
)


def plans_in(zones: list[str]) -> st.SearchStrategy[Plan]:
    """Make plans of any kind for people who live in these zones."""
    return st.builds(
        lambda found, zone, when, is_unsafe, **more: plan_of(
            *found, zone=zone, when=when, is_unsafe=is_unsafe, **more
        ),
        st.lists(windows, max_size=4),
        st.sampled_from(zones),
        st.sampled_from(
            [WhenToCall.WINDOWS] * 6 + [WhenToCall.ANY_TIME] * 2 + [WhenToCall.ASK_FIRST]
        ),
        st.sampled_from([False] * 6 + [True]),
        days_off=st.just(frozenset()) | st.frozensets(st.integers(0, 6), max_size=3),
        dates_off=st.lists(dates_off, max_size=2).map(tuple),
        one_offs=st.lists(st.builds(OneOff, days, times | early, times | early), max_size=2).map(
            tuple
        ),
    )


plans = plans_in(ZONES)
# Away for weeks, besides the weekdays on which nobody calls: the next agreed day is far from today.
away = st.builds(
    lambda first, length: Dates(first, first + timedelta(days=length)), days, st.integers(0, 60)
)
plans_of_travellers = st.builds(
    lambda found, zone, when, **more: plan_of(*found, zone=zone, when=when, **more),
    st.lists(windows, min_size=1, max_size=3),
    st.sampled_from(ZONES),
    st.sampled_from([WhenToCall.WINDOWS, WhenToCall.ANY_TIME]),
    days_off=st.frozensets(st.integers(0, 6), min_size=1, max_size=6),
    dates_off=st.lists(away, min_size=1, max_size=3).map(tuple),
)
around_a_journey = st.builds(
    lambda base, minutes: base + minutes * MINUTE,
    st.sampled_from(CHANGES),
    st.integers(-4 * 24 * 60, 6 * 24 * 60),
)
# One number, several people, each on their own wall (R33).
shared_numbers = st.lists(plans, min_size=2, max_size=3)


def minutes_of(spans: list[safe_time.Span], start: datetime, hours: int) -> set[datetime]:
    """Name the minutes that lie in a span, of so many hours from a start."""
    return {
        start + n * MINUTE
        for n in range(hours * 60)
        if any(span.opens_at <= start + n * MINUTE < span.closes_at for span in spans)
    }


@settings(max_examples=60, deadline=None)
@given(plans, instants)
def test_every_minute_of_two_days_is_judged_alike(plan: Plan, start: datetime) -> None:
    until = start + timedelta(hours=40)
    spans = safe_time.occurrences(plan, start, until)
    assert minutes_of(spans, start, 40) == agreed_minutes(plan, start, until)


@settings(max_examples=60, deadline=None)
@given(plans, instants)
def test_the_next_safe_moment_is_the_first_minute_the_judge_agrees_to(
    plan: Plan, start: datetime
) -> None:
    found = safe_time.next_safe_moment(plan, start)
    agreed = agreed_minutes(plan, start, start + timedelta(days=2))
    if found is not None and found < start + timedelta(days=2):
        assert found == min(agreed)
    else:
        assert not agreed


@settings(max_examples=60, deadline=None)
@given(plans, instants)
def test_safe_until_is_the_first_minute_the_judge_no_longer_agrees_to(
    plan: Plan, at: datetime
) -> None:
    found = safe_time.safe_until(plan, at)
    end = at + timedelta(days=2)
    agreed = agreed_minutes(plan, at, end)
    refused = [at + n * MINUTE for n in range(2 * 24 * 60) if at + n * MINUTE not in agreed]
    if at not in agreed:
        assert found is None
    elif refused:
        assert found == refused[0]
    else:
        assert found is not None and found >= end


@settings(max_examples=60, deadline=None)
@given(plans, instants)
def test_the_time_between_two_moments_is_cut_at_both(plan: Plan, start: datetime) -> None:
    until = start + timedelta(hours=30)
    spans = safe_time.windows_between(plan, start, until)
    assert all(start <= opens < closes <= until for opens, closes in spans)
    assert all(one.closes_at < two.opens_at for one, two in pairwise(spans))
    assert minutes_of(spans, start, 30) == agreed_minutes(plan, start, until)


@settings(max_examples=60, deadline=None)
@given(shared_numbers, instants)
def test_a_number_of_several_people_is_judged_by_each_of_them(
    sharers: list[Plan], start: datetime
) -> None:
    """R33: the strictest of plans in different zones is what each of them allows, no more, no less."""
    until = start + timedelta(hours=40)
    plan = strictest(sharers)
    agreed = agreed_by_all(sharers, start, until)
    assert minutes_of(safe_time.windows_between(plan, start, until), start, 40) == agreed
    assert safe_time.is_within(plan, start) == (start in agreed)
    moment = safe_time.next_safe_moment(plan, start)
    if agreed:
        assert moment == min(agreed)
    else:
        assert moment is None or moment >= until


@settings(max_examples=60, deadline=None)
@given(plans, instants)
def test_is_within_agrees_with_the_judge_at_any_instant(plan: Plan, at: datetime) -> None:
    assert safe_time.is_within(plan, at) == (at in agreed_minutes(plan, at, at + MINUTE))


@settings(max_examples=300, deadline=None)
@given(plans_of_travellers, around_a_journey)
def test_a_call_is_offered_now_exactly_when_it_is_within_however_far_the_next_day_is(
    plan: Plan, at: datetime
) -> None:
    """Days off are known around the stretch that is looked at; what is offered must be there."""
    assert (safe_time.safe_until(plan, at) is not None) == safe_time.is_within(plan, at)
    moment = safe_time.next_safe_moment(plan, at)
    assert moment is None or (moment >= at and safe_time.is_within(plan, moment))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ZONES), instants, times | early)
def test_a_local_time_becomes_the_first_moment_whose_wall_clock_has_reached_it(
    zone: str, around: datetime, at: time
) -> None:
    day = around.astimezone(ZoneInfo(zone)).date()
    found = safe_time.local_to_utc(day, at, zone)
    wanted = datetime.combine(day, at)

    def wall(moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)

    assert wall(found) >= wanted
    assert all(wall(found - n * MINUTE) < wanted for n in range(1, 4 * 60))
