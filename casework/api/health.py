"""/healthz: this process is alive; /healthz/reminders: nothing is late; /readyz: all it needs answers."""

import time
from collections.abc import Callable
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from casework import background, database, vault
from casework.api import machine
from casework.extensions import db
from casework.security import public

blueprint = Blueprint("api", __name__)
TICK_LIMIT = 120  # seconds without a beat tick before beat or worker counts as silent

# The application's role must own nothing: row-level security does not bind an owner.
OWNS_NOTHING = text(
    "SELECT NOT EXISTS (SELECT 1 FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner "
    "WHERE r.rolname = current_user AND c.relnamespace = 'public'::regnamespace) "
    "AND NOT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)"
)


def _database() -> bool:
    return db.session.execute(text("SELECT 1")).scalar_one() == 1


def _walls() -> bool:
    return bool(db.session.execute(OWNS_NOTHING).scalar_one())


def _migrations() -> bool:
    script = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())
    context = MigrationContext.configure(db.session.connection())
    return set(context.get_current_heads()) == set(script.get_heads())


def _broker() -> bool:
    return bool(background.broker_client(current_app).ping())


def _keys() -> bool:
    fits = vault.misfit(db.session.connection(), vault.ring()) is None
    # After asking for the ring, which may have been read anew just now.
    return fits and vault.is_ring_read()


def _tick() -> bool:
    seen: Any = background.broker_client(current_app).get(background.TICK_KEY)
    return seen is not None and time.time() - int(seen) < TICK_LIMIT


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "walls": _walls,
    "migrations": _migrations,
    "broker": _broker,
    "keys": _keys,
    "tick": _tick,
}


def _passes(check: Callable[[], bool]) -> bool:
    """Run one check; whatever goes wrong inside is a no, and its text stays inside."""
    try:
        return check()
    except Exception:
        database.rollback()
        return False


@blueprint.get("/healthz")
@public
def alive() -> Response:
    """Answer 200 while this process can answer at all."""
    return jsonify(status="alive")


@blueprint.get("/healthz/reminders")
@public
def reminders() -> Response:
    """Tell how late the oldest reminder of any service is, in numbers only; 503 when that is too late."""
    try:
        seen = machine.read()
    except SQLAlchemyError:
        database.rollback()
        response = jsonify(status="unknown")
        response.status_code = 503
        return response
    response = jsonify(
        status="late" if seen.is_late else "on time",
        oldest_overdue_seconds=int(seen.oldest_overdue.total_seconds()),
        due=seen.due,
        parked=seen.parked,
    )
    response.status_code = 503 if seen.is_late else 200
    return response


@blueprint.get("/readyz")
@public
def ready() -> Response:
    """Answer 200 when every check passes, else 503 with the names of those that fail."""
    results = {name: _passes(check) for name, check in CHECKS.items()}
    response = jsonify(status="ready" if all(results.values()) else "not ready", checks=results)
    response.status_code = 200 if all(results.values()) else 503
    return response
