"""An erasure meets others at work, on real connections: no deadlock, nothing comes back (R17)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from casework import cases, database, followups, people, referrals
from casework.cases.erasure_models import Erasure, ErasureReason
from casework.cases.models import Case, CaseNote, Source
from casework.cases.policy import BeingWorkedOn
from casework.cases.services import erasing
from casework.extensions import db
from casework.followups.models import FollowUp, Reminder
from casework.notices.models import Letter, Notice
from casework.people.models import Consent, ContactPlan, Person, Purpose
from casework.referrals.models import Referral, ReferralState
from casework.security import Actor
from casework.vault.models import DataKey, IndexTerm
from tests.keeping import lives
from tests.referrals.scenes import ask
from tests.referrals.test_answer_meets_withdrawal import wait_for_a_lock
from tests.visitors import Visitor
from tests.world import Member, World

Work = Callable[["Scene"], Any]
# Whose rows others lock while they work.
HELD = (Case, Person, ContactPlan, Consent, Referral, FollowUp, Reminder, Letter, DataKey)
LEFT = (Case, Person, Referral, FollowUp, Reminder, CaseNote, Notice, DataKey, IndexTerm)


@dataclass
class Scene:
    """A committed case with a request and calls, and whoever works on it."""

    app: Flask
    amina: Member
    case_id: UUID
    person_id: UUID
    referral_id: UUID
    ref: str
    has_tried: Event = field(default_factory=Event)

    @property
    def actor(self) -> Actor:
        return self.amina.actor

    def case(self) -> Case:
        return cases.queries.get_by_id(Actor.command(self.actor.service_id), self.case_id)

    def erase(self) -> None:
        cases.services.erase_case(self.actor, self.case(), reason=ErasureReason.PERSONS_WISH)

    def inside(self, work: Work, before_commit: Callable[[], object] = bool) -> Any:
        """Do work in a transaction of its own, and something else before it is committed."""
        with self.app.app_context():
            database.enter_service(self.actor.service_id)
            try:
                result = work(self)
                db.session.flush()
                before_commit()
                database.commit()
            finally:
                database.rollback()
                db.session.remove()
            return result

    def nothing_is_left(self) -> None:
        """Find no row of the case, its person, or anything about them."""
        with self.app.app_context():
            database.enter_service(self.actor.service_id)
            for model in LEFT:
                count = select(func.count()).select_from(model)
                if model is DataKey:
                    # Letters that say “withdrawn” have keys of their own until they have left.
                    count = count.where(DataKey.owner_id.not_in(select(Letter.id)))
                assert db.session.execute(count).scalar_one() == 0, model.__name__
            assert len(db.session.scalars(select(Erasure)).all()) == 1
            db.session.remove()


@pytest.fixture
def scene(live_db: Flask, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Commit a case; an erasure that finds somebody at work says so before it tries again."""
    with live_db.app_context():
        world = World.load()
        case = lives.open_case(world, lives.keep_person(world))
        referral = ask(world, case=case)
        database.commit()
        made = Scene(live_db, world.amina, case.id, case.person_id, referral.id, case.ref)
        db.session.remove()

    def pause(seconds: float) -> None:
        made.has_tried.set()
        sleep(seconds)

    monkeypatch.setattr(erasing, "sleep", pause)
    return made


def work_then_erase(scene: Scene, work: Work) -> None:
    """Let somebody work, an erasure come meanwhile and try in vain, and the work be committed."""
    is_working = Event()

    def hold_until_erasing() -> None:
        is_working.set()
        assert scene.has_tried.wait(20)

    with ThreadPoolExecutor(2) as pool:
        working = pool.submit(scene.inside, work, hold_until_erasing)
        assert is_working.wait(20)
        erased = pool.submit(scene.inside, Scene.erase)
        working.result(30)
        erased.result(30)


def erase_then_work(scene: Scene, work: Work) -> Any:
    """Let somebody come while a case is being erased and wait for it; give what they get."""
    is_erased, may_commit = Event(), Event()

    def hold() -> None:
        is_erased.set()
        assert may_commit.wait(20)

    with ThreadPoolExecutor(2) as pool:
        erased = pool.submit(scene.inside, Scene.erase, hold)
        assert is_erased.wait(20)
        working = pool.submit(scene.inside, work)
        wait_for_a_lock(scene.app)
        may_commit.set()
        erased.result(30)
        return working.result(30)


# --- who may be at work ---------------------------------------------------------------------------


def answer(scene: Scene) -> None:
    referral = referrals.queries.locked(scene.actor.service_id, scene.referral_id)
    referrals.services.answer(
        scene.actor, referral, to=ReferralState.ACCEPTED, source=Source.PARTNER_CONFIRMED
    )


def add_note(scene: Scene) -> None:
    cases.services.add_note(scene.actor, scene.case(), body="Written in the last moment.")


def hand_over(scene: Scene) -> None:
    cases.services.assign(scene.actor, scene.case(), owner_id=None)


def change_number(scene: Scene) -> None:
    people.services.change_details(
        scene.actor, scene.case().person, details={"phone": "+15145550177"}
    )


def withdraw(scene: Scene) -> None:
    people.services.withdraw(scene.actor, scene.case().person, Purpose.KEEP_CASE)


def call(scene: Scene) -> None:
    coming = followups.queries.next_for(scene.actor, scene.case())
    assert coming is not None
    followups.services.start_call(scene.actor, coming)


