"""Violence is said in the very moment somebody asks, answers or opens a case, on real connections (R16, R19)."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from casework import cases
from casework.cases.models import Case, CaseStatus, Source
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.referrals import services
from casework.referrals.models import ReferralState
from casework.referrals.policy import Reply
from casework.referrals.services import inbox, replies
from tests.referrals.test_asking_meets_closing import Scene

S = ReferralState
UNSEALED = text(
    "SELECT count(*) FROM referral WHERE NOT is_sensitive OR organization_id IS NOT NULL"
)
UNMARKED = text('SELECT count(*) FROM "case" WHERE NOT is_sensitive')
NAMED = text(
    "SELECT (SELECT count(*) FROM referral_event WHERE actor_id = :account)"
    " + (SELECT count(*) FROM audit_entry WHERE actor_id = :account AND object_id = :referral)"
)


class Meanwhile(Scene):
    """A committed case, and violence said in it by a colleague."""

    def violence(self) -> None:
        """Say it in the first case."""
        cases.services.add_needs(self.amina, self.case(), codes=[NeedCode.VIOLENCE_SHELTER])

    def beside(self) -> Case:
        """Open another case of the same person, about food."""
        person = self.case().person
        return cases.services.open_case(self.amina, person, needs=[NeedCode.FOOD])

    def beside_of_violence(self) -> Case:
        """Open another case of the same person, about violence."""
        person = self.case().person
        needs = [NeedCode.VIOLENCE_SHELTER]
        return cases.services.open_case(self.amina, person, needs=needs)

    def accept(self) -> Any:
        """Record a yes."""
        referral = self.one()
        return services.answer(self.amina, referral, to=S.ACCEPTED, source=Source.PARTNER_CONFIRMED)

    def sign_in_and_accept(self) -> Any:
        """Open the request as a member of its agency, and say yes."""
        sitting = inbox.open_request(self.world.agency.actor, self.one().id, is_held=True)
        given = replies.Given(reply=Reply.HOLD, version=sitting.referral.version, key="a")
        return inbox.reply_signed_in(sitting, given=given)

    def left(self, wanted: Any, **about: Any) -> int:
        """Count what stands in the tables themselves."""
        return int(self.inside(lambda: db.session.execute(wanted, about).scalar_one()))


@pytest.fixture
def scene(live_db: Flask) -> Meanwhile:
    """Commit a case for which nobody is asked yet."""
    return Meanwhile(live_db)


PAIRS = [
    ("violence", "ask"),
    ("ask", "violence"),
    ("violence", "ask_in_order"),
    ("ask_in_order", "violence"),
    ("beside_of_violence", "ask"),
    ("ask", "beside_of_violence"),
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_nothing_asked_meanwhile_stays_in_clear(scene: Meanwhile, first: str, second: str) -> None:
    both = scene.after(getattr(scene, first), getattr(scene, second))
    assert both == [None, None]
    assert scene.left(UNSEALED) == 0


CASES = [
    ("violence", "beside"),
    ("beside", "violence"),
    ("beside_of_violence", "beside"),
    ("beside", "beside_of_violence"),
]


@pytest.mark.parametrize(("first", "second"), CASES)
def test_no_case_opened_meanwhile_begins_unmarked(
    scene: Meanwhile, first: str, second: str
) -> None:
    assert scene.after(getattr(scene, first), getattr(scene, second)) == [None, None]
    assert scene.left(UNMARKED) == 0


@pytest.mark.parametrize(("first", "second"), [("violence", "accept"), ("accept", "violence")])
def test_an_answer_given_meanwhile_is_taken_and_sealed(
    scene: Meanwhile, first: str, second: str
) -> None:
    scene.inside(scene.ask)
    assert scene.after(getattr(scene, first), getattr(scene, second)) == [None, None]
    assert scene.end() == (CaseStatus.OPEN, [S.ACCEPTED])
    assert scene.left(UNSEALED) == 0
    assert scene.left(NAMED, account=scene.amina.id, referral="none") == 0


def test_the_account_that_answers_meanwhile_is_not_named(scene: Meanwhile) -> None:
    """R16: the member opened the request before, and answers after."""
    referral_id = scene.inside(lambda: scene.ask().id)
    assert scene.after(scene.violence, scene.sign_in_and_accept) == [None, None]
    assert scene.end() == (CaseStatus.OPEN, [S.ACCEPTED])
    about = {"account": scene.world.agency.account_id, "referral": str(referral_id)}
    assert scene.left(NAMED, **about) == 0


def test_violence_said_while_sharing_is_taken_back(scene: Meanwhile) -> None:
    """Neither waits for the other in a circle, and both hold."""
    scene.inside(scene.ask)
    assert scene.after(scene.violence, scene.withdraw) == [None, None]
    assert scene.end() == (CaseStatus.OPEN, [S.WITHDRAWN])
    assert scene.left(UNSEALED) == 0


def test_violence_is_said_in_two_cases_at_once(scene: Meanwhile) -> None:
    """Each holds the person, and then all their cases by id."""
    scene.inside(scene.ask)
    second_id = scene.inside(lambda: scene.beside().id)

    def in_the_second() -> None:
        case = cases.queries.get_by_id(scene.amina, second_id)
        cases.services.add_needs(scene.amina, case, codes=[NeedCode.VIOLENCE_SHELTER])

    assert scene.after(scene.violence, in_the_second) == [None, None]
    assert (scene.left(UNMARKED), scene.left(UNSEALED)) == (0, 0)
