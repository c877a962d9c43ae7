"""Marked values, told to the application as a person would, and the search for them in any bytes."""

import base64
import json
import logging
import traceback
from collections.abc import Iterable, Iterator
from typing import Any

from redis import Redis
from sqlalchemy import select
from werkzeug.test import TestResponse

from casework.commands.servers import Servers
from casework.directory.models import Organization
from casework.extensions import db
from tests.processes.conftest import House
from tests.visitors import Visitor
from tests.world import World

MARK = "Zqxjkvbw"  # a word that occurs nowhere else
PHONE = "6135550187"
EMAIL = f"{MARK.lower()}@mail.example"
# Where a phone could hide in another form.
NEEDLES = (MARK, MARK.lower(), PHONE, "613-555-0187", "+1613555", EMAIL)


def first_contact() -> dict[str, Any]:
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


def found(content: bytes, needles: Iterable[str] = NEEDLES) -> list[str]:
    """Search bytes of any origin for marked values: as text, as a browser or a dump may write it."""
    lower = content.lower()
    return [
        needle
        for needle in needles
        if any(
            form.lower() in lower
            for form in (
                needle.encode(),
                needle.encode("utf-16-le"),
                needle.encode().hex().encode(),
                base64.b64encode(needle.encode())[: len(needle) // 3 * 4],
            )
        )
    ]


def live(house: House) -> str:
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
    answer = browser.post("/cases/new", first_contact())
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
    crash(house, browser, ref)
    return str(ref)


def crash(house: House, browser: Visitor, ref: str) -> TestResponse | None:
    """Let a save fail inside PostgreSQL with marked values in its hands, as a full disk would."""
    house.rows("ALTER TABLE case_note ADD CONSTRAINT broken CHECK (body IS NULL) NOT VALID")
    try:
        house.app.testing = False
        return browser.post(f"/cases/{ref}/notes", {"body": f"{MARK} crash"})
    except Exception as error:
        logging.getLogger("tests").error("".join(traceback.format_exception(error)))
        return None
    finally:
        house.rows("ALTER TABLE case_note DROP CONSTRAINT broken")


def meet(house: House, ref: str) -> Iterator[str]:
    """Visit what opens something of a case as it stands now; give the traceback of each crash."""
    with house.app.app_context():
        amina = World.load().amina
    house.app.testing = True  # crashes come to us instead of a page
    browser = Visitor(house.app)
    browser.sign_in(amina)
    [(referral,)] = house.rows("SELECT id FROM referral")
    [(person,)] = house.rows("SELECT id FROM person")
    for path in (
        "/my-day",
        f"/cases/{ref}",
        f"/people/{person}/contact-plan",
        f"/people/{person}/details",
        f"/people/{person}/consents",
        f"/referrals/{referral}",
    ):
        try:
            browser.get(path)
        except Exception as error:
            yield "".join(traceback.format_exception(error))
            logging.getLogger("tests").error("%s", traceback.format_exc())


def broker(house: House) -> Iterator[bytes]:
    client = Redis.from_url(house.environment["REDIS_URL"])
    for key in client.scan_iter("*"):
        yield key
        yield client.dump(key) or b""


def waiting_jobs(house: House) -> list[bytes]:
    """Give the jobs that wait in the broker, as they are sent and as they are read."""
    client = Redis.from_url(house.environment["REDIS_URL"])
    messages = client.lrange("celery", 0, -1)
    bodies = [base64.b64decode(json.loads(message)["body"]) for message in messages]
    return [*messages, *bodies]


class Written:
    """What PostgreSQL writes to its WAL and to its log from now on, of all databases of the run."""

    def __init__(self, house: House, servers: Servers) -> None:
        self.house = house
        self.log = next((child.log for child in servers.children if child.name == "postgres"), None)
        # The loudest log there is: every statement with its parameters.
        for setting in ("log_statement = 'all'", "log_min_duration_statement = 0"):
            house.rows(f'ALTER DATABASE "{house.name}" SET {setting}')
        self.log_from = self.log.stat().st_size if self.log else 0
        [(self.lsn,)] = house.rows("SELECT pg_current_wal_insert_lsn()")

    def wal(self) -> bytes:
        """Read the write-ahead log through the server, so that any server of the run will do."""
        self.house.rows("CHECKPOINT")
        rows = self.house.rows(
            "SELECT pg_walfile_name(CAST(:lsn AS pg_lsn)),"
            " (pg_walfile_name_offset(CAST(:lsn AS pg_lsn))).file_offset,"
            " pg_walfile_name(pg_current_wal_lsn()),"
            " (pg_walfile_name_offset(pg_current_wal_lsn())).file_offset",
            lsn=self.lsn,
        )
        first, start, last, end = rows[0]
        files = self.house.rows(
            "SELECT name, pg_read_binary_file('pg_wal/' || name) FROM pg_ls_waldir()"
            " WHERE name BETWEEN :first AND :last ORDER BY name",
            first=first,
            last=last,
        )
        contents = [bytes(content) for _name, content in files]
        contents[-1] = contents[-1][:end]
        contents[0] = contents[0][start:]
        return b"".join(contents)

    def logged(self) -> bytes:
        """Read what the server has logged."""
        return self.log.read_bytes()[self.log_from :] if self.log else b""
