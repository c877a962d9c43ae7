"""Two at once on real connections: exactly one wins, the other learns what happened, nothing is lost."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from casework import database, people
from casework.cases.models import Source
from casework.extensions import db
from casework.people.models import Purpose
from casework.referrals import queries, services
from casework.referrals.models import LinkPurpose, Referral, ReferralEvent, ReferralState, Remark
from casework.referrals.services import links
from casework.referrals.services.watch import watch
from casework.security import Actor
from tests.referrals.scenes import Committed, ask
from tests.visitors import Visitor
from tests.world import World

HIDDEN = re.compile(r'name="(version|key)"[^>]*value="([^"]*)"')
# How often each race is run: who is first differs from one time to the next.
ROUNDS = 3
S = ReferralState


@pytest.fixture
def asked(live_db: Flask) -> "Asked":
    """Commit a request that an agency has not answered, with two links to it."""
    return Asked(live_db)


class Asked(Committed):
    """A committed request, and what each side needs to answer it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            self.world = World.load()
            referral = ask(self.world, "Foyer du Pont")
            self.service_id, self.id = referral.service_id, referral.id
            agency = self.world.organization("Foyer du Pont")
            system = Actor.system(self.service_id)
            self.urls = [
                f"/r/{links.make_link(system, referral, LinkPurpose.ANSWER, agency)}"
                for _ in range(2)
            ]
            database.commit()
            db.session.remove()

    def story(self) -> list[tuple[S, Remark | None]]:
        """Give what happened, in order."""

        def read() -> list[tuple[S, Remark | None]]:
            events = db.session.query(ReferralEvent).filter_by(referral_id=self.id)
            ordered = events.order_by(ReferralEvent.position).all()
            assert [event.position for event in ordered] == list(range(1, len(ordered) + 1))
            return [(event.to_state, event.remark) for event in ordered]

        found: list[tuple[S, Remark | None]] = self.inside(read)
        return found

    def opened(self, url: str, member: Any = None) -> tuple[Visitor, dict[str, str]]:
        """Open a page as somebody does before they answer."""
        browser = Visitor(self.app)
        if member is not None:
            browser.sign_in(member)
        page = browser.get(url).get_data(as_text=True)
        return browser, dict(HIDDEN.findall(page))

    def referral(self) -> Referral:
        """Give the request, inside a transaction."""
        return queries.get(self.world.amina.actor, self.id)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Let several do something at the same moment; give what came of each."""
    start = Barrier(len(acts))

    def begin(act: Callable[[], Any]) -> Any:
        start.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result(30) for done in [pool.submit(begin, act) for act in acts]]


def pressing(opened: tuple[Visitor, dict[str, str]], url: str, **fields: str) -> Callable[[], Any]:
    browser, hidden = opened
    return lambda: browser.post(url, hidden | fields)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_navigators_one_records_and_the_other_reads_what_happened(
    asked: Asked, _round: int
) -> None:
    url = f"/referrals/{asked.id}/answer"
    pages = [asked.opened(url, asked.world.amina) for _ in range(2)]
    answers = at_once(
        pressing(pages[0], url, reply="waitlist"),
        pressing(pages[1], url, reply="ask", note="quel étage?"),
    )
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert len(asked.story()) == 2
    [lost] = [answer for answer in answers if answer.status_code == 422]
    page = lost.get_data(as_text=True)
    assert "Meanwhile" in page
    assert "The agency said so" in page
    if answers[1] is lost:
        assert "quel étage?" in page, "what was typed is lost"


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_links_to_one_request_one_answers(asked: Asked, _round: int) -> None:
    first, second = (asked.opened(url) for url in asked.urls)
    answers = at_once(
        pressing(first, asked.urls[0], reply="hold", hold="1h"),
        pressing(second, asked.urls[1], reply="decline", reason="no_capacity"),
    )
    assert len(asked.story()) == 2
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 303
    assert codes[1] in (404, 422)
    [lost] = [answer for answer in answers if answer.status_code != 303]
    page = lost.get_data(as_text=True)
    assert "ne fonctionne plus" in page or "ne convient plus" in page or "modifi" in page


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_browsers_on_one_link_are_one_answer(asked: Asked, _round: int) -> None:
    url = asked.urls[0]
    pages = [asked.opened(url) for _ in range(2)]
    answers = at_once(*(pressing(page, url, reply="waitlist") for page in pages))
    assert len(asked.story()) == 2
    assert [answer.status_code for answer in answers].count(303) == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_an_answer_and_a_withdrawal_leave_nothing_shown(asked: Asked, _round: int) -> None:
    """R4, R5: whoever is first, the request ends withdrawn and no page tells of anybody."""
    opened = asked.opened(asked.urls[0])

    def withdraw() -> None:
        person = asked.referral().case.person
        people.services.withdraw(asked.world.amina.actor, person, Purpose.SHARE_WITH_PARTNER)

    answer, _none = at_once(
        pressing(opened, asked.urls[0], reply="hold", hold="1h"), lambda: asked.inside(withdraw)
    )
    story = [state for state, _remark in asked.story()]
    assert story in ([S.REQUESTED, S.WITHDRAWN], [S.REQUESTED, S.ACCEPTED, S.WITHDRAWN])
    assert (answer.status_code == 303) is (S.ACCEPTED in story)
    if answer.status_code != 303:
        assert "adulte" not in answer.get_data(as_text=True)
    browser = opened[0]
    assert browser.get(asked.urls[0]).status_code == 404


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_an_answer_and_the_clock_lose_no_yes(asked: Asked, clock: Any, _round: int) -> None:
    """A yes in the moment of the expiry is either in time or late: never a dead end."""
    opened = asked.opened(asked.urls[0])
    clock.freeze(asked.inside(database.now) + timedelta(hours=3))
    answer, _count = at_once(
        pressing(opened, asked.urls[0], reply="hold", hold="1h"),
        lambda: asked.inside(lambda: watch(asked.service_id)),
    )
    assert answer.status_code == 303
    assert asked.story() in (
        [(S.REQUESTED, None), (S.ACCEPTED, None)],
        [(S.REQUESTED, None), (S.EXPIRED, None), (S.EXPIRED, Remark.LATE_YES)],
    )


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_clocks_are_one(asked: Asked, clock: Any, _round: int) -> None:
    clock.freeze(asked.inside(database.now) + timedelta(hours=3))
    at_once(*(lambda: asked.inside(lambda: watch(asked.service_id)) for _ in range(2)))
    assert [state for state, _remark in asked.story()] == [S.REQUESTED, S.EXPIRED]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_recalling_the_others_leaves_one_that_is_answered_at_that_moment(
    asked: Asked, _round: int
) -> None:
    """A second place that is being held is not called off by a press that knew nothing of it."""

    def also_ask() -> Any:
        referral = asked.referral()
        amina = asked.world.amina.actor
        services.answer(amina, referral, to=S.ACCEPTED, source=Source.PARTNER_CONFIRMED)
        return ask(World.load(), "Bridge House", referral.case).id

    second = asked.inside(also_ask)
    amina = asked.world.amina.actor

    def hold_it() -> bool:
        other = queries.get(amina, second)
        try:
            with database.attempt():
                services.answer(amina, other, to=S.ACCEPTED, source=Source.PARTNER_CONFIRMED)
        except database.Refused:
            return False
        return True

    was_held, count = at_once(
        lambda: asked.inside(hold_it),
        lambda: asked.inside(lambda: services.recall_siblings(amina, asked.referral())),
    )
    state = asked.inside(lambda: queries.get(amina, second).state)
    assert (state, count) == ((S.ACCEPTED, 0) if was_held else (S.RECALLED, 1))
