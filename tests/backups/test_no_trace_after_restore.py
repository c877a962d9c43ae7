"""An erasure done again leaves no more than the first time, in any table there is (R17)."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from casework import cases, database
from casework.cases.erasure_models import ErasureReason
from casework.cases.models import Case
from casework.commands import restore_erasures
from casework.commands.restore_erasures import write_list
from casework.extensions import db
from tests.backups.conftest import Site
from tests.followups.scenes import at
from tests.keeping import lives
from tests.keeping.orphans import Picture, forgotten, look
from tests.referrals.scenes import ask, post
from tests.world import World


class Clock:
    """The clock of the scenes, which the site itself lets go in the end."""

    @staticmethod
    def advance(by: timedelta) -> None:
        database.clock.freeze(database.now() + by)


def live(site: Site, *, is_sensitive: bool) -> tuple[uuid.UUID, uuid.UUID]:
    """Commit a case in full life and another one of its person, which asks again what the first asked."""
    with site.apps[0].app_context():
        database.clock.freeze(at(24, 12))
        world = World.load()
        person = lives.keep_person(world)
        other = lives.open_case(world, person)
        later = ask(world, case=other)
        post(world.north.id)
        case = lives.open_case(world, person, is_sensitive=is_sensitive)
        lives.live_through(world, case, Clock)
        ids = (case.id, other.id)
        database.commit()
        later_id = later.id
        db.session.remove()
    site.rows(
        site.name,
        "UPDATE referral SET supersedes_id = (SELECT id FROM referral WHERE case_id = :c LIMIT 1)"
        " WHERE id = :later",
        c=ids[0],
        later=later_id,
    )
    return ids


def erase(site: Site, *case_ids: uuid.UUID) -> None:
    with site.apps[0].app_context():
        actor = World.load().amina.actor
        for case_id in case_ids:
            case = db.session.get(Case, case_id)
            assert case is not None
            cases.services.erase_case(actor, case, reason=ErasureReason.PERSONS_WISH)
            database.commit()
        db.session.remove()


def persons_first(path: Path) -> Path:
    """Put the erasures that took a person along first, as two of one moment may stand."""
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    path.unlink()
    lines.sort(key=lambda line: line["person_id"] is None)
    write_list(path, lines, datetime.now(UTC))
    return path


def pictured(site: Site, name: str) -> tuple[str, Picture]:
    url = str(site.servers.admin_url(name))
    return url, look(url)


@pytest.mark.parametrize("is_sensitive", [False, True])
@pytest.mark.parametrize("with_person", [False, True])
def test_what_was_erased_after_the_backup_is_gone_as_if_it_had_been_before(
    site: Site, is_sensitive: bool, with_person: bool
) -> None:
    ids = live(site, is_sensitive=is_sensitive)
    url, before = pictured(site, site.name)
    old = site.backup()
    erase(site, *ids[: 1 + with_person])
    gone_then, left_then = forgotten(url, before)
    assert left_then == [] and len(gone_then) > 30
    into = site.new_database()
    done = site.restore(old, into, "--erasures", persons_first(site.export()))
    assert done.exit_code == 0, done.output
    gone, left = forgotten(str(site.servers.admin_url(into)), before)
    assert left == []
    assert gone == gone_then
    restored = {"READER_DATABASE_URL": str(site.servers.admin_url(into))}
    verified = site.run("audit", "verify", "--sealed", **restored)
    assert verified.exit_code == 0, verified.output


@pytest.mark.soak
@pytest.mark.parametrize(
    ("what", "place"),
    [
        ("forget_owners", "index_term of nobody"),
        ("RENEW_LETTERS", "letter.idempotency_key"),
        ("FORGET_NOTICES", "notice.subject_id"),
    ],
)
def test_what_an_erasure_done_again_forgets_is_found(
    site: Site, monkeypatch: pytest.MonkeyPatch, what: str, place: str
) -> None:
    """The proof that this file can fail."""
    nothing: Any = (
        (lambda *_: None)
        if what == "forget_owners"
        else restore_erasures.text("SELECT NULL::uuid WHERE false")
    )
    ids = live(site, is_sensitive=True)
    _url, before = pictured(site, site.name)
    old = site.backup()
    erase(site, *ids)
    monkeypatch.setattr(restore_erasures, what, nothing)
    into = site.new_database()
    assert "of them done again here" in site.restore(old, into).output
    _gone, left = forgotten(str(site.servers.admin_url(into)), before)
    assert place in left


def test_to_whom_a_withdrawal_went_is_forgotten_when_it_is_not_sent_from_here(site: Site) -> None:
    """The letter of an erased request keeps its agency only until it has left."""
    erase(site, live(site, is_sensitive=True)[0])
    waiting = "SELECT count(*) FROM letter WHERE addressee IS NOT NULL"
    keys = "SELECT count(*) FROM data_key k JOIN letter l ON l.id = k.owner_id"
    digests = "SELECT count(*) FROM row_digest d JOIN letter l ON l.id = d.owner_id"
    live_counts = [site.rows(site.name, question)[0][0] for question in (waiting, keys, digests)]
    assert live_counts == [2, 2, 2]
    into = site.new_database()
    done = site.restore(site.backup(), into)
    assert done.exit_code == 0, done.output
    assert [site.rows(into, question)[0][0] for question in (waiting, keys, digests)] == [0, 0, 0]
    restored = {"READER_DATABASE_URL": str(site.servers.admin_url(into))}
    # The chain was told: an emptied cell is not taken for one that was put back.
    verified = site.run("audit", "verify", "--sealed", **restored)
    assert verified.exit_code == 0, verified.output
