"""The clocks of a referral: when a request expires, how long a hold lasts, on the agency's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from casework.referrals import clocks
from casework.referrals.business_days import Office
from casework.referrals.clocks import HoldChoice, Rung
from casework.referrals.models import ReferralState, Urgency

AT = datetime(2026, 11, 24, 22, 15, tzinfo=UTC)  # 17 h 15 in Toronto, 18 h 45 in St John's


MINUTE = timedelta(minutes=1)
ONTARIO = Office("America/Toronto", "ON")


def climbed(
    state: ReferralState, urgency: Urgency, since: datetime, office: Office | None = None
) -> list[tuple[Rung, datetime]]:
    return clocks.steps(state, urgency, since=since, office=office)


def test_an_urgent_request_is_nudged_escalated_and_expires_in_minutes_of_any_night() -> None:
    """domain.md section 3: 15, 30, 60 minutes and 2 hours; never waiting for morning."""
    christmas_night = datetime(2026, 12, 25, 7, 30, tzinfo=UTC)
    assert climbed(ReferralState.REQUESTED, Urgency.URGENT, christmas_night) == [
        (Rung.NUDGE, christmas_night + 15 * MINUTE),
        (Rung.NAVIGATOR, christmas_night + 30 * MINUTE),
        (Rung.SUPERVISOR, christmas_night + 60 * MINUTE),
        (Rung.EXPIRE, christmas_night + 120 * MINUTE),
    ]
    assert not clocks.needs_office(ReferralState.REQUESTED, Urgency.URGENT)


def test_a_routine_request_waits_for_business_days_and_opening_hours() -> None:
    """domain.md section 3: 1, 2 and 14 business days of the agency's province."""
    # Thursday 2026-12-24, 18 h in Toronto: closed. Christmas and Boxing Day (kept on Monday the
    # 28th) are holidays in Ontario, and so is New Year's Day.
    evening = datetime(2026, 12, 24, 23, 0, tzinfo=UTC)
    nine = 14  # o'clock in UTC
    assert climbed(ReferralState.REQUESTED, Urgency.ROUTINE, evening, ONTARIO) == [
        (Rung.NUDGE, datetime(2026, 12, 30, nine, tzinfo=UTC)),
        (Rung.NAVIGATOR, datetime(2026, 12, 31, nine, tzinfo=UTC)),
        (Rung.EXPIRE, datetime(2027, 1, 19, nine, tzinfo=UTC)),
    ]


def test_nobody_nudges_an_agency_that_waits_for_our_answer() -> None:
    for urgency in Urgency:
        rungs = [rung for rung, _at in climbed(ReferralState.INFO_NEEDED, urgency, AT, ONTARIO)]
        assert rungs[0] is Rung.NAVIGATOR
        assert Rung.NUDGE not in rungs


def test_every_ladder_is_climbed_upwards_and_ends_in_expiry() -> None:
    for (state, urgency), ladder in clocks.LADDERS.items():
        reached = climbed(state, urgency, AT, ONTARIO)
        assert [rung for rung, _at in reached] == [step.rung for step in ladder]
        moments = [moment for _rung, moment in reached]
        assert moments == sorted(set(moments))
        assert moments[0] > AT
        assert ladder[-1].rung is Rung.EXPIRE


def test_a_held_place_has_no_ladder() -> None:
    """R31: only the person's own withdrawal releases a place; nothing that ended has a clock."""
    waiting = {ReferralState.REQUESTED, ReferralState.WAITLISTED, ReferralState.INFO_NEEDED}
    for state in set(ReferralState) - waiting:
        for urgency in Urgency:
            assert climbed(state, urgency, AT, ONTARIO) == []


def test_somebody_on_the_way_keeps_the_place_at_least_two_hours() -> None:
    soon, later = AT + 20 * MINUTE, AT + 300 * MINUTE
    assert clocks.on_the_way_until(AT, soon) == AT + 120 * MINUTE
    assert clocks.on_the_way_until(AT, later) == later


@pytest.mark.parametrize(
    ("zone", "choice", "expected"),
    [
        ("America/Toronto", HoldChoice.TONIGHT, datetime(2026, 11, 25, 1, 0, tzinfo=UTC)),
        ("America/St_Johns", HoldChoice.TONIGHT, datetime(2026, 11, 24, 23, 30, tzinfo=UTC)),
        ("America/Regina", HoldChoice.TOMORROW, datetime(2026, 11, 25, 16, 0, tzinfo=UTC)),
        ("America/Toronto", HoldChoice.TWO_HOURS, AT + timedelta(hours=2)),
        ("America/Toronto", HoldChoice.NO_END, None),
    ],
)
def test_a_hold_ends_on_the_agencys_own_clock(
    zone: str, choice: HoldChoice, expected: datetime | None
) -> None:
    assert clocks.hold_end(choice, AT, zone) == expected


def test_tomorrow_at_ten_is_not_twenty_four_hours_later_when_the_clocks_change() -> None:
    """Toronto, the night to 2026-11-01: ten in the morning comes an hour later in UTC."""
    before = datetime(2026, 10, 31, 14, 0, tzinfo=UTC)  # 10 h local
    end = clocks.hold_end(HoldChoice.TOMORROW, before, "America/Toronto")
    assert end == before + timedelta(hours=25)


def test_tonight_is_not_offered_when_it_is_nearly_over() -> None:
    late = datetime(2026, 11, 25, 0, 45, tzinfo=UTC)  # 19 h 45 in Toronto
    assert HoldChoice.TONIGHT not in clocks.hold_choices(late, "America/Toronto")
    assert HoldChoice.TONIGHT in clocks.hold_choices(AT, "America/Toronto")


def test_a_hold_of_two_hours_is_warned_about_at_ninety_minutes() -> None:
    """domain.md section 3, defaults."""
    assert clocks.warns_at(AT + timedelta(hours=2), AT) == AT + timedelta(minutes=90)


def test_a_short_hold_is_warned_about_at_half_time() -> None:
    assert clocks.warns_at(AT + timedelta(minutes=40), AT) == AT + timedelta(minutes=20)
