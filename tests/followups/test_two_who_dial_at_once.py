"""Several navigators dial at the same moment on real connections: exactly one of them gets through."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from casework import database
from casework.accounts.shift_services import change_week
from casework.database import Refused
from casework.extensions import db
from casework.followups import queries, services
from tests.followups.scenes import a_number, at, call_at, case_of
from tests.world import World

CALLERS = 4
ROUNDS = 3


def planned(phone: str, *, same_person: bool) -> list[UUID]:
    """Commit one call for each caller: of one person, or of as many who share a number."""
    world = World.load()
    actor = world.amina.actor
    case = case_of(actor, details={"phone": phone})
    calls = []
    for number in range(CALLERS):
        if number and not same_person:
            case = case_of(actor, details={"phone": phone})
        calls.append(call_at(actor, case, at(24, 9, number)).id)
    database.commit()
    db.session.remove()
    return calls


@pytest.mark.parametrize("same_person", [True, False], ids=["one person", "one number"])
def test_exactly_one_of_those_who_dial_at_once_gets_through(
    live_db: Flask, clock: Any, same_person: bool
) -> None:
    # R33.
    for _ in range(ROUNDS):
        with live_db.app_context():
            clock.freeze(at(23, 12))
            calls = planned(a_number(), same_person=same_person)
        clock.freeze(at(24, 9, 30))
        together = Barrier(CALLERS)

        def dial(follow_up_id: UUID, together: Barrier = together) -> str:
            with live_db.app_context():
                world = World.load()
                follow_up = queries.get(world.amina.actor, follow_up_id)
                together.wait()
                try:
                    services.start_call(world.amina.actor, follow_up)
                    database.commit()
                except Refused as refused:
                    database.rollback()
                    return type(refused).__name__
                finally:
                    db.session.remove()
            return "through"

        with ThreadPoolExecutor(CALLERS) as pool:
            met = sorted(pool.map(dial, calls))
        refusal = "SomebodyIsCalling" if same_person else "NumberInUse"
        assert met == [refusal] * (CALLERS - 1) + ["through"]


def test_of_two_who_take_over_at_once_one_has_the_case_and_keeps_it(
    live_db: Flask, clock: Any
) -> None:
    """Whoever was told that they look after it now does not lose it to the other in silence."""
    takers = ("louis", "sophie")
    for _ in range(ROUNDS):
        with live_db.app_context():
            clock.freeze(at(23, 12))
            world = World.load()
            amina = world.amina
            follow_up = call_at(amina.actor, case_of(amina.actor), at(24, 9, 30))
            follow_up_id = follow_up.id
            change_week(world.sophie.actor, amina.account_id, week={0: (time(8), time(9))})
            database.commit()
            db.session.remove()
        clock.freeze(at(24, 9, 30))
        together = Barrier(len(takers))

        def take(name: str, follow_up_id: UUID = follow_up_id, together: Barrier = together) -> str:
            with live_db.app_context():
                actor = getattr(World.load(), name).actor
                together.wait()
                try:
                    services.take_over(actor, follow_up_id)
                    database.commit()
                except database.NotFound:
                    database.rollback()
                    return "gone"
                finally:
                    db.session.remove()
            return name

        with ThreadPoolExecutor(len(takers)) as pool:
            met = list(pool.map(take, takers))
        assert met.count("gone") == 1
        with live_db.app_context():
            owner = getattr(World.load(), next(name for name in met if name != "gone"))
            assert queries.get(owner.actor, follow_up_id).case.owner_id == owner.account_id
            db.session.remove()
