"""How the machine stands: supervisors and administrators see it, try again what is parked, and learn of nobody."""

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from casework import database
from casework.audit import queries as audit
from casework.audit.queries import EntryFilter
from casework.commands import sweeping
from casework.extensions import db
from casework.followups import queries, services
from casework.followups.models import CancelReason, FollowUp, ReminderStatus
from casework.notices.models import Letter, LetterKind, LetterStatus
from tests.followups.scenes import at, call_at, case_of, reminders_of
from tests.world import World


@pytest.fixture
def parked(world: Any, clock: Any) -> FollowUp:
    """Park the reminder of a call of amina's."""
    clock.freeze(at(23, 12))
    call = call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    [reminder] = reminders_of(call)
    reminder.status, reminder.attempts = ReminderStatus.DEAD, 10
    clock.freeze(at(24, 9, 30))
    database.commit()
    return call


def page(browser: Any) -> str:
    return str(browser.get("/reminders").get_data(as_text=True))


def test_what_is_parked_is_shown_without_the_case_to_whoever_may_not_open_it(
    visitor: Any, world: Any, parked: FollowUp
) -> None:
    # R29: supervisors and administrators have no access to this case.
    for member in (world.sophie, world.marc):
        shown = page(visitor(member))
        assert "try-again" in shown
        assert parked.case.ref not in shown
    assert visitor(world.amina).get("/reminders").status_code == 404


def test_try_again_lets_it_be_due_and_is_recorded(
    visitor: Any, world: Any, parked: FollowUp
) -> None:
    [reminder] = reminders_of(parked)
    browser = visitor(world.marc)
    page(browser)
    browser.post(f"/reminders/{reminder.id}/try-again", {})
    database.enter_service(world.north.id)
    [again] = reminders_of(parked, ReminderStatus.SCHEDULED)
    assert (again.id, again.attempts) == (reminder.id, 0)
    assert services.deliver_batch(world.north.id, services.claim(world.north.id)) == {
        ReminderStatus.SHOWN: 1
    }
    found = audit.entries(world.sophie.actor, EntryFilter(action="followup:reminder:replayed"))
    assert [entry.actor_id for entry in found] == [world.marc.account_id]


def test_trying_again_what_is_over_shows_nothing(world: Any, parked: FollowUp) -> None:
    services.cancel_for_case(world.amina.actor, parked.case, reason=CancelReason.CASE_CLOSED)
    [reminder] = queries.parked(world.north.id)
    assert not services.try_again(world.marc.actor, reminder)
    assert reminder.status is ReminderStatus.CANCELLED


def test_another_services_parked_reminder_does_not_exist(
    visitor: Any, world: Any, parked: FollowUp
) -> None:
    with pytest.raises(database.NotFound):
        queries.parked_one(world.outsider.actor, reminders_of(parked)[0].id)


def test_a_letter_nobody_is_sure_of_stands_on_the_page(
    visitor: Any, world: Any, parked: FollowUp
) -> None:
    letter = Letter(
        service_id=world.north.id,
        kind=LetterKind.CALL_BACKS_DUE,
        account_id=world.amina.account_id,
        status=LetterStatus.UNKNOWN,
        idempotency_key="unknown-one",
        wake_at=database.now(),
        created_at=database.now(),
    )
    db.session.add(letter)
    database.commit()
    shown = page(visitor(world.sophie))
    assert 'id="unsure"' in shown


def test_my_day_says_that_reminders_are_late_and_that_its_lanes_are_right(
    visitor: Any, world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 12))
    call = call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    database.commit()
    sentence = "Look at the lanes here"
    clock.freeze(at(24, 9, 1))
    browser = visitor(world.amina)
    assert sentence not in browser.get("/my-day").get_data(as_text=True)
    clock.freeze(at(24, 9, 5))
    shown = browser.get("/my-day").get_data(as_text=True)
    assert sentence in shown
    assert call.case.ref in shown


def test_status_tells_the_same_in_a_table_and_for_programs(
    live_db: Flask, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.commands.applications.create_app", lambda: live_db)
    clock.freeze(at(24, 9))
    told = CliRunner().invoke(sweeping.reminders_group, ["status", "--json"])
    assert told.exit_code == 0, told.output
    assert {row["service"] for row in json.loads(told.output)} == {"north", "south"}
    table = CliRunner().invoke(sweeping.reminders_group, ["status"]).output.splitlines()
    assert [line.split()[0] for line in table] == ["service", "north", "south"]


def test_replay_asks_before_and_is_recorded_as_a_command(
    live_db: Flask, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.commands.applications.create_app", lambda: live_db)
    clock.freeze(at(23, 12))
    with live_db.app_context():
        world = World.load()
        call = call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
        [reminder] = reminders_of(call)
        reminder.status = ReminderStatus.DEAD
        reminder_id, service_id = reminder.id, world.north.id
        database.commit()
        db.session.remove()
    clock.advance(timedelta(days=1))
    run = CliRunner().invoke
    group, base = sweeping.reminders_group, ["replay", "--service", "north"]
    assert str(reminder_id) in run(group, base).output
    assert run(group, [*base, "--all"], input="n\n").exit_code == 1
    assert "1 due again" in run(group, [*base, str(reminder_id), "--yes"]).output
    assert "Nothing is parked" in run(group, base).output
    with live_db.app_context():
        database.enter_service(service_id)
        viewer = World.load().sophie.actor
        found = audit.entries(viewer, EntryFilter(action="followup:reminder:replayed"))
        assert [entry.actor_kind for entry in found] == ["command"]
        db.session.remove()