def deliver(scene: Scene) -> Any:
    """Show the first reminder as a worker does, whatever its time."""
    reminder_id = db.session.scalars(select(Reminder.id).limit(1)).one()
    claim_id = reminder_id
    db.session.execute(update(Reminder).where(Reminder.id == reminder_id).values(claim=claim_id))
    return followups.services.deliver(scene.actor.service_id, reminder_id, claim_id)


def wrap_anew(scene: Scene) -> int:
    """Wrap every key anew, as a rotation does: each only if it is still as it was read."""
    moved = 0
    for owner_id, wrapped in db.session.execute(select(DataKey.owner_id, DataKey.wrapped)).all():
        same = update(DataKey).where(DataKey.owner_id == owner_id, DataKey.wrapped == wrapped)
        done = db.session.execute(same.values(kek_id=1).returning(DataKey.owner_id))
        moved += len(done.all())
    return moved


WORKS = (answer, add_note, hand_over, change_number, withdraw, call, deliver, wrap_anew)


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.__name__)
def test_what_was_begun_before_is_finished_and_then_erased(scene: Scene, work: Work) -> None:
    """Whoever is at work is not disturbed; what they wrote goes with the rest."""
    work_then_erase(scene, work)
    scene.nothing_is_left()


@pytest.mark.parametrize("work", [hand_over, change_number, answer], ids=lambda work: work.__name__)
def test_who_comes_too_late_is_told_that_nothing_is_there(scene: Scene, work: Work) -> None:
    with pytest.raises(database.NotFound):
        erase_then_work(scene, work)
    scene.nothing_is_left()


def test_a_note_that_comes_too_late_is_not_kept(scene: Scene) -> None:
    with pytest.raises(IntegrityError):
        erase_then_work(scene, add_note)
    scene.nothing_is_left()


def test_a_worker_and_a_rotation_that_come_too_late_do_nothing(scene: Scene) -> None:
    assert erase_then_work(scene, wrap_anew) == 0
    scene.nothing_is_left()


def test_a_reminder_in_a_workers_hands_is_not_shown_any_more(scene: Scene) -> None:
    """The message is still on its way, the row is not."""
    with scene.app.app_context():
        database.enter_service(scene.actor.service_id)
        reminder_id = db.session.scalars(select(Reminder.id).limit(1)).one()
        db.session.execute(update(Reminder).values(claim=Reminder.id))
        database.commit()
        db.session.remove()

    def deliver_late(scene: Scene) -> Any:
        return followups.services.deliver(scene.actor.service_id, reminder_id, reminder_id)

    assert erase_then_work(scene, deliver_late) is None
    scene.nothing_is_left()
    assert scene.inside(deliver_late) is None


def test_of_two_erasures_one_is_done_and_the_other_finds_nothing(scene: Scene) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(scene.inside, Scene.erase) for _ in range(2)]
        outcomes = [done.exception(30) for done in both]
    assert sorted(type(problem).__name__ for problem in outcomes) == ["NoneType", "NotFound"]
    scene.nothing_is_left()


def test_an_erasure_gives_up_in_one_sentence_when_somebody_never_ends(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "TRIES", 3)
    is_held, is_over = Event(), Event()

    def hold() -> None:
        is_held.set()
        assert is_over.wait(20)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(scene.inside, add_note, hold)
        assert is_held.wait(20)
        with pytest.raises(BeingWorkedOn):
            scene.inside(Scene.erase)
        is_over.set()
        holding.result(20)
    with scene.app.app_context():
        database.enter_service(scene.actor.service_id)
        assert len(db.session.scalars(select(CaseNote)).all()) == 2
        db.session.remove()


def test_a_navigator_who_writes_while_it_is_erased_gets_the_page_of_what_is_not_there(
    scene: Scene,
) -> None:
    amina = Visitor(scene.app)
    amina.sign_in(scene.amina)
    path = f"/cases/{scene.ref}/notes"
    amina.get(path)
    is_erased, may_commit = Event(), Event()

    def hold() -> None:
        is_erased.set()
        assert may_commit.wait(20)

    with ThreadPoolExecutor(2) as pool:
        erased = pool.submit(scene.inside, Scene.erase, hold)
        assert is_erased.wait(20)
        written = pool.submit(amina.post, path, {"body": "Written in the last moment."})
        wait_for_a_lock(scene.app)
        may_commit.set()
        erased.result(30)
        answered = written.result(30)
    assert answered.status_code == 404
    assert "This page does not exist" in answered.get_data(as_text=True)
    scene.nothing_is_left()


SHORT_FORM = ("Case", "Referral", "Letter", "DataKey")


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(
            model,
            id=model.__name__,
            marks=() if model.__name__ in SHORT_FORM else (pytest.mark.soak,),
        )
        for model in HELD
    ],
)
def test_an_erasure_never_waits_for_a_lock(scene: Scene, model: Any) -> None:
    """Who waits for nobody stands in no circle: this is why there is no deadlock."""
    is_held, is_over = Event(), Event()

    def take_one(_scene: Scene) -> None:
        assert db.session.execute(select(model).limit(1).with_for_update(of=model)).first()

    def hold() -> None:
        is_held.set()
        assert is_over.wait(20)

    with ThreadPoolExecutor(2) as pool:
        holding = pool.submit(scene.inside, take_one, hold)
        assert is_held.wait(20)
        erased = pool.submit(scene.inside, Scene.erase)
        try:
            # It tries in vain and says so; one that waited would never come to that.
            assert scene.has_tried.wait(5)
        finally:
            is_over.set()
        holding.result(20)
        erased.result(20)
    scene.nothing_is_left()
