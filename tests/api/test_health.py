"""/healthz says that we live, /readyz that everything we need answers, and names what does not."""

import time
from typing import Any

from flask import Flask

from casework.background import TICK_KEY, broker_client
from casework.extensions import db


def test_alive_is_all_that_healthz_says(visitor: Any) -> None:
    response = visitor().get("/healthz")
    assert response.status_code == 200
    assert response.json == {"status": "alive"}


def test_ready_with_a_recent_tick(live_db: Flask) -> None:
    broker_client(live_db).set(TICK_KEY, int(time.time()))
    response = live_db.test_client().get("/readyz")
    assert response.json["checks"] == dict.fromkeys(response.json["checks"], True)
    assert response.status_code == 200


def test_a_beat_that_fell_silent_is_named(live_db: Flask) -> None:
    broker_client(live_db).set(TICK_KEY, int(time.time()) - 600)
    response = live_db.test_client().get("/readyz")
    assert response.status_code == 503
    assert [name for name, fine in response.json["checks"].items() if not fine] == ["tick"]


def test_a_schema_that_is_behind_is_named(live_db: Flask, as_owner: Any) -> None:
    with live_db.app_context():
        name = db.engine.url.database
    as_owner(name, "UPDATE alembic_version SET version_num = '0001'")
    response = live_db.test_client().get("/readyz")
    assert response.json["checks"]["migrations"] is False
