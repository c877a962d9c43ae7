"""A first contact may name days off and hours of one date; the page stays as short as it was (R10, R11)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from casework import people
from casework.extensions import db as database
from casework.people.models import Person, WhenToCall
from tests.intake.filling import answers

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # a Tuesday
Send = Callable[..., Any]


@pytest.fixture
def send(world: Any, visitor: Any, clock: Any, db: Any) -> Send:
    """Send the New case page as Amina."""
    clock.freeze(NOW)
    browser = visitor(world.amina)

    def post(**changes: Any) -> Any:
        browser.get("/cases/new")
        return browser.post("/cases/new", answers(**changes))

    return post


def chosen(day: str, clock: str = "10:00") -> dict[str, str]:
    """Ask for the first call at a time of their own."""
    return {"first_call": "chosen", "next_on": day, "next_at": clock}


def plan_kept(world: Any) -> people.contact_plan.Plan:
    """Open the one plan that was kept."""
    person = database.session.query(Person).one()
    return people.services.open_own_plan(world.amina.actor, person, purpose="change")


def test_days_and_dates_off_are_kept_with_the_plan(send: Send, world: Any) -> None:
    fields = {"days_off": ["4"], "dates_off-0-first": "2026-12-24", "dates_off-0-last": ""}
    assert send(**fields).status_code == 302
    plan = plan_kept(world)
    assert plan.days_off == {4}
    assert [dates.first == dates.last for dates in plan.dates_off] == [True]


def test_a_first_call_on_a_day_off_is_refused_on_its_field(send: Send) -> None:
    page = send(days_off=["3"], **chosen("2026-11-26")).get_data(as_text=True)
    assert "This time lies outside the hours they agreed to." in page
    assert '<details class="fold" id="dates" open>' in page


def test_hours_of_one_date_alone_are_enough_for_a_call(send: Send, world: Any) -> None:
    """R11: they were agreed aloud."""
    one = {"one_offs-0-day": "2026-11-28", "one_offs-0-start": "14:00", "one_offs-0-end": "15:00"}
    answer = send(times=[], days=None, **one, **chosen("2026-11-28", "14:30"))
    assert answer.status_code == 302
    assert plan_kept(world).when is WhenToCall.WINDOWS


def test_seven_days_off_are_refused_and_stay_ticked(send: Send) -> None:
    page = send(days_off=[str(day) for day in range(7)]).get_data(as_text=True)
    assert "All seven days are ticked." in page


def test_the_dates_are_folded_away_until_they_are_wanted(world: Any, visitor: Any) -> None:
    page = visitor(world.amina).get("/cases/new").get_data(as_text=True)
    assert '<details class="fold" id="dates">' in page
