"""Two members and the link answer in the same moment, on real connections: exactly one wins."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from casework import database
from casework.extensions import db
from casework.referrals import queries
from tests.agencies import scenes as here
from tests.referrals import scenes
from tests.visitors import Visitor
from tests.world import World

ANSWERS = (
    {"reply": "hold", "hold": "1h"},
    {"reply": "decline", "reason": "no_capacity"},
    {"reply": "waitlist"},
)


def stage(app: Flask) -> tuple[Any, str, list[Any]]:
    """Ask louise's agency, and give the request's id, its link, and two members of the agency."""
    with app.app_context():
        world = World.load()
        referral_id = here.ask(world).id
        database.commit()
        link = scenes.linked(world, queries.get(world.amina.actor, referral_id))
        members = [world.agency, here.colleague(world, "Denis")]
        database.commit()
        desks = [here.at_desk(app, member) for member in members]
        db.session.remove()
    return referral_id, link, desks


def events(app: Flask, referral_id: Any) -> list[str]:
    """Give where the events of a request led, the first one first."""
    with app.app_context():
        world = World.load()
        referral = queries.get(world.amina.actor, referral_id)
        found = [event.to_state.value for event in queries.events_of(world.amina.actor, referral)]
        db.session.remove()
    return list(reversed(found))


@pytest.mark.parametrize("turn", range(3))
def test_exactly_one_answer_is_written_and_the_others_see_it(live_db: Flask, turn: int) -> None:
    """Issue 5: two staff, and link and account; nobody's answer is lost in silence or doubled."""
    referral_id, link, desks = stage(live_db)
    address = f"/inbox/{referral_id}"
    browsers = [*(desk.visitor for desk in desks), Visitor(live_db)]
    urls = [address, address, link]
    answers = [ANSWERS[(turn + number) % 3] for number in range(3)]
    start = Barrier(3)
    forms = [
        dict(here.HIDDEN.findall(browser.get(url).get_data(as_text=True)))
        for browser, url in zip(browsers, urls, strict=True)
    ]

    def press(number: int) -> int:
        start.wait(10)
        sent = forms[number] | answers[number]
        return browsers[number].post(urls[number], sent).status_code

    with ThreadPoolExecutor(3) as pool:
        statuses = list(pool.map(press, range(3)))
    assert statuses.count(303) == 1, statuses
    assert set(statuses) - {303} <= {404, 409, 422}
    led = events(live_db, referral_id)
    assert led[0] == "requested"
    assert len(led) == 2, led
    page = desks[0].visitor.get("/inbox").get_data(as_text=True)
    assert scenes.MARKED not in page
