"""The whole story: dump, erase, rotate, save anew, retire, restore the old dump, and fail to read."""

import base64
import json
import os
import uuid
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from casework import database, vault
from casework.cases.models import Case
from casework.extensions import db
from casework.people.models import Person
from casework.vault.models import DataKey
from tests.backups.conftest import MARK, Site, ring_source
from tests.world import World

TOMBSTONES = """
CREATE TABLE IF NOT EXISTS erasure (
    service_id uuid NOT NULL, id uuid PRIMARY KEY, case_id uuid NOT NULL, person_id uuid,
    reason varchar(40) NOT NULL, erased_at timestamptz NOT NULL, by_account uuid);
GRANT SELECT ON erasure TO casework_reader;
ALTER TABLE erasure OWNER TO casework_owner;
"""


def ring_of(source: str) -> Any:
    return json.loads(Path(source.removeprefix("file:")).read_text())


def new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def cases_and_people(app: Flask) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Give each case and its person."""
    with app.app_context():
        World.load()
        rows = db.session.execute(select(Case.id, Case.person_id).order_by(Case.id))
        return [(case_id, person_id) for case_id, person_id in rows]


def read_name(app: Flask, person_id: uuid.UUID) -> str:
    """Open somebody's name, or say why it cannot be opened."""
    with app.app_context():
        World.load()
        person = db.session.get(Person, person_id)
        if person is None:
            return "no row"
        try:
            return str(vault.open_fields(person, "safe_name")["safe_name"])
        except vault.Unreadable as problem:
            return problem.failure.reason


