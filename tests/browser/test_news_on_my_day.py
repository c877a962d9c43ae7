"""My day on a screen that stays open: it says that something is new, and moves no row by itself."""

from typing import Any

import pytest

from casework import database
from casework.extensions import db
from tests.browser.places import enter
from tests.browser.test_call_back_by_keyboard import a_call, picture
from tests.browser.test_who_is_calling import LOOK
from tests.followups.scenes import at, call_at, case_of
from tests.world import World

pytestmark = pytest.mark.browser
LINE = "Something is new since you opened this page."


def is_unchanged(answer: Any) -> bool:
    """Tell whether this answer says in a short 304 that nothing is new."""
    return bool(answer.url.endswith("/my-day/changes") and answer.status == 304)


def one_more_call(app: Any) -> None:
    """Commit a second call of amina's that is due now."""
    with app.app_context():
        amina = World.load().amina.actor
        call_at(amina, case_of(amina), at(24, 9, 30))
        database.commit()
        db.session.remove()


def test_an_open_my_day_says_that_something_is_new_and_shows_it_when_asked(
    watch: Any, clock: Any
) -> None:
    amina = watch()
    a_call(amina, clock)
    enter(amina, "amina")
    with amina.page.expect_response("**/my-day/changes") as first:
        amina.open("/my-day")
    assert first.value.status == 200
    line = amina.page.get_by_text(LINE)
    # The page may still be reading its first answer; then the next look asks once more for all of it.
    with amina.page.expect_response(is_unchanged):
        amina.page.evaluate(LOOK)
    assert not line.is_visible()
    one_more_call(amina.site.app)
    with amina.page.expect_response("**/my-day/changes"):
        amina.page.evaluate(LOOK)
    line.wait_for()
    assert amina.page.get_by_role("link", name="Start call").count() == 1
    picture(amina, "my-day-with-news")
    amina.click("Show it", role="link")
    assert amina.page.get_by_role("link", name="Start call").count() == 2
    assert not amina.page.get_by_text(LINE).is_visible()
