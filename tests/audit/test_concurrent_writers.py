"""Many writers at once make one chain without a fork, and a commit that fails leaves no trace."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from casework import database
from casework.audit import record, refused
from casework.extensions import db as session_of
from casework.security import Actor

WRITERS, COMMITS = 8, 20


def write(app: Flask, writer: int) -> None:
    """Commit two entries at a time, undo some work, and be refused now and then."""
    actor = Actor.system(UUID(int=writer + 1))
    with app.app_context():
        for number in range(COMMITS):
            database.enter_service(actor.service_id)
            record(actor, "case:read", ("case", str(number)))
            record(actor, "case:close", ("case", str(number)), subjects=[actor.service_id])
            database.commit()
            if number % 5 == 0:
                refused(actor, "case:read", "case", None)
                record(actor, "case:undone", ("case", str(number)))
                database.rollback()


def test_eight_writers_make_one_chain_without_a_fork(live_db: Flask, verified: Any) -> None:
    before = verified(live_db).entries
    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(write, live_db, writer) for writer in range(WRITERS)]:
            done.result()
    result = verified(live_db)
    assert result.is_intact
    assert result.entries - before == WRITERS * (COMMITS * 2 + COMMITS // 5)


def test_no_two_entries_follow_the_same_one(live_db: Flask, as_owner: Any) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(write, live_db, writer) for writer in range(4)]:
            done.result()
    with live_db.app_context():
        name = session_of.engine.url.database
    [row] = as_owner(
        name,
        "SELECT count(*), count(DISTINCT prev), count(DISTINCT seq), max(seq) FROM audit_entry",
    )
    assert len(set(row)) == 1


def test_a_commit_that_fails_leaves_the_chain_as_it_was(live_db: Flask, verified: Any) -> None:
    """An actor of another service than the session's: the wall refuses the entry, and so the act."""
    ours, theirs = Actor.system(UUID(int=1)), Actor.system(UUID(int=2))
    before = verified(live_db).entries
    with live_db.app_context():
        database.enter_service(ours.service_id)
        record(ours, "case:read", ("case", None))
        database.commit()
        record(ours, "case:read", ("case", None))
        record(theirs, "case:read", ("case", None))
        with pytest.raises(DBAPIError):
            database.commit()
        database.rollback()
        database.enter_service(ours.service_id)
        head = session_of.session.execute(text("SELECT seq FROM audit_head"))
        assert head.scalar_one() == before + 1
        database.commit()
    result = verified(live_db)
    assert (result.is_intact, result.entries) == (True, before + 1)
