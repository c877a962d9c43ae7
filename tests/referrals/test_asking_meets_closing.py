"""An agency is asked in the very moment its case closes or a consent ends, on real connections (R1, R4, R5)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from flask import Flask

from casework import cases, database, people
from casework.cases.models import Case, CaseStatus, ClosureCode, Reason, Source
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.people.models import Consent, Purpose
from casework.referrals import policy, queries, services
from casework.referrals.failures import (
    AlreadyAsked,
    CaseIsClosed,
    ConsentMissing,
    StillOpen,
    TooLateToUndo,
)
from casework.referrals.manners import Manner, Scope
from casework.referrals.models import Referral, ReferralState, Urgency
from casework.referrals.services.watch import watch
from casework.security import Actor
from tests.referrals.scenes import Committed, case_for
from tests.referrals.test_answer_meets_withdrawal import wait_for_a_lock
from tests.referrals.test_two_at_once import at_once, pressing
from tests.visitors import Visitor
from tests.world import World

S = ReferralState
Outcome = Any


@pytest.fixture
def scene(live_db: Flask) -> "Scene":
    """Commit a case for which nobody is asked yet."""
    return Scene(live_db)


class Scene(Committed):
    """A committed case, and what two colleagues do in it in transactions of their own."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            self.world = World.load()
            self.amina = self.world.amina.actor
            case = case_for(self.amina, NeedCode.SHELTER)
            self.service_id, self.case_id, self.ref = case.service_id, case.id, case.ref
            self.agencies = [
                self.world.organization(name).id for name in ("Foyer du Pont", "Bridge House")
            ]
            database.commit()
            db.session.remove()

    def case(self) -> Case:
        """Give the case, inside a transaction."""
        return cases.queries.get_by_id(self.amina, self.case_id)

    def ask(self, agency: int = 0) -> Referral:
        """Ask one agency."""
        case = self.case()
        return services.ask_agency(
            self.amina,
            case,
            case.needs[0],
            organization_id=self.agencies[agency],
            urgency=Urgency.URGENT,
            agreed=Scope.KIND,
        )

    def ask_in_order(self) -> list[Referral]:
        """Ask one agency, with another that waits its turn."""
        case = self.case()
        return services.ask_several(
            self.amina,
            case,
            case.needs[0],
            organization_ids=self.agencies,
            urgency=Urgency.URGENT,
            manner=Manner.IN_ORDER,
        )

    def close(self) -> Case:
        """Close the case."""
        return cases.services.close_case(
            self.amina, self.case(), closure=ClosureCode.UNMET_NO_OPTION
        )

    def withdraw(self, purpose: Purpose = Purpose.SHARE_WITH_PARTNER) -> int:
        """Take back a consent of the person."""
        return people.services.withdraw(self.amina, self.case().person, purpose)

    def expire(self) -> int:
        """Let the consents to share run out, as the sweep does."""
        person_id = self.case().person_id
        sharing = {"person_id": person_id, "purpose": Purpose.SHARE_WITH_PARTNER}
        for consent in db.session.query(Consent).filter_by(**sharing, ended_at=None):
            consent.expires_at = database.now()
        database.flush()
        return people.services.end_expired(Actor.system(self.service_id))

    def refuse(self, referral: Referral) -> Any:
        """Record a refusal."""
        return services.answer(
            self.amina,
            referral,
            to=S.DECLINED,
            reason=Reason.NO_CAPACITY,
            source=Source.PARTNER_CONFIRMED,
        )

    def one(self) -> Referral:
        """Give the request that was made first, inside a transaction."""
        return queries.for_case(self.amina, self.case())[-1]

    def tried(self, act: Callable[[], Any]) -> Callable[[], Outcome]:
        """Give an act in a transaction of its own; a refusal is its outcome."""

        def work() -> Outcome:
            try:
                with database.attempt():
                    act()
            except database.Refused as refusal:
                return type(refusal)
            return None

        return lambda: self.inside(work)

    def after(self, first: Callable[[], Any], second: Callable[[], Any]) -> list[Outcome]:
        """Do the first, and the second while the first is not committed; give what came of each."""
        is_done, may_commit = Event(), Event()

        def hold() -> None:
            first()
            is_done.set()
            assert may_commit.wait(20)

        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(self.tried(hold))
            try:
                assert is_done.wait(20)
                two = pool.submit(self.tried(second))
                wait_for_a_lock(self.app)
            finally:
                may_commit.set()
            return [one.result(30), two.result(30)]

    def end(self) -> tuple[CaseStatus, list[S]]:
        """Give how the case and its requests stand, the first request first."""

        def read() -> tuple[CaseStatus, list[S]]:
            made = queries.for_case(self.amina, self.case())
            line = sorted(made, key=lambda each: (each.created_at, each.turn or 0))
            return self.case().status, [referral.state for referral in line]

        found: tuple[CaseStatus, list[S]] = self.inside(read)
        return found


def open_in(states: list[S]) -> list[S]:
    return [state for state in states if policy.is_open(state)]


@pytest.mark.parametrize("way", ["ask", "ask_in_order"])
def test_nobody_is_asked_for_a_case_that_is_just_being_closed(scene: Scene, way: str) -> None:
    assert scene.after(scene.close, getattr(scene, way)) == [None, CaseIsClosed]
    assert scene.end() == (CaseStatus.CLOSED, [])


