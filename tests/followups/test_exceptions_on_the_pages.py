"""Days off, hours of one date and our own hours, from the form to the call (R10, R11, R36)."""

from datetime import date, time
from typing import Any

import pytest

from casework import people
from casework.accounts import queries as accounts
from casework.database import Refused
from casework.followups import services
from casework.followups.refusals import AfterConsentEnds, OutsideAgreedHours, PastDueTime
from casework.people.models import WhenToCall
from casework.people.plan_checks import NoWindows
from tests.followups.scenes import at, call_at, case_of, reminders_of

FRIDAY = 4
WEEKDAYS = [{"days": [0, 1, 2, 3, 4], "start": "08:00", "end": "20:00"}]


def keep_hours(world: Any, **hours: Any) -> None:
    """Let the service keep hours of its own."""
    service = accounts.service_of(world.amina.actor)
    for name, value in hours.items():
        setattr(service, name, value)


def test_a_time_on_a_day_off_is_refused_with_that_reason(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 10))
    case = case_of(world.amina.actor, days_off=[FRIDAY])
    with pytest.raises(OutsideAgreedHours) as refused:
        call_at(world.amina.actor, case, at(27, 9, 30))
    said = str(refused.value.message)
    assert said.startswith("Not on Fridays. Next agreed time: Saturday")


@pytest.mark.parametrize(
    ("day", "refusal"),
    [(date(9999, 12, 31), AfterConsentEnds), (date(1, 1, 1), PastDueTime)],
)
def test_a_year_that_no_clock_reaches_is_refused_in_a_sentence(
    world: Any, clock: Any, day: date, refusal: type[Refused]
) -> None:
    """R10: such a day, typed by a slip of the hand, cannot be worked out in UTC at all."""
    clock.freeze(at(23, 10))
    case = case_of(world.amina.actor)
    with pytest.raises(refusal):
        services.plan_call_back(world.amina.actor, case, local_day=day, local_time=time(23, 59))


def test_a_day_off_added_later_moves_the_window_that_was_planned(world: Any, clock: Any) -> None:
    """R10: the call keeps its wall time, has no window that day, and a human sees it."""
    clock.freeze(at(23, 10))
    case = case_of(world.amina.actor)
    call = call_at(world.amina.actor, case, at(27, 9, 30))
    people.services.change_plan(
        world.amina.actor,
        case.person,
        plan={"dates_off": [{"first": "2026-11-26", "last": "2026-11-29"}]},
    )
    assert call.due_at == at(27, 9, 30)
    assert call.window_opens_at == at(30, 9)


def test_hours_of_one_date_make_somebody_callable_who_is_asked_first(
    world: Any, clock: Any
) -> None:
    """R11: what was agreed aloud is a window, and nothing else is."""
    clock.freeze(at(23, 10))
    hours = [{"day": "2026-11-27", "start": "14:00", "end": "15:00"}]
    case = case_of(world.amina.actor, when="ask_first", windows=[], one_offs=hours)
    reading = services.read_plan(world.amina.actor, case)
    assert reading.plan.when is WhenToCall.WINDOWS
    assert reading.status(at(27, 14, 30)).is_callable
    assert not reading.status(at(26, 14, 30)).is_callable
    assert reading.status(at(27, 15)).opens_at is None


def test_agreed_hours_without_any_row_are_still_refused(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 10))
    case = case_of(world.amina.actor)
    with pytest.raises(NoWindows):
        people.services.change_plan(
            world.amina.actor, case.person, plan={"when": "windows", "windows": [], "one_offs": []}
        )


def test_any_time_but_one_day_keeps_its_window_from_reading_to_reading(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 10))
    case = case_of(world.amina.actor, when="any_time", windows=[], days_off=[FRIDAY])
    call = call_at(world.amina.actor, case, at(25, 10))
    assert call.window_closes_at == at(27, 0)
    opened = call.window_opens_at
    clock.freeze(at(26, 10))
    services.replan_windows(world.amina.actor, call)
    assert call.window_opens_at == opened


def test_a_prompt_waits_until_somebody_is_there_within_the_window(world: Any, clock: Any) -> None:
    keep_hours(world, opening_hours=WEEKDAYS)
    clock.freeze(at(23, 10))
    early = [{"days": [3], "start": "06:00", "end": "09:00"}]
    case = case_of(world.amina.actor, windows=early)
    call = call_at(world.amina.actor, case, at(26, 6))
    [reminder] = reminders_of(call)
    assert (call.window_opens_at, reminder.due_at) == (at(26, 6), at(26, 8))


def test_a_prompt_comes_all_the_same_where_nobody_is_there_in_the_window(
    world: Any, clock: Any
) -> None:
    keep_hours(world, opening_hours=WEEKDAYS)
    clock.freeze(at(23, 10))
    sunday = [{"days": [6], "start": "09:00", "end": "11:00"}]
    call = call_at(world.amina.actor, case_of(world.amina.actor, windows=sunday), at(29, 9))
    [reminder] = reminders_of(call)
    assert reminder.due_at == at(29, 9)


def test_a_series_is_laid_into_open_days(world: Any, clock: Any) -> None:
    keep_hours(world, opening_hours=WEEKDAYS, holidays_of="ON", notice_minutes=60)
    clock.freeze(at(18, 10, month=12))
    first, *_ = services.plan_series(world.amina.actor, case_of(world.amina.actor))
    # A week later is Christmas; then come a weekend and the day kept for Boxing Day.
    assert first.due_at == at(29, 9, month=12)


def test_a_closed_service_is_told_on_the_call_and_forbids_nothing(
    world: Any, clock: Any, visitor: Any, db: Any
) -> None:
    keep_hours(world, opening_hours=WEEKDAYS, holidays_of="ON")
    clock.freeze(at(23, 10))
    case = case_of(world.amina.actor)
    call = call_at(world.amina.actor, case, at(25, 9, month=12))
    clock.freeze(at(25, 9, 5, month=12))
    page = visitor(world.amina).get(f"/follow-ups/{call.id}/call").get_data(as_text=True)
    assert "The service is closed: Christmas Day" in page
    assert "Start the call" in page


def test_the_plan_page_keeps_dates_and_says_what_is_wrong(
    world: Any, clock: Any, visitor: Any
) -> None:
    clock.freeze(at(23, 10))
    case = case_of(world.amina.actor)
    version = people.queries.plan_of(world.amina.actor, case.person_id).version
    fields = {
        "version": version,
        "when": "any_time",
        "time_zone": "America/Toronto",
        "voicemail_rule": "never",
        "days_off": ["4"],
        "dates_off-0-first": "2026-12-24",
        "dates_off-0-last": "2027-01-02",
        "one_offs-0-day": "2026-12-29",
        "one_offs-0-start": "15:00",
        "one_offs-0-end": "14:00",
    }
    browser, url = visitor(world.amina), f"/people/{case.person_id}/contact-plan"
    refused = browser.submit(url, fields)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "These hours end before they start." in page
    assert 'value="2026-12-29"' in page
    assert browser.submit(url, fields | {"one_offs-0-end": "16:00"}).status_code == 302
    plan = services.read_plan(world.amina.actor, case).plan
    assert plan.days_off == {4}
    assert plan.dates_off[0].last.isoformat() == "2027-01-02"
    assert plan.one_offs[0].end == time(16)
    # The page shows them unfolded, with one empty row more of each.
    shown = browser.get(url).get_data(as_text=True)
    assert '<details class="fold" id="dates" open>' in shown
    assert 'value="2027-01-02"' in shown
