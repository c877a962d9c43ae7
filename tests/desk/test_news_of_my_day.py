"""An open page learns that there is news, in numbers and about nobody (R18), and lanes go on."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casework import database, followups
from casework.accounts.policy import IDLE
from casework.cases import services as cases
from casework.desk import my_day, places
from casework.followups.queries import LaneName, Place
from tests.desk.contacts import NOW, due_now, open_case


def test_news_are_two_numbers_and_who_is_calling(visitor: Any, world: Any, clock: Any) -> None:
    due_now(world.amina, clock, name="Quetzalcoatl")
    answer = visitor(world.amina).get("/my-day/changes")
    assert answer.status_code == 200
    assert answer.get_json() == {"news": {"callable": 1, "notices": 0}, "calls": {}}
    assert "no-store" in answer.headers["Cache-Control"]


def test_without_news_the_answer_is_empty(visitor: Any, world: Any, clock: Any) -> None:
    due_now(world.amina, clock)
    browser = visitor(world.amina)
    tag = browser.get("/my-day/changes").headers["ETag"]
    again = browser.get("/my-day/changes", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    due_now(world.amina, clock, phone="+15145550143")
    changed = browser.get("/my-day/changes", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(
    visitor: Any, world: Any, clock: Any
) -> None:
    """An abandoned session ends although My day stands open on it and asks for news (ASVS 7.3.1)."""
    clock.freeze(NOW)
    browser = visitor(world.amina)
    browser.get("/my-day")
    clock.advance(IDLE - timedelta(minutes=1))
    assert browser.get("/my-day/changes").status_code == 200
    assert browser.get("/calls/seen").status_code == 200
    clock.advance(timedelta(minutes=1))
    assert "/sign-in" in browser.get("/my-day").headers["Location"]


def test_the_page_says_that_there_is_news_only_when_asked(visitor: Any, world: Any) -> None:
    """Without a script the line stays hidden, and the page is as it was."""
    page = visitor(world.amina).get("/my-day").get_data(as_text=True)
    assert 'data-news="/my-day/changes" hidden' in page


def five_can_be_called(world: Any, clock: Any) -> None:
    """Open five cases, and go to a moment at which each of the five may be called."""
    clock.freeze(NOW)
    for number in range(5):
        open_case(world.amina, phone=f"+1514555{number + 100:04d}")
    clock.freeze(NOW + timedelta(days=7, minutes=30))


def test_a_lane_goes_on_behind_its_last_row_until_all_were_seen(
    world: Any, clock: Any, app: Any, db: Any
) -> None:
    """Each stands on one page and none is skipped, in the order of the whole lane."""
    five_can_be_called(world, clock)
    refs, after = [], None
    with app.test_request_context("/my-day"):
        whole = my_day.read_day(world.amina.actor, hides_names=True)
        for _page in range(3):
            day = my_day.read_day(world.amina.actor, hides_names=True, limit=2, after=after)
            refs += [row.case.ref for row in day.now.rows]
            after = places.read(day.now.more)
    assert after is None
    assert refs == [row.case.ref for row in whole.now.rows]
    assert len(set(refs)) == 5


def test_the_sentence_and_the_rail_count_everybody_where_the_lane_is_cut(
    world: Any, clock: Any, app: Any, db: Any
) -> None:
    """Two rows are shown of five people: the day says five, and so does the number on the rail."""
    five_can_be_called(world, clock)
    with app.test_request_context("/my-day"):
        day = my_day.read_day(world.amina.actor, hides_names=True, limit=2)
    assert len(day.now.rows) == 2
    assert day.callable_people == 5
    assert "5" in day.sentence
    assert followups.queries.people_to_call(world.amina.actor, database.now()) == 5


def test_a_further_page_shows_its_lane_alone(visitor: Any, world: Any, clock: Any) -> None:
    case = due_now(world.amina, clock)
    cases.assign(world.amina.actor, case, owner_id=None)
    database.commit()
    place = places.after_unassigned(datetime(2020, 1, 1, tzinfo=UTC), case.id)
    page = visitor(world.louis).get(f"/my-day?after={place}").get_data(as_text=True)
    assert case.ref in page
    assert 'id="now"' not in page
    assert "Revenir au début de ma journée" in page


@pytest.mark.parametrize("text", [None, "", "x", "é", "bm93LjE=", "bm93LjEuMS54Lnkueg=="])
def test_a_place_that_cannot_be_read_is_the_beginning(text: str | None) -> None:
    assert places.read(text) is None


def test_a_place_with_a_number_no_row_has_is_the_beginning(visitor: Any, world: Any) -> None:
    """An address that somebody changed by hand answers with the day, never with an error."""
    text = f"now.{10**30}.0.1.1.{world.amina.account_id}"
    place = urlsafe_b64encode(text.encode()).decode()
    assert places.read(place) is None
    assert visitor(world.amina).get(f"/my-day?after={place}").status_code == 200


def test_a_place_is_read_as_it_was_written(world: Any) -> None:
    place = Place(LaneName.LATER, 0, 1, NOW, NOW + timedelta(microseconds=7), world.amina.actor.id)
    read = places.read(places.after_call(place))
    assert read is not None
    assert read.calls == place
