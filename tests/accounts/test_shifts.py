"""Shifts: arithmetic on the clock of whoever works, their pages, and no mail outside them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from casework import accounts, notices
from casework.accounts.models import Shift
from casework.accounts.shift_services import DayIsTaken, NoLength
from casework.accounts.shifts import Rota
from casework.database import NotFound
from casework.notices.models import Letter, LetterKind, LetterStatus
from casework.notices.services import outbox
from tests.followups.scenes import at

DAYTIME = (time(9), time(17))
WEEKDAYS = dict.fromkeys(range(5), DAYTIME)


def rota(*shifts: Shift, zone: str = "America/Toronto") -> Rota:
    return Rota(uuid4(), zone, shifts)


def weekly(weekday: int, starts: str, ends: str) -> Shift:
    return Shift(weekday=weekday, on_day=None, is_off=False, starts=starts, ends=ends)


def single(day: date, starts: str = "00:00", ends: str = "00:00", *, is_off: bool = False) -> Shift:
    return Shift(weekday=None, on_day=day, is_off=is_off, starts=starts, ends=ends)


def test_of_whom_nothing_is_written_we_assume_they_are_there() -> None:
    assert rota().is_on(at(24, 3))
    assert rota().reachable_from(at(24, 3)) == at(24, 3)


def test_a_day_off_alone_says_nothing_of_the_other_days() -> None:
    """Whoever writes down one free day does not lose their calls on all others."""
    free = rota(single(date(2026, 11, 24), is_off=True))
    assert free.is_on(at(23, 12)) and free.is_on(at(25, 12))
    assert not free.is_on(at(24, 12))
    assert free.reachable_from(at(24, 12)) == at(25, 0)


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    night = rota(weekly(0, "22:00", "06:00"))
    assert not night.is_on(at(23, 21, 59))
    assert night.is_on(at(23, 22))
    assert night.is_on(at(24, 5, 59))
    assert not night.is_on(at(24, 6))
    assert night.reachable_from(at(24, 6)) == at(30, 22)


def test_a_day_off_wins_over_the_week_and_a_single_day_adds_to_it() -> None:
    one = rota(
        weekly(1, "09:00", "17:00"),
        single(date(2026, 11, 24), is_off=True),
        single(date(2026, 11, 28), "10:00", "12:00"),
    )
    assert not one.is_on(at(24, 10))
    assert one.is_on(at(28, 10))
    assert one.reachable_from(at(24, 10)) == at(28, 10)


def test_a_shift_follows_the_wall_across_a_change_of_clocks() -> None:
    """On 1 November 2026 the clocks of Toronto go back: the night shift lasts nine hours."""
    night = rota(weekly(5, "22:00", "06:00"))
    [turn] = night.turns(at(31, 20, month=10), at(1, 12))
    assert turn.ends_at - turn.begins_at == timedelta(hours=9)
    assert turn.ends_at == datetime(2026, 11, 1, 6, tzinfo=ZoneInfo("America/Toronto"))


def test_turns_that_touch_are_one() -> None:
    both = rota(weekly(1, "09:00", "13:00"), weekly(1, "13:00", "17:00"))
    [turn] = both.turns(at(24, 0), at(25, 0))
    assert (turn.begins_at, turn.ends_at) == (at(24, 9), at(24, 17))


CLOCK = st.times().map(lambda t: t.replace(second=0, microsecond=0).isoformat("minutes"))
WEEKLY = st.builds(weekly, st.integers(0, 6), CLOCK, CLOCK)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shifts=st.lists(WEEKLY, min_size=1, max_size=5), minutes=st.integers(0, 60 * 24 * 21))
def test_on_shift_is_what_the_clock_on_the_wall_says(shifts: list[Shift], minutes: int) -> None:
    """Against a second reading that knows no UTC, in a zone whose clocks never change."""
    wall = datetime(2026, 11, 2, tzinfo=ZoneInfo("America/Regina")) + timedelta(minutes=minutes)
    moment = wall.astimezone(UTC)

    def covers(shift: Shift) -> bool:
        now = wall.strftime("%H:%M")
        if shift.starts < shift.ends:
            return wall.weekday() == shift.weekday and shift.starts <= now < shift.ends
        begins = wall.weekday() == shift.weekday and now >= shift.starts
        return begins or ((wall.weekday() - 1) % 7 == shift.weekday and now < shift.ends)

    one = rota(*shifts, zone="America/Regina")
    assert one.is_on(moment) == any(covers(shift) for shift in shifts)
    reachable = one.reachable_from(moment)
    assert reachable >= moment
    assert one.is_on(reachable)


# --- writing them down -----------------------------------------------------------------------------


def test_one_changes_ones_own_and_only_a_supervisor_anybodys(world: Any) -> None:
    change = accounts.shift_services.change_week
    assert change(world.amina.actor, world.amina.account_id, week=WEEKDAYS) == 5
    assert change(world.sophie.actor, world.louis.account_id, week={5: DAYTIME}) == 1
    for actor, whose in (
        (world.amina.actor, world.louis.account_id),
        (world.sophie.actor, world.outsider.account_id),
        (world.sophie.actor, world.marc.account_id),
    ):
        with pytest.raises(NotFound):
            change(actor, whose, week=WEEKDAYS)
    # Saved anew, the week is replaced.
    change(world.amina.actor, world.amina.account_id, week={0: DAYTIME})
    assert len(accounts.shift_queries.shifts_of(world.amina.actor, world.amina.account_id)) == 1


def test_impossible_hours_are_refused(world: Any) -> None:
    actor = world.amina.actor
    with pytest.raises(NoLength):
        accounts.shift_services.change_week(actor, actor.id, week={0: (time(9), time(9))})
    day = date(2026, 12, 25)
    shift = accounts.shift_services.add_day(actor, actor.id, day=day, hours=None)
    with pytest.raises(DayIsTaken):
        accounts.shift_services.add_day(actor, actor.id, day=day, hours=DAYTIME)
    with pytest.raises(NotFound):
        accounts.shift_services.remove_day(
            world.sophie.actor, world.louis.account_id, shift_id=shift.id
        )
    accounts.shift_services.remove_day(actor, actor.id, shift_id=shift.id)
    assert accounts.shift_queries.shifts_of(actor, actor.id) == []


def test_the_pages_save_a_week_and_a_day_and_keep_what_was_typed(world: Any, visitor: Any) -> None:
    amina = visitor(world.amina)
    answer = amina.submit(
        "/shifts", {"step": "week", "starts_0": "09:00", "ends_0": "17:00", "starts_2": "22:00"}
    )
    page = answer.get_data(as_text=True)
    assert "Write when it begins and when it ends." in page
    assert 'value="22:00"' in page
    assert amina.post("/shifts", {"step": "week", "starts_0": "09:00", "ends_0": "17:00"})
    amina.submit("/shifts", {"step": "day", "day": "2026-12-25", "is_off": "y"})
    shifts = accounts.shift_queries.shifts_of(world.amina.actor, world.amina.account_id)
    assert [(s.weekday, s.on_day, s.is_off) for s in shifts] == [
        (0, None, False),
        (None, date(2026, 12, 25), True),
    ]
    refused = amina.submit("/shifts", {"step": "day", "day": "2026-12-26"})
    assert "Write when it begins and when it ends." in refused.get_data(as_text=True)
    amina.post("/shifts", {"step": "remove", "shift_id": str(shifts[1].id)})
    assert len(accounts.shift_queries.shifts_of(world.amina.actor, world.amina.account_id)) == 1
    team = visitor(world.sophie).get("/shifts/team").get_data(as_text=True)
    assert "Amina R." in team and "Hours unknown" in team


# --- quiet hours -------------------------------------------------------------------------------------


def ask_for_letter(world: Any, key: str) -> Letter:
    notices.services.queue_letter(
        world.amina.actor,
        LetterKind.CALL_BACKS_DUE,
        account_id=world.amina.account_id,
        idempotency_key=key,
    )
    found: Letter = accounts.queries.db.session.scalars(
        select(Letter).where(Letter.idempotency_key == key)
    ).one()
    return found


def test_a_mail_waits_until_the_shift_begins(world: Any, clock: Any) -> None:
    clock.freeze(at(24, 3))
    assert ask_for_letter(world, "unknown hours").wake_at == at(24, 3)
    accounts.queries.db.session.query(Letter).delete()
    accounts.shift_services.change_week(world.amina.actor, world.amina.account_id, week=WEEKDAYS)
    letter = ask_for_letter(world, "known hours")
    assert letter.wake_at == at(24, 9)
    assert outbox.claim_letters(world.north.id) == []


def test_a_mail_that_was_queued_before_the_end_of_a_shift_does_not_leave_after_it(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(24, 16, 59))
    accounts.shift_services.change_week(world.amina.actor, world.amina.account_id, week=WEEKDAYS)
    letter = ask_for_letter(world, "just before")
    clock.freeze(at(24, 17, 1))
    [(letter_id, claim)] = outbox.claim_letters(world.north.id)
    assert outbox.begin(world.north.id, letter_id, claim) is None
    assert (letter.status, letter.wake_at) == (LetterStatus.QUEUED, at(25, 9))
