"""A run of keys: begun once, worked on in batches, paused, taken over, and ended with a count."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text

from casework import audit, database, vault
from casework.keys import policy, queries, services, tasks
from casework.keys.models import KeyRun, RunKind
from casework.runs.models import RunState
from casework.runs.policy import LEASE, RunIsOver
from casework.security import Actor
from tests.keys.conftest import KEYS
from tests.people.records import keep_person
from tests.vault import rings


@pytest.fixture
def actor(world: Any) -> Actor:
    """Give the administrator."""
    made: Actor = world.marc.actor
    return made


@pytest.fixture
def run(actor: Actor, rotated: Any, small_batches: None) -> KeyRun:
    """Begin a run over seven keys, two at a time."""
    begun = services.start_run(actor, kind=RunKind.REWRAP)
    database.commit()
    return begun


def numbers(run: KeyRun) -> tuple[int, int, int, str]:
    now = queries.run(Actor.system(run.service_id), run.id)
    return now.total, now.done, now.failed, now.state.value


def work(run: KeyRun) -> Any:
    return tasks.take_batch(run.service_id, run.id)


def test_a_run_counts_what_it_moves_and_ends(run: KeyRun) -> None:
    assert numbers(run) == (KEYS, 0, 0, "running")
    assert [work(run).moved for _ in range(4)] == [2, 2, 2, 1]
    assert numbers(run) == (KEYS, KEYS, 0, "running")
    assert work(run).is_done
    assert numbers(run) == (KEYS, KEYS, 0, "done")
    assert vault.keys_to_move(run.service_id) == 0
    assert work(run) is None


def test_there_is_one_active_run_of_a_kind(actor: Actor, run: KeyRun) -> None:
    with pytest.raises(policy.AlreadyRunning):
        services.start_run(actor, kind=RunKind.REWRAP)
    services.pause_run(actor, run)
    with pytest.raises(policy.AlreadyRunning):
        services.start_run(actor, kind=RunKind.REWRAP)
    services.cancel_run(actor, run)
    assert services.start_run(actor, kind=RunKind.REWRAP).total == KEYS


def test_the_database_itself_refuses_a_second_active_run(
    actor: Actor, run: KeyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two administrators who press at the same moment: the question comes too early for one."""
    monkeypatch.setattr(queries, "active_run", lambda *_: None)
    with pytest.raises(policy.AlreadyRunning):
        services.start_run(actor, kind=RunKind.REWRAP)


def test_nothing_begins_where_nothing_is_to_be_done(world: Any, actor: Actor) -> None:
    for kind in RunKind:
        with pytest.raises(policy.NothingToDo):
            services.start_run(actor, kind=kind)


def test_a_paused_run_rests_until_it_is_resumed(actor: Actor, run: KeyRun) -> None:
    work(run)
    services.pause_run(actor, run)
    assert work(run) is None
    assert services.claim_due(run.service_id) == []
    with pytest.raises(RunIsOver):
        services.pause_run(actor, run)
    services.resume_run(actor, run)
    assert work(run).moved == 2
    assert numbers(run) == (KEYS, 4, 0, "running")


def test_a_cancelled_run_is_over_and_what_it_moved_stays(actor: Actor, run: KeyRun) -> None:
    work(run)
    services.cancel_run(actor, run)
    assert work(run) is None
    for act in (services.pause_run, services.resume_run, services.cancel_run):
        with pytest.raises(RunIsOver):
            act(actor, run)
    assert vault.keys_by_kek(run.service_id) == {1: (5, 0), 2: (2, 0)}


