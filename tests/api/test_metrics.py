"""/metrics and /healthz/reminders: how late it is, in numbers about nobody, for whoever may read them."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from casework import background, database, pulse
from casework.background import Job
from casework.followups import services
from tests.followups.scenes import at, call_at, case_of, deliver_all


@pytest.fixture
def due(world: Any, clock: Any) -> Any:
    """Let three calls be due since nine; one of them is in a worker's hands."""
    clock.freeze(at(23, 12))
    calls = [call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9)) for _ in range(3)]
    clock.freeze(at(24, 9, 10))
    services.claim(world.north.id, limit=1)
    database.commit()
    return calls


def numbers(app: Flask, **headers: str) -> dict[tuple[str, str], float]:
    answer = app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.get_data(as_text=True))
        for sample in family.samples
    }


def test_the_numbers_say_how_late_it_is(app: Flask, due: Any) -> None:
    told = numbers(app)
    assert told["casework_reminders_due", ""] == 2
    assert told["casework_reminders_leased", ""] == 1
    assert told["casework_reminders_oldest_overdue_seconds", ""] == 600


def test_what_was_shown_is_counted_with_its_lateness(app: Flask, world: Any, due: Any) -> None:
    deliver_all(world.north.id)
    database.commit()
    told = numbers(app)
    assert told["casework_reminders_handled_total", "shown"] == 2
    assert told["casework_reminder_lateness_seconds_bucket", "300"] == 0
    assert told["casework_reminder_lateness_seconds_bucket", "3600"] == 2
    assert told["casework_reminder_lateness_seconds_sum", ""] == 1200


def test_no_label_and_no_number_is_about_a_service_or_a_person(
    app: Flask, world: Any, due: Any
) -> None:
    ids = [world.north.id, world.north.code, world.amina.account_id]
    ids += [part for call in due for part in (call.id, call.case_id, call.case.ref)]
    shown = app.test_client().get("/metrics").get_data(as_text=True)
    assert "casework_reminders_due 2.0" in shown
    assert [told for told in map(str, ids) if told in shown] == []


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_comes_through_a_proxy_finds_no_such_page(app: Flask, db: Any, header: str) -> None:
    assert app.test_client().get("/metrics", headers={header: "1"}).status_code == 404


def test_another_machine_finds_no_such_page(app: Flask, db: Any) -> None:
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert app.test_client().get("/metrics", environ_base=elsewhere).status_code == 404


def test_with_a_token_nothing_else_counts(
    app: Flask, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dataclasses.replace(app.config["CASEWORK"], metrics_token="t" * 32)
    monkeypatch.setitem(app.config, "CASEWORK", settings)
    browser = app.test_client()
    assert browser.get("/metrics").status_code == 404
    for wrong in ("Bearer ttt", "Bearer", "t" * 31):
        assert browser.get("/metrics", headers={"Authorization": wrong}).status_code == 404
    right = {"Authorization": "Bearer " + "t" * 32, "X-Forwarded-For": "192.0.2.7"}
    assert browser.get("/metrics", headers=right).status_code == 200


def test_the_health_check_says_late_from_five_minutes_on(
    app: Flask, world: Any, due: Any, clock: Any
) -> None:
    browser = app.test_client()
    answer = browser.get("/healthz/reminders")
    assert answer.status_code == 503
    assert answer.json == {"status": "late", "oldest_overdue_seconds": 600, "due": 2, "parked": 0}
    clock.freeze(at(24, 9, 4))
    assert browser.get("/healthz/reminders").json["status"] == "on time"


def test_nothing_claimed_for_minutes_is_an_alarm_of_its_own(
    app: Flask, world: Any, due: Any, clock: Any
) -> None:
    """A worker that froze still has its process: only what it does not do tells."""
    clock.freeze(at(24, 8, 50))
    pulse.count(world.north.id, {str(Job.CLAIM_REMINDERS): 1})
    database.commit()
    clock.freeze(at(24, 9, 2))
    assert app.test_client().get("/healthz/reminders").status_code == 503


def test_every_sweep_leaves_a_beat(app: Flask, world: Any, clock: Any) -> None:
    clock.freeze(at(24, 9))
    background.sweeps[str(Job.ROLL_WINDOWS)]()
    clock.advance(timedelta(minutes=3))
    assert numbers(app)["casework_sweep_age_seconds", str(Job.ROLL_WINDOWS)] == 180