def erase(site: Site, app: Flask, case_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Destroy keys, index terms and rows, and leave a tombstone, as an erasure does."""
    with app.app_context():
        service_id = World.load().north.id
        for owner in (case_id, person_id):
            assert vault.destroy_key(owner)
        database.commit()
    site.rows(site.name, 'DELETE FROM "case" WHERE id = :id', id=case_id)
    site.rows(site.name, "DELETE FROM person WHERE id = :id", id=person_id)
    site.rows(site.name, TOMBSTONES)
    site.rows(
        site.name,
        "INSERT INTO erasure (service_id, id, case_id, person_id, reason, erased_at, by_account)"
        " SELECT :s, gen_random_uuid(), :c, :p, 'persons_wish', now(), id FROM account LIMIT 1",
        s=service_id,
        c=case_id,
        p=person_id,
    )


def rewrap_all(app: Flask, keys: str) -> None:
    """Move every data key under the ring's current key."""
    ring = vault.load_ring(keys)
    with app.app_context():
        World.load()
        for key in db.session.scalars(select(DataKey)).all():
            kek_id, wrapped = ring.wrap(
                key.owner_id, ring.unwrap(key.owner_id, key.kek_id, key.wrapped)
            )
            db.session.execute(
                update(DataKey)
                .where(DataKey.owner_id == key.owner_id, DataKey.wrapped == key.wrapped)
                .values(kek_id=kek_id, wrapped=wrapped)
            )
        database.commit()


def test_an_erased_person_stays_unreadable_once_the_key_of_the_old_backups_is_retired(
    site: Site, tmp_path: Path
) -> None:
    app = site.apps[0]
    (case_id, gone), (_, stays) = cases_and_people(app)
    old = site.backup("old.age")
    erase(site, app, case_id, gone)
    assert (read_name(app, gone), read_name(app, stays)[:8]) == ("no row", MARK)

    # The danger, shown: as long as key 1 lives, a backup from before brings the person back.
    into = site.new_database()
    done = site.restore(old, into, "--without-erasures")
    assert done.exit_code == 3 and "NOT  erasures: no list was given" in done.output, done.output
    assert read_name(site.app_on(into), gone).startswith(MARK)

    # Rotate: key 2 is current, key 1 still opens; every living key moves under key 2.
    ring = ring_of(site.keys)
    both = {**ring, "current": 2, "keks": {**ring["keks"], "2": new_key()}}
    both_source = ring_source(tmp_path, json.dumps(both))
    rewrap_all(app, both_source)
    assert read_name(site.app_on(site.name, both_source), stays).startswith(MARK)
    new = site.backup("new.age", CASEWORK_KEYS=both_source)

    # Retire: key 1 is destroyed, everywhere.
    retired = {**both, "keks": {"2": both["keks"]["2"]}}
    retired_source = ring_source(tmp_path, json.dumps(retired))

    into = site.new_database()
    done = site.restore(old, into, "--without-erasures", CASEWORK_KEYS=retired_source)
    assert done.exit_code == 3, done.output
    assert "NOT  keys: 2 people and 2 cases stay unreadable: key 1" in done.output
    assert "If it was retired, that is final" in done.output
    restored = site.app_on(into, retired_source)
    # The rows are back, and nobody can read them: not the erased, and in this old copy nobody else.
    assert read_name(restored, gone) == "key_unknown_kek"
    assert read_name(restored, stays) == "key_unknown_kek"

    into = site.new_database()
    done = site.restore(new, into, CASEWORK_KEYS=retired_source)
    assert done.exit_code == 0 and "2 data keys under key 2" in done.output, done.output
    restored = site.app_on(into, retired_source)
    assert (read_name(restored, gone), read_name(restored, stays)[:8]) == ("no row", MARK)


def test_erasures_are_done_again_from_their_list(site: Site, tmp_path: Path) -> None:
    app = site.apps[0]
    (case_id, gone), (_, stays) = cases_and_people(app)
    site.rows(site.name, TOMBSTONES)
    site.rows(
        site.name,
        "INSERT INTO notice (id, service_id, account_id, kind, subject_type, subject_id, occurrence_key, at)"
        " SELECT gen_random_uuid(), m.service_id, m.account_id, 'consent_ending', 'person', c.person_id,"
        ' c.ref || m.id::text, now() FROM membership m JOIN "case" c USING (service_id)',
    )
    old = site.backup()
    erase(site, app, case_id, gone)
    listed = tmp_path / "erasures.jsonl"
    assert site.run("erasures", "export", "--to", listed).exit_code == 0
    assert listed.stat().st_mode & 0o777 == 0o600 and MARK not in listed.read_text()

    into = site.new_database()
    done = site.restore(old, into, "--erasures", listed)
    assert done.exit_code == 0, done.output
    assert "ok   erasures: 1 in the list of" in done.output
    assert "1 of them done again here" in done.output
    assert "2 data keys under key 1" in done.output
    restored = site.app_on(into)
    assert (read_name(restored, gone), read_name(restored, stays)[:8]) == ("no row", MARK)
    question = "SELECT count(*) FROM {} WHERE {} IN (:case, :person)"
    for table, column in (
        ("data_key", "owner_id"),
        ("index_term", "owner_id"),
        ('"case"', "id"),
        ("consent", "person_id"),
        ("case_need", "case_id"),
        ("notice", "subject_id"),
    ):
        asked = question.format(table, column)
        assert site.rows(into, asked, case=case_id, person=gone) == [(0,)], table
    assert site.rows(into, "SELECT case_id, person_id, reason FROM erasure") == [
        (case_id, gone, "persons_wish")
    ]
    told = site.rows(into, "SELECT object_id FROM audit_entry WHERE action = 'erasure:repeat'")
    assert told == [(str(case_id),)]
    assert (
        site.run("audit", "verify", READER_DATABASE_URL=site.servers.admin_url(into)).exit_code == 0
    )

    # A backup from after it knows already: nothing is done twice.
    again = site.restore(site.backup("later.age"), site.new_database())
    assert again.exit_code == 0 and "0 of them done again" in again.output


def test_a_backup_from_before_there_were_tombstones_forgets_the_erased_too(
    site: Site, tmp_path: Path
) -> None:
    (case_id, gone), _ = cases_and_people(site.apps[0])
    site.rows(site.name, "DROP TABLE IF EXISTS erasure")
    old = site.backup()
    erase(site, site.apps[0], case_id, gone)
    listed = tmp_path / "erasures.jsonl"
    site.run("erasures", "export", "--to", listed)
    into = site.new_database()
    done = site.restore(old, into, "--erasures", listed)
    assert done.exit_code == 0, done.output
    assert read_name(site.app_on(into), gone) == "no row"
