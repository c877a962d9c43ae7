"""Agencies asked in order, on real connections: killed in between nothing is lost, and none is asked twice."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from casework import database
from casework.cases.models import Reason, Source
from casework.extensions import db
from casework.people import services as people
from casework.people.models import Purpose
from casework.referrals import queries, services
from casework.referrals.models import ReferralState
from casework.referrals.services import asking
from tests.referrals.scenes import Committed
from tests.referrals.test_several import asked
from tests.referrals.test_two_at_once import at_once
from tests.world import World

S = ReferralState


class Killed(BaseException):
    """The process ends in the middle of its work."""


@pytest.fixture
def line(live_db: Flask) -> "Line":
    """Commit a round of three, the first asked."""
    return Line(live_db)


class Line(Committed):
    """A committed round, and what is done to it in transactions of their own."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            self.world = World.load()
            made = asked(self.world)
            self.service_id, self.case_id = made[0].service_id, made[0].case_id
            self.ids = [referral.id for referral in made]
            database.commit()
            db.session.remove()

    def refuse(self, turn: int = 0) -> Callable[[], Any]:
        """Give the act of refusing."""
        amina = self.world.amina.actor

        def work() -> Any:
            referral = queries.get(amina, self.ids[turn])
            return services.answer(
                amina,
                referral,
                to=S.DECLINED,
                reason=Reason.NO_CAPACITY,
                source=Source.PARTNER_CONFIRMED,
                idempotency_key="one-tap",
            )

        return lambda: self.inside(work)

    def states(self) -> list[str]:
        """Give how the requests stand now."""
        amina = self.world.amina.actor
        found: list[str] = self.inside(
            lambda: [queries.get(amina, id_).state.value for id_ in self.ids]
        )
        return found


def test_killed_between_the_refusal_and_the_next_request_nothing_is_lost(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both stand in one transaction: neither happened, and the same tap does both."""

    def die(*_args: Any, **_more: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(asking, "begin", die)
        with pytest.raises(Killed):
            line.refuse()()
    assert line.states() == ["requested", "draft", "draft"]
    line.refuse()()
    assert line.states() == ["declined", "requested", "draft"]
    line.refuse()()
    assert line.states() == ["declined", "requested", "draft"], "a second tap asked the third"


def test_a_double_tap_asks_one(line: Line) -> None:
    at_once(line.refuse(), line.refuse())
    assert line.states() == ["declined", "requested", "draft"]


def test_two_presses_at_the_same_moment_ask_one(line: Line) -> None:
    amina = line.world.amina.actor

    def recall() -> None:
        services.recall(amina, queries.get(amina, line.ids[0]), reason=Reason.PARTNER_UNREACHABLE)

    line.inside(recall)

    def press(turn: int) -> Callable[[], Any]:
        def work() -> Any:
            try:
                return services.ask_in_turn(amina, queries.get(amina, line.ids[turn]))
            except database.Refused:
                return None

        return lambda: line.inside(work) and None

    at_once(press(1), press(2))
    assert sorted(line.states()) == ["draft", "recalled", "requested"]


@pytest.mark.parametrize("_round", range(3))
def test_a_refusal_meets_the_withdrawal_of_sharing_and_nobody_is_asked_after_it(
    line: Line, _round: int
) -> None:
    """R5: whoever is first, in the end nobody of the round is asked any more."""
    amina = line.world.amina.actor

    def withdraw() -> Any:
        case = queries.get(amina, line.ids[0]).case
        return people.withdraw(amina, case.person, Purpose.SHARE_WITH_PARTNER)

    def refuse() -> Any:
        try:
            return line.refuse()()
        except database.Refused:
            return None

    at_once(refuse, lambda: line.inside(withdraw))
    assert not {"requested", "draft"} & set(line.states())
