"""An agency answers in the very moment a consent ends, on real connections: both get through (R5, R31)."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from casework import database, people
from casework.cases.models import Source
from casework.database import now
from casework.extensions import db
from casework.people.models import Consent, Purpose
from casework.referrals import queries, services
from casework.referrals.models import Referral, ReferralState
from casework.security import Actor
from tests.referrals.scenes import ask
from tests.world import World

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
def asked(live_db: Flask) -> tuple[Actor, UUID]:
    """Commit a request that an agency has not answered; give its navigator and its id."""
    with live_db.app_context():
        world = World.load()
        referral = ask(world)
        database.commit()
        found = world.amina.actor, referral.id
        db.session.remove()
    return found


def answer_while(app: Flask, asked: tuple[Actor, UUID], ending: Any) -> ReferralState:
    """Hold the request as an answer does, let the consent end meanwhile, then answer; give the state."""
    actor, referral_id = asked
    is_held, may_answer = Event(), Event()

    def answer() -> None:
        with app.app_context():
            database.enter_service(actor.service_id)
            referral = queries.locked(actor.service_id, referral_id)
            is_held.set()
            assert may_answer.wait(10)
            services.answer(
                actor, referral, to=ReferralState.ACCEPTED, source=Source.PARTNER_CONFIRMED
            )
            database.commit()
            db.session.remove()

    def end() -> None:
        with app.app_context():
            database.enter_service(actor.service_id)
            ending(actor, referral_id)
            database.commit()
            db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        answering: Future[None] = pool.submit(answer)
        assert is_held.wait(10)
        ended: Future[None] = pool.submit(end)
        wait_for_a_lock(app)
        may_answer.set()
        answering.result(20)
        ended.result(20)
    with app.app_context():
        database.enter_service(actor.service_id)
        referral = db.session.get(Referral, referral_id)
        assert referral is not None
        return referral.state


def wait_for_a_lock(app: Flask) -> None:
    """Wait until somebody waits for a lock in this database."""
    with app.app_context():
        for _ in range(100):
            if db.session.execute(WAITING).scalar_one():
                db.session.remove()
                return
            db.session.rollback()
            sleep(0.05)
    raise AssertionError("nobody waits")


def withdraw(actor: Actor, referral_id: UUID) -> None:
    referral = db.session.get(Referral, referral_id)
    assert referral is not None
    people.services.withdraw(actor, referral.case.person, Purpose.SHARE_WITH_PARTNER)


def expire(actor: Actor, referral_id: UUID) -> None:
    referral = db.session.get(Referral, referral_id)
    assert referral is not None
    consent = db.session.get(Consent, referral.consent_id)
    assert consent is not None
    consent.expires_at = now()
    db.session.flush()
    people.services.end_expired(Actor.system(actor.service_id))


def test_a_withdrawal_and_an_answer_never_wait_for_each_other(
    live_db: Flask, asked: tuple[Actor, UUID]
) -> None:
    """The one that waits takes the place back: sharing has ended."""
    assert answer_while(live_db, asked, withdraw) is ReferralState.WITHDRAWN


def test_a_place_held_while_the_consent_runs_out_stays_held(
    live_db: Flask, asked: tuple[Actor, UUID]
) -> None:
    """An expiry looks at the request as it stands, not as it stood before the answer (R31)."""
    assert answer_while(live_db, asked, expire) is ReferralState.ACCEPTED