def test_a_batch_that_meets_a_pause_is_neither_done_nor_counted(
    actor: Actor, run: KeyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrap = vault.rewrap_batch

    def paused_meanwhile(service_id: Any, limit: int) -> Any:
        batch = rewrap(service_id, limit)
        services.pause_run(actor, run)
        return batch

    work_of = services.WORK[RunKind.REWRAP]
    monkeypatch.setitem(services.WORK, RunKind.REWRAP, work_of._replace(batch=paused_meanwhile))
    assert work(run) is None
    database.enter_service(run.service_id)
    assert vault.keys_to_move(run.service_id) == KEYS


def test_a_lease_that_ran_out_is_taken_once(run: KeyRun, clock: Any, db: Any) -> None:
    at = clock.freeze(database.now())
    assert services.claim_due(run.service_id) == [run.id]
    assert services.claim_due(run.service_id) == []
    clock.freeze(at + LEASE + timedelta(seconds=1))
    assert services.claim_due(run.service_id) == [run.id]


def test_every_batch_renews_the_lease(run: KeyRun, clock: Any) -> None:
    at = clock.freeze(database.now() + timedelta(hours=1))
    work(run)
    now = queries.run(Actor.system(run.service_id), run.id)
    assert now.wake_at == at + LEASE


def test_a_key_that_cannot_be_opened_is_counted_and_shown(
    db: Any, actor: Actor, rotated: Any, small_batches: None
) -> None:
    db.session.execute(
        text(
            "UPDATE data_key SET wrapped = set_byte(wrapped, 60, 255 - get_byte(wrapped, 60))"
            " WHERE owner_id = (SELECT owner_id FROM data_key LIMIT 1)"
        )
    )
    run = services.start_run(actor, kind=RunKind.REWRAP)
    while not work(run).is_done:
        pass
    assert numbers(run) == (KEYS, KEYS - 1, 1, "done")
    view = queries.keys_view(actor.service_id)
    assert (view.failed_keys, view.keys_elsewhere) == (1, 1)
    again = services.start_run(actor, kind=RunKind.REWRAP)
    assert again.total == 1


def test_keys_made_or_erased_meanwhile_do_not_disturb_the_count(run: KeyRun, db: Any) -> None:
    work(run)
    vault.create_key(run.service_id, uuid4())
    left = db.session.execute(text("SELECT owner_id FROM data_key WHERE kek_id = 1 LIMIT 1"))
    vault.destroy_key(left.scalar_one())
    assert tasks.begin_turn(run.service_id, run.id)
    assert numbers(run) == (KEYS - 1, 2, 0, "running")
    while not work(run).is_done:
        pass
    assert numbers(run) == (KEYS - 1, KEYS - 1, 0, "done")


def test_a_process_with_an_older_ring_leaves_the_run_alone(
    app: Flask, run: KeyRun, rotated: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would carry everything back under the key that is to be retired."""
    rings.swap(monkeypatch, app, rings.ring_of(rotated | {"current": 1}))
    assert tasks.begin_turn(run.service_id, run.id) is False
    assert work(run) is None
    assert numbers(run) == (KEYS, 0, 0, "running")


def test_a_ring_with_a_newer_key_takes_the_run_along(
    app: Flask, run: KeyRun, rotated: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(run)
    rings.swap(monkeypatch, app, rings.ring_of(rings.rotated(rotated)))
    assert tasks.begin_turn(run.service_id, run.id)
    while not work(run).is_done:
        pass
    assert vault.keys_by_kek(run.service_id) == {3: (KEYS, 0)}


def test_another_service_sees_no_run(world: Any, run: KeyRun) -> None:
    service_id, run_id = run.service_id, run.id
    database.enter_service(world.south.id)
    with pytest.raises(database.NotFound):
        queries.run(Actor.system(world.south.id), run_id)
    assert queries.latest_runs(service_id) == {}


def test_beginning_pausing_and_ending_are_audited(actor: Actor, run: KeyRun, db: Any) -> None:
    services.pause_run(actor, run)
    services.resume_run(actor, run)
    while not work(run).is_done:
        pass
    wanted = select(audit.AuditEntry).where(audit.AuditEntry.object_type == "key_run")
    entries = list(db.session.scalars(wanted.order_by(audit.AuditEntry.seq)))
    assert [(entry.action.split(":")[-1], entry.actor_kind) for entry in entries] == [
        ("started", "staff"),
        ("paused", "staff"),
        ("running", "staff"),
        ("done", "system"),
    ]
    assert entries[-1].detail == {"target": 2, "done": KEYS, "failed": 0}


def test_a_run_of_terms_finds_everybody_afterwards(
    app: Flask, keys: str, world: Any, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = keep_person(world.amina.actor)
    after = rings.rotated(rings.document(keys), keks=False, index=True)
    rings.swap(monkeypatch, app, rings.ring_of(after))
    run = services.start_run(actor, kind=RunKind.REINDEX)
    assert run.total == 1
    while not work(run).is_done:
        pass
    assert numbers(run) == (1, 1, 0, "done")
    assert vault.index_candidates(world.north.id, "phone", "+15145550142") == [person.id]


@pytest.mark.parametrize(
    ("done", "failed", "worked_ms", "seconds"),
    [(50, 0, 10_000, 10), (24, 1, 10_000, 30), (0, 0, 0, None), (100, 0, 9_000, 0)],
)
def test_the_time_left_follows_the_pace_so_far(
    done: int, failed: int, worked_ms: int, seconds: int | None
) -> None:
    run = KeyRun(state=RunState.RUNNING, total=100, done=done, failed=failed, worked_ms=worked_ms)
    left = policy.time_left(run)
    assert (None if left is None else left.total_seconds()) == seconds


def test_only_a_run_that_ended_is_done_to_the_full() -> None:
    run = KeyRun(state=RunState.RUNNING, total=1000, done=1000, failed=0)
    assert policy.percent_done(run) == 99
    run.state = RunState.DONE
    assert policy.percent_done(run) == 100
