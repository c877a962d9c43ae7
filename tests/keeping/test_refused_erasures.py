"""A refused erasure stays in the audit, although the request that asked for it rolls back (R21)."""

from collections.abc import Iterator

import pytest
from flask import Flask

from casework import audit, cases, database, people
from casework.cases.erasure_models import HoldReason
from casework.extensions import db
from tests.followups.scenes import CODE_WORD
from tests.keeping import lives
from tests.visitors import Visitor
from tests.world import World


@pytest.fixture
def inside(live_db: Flask) -> Iterator[World]:
    with live_db.app_context():
        yield World.load()
        db.session.remove()


@pytest.mark.parametrize("why", ["nobody recognised", "own word", "on hold"])
def test_a_refused_erasure_is_recorded_on_a_connection_of_its_own(
    inside: World, live_db: Flask, why: str
) -> None:
    amina = inside.amina
    case = lives.open_case(inside, lives.keep_person(inside))
    database.commit()
    word = CODE_WORD
    if why == "own word":
        word = "mine alone"
        people.services.change_plan(amina.actor, case.person, plan={"code_word": word})
    if why == "on hold":
        cases.services.place_hold(inside.sophie.actor, case, reason=HoldReason.COURT_ORDER)
    database.commit()
    case_id, ref = case.id, case.ref
    database.rollback()
    browser = Visitor(live_db)
    browser.sign_in(amina)
    if why != "nobody recognised":
        browser.submit(f"/look-up/{ref}/identity", {"code_word": word})
    assert browser.submit(f"/cases/{ref}/erase", {"ref": ref}).status_code == 422
    database.rollback()
    database.enter_service(amina.actor.service_id)
    told = audit.entries(inside.sophie.actor, audit.EntryFilter(is_refused=True))
    assert [(entry.action, entry.object_type, entry.object_id) for entry in told] == [
        ("case:erased", "case", str(case_id))
    ]
    assert told[0].actor_id == amina.account_id
    asked = audit.entries(inside.sophie.actor, audit.EntryFilter(action="case:erasure:asked"))
    assert asked == [], "what rolled back is not there"
