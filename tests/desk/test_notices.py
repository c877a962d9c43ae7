"""Notices: one's own, in fixed words that speak of nobody, until they are marked as seen."""

from typing import Any

from casework import database
from casework.notices import queries as notices
from casework.notices import services as notice_services
from casework.notices.models import NoticeKind
from tests.desk.contacts import NOW, open_case


def tell(world: Any, member: Any, case: Any, key: str = "k") -> None:
    notice_services.tell(
        world.amina.actor, member.account_id, NoticeKind.AGENCY_ANSWERED, case, key
    )
    database.commit()


def test_my_day_shows_what_i_have_not_seen(visitor: Any, world: Any, clock: Any) -> None:
    """The in-app list is the truth, and names nobody (R12)."""
    clock.freeze(NOW)
    case = open_case(world.amina, name="Quetzalcoatl")
    tell(world, world.amina, case)
    page = visitor(world.amina).get("/notices").get_data(as_text=True)
    assert "An agency answered" in page
    assert "Quetzalcoatl" not in page
    assert case.ref not in page


def test_seen_notices_leave_my_day(visitor: Any, world: Any, clock: Any) -> None:
    """Marking them as seen is a POST, and touches nobody else’s."""
    clock.freeze(NOW)
    case = open_case(world.amina)
    tell(world, world.amina, case)
    tell(world, world.louis, case, "other")
    browser = visitor(world.amina)
    assert "An agency answered" in browser.get("/my-day").get_data(as_text=True)
    assert browser.post("/notices").status_code == 302
    assert "An agency answered" not in browser.get("/my-day").get_data(as_text=True)
    assert notices.count(world.louis.actor) == 1


def test_opening_the_list_marks_nothing(visitor: Any, world: Any, clock: Any) -> None:
    """A GET changes nothing."""
    clock.freeze(NOW)
    tell(world, world.amina, open_case(world.amina))
    visitor(world.amina).get("/notices")
    assert notices.count(world.amina.actor) == 1
