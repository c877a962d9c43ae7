"""A number that stands in several cases obeys the strictest of their plans (R33)."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from casework.followups.safe_time import is_within
from casework.people.contact_plan import Plan, Window, strictest
from casework.people.models import Channel, VoicemailRule, WhenToCall
from casework.people.week import WEEK, stretches_of, windows_of

ZONES = (
    "America/Toronto",
    "America/St_Johns",
    "America/Regina",
    "America/Whitehorse",
    "Asia/Kabul",
)
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
# Clocks go back on 1 November 2026, forward on 14 March 2027.
TURNS = (datetime(2026, 11, 1, 6, tzinfo=UTC), datetime(2027, 3, 14, 7, tzinfo=UTC))


def plan_of(*windows: Window, **changes: Any) -> Plan:
    """Make a plan with these windows and one thing said otherwise."""
    values: dict[str, Any] = {
        "when": WhenToCall.WINDOWS,
        "time_zone": "America/Toronto",
        "windows": windows,
        "channel": Channel.PHONE,
        "voicemail_rule": VoicemailRule.NEVER,
        "voicemail_script": None,
        "has_code_word": True,
        "cover_name": None,
        "who_may_answer": None,
        "is_caller_id_shown": False,
        "dropped_call_rule": None,
        "is_text_allowed": False,
        "is_unsafe": False,
        "last_confirmed_at": MONDAY,
    }
    return Plan(**(values | changes))


def hours(days: str, start: str, end: str) -> Window:
    """Write a window as "01", "09:00", "17:00"."""
    return Window(
        frozenset(int(day) for day in days), time.fromisoformat(start), time.fromisoformat(end)
    )


walls = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 59)))
windows = st.builds(Window, st.frozensets(st.integers(0, 6), min_size=1), walls, walls)
plans = st.builds(
    lambda windows, **changes: plan_of(*windows, **changes),
    st.lists(windows, max_size=3),
    when=st.sampled_from(WhenToCall),
    time_zone=st.sampled_from(ZONES),
    voicemail_rule=st.sampled_from(VoicemailRule),
    voicemail_script=st.sampled_from((None, "It is Julie.", "Please ring the library.")),
    who_may_answer=st.sampled_from((None, "my sister")),
    is_caller_id_shown=st.booleans(),
    is_text_allowed=st.booleans(),
    is_unsafe=st.booleans(),
)
moments = st.one_of(
    st.integers(0, 60 * 24 * 365).map(lambda minute: MONDAY + timedelta(minutes=minute)),
    st.builds(
        lambda turn, minute: turn + timedelta(minutes=minute),
        st.sampled_from(TURNS),
        st.integers(-360, 360),
    ),
)
VOICEMAIL = {VoicemailRule.NEVER: 0, VoicemailRule.DISCREET: 1, VoicemailRule.NAMED: 2}


@settings(max_examples=300, deadline=None)
@given(st.lists(plans, min_size=1, max_size=3), st.lists(moments, min_size=1, max_size=20))
@example(
    [
        plan_of(hours("6", "00:30", "01:30"), hours("6", "01:30", "03:00")),
        plan_of(hours("0123456", "00:00", "23:59")),
    ],
    [datetime(2026, 11, 1, 6, 15, tzinfo=UTC)],
)
@example(
    [
        plan_of(hours("6", "00:00", "03:00"), time_zone="America/Regina"),
        plan_of(hours("6", "00:30", "01:30")),
    ],
    [datetime(2026, 11, 1, 6, 15, tzinfo=UTC)],
)
def test_it_is_never_wider_than_any_of_its_parts(parts: list[Plan], at: list[datetime]) -> None:
    strict = strictest(parts)
    for moment in at:
        if is_within(strict, moment):
            assert all(is_within(part, moment) for part in parts), moment
    for part in parts:
        assert VOICEMAIL[strict.voicemail_rule] <= VOICEMAIL[part.voicemail_rule]
        assert strict.is_text_allowed <= part.is_text_allowed
        assert strict.is_caller_id_shown <= part.is_caller_id_shown
        assert strict.is_unsafe >= part.is_unsafe
        assert strict.who_may_answer in (None, part.who_may_answer)
        assert strict.voicemail_script in (None, part.voicemail_script)


@settings(max_examples=100, deadline=None)
@given(st.lists(plans, min_size=2, max_size=3), moments)
def test_the_order_of_the_others_changes_nothing(parts: list[Plan], at: datetime) -> None:
    own, *others = parts
    assert is_within(strictest([own, *others]), at) == is_within(
        strictest([own, *others[::-1]]), at
    )


@given(st.lists(windows, max_size=4))
def test_windows_survive_being_written_as_minutes(given_windows: list[Window]) -> None:
    minutes = stretches_of(given_windows)
    again = stretches_of(windows_of(minutes))
    lost = sum(end - start for start, end in minutes) - sum(end - start for start, end in again)
    assert all(0 <= start < end <= WEEK for start, end in minutes)
    assert 0 <= lost <= 7, "only the minute before midnight is left out"


def test_one_plan_alone_stays_as_it_is() -> None:
    own = plan_of(hours("0123456", "20:00", "02:00"), voicemail_rule=VoicemailRule.NAMED)
    assert strictest([own]) is own


def test_two_plans_allow_what_both_allow() -> None:
    mother = plan_of(hours("01234", "09:00", "11:30"))
    father = plan_of(hours("0246", "11:00", "21:00"))
    assert strictest([mother, father]).windows == (hours("024", "11:00", "11:30"),)


def test_hours_are_compared_on_the_same_wall() -> None:
    """R9: windows stand in the person's own zone; noon in Winnipeg is 13:00 in Toronto."""
    here = plan_of(hours("0", "09:00", "17:00"))
    there = plan_of(hours("0", "09:00", "12:00"), time_zone="America/Winnipeg")
    shared = strictest([here, there])
    assert shared.time_zone == "America/Toronto"
    assert shared.windows == (hours("0", "10:00", "13:00"),)
    assert is_within(shared, datetime(2026, 11, 23, 17, 30, tzinfo=UTC))
    assert not is_within(shared, datetime(2026, 11, 23, 14, 30, tzinfo=UTC))