@pytest.mark.parametrize("way", ["ask", "ask_in_order"])
def test_a_case_does_not_close_over_a_request_that_is_just_being_made(
    scene: Scene, way: str
) -> None:
    assert scene.after(getattr(scene, way), scene.close) == [None, StillOpen]
    status, states = scene.end()
    assert status is CaseStatus.OPEN
    assert states[0] is S.REQUESTED


@pytest.mark.parametrize("ending", ["withdraw", "expire"])
def test_nobody_is_asked_while_sharing_is_taken_back(scene: Scene, ending: str) -> None:
    """R4: consent is asked for again once whoever ended it is done."""
    assert scene.after(getattr(scene, ending), scene.ask_in_order) == [None, ConsentMissing]
    assert scene.end() == (CaseStatus.OPEN, [])


@pytest.mark.parametrize("ending", ["withdraw", "expire"])
@pytest.mark.parametrize("way", ["ask", "ask_in_order"])
def test_what_is_just_being_asked_ends_with_the_consent(
    scene: Scene, way: str, ending: str
) -> None:
    """R5: the withdrawal finds a request that was not yet written down when it began."""
    assert scene.after(getattr(scene, way), getattr(scene, ending)) == [None, None]
    _status, states = scene.end()
    assert set(states) == {S.WITHDRAWN}


def test_the_end_of_the_consent_to_the_case_leaves_nothing_open(scene: Scene) -> None:
    """R1, R5."""
    end = [None, None]
    assert scene.after(scene.ask, lambda: scene.withdraw(Purpose.KEEP_CASE)) == end
    assert scene.end() == (CaseStatus.CLOSED, [S.WITHDRAWN])


def test_a_refusal_is_not_taken_back_into_a_consent_that_is_just_ending(scene: Scene) -> None:
    """R4: undo opens again what the withdrawal no longer looks at."""
    scene.inside(scene.ask)
    scene.inside(lambda: scene.refuse(scene.one()))

    def take_back() -> None:
        referral = scene.one()
        # As a page reads it before its button is pressed.
        consent = db.session.get_one(Consent, referral.consent_id)
        services.undo(scene.amina, referral)
        assert consent.is_given

    assert scene.after(scene.withdraw, take_back) == [None, TooLateToUndo]
    assert open_in(scene.end()[1]) == []


def test_a_refusal_that_is_just_taken_back_ends_with_the_consent(scene: Scene) -> None:
    scene.inside(scene.ask)
    scene.inside(lambda: scene.refuse(scene.one()))
    both = scene.after(lambda: services.undo(scene.amina, scene.one()), scene.withdraw)
    assert both == [None, None]
    assert scene.end()[1] == [S.WITHDRAWN]


def test_one_agency_is_asked_once_by_two_colleagues(scene: Scene) -> None:
    assert scene.after(scene.ask, scene.ask) == [None, AlreadyAsked]
    assert scene.end()[1] == [S.REQUESTED]


def test_who_presses_ask_on_a_case_closed_meanwhile_reads_it(scene: Scene) -> None:
    """What was typed stands there still, and nobody was asked."""
    browser = Visitor(scene.app)
    browser.sign_in(scene.world.amina)
    url = f"/cases/{scene.ref}/referrals/new"
    browser.get(url)
    press = pressing(
        (browser, {}),
        url,
        organization=str(scene.agencies[0]),
        urgency="urgent",
        access="rampe large",
    )
    is_done, may_commit = Event(), Event()

    def close() -> None:
        scene.close()
        is_done.set()
        assert may_commit.wait(20)

    with ThreadPoolExecutor(2) as pool:
        closing = pool.submit(scene.tried(close))
        try:
            assert is_done.wait(20)
            pressed = pool.submit(press)
            wait_for_a_lock(scene.app)
        finally:
            may_commit.set()
        closing.result(30)
        answer = pressed.result(30)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "This case is closed." in page
    assert "rampe large" in page
    assert scene.end() == (CaseStatus.CLOSED, [])


@pytest.mark.parametrize("_round", range(4))
def test_everybody_at_once_never_wait_in_a_circle(scene: Scene, clock: Any, _round: int) -> None:
    """An answer, the clock, one who asks and one who ends the case: nobody is sent away by the database."""
    scene.inside(scene.ask_in_order)
    at_once(
        scene.tried(lambda: scene.refuse(scene.one())),
        scene.tried(lambda: watch(scene.service_id)),
        scene.tried(scene.ask),
        scene.tried(lambda: scene.withdraw(Purpose.KEEP_CASE)),
    )
    status, states = scene.end()
    assert status is CaseStatus.CLOSED
    assert open_in(states) == []


def test_the_clock_waits_for_nobody_who_works_on_a_case(scene: Scene, clock: Any) -> None:
    """What is busy is left for the next sweep: a clock that held a request and waited would block both."""
    scene.inside(scene.ask)
    later = scene.inside(database.now).replace(year=2090)

    def sweep_beside() -> int:
        scene.case()
        cases.queries.hold(scene.case())
        clock.freeze(later)
        count: int = (
            ThreadPoolExecutor(1)
            .submit(lambda: scene.inside(lambda: watch(scene.service_id)))
            .result(20)
        )
        return count

    assert scene.inside(sweep_beside) == 0
    assert scene.inside(lambda: watch(scene.service_id)) == 1
    assert scene.end()[1] == [S.EXPIRED]
