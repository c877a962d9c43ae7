"""R1: a case is open only while its person agrees to it, and the database itself sees to that."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from casework import database
from casework.cases import policy, queries, services
from casework.cases.models import Case, CaseStatus, ClosureCode, EventKind, NeedOutcome
from casework.directory.needs import NeedCode
from casework.extensions import db as extension
from casework.people import services as people
from casework.people.models import ConsentEnd, Purpose
from casework.people.services import ConsentAnswer
from tests.cases.openings import only_need, open_case
from tests.people.records import keep_person
from tests.world import World


def test_opening_a_case_without_consent_to_keep_it_is_refused(world: World) -> None:
    """R1, R2: agreeing to be called is not agreeing to a case."""
    person = people.register_person(world.amina.actor, details={"safe_name": "Maya"}, plan={})
    people.record_consents(
        world.amina.actor, person, [ConsentAnswer(Purpose.CALL_BACK, is_given=True)]
    )
    with pytest.raises(policy.ConsentMissing):
        services.open_case(world.amina.actor, person, needs=[NeedCode.FOOD])


def test_the_database_refuses_at_commit_what_slipped_past_the_code(live_db: Flask) -> None:
    """R1: the deferred constraint holds where no form is in the way."""
    with live_db.app_context():
        world = World.load()
        person = keep_person(world.amina.actor)
        database.commit()
        people.withdraw(world.amina.actor, person, Purpose.KEEP_CASE)
        extension.session.add(
            Case(
                service_id=world.north.id,
                ref="C-222222",
                person_id=person.id,
                opened_at=database.now(),
            )
        )
        with pytest.raises(IntegrityError, match="needs an active consent"):
            database.commit()
        database.rollback()


def test_the_database_refuses_consent_to_end_while_the_case_stays_open(live_db: Flask) -> None:
    """R1: end and closing are one act, or neither happens."""
    with live_db.app_context():
        world = World.load()
        case = open_case(world.amina.actor)
        extension.session.execute(
            text(
                "UPDATE consent SET ended_at = now() WHERE person_id = :id AND purpose = 'keep_case'"
            ),
            {"id": case.person_id},
        )
        with pytest.raises(IntegrityError):
            database.commit()
        database.rollback()


@pytest.mark.parametrize(
    ("end", "closure"),
    [
        (ConsentEnd.WITHDRAWN, ClosureCode.CONSENT_WITHDRAWN),
        (ConsentEnd.EXPIRED, ClosureCode.CONSENT_EXPIRED),
    ],
)
def test_the_end_of_consent_closes_the_case_at_once(
    world: World, clock: Any, end: ConsentEnd, closure: ClosureCode
) -> None:
    """R1, R5, R6: withdrawn or expired, and the timeline says so."""
    clock.freeze(database.now())
    case = open_case(world.amina.actor)
    if end is ConsentEnd.WITHDRAWN:
        people.withdraw(world.amina.actor, case.person, Purpose.KEEP_CASE)
    else:
        clock.advance(timedelta(days=46))
        people.end_expired(world.amina.actor.system(world.north.id))
    assert (case.status, case.closure) == (CaseStatus.CLOSED, closure)
    kinds = {event.kind for event in queries.timeline(world.amina.actor, case)}
    assert {EventKind.CONSENT_ENDED, EventKind.CLOSED} <= kinds


def test_withdrawing_only_the_call_back_leaves_the_case_open(world: World) -> None:
    """R31: each purpose ends by itself."""
    case = open_case(world.amina.actor)
    people.withdraw(world.amina.actor, case.person, Purpose.CALL_BACK)
    assert case.status is CaseStatus.OPEN


def test_a_closed_case_counts_open_needs_as_unknown(world: World) -> None:
    """domain.md section 5: nobody will ask any more, and nobody may guess."""
    case = open_case(world.amina.actor)
    services.close_case(world.amina.actor, case, closure=ClosureCode.UNABLE_TO_REACH)
    assert only_need(world.amina.actor, case).outcome is NeedOutcome.UNKNOWN
