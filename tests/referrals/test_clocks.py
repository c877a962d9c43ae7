"""The clocks of a referral: when a request expires, how long a hold lasts, on the agency's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from casework.referrals import clocks
from casework.referrals.clocks import HoldChoice
from casework.referrals.models import ReferralState, Urgency

AT = datetime(2026, 11, 24, 22, 15, tzinfo=UTC)  # 17 h 15 in Toronto, 18 h 45 in St John's


def test_urgent_requests_expire_after_two_hours_and_routine_ones_after_fourteen_days() -> None:
    """domain.md section 3."""
    urgent = clocks.expires_at(ReferralState.REQUESTED, Urgency.URGENT, AT)
    routine = clocks.expires_at(ReferralState.REQUESTED, Urgency.ROUTINE, AT)
    assert urgent == AT + timedelta(hours=2)
    assert routine == AT + timedelta(days=14)


def test_a_held_place_has_no_expiry() -> None:
    """R31: only the person's own withdrawal releases a place."""
    for state in (ReferralState.ACCEPTED, ReferralState.IN_PROGRESS):
        for urgency in Urgency:
            assert clocks.expires_at(state, urgency, AT) is None


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