def test_a_zone_without_clock_changes_is_honoured_all_year() -> None:
    """R10: Regina is one hour behind Toronto in winter, two in summer; only what fits both is left."""
    here = plan_of(hours("0", "10:00", "14:00"))
    there = plan_of(hours("0", "09:00", "12:00"), time_zone="America/Regina")
    assert strictest([here, there]).windows == (hours("0", "11:00", "13:00"),)


def test_hours_that_never_meet_mean_ask_first() -> None:
    """R11: no window left is never callable."""
    strict = strictest(
        [plan_of(hours("0", "09:00", "10:00")), plan_of(hours("0", "10:00", "11:00"))]
    )
    assert strict.when is WhenToCall.ASK_FIRST
    assert strict.windows == ()


@pytest.mark.parametrize("when", [WhenToCall.WILL_CALL_US, WhenToCall.ASK_FIRST])
def test_one_who_may_not_be_called_silences_the_number(when: WhenToCall) -> None:
    strict = strictest([plan_of(when=WhenToCall.ANY_TIME), plan_of(when=when)])
    assert strict.when is when


def test_words_agreed_with_one_person_are_not_left_where_another_hears_them() -> None:
    strict = strictest(
        [
            plan_of(
                when=WhenToCall.ANY_TIME,
                voicemail_rule=VoicemailRule.DISCREET,
                voicemail_script="It is Julie, about Thursday.",
            ),
            plan_of(when=WhenToCall.ANY_TIME, voicemail_rule=VoicemailRule.NAMED),
        ]
    )
    assert strict.voicemail_rule is VoicemailRule.NEVER
    assert strict.voicemail_script is None
