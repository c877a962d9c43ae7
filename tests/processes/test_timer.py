"""The worker's own clock: what beat or broker should have brought is done without them, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from casework import background, database, pulse
from casework.background import Job
from casework.commands import timer
from casework.extensions import db
from casework.notices.models import Notice
from tests.followups.scenes import at, call_at, case_of
from tests.processes.conftest import House, Post, wait_until
from tests.processes.test_killed_worker import overdue_call_back
from tests.world import World

CLAIMS = str(Job.CLAIM_REMINDERS)


@pytest.fixture
def due(live_db: Flask, clock: Any) -> Any:
    """Commit three due calls and go to their moment; give their service."""
    with live_db.app_context():
        clock.freeze(at(23, 12))
        world = World.load()
        for _ in range(3):
            call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
        database.commit()
        service_id = world.north.id
        db.session.remove()
    clock.freeze(at(24, 9))
    return service_id


def told(app: Flask, service_id: Any) -> int:
    with app.app_context():
        database.enter_service(service_id)
        number = db.session.scalar(select(func.count()).select_from(Notice)) or 0
        db.session.remove()
        return number


def test_what_is_silent_is_done_here_and_what_turns_is_left_alone(
    live_db: Flask, due: Any, clock: Any
) -> None:
    assert CLAIMS in timer.take_missed_turns(live_db)
    assert told(live_db, due) == 3
    assert timer.take_missed_turns(live_db) == []
    # Beat comes back: its sweeps leave their own beats, and the timer goes on looking only.
    for _ in range(4):
        clock.advance(timedelta(seconds=background.turns[CLAIMS].every))
        with live_db.app_context():
            background.sweeps[CLAIMS]()
            db.session.remove()
    assert CLAIMS not in timer.take_missed_turns(live_db)
    clock.advance(timer.silence_of(background.turns[CLAIMS]) + timedelta(seconds=1))
    assert CLAIMS in timer.take_missed_turns(live_db)
    assert told(live_db, due) == 3


def test_of_several_timers_one_takes_each_turn(live_db: Flask, due: Any) -> None:
    together = Barrier(3)

    def look(_: int) -> list[str]:
        together.wait()
        return timer.take_missed_turns(live_db)

    with ThreadPoolExecutor(3) as pool:
        taken = [job for jobs in pool.map(look, range(3)) for job in jobs]
    # Once for each service and sweep.
    assert sorted(taken) == sorted([*background.turns, *background.turns])
    assert told(live_db, due) == 3


def test_two_beats_do_no_harm(live_db: Flask, due: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sweep there is, by two at the same moment: the rows are the truth, so it is as if by one."""
    monkeypatch.setattr(database, "_publish", lambda _job, _ids: None)
    together = Barrier(2)

    def turn(_: int) -> None:
        with live_db.app_context():
            for sweep in background.sweeps.values():
                together.wait()
                sweep()
            db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(turn, range(2)))
    with live_db.app_context():
        database.enter_service(due)
        assert pulse.of_service(due)["claimed"].n == 3
        assert {pulse.of_service(due)[job].n for job in background.sweeps} == {2}
        db.session.remove()


@pytest.mark.processes
def test_a_worker_without_beat_and_broker_shows_what_is_due(house: House, post: Post) -> None:
    overdue_call_back(house)
    broker = house.environment["REDIS_URL"]
    house.environment["REDIS_URL"] = "redis://127.0.0.1:1/0"
    house.start_worker()
    house.environment["REDIS_URL"] = broker
    wait_until(
        lambda: house.rows("SELECT 1 FROM reminder WHERE status = 'shown'"),
        "the worker's own clock never showed it",
    )
    assert house.rows("SELECT kind FROM notice WHERE kind = 'call_back_due'") == [
        ("call_back_due",)
    ]
    wait_until(lambda: _mailed(house, post), "the worker's own clock never sent the letter")
    assert len(post.box.mails) == 1


def _mailed(house: House, post: Post) -> bool:
    """Tell whether the letter left; its sweep is made to look silent, so that nobody waits for it."""
    house.rows("DELETE FROM pulse WHERE name = 'notices.claim_letters'")
    return bool(post.box.mails) and house.rows("SELECT status FROM letter") == [("sent",)]
