"""Restoring: what was saved can be worked with, the checks see what is wrong, and nothing is half done."""

import json
import os
from pathlib import Path
from typing import Any

import pyrage
import pytest
from sqlalchemy import select

from casework import database, vault
from casework.cases.models import Case
from casework.commands import restore, restore_checks
from casework.commands.restore_erasures import read_list
from casework.commands.servers import OWNER
from casework.extensions import db
from tests.backups.conftest import MARK, Site, ring_source
from tests.backups.test_making_backups import fake_program, server_major
from tests.referrals.scenes import ask, linked
from tests.visitors import Visitor
from tests.world import World


@pytest.fixture
def empty(site: Site) -> str:
    """Give an empty database."""
    return site.new_database()


def test_a_navigator_opens_the_case_in_the_restored_database(
    site: Site, backup: Path, empty: str
) -> None:
    done = site.restore(backup, empty)
    assert done.exit_code == 0, done.output
    assert "Everything is well" in done.output and "NOT" not in done.output
    app = site.app_on(empty)
    with app.app_context():
        world = World.load()
        refs = list(db.session.scalars(select(Case.ref)))
    browser = Visitor(app)
    browser.sign_in(world.amina)
    assert len(refs) == 2
    for ref in refs:
        assert MARK not in browser.get(f"/cases/{ref}").get_data(as_text=True)
        shown = browser.post(f"/cases/{ref}/reveal", {"purpose": "call"})
        assert MARK in shown.get_data(as_text=True)
    noted = browser.submit(f"/cases/{refs[0]}/notes", {"body": "She called back."})
    assert noted.status_code in (302, 303)


MADE_BESIDE_ROWS = [
    """SELECT relname, relrowsecurity, relacl::text, relowner FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') ORDER BY 1""",
    "SELECT tablename, policyname, qual, with_check FROM pg_policies ORDER BY 1, 2",
    """SELECT tgrelid::regclass::text, tgname, tgdeferrable FROM pg_trigger
        WHERE NOT tgisinternal ORDER BY 1, 2""",
    """SELECT proname, prosecdef, proacl::text, proowner FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace ORDER BY 1""",
]


def test_walls_roles_and_triggers_stand_again(site: Site, backup: Path, empty: str) -> None:
    site.restore(backup, empty)
    for question in MADE_BESIDE_ROWS:
        assert site.rows(empty, question) == site.rows(site.name, question)
    # Rows are not copied from behind a wall, and the wall is not copied without its effect.
    walled = site.app_on(empty)
    with walled.app_context():
        assert db.session.scalars(select(Case)).all() == []


def test_pages_are_planned_for_the_rows_that_were_restored(
    site: Site, backup: Path, empty: str
) -> None:
    """Without a look at them PostgreSQL takes every table for nearly empty."""
    site.restore(backup, empty)
    never = "SELECT relname FROM pg_class WHERE relname IN ('case', 'person') AND reltuples < 0"
    assert site.rows(empty, never) == []


def test_the_restored_audit_goes_on_from_where_it_was(site: Site, backup: Path, empty: str) -> None:
    site.restore(backup, empty)
    done = site.run("audit", "verify", READER_DATABASE_URL=site.servers.admin_url(empty))
    assert done.exit_code == 0 and "The chain is whole" in done.output
    last = site.rows(empty, "SELECT action, detail FROM audit_entry ORDER BY seq DESC")[0]
    assert last[0] == "backup:restore" and set(last[1]) == {
        "made_at",
        "audit_seq",
        "erasures_repeated",
    }


def test_sessions_and_links_end_and_no_letter_leaves_twice(site: Site, empty: str) -> None:
    """What was ended after the backup was made must not come alive again with it."""
    browser = Visitor(site.apps[0])
    with site.apps[0].app_context():
        world = World.load()
        link = linked(world, ask(world))
        ask(world, "Volunteer Wheels")
        database.commit()
    browser.sign_in(world.amina)
    done = site.restore(site.backup(), empty)
    closed = "closed: 1 sessions, 1 agency links, 0 passphrase links, 1 letters"
    assert closed in done.output, done.output
    open_now = "SELECT count(*) FROM web_session WHERE ended_at IS NULL"
    assert site.rows(empty, open_now) == [(0,)] and site.rows(site.name, open_now) == [(1,)]
    states = "SELECT status FROM letter ORDER BY created_at"
    assert site.rows(empty, states) == [("sent",), ("unknown",)]
    assert Visitor(site.apps[0]).get(link).status_code == 200
    assert Visitor(site.app_on(empty)).get(link).status_code == 404


def test_a_database_with_anything_in_it_is_refused(site: Site, backup: Path, empty: str) -> None:
    for made, undo in (
        ("CREATE TABLE somebodys (id int)", "DROP TABLE somebodys"),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION f()"),
        ("CREATE TYPE person AS ENUM ('a')", "DROP TYPE person"),
        ("CREATE SCHEMA s CREATE TABLE t (id int)", "DROP SCHEMA s CASCADE"),
    ):
        site.rows(empty, made)
        done = site.restore(backup, empty)
        assert done.exit_code == 1 and "The database is not empty" in done.output
        assert "person" not in site.table_names(empty)
        site.rows(empty, undo)
    assert site.restore(backup, empty).exit_code == 0
    assert site.restore(backup, empty).exit_code == 1


def test_a_missing_role_is_one_sentence_before_anything_is_done(
    site: Site, backup: Path, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore, "APP", "casework_nobody")
    done = site.restore(backup, empty)
    assert done.exit_code == 1 and "role casework_nobody does not exist" in done.output
    assert "deploy/roles.sql" in done.output and site.table_names(empty) == []


def test_an_older_server_is_refused(
    site: Site, backup: Path, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore, "server_major", lambda _connection: 9)
    done = site.restore(backup, empty)
    assert done.exit_code == 1 and "that server is 9: older" in done.output


def test_a_schema_newer_than_the_code_is_refused_and_an_older_one_says_what_to_run(
    site: Site, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore_checks, "newest_schema", lambda: "0099")
    assert "now run “casework db upgrade” (0099)" in restore_checks.check_schema("0001").words
    site.rows(site.name, "UPDATE alembic_version SET version_num = '9999'")
    done = site.restore(site.backup(), empty)
    assert done.exit_code == 1 and "newer Casework (schema 9999" in done.output
    assert site.table_names(empty) == []


def test_a_restore_that_breaks_off_leaves_the_database_empty(
    site: Site, backup: Path, empty: str, tmp_path: Path
) -> None:
    """pg_restore makes tables for real, and then its input ends in the middle of the rows."""
    tool = restore.find_tool("pg_restore", at_least=server_major(site))
    whole = tmp_path / "archive"
    cut = f'cat >{whole}; head -c $(($(wc -c <{whole}) - 500)) {whole} | {tool.path} "$@"'
    path = fake_program(site, tmp_path / "bin", "pg_restore", cut)
    done = site.restore(backup, empty, PATH=path)
    assert done.exit_code == 1 and done.output.count("\n") == 1, done.output
    assert done.output.endswith("The database was left empty.\n")
    assert site.table_names(empty) == []


def test_a_restore_that_was_committed_by_halves_is_said_to_be_incomplete(
    site: Site, backup: Path, empty: str, tmp_path: Path
) -> None:
    tool = restore.find_tool("pg_restore", at_least=server_major(site))
    script = f'{tool.path} "$@" --section=pre-data; exit 1'
    path = fake_program(site, tmp_path / "bin", "pg_restore", script)
    done = site.restore(backup, empty, PATH=path)
    assert done.exit_code == 3 and "NOT closed: drop this database" in done.output, done.output
    assert "person" in site.table_names(empty)


def test_a_role_that_may_not_make_tables_is_one_sentence(
    site: Site, backup: Path, empty: str
) -> None:
    into = {"MIGRATION_DATABASE_URL": site.servers.url("casework_app", empty)}
    done = site.restore(backup, empty, **into)
    assert done.exit_code == 1 and "The database was left empty" in done.output, done.output
    assert "no permission for schema public" in done.output or "cannot act as" in done.output


# --- the checks can fail -------------------------------------------------------------------------


def _checked(site: Site, backup: Path, into: str, **changes: Any) -> list[str]:
    """Restore, tamper, and check again as the command does; give the lines that are not well."""
    identities = restore.read_identities(site.identity)
    manifest = restore.read_through(backup, identities)
    url = site.servers.url(OWNER, into)
    restore.fill(url, backup, identities, restore.fitting_tool(url, manifest))
    for statement in changes.pop("statements", ()):
        site.rows(into, statement)
    ring = vault.load_ring(changes.pop("keys", site.keys))
    listed = read_list(site.export())
    return [f.words for f in restore.finish(url, manifest, ring, listed) if not f.is_well]


def test_a_missing_row_is_found(site: Site, backup: Path, empty: str) -> None:
    [fault] = _checked(site, backup, empty, statements=["DELETE FROM person_access"])
    assert fault.startswith("rows: 1 tables differ") and "person_access has 0" in fault


def test_a_cut_audit_is_found(site: Site, backup: Path, empty: str) -> None:
    alter = "ALTER TABLE audit_entry {} TRIGGER audit_entry_append_only"
    last = "DELETE FROM audit_entry WHERE seq = (SELECT max(seq) FROM audit_entry)"
    cut = [alter.format("DISABLE"), last, alter.format("ENABLE")]
    faults = _checked(site, backup, empty, statements=cut)
    assert [fault.split(":")[0] for fault in faults] == ["rows", "audit"]


def test_a_chain_that_is_whole_but_ends_elsewhere_is_found(
    site: Site, backup: Path, empty: str
) -> None:
    identities = restore.read_identities(site.identity)
    manifest = restore.read_through(backup, identities)
    url = site.servers.url(OWNER, empty)
    restore.fill(url, backup, identities, restore.fitting_tool(url, manifest))
    longer = restore_checks.Manifest(**{**vars(manifest), "audit_seq": manifest.audit_seq + 1})
    with restore.connected(url, "X") as connection:
        finding = restore_checks.check_audit(connection, longer)
    assert not finding.is_well and "not the backup’s" in finding.words


def test_another_ring_with_the_same_number_is_found(
    site: Site, backup: Path, empty: str, tmp_path: Path
) -> None:
    other = ring_source(tmp_path, vault.fresh_ring())
    [fault] = _checked(site, backup, empty, keys=other)
    assert "4 of 4 data keys tried do not open under key 1" in fault


def test_a_key_moved_to_another_owner_is_found(site: Site, backup: Path, empty: str) -> None:
    swap = (
        "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key ORDER BY owner_id LIMIT 1)"
        " WHERE owner_id = (SELECT max(owner_id::text)::uuid FROM data_key)"
    )
    [fault] = _checked(site, backup, empty, statements=[swap])
    assert "1 of 4 data keys tried do not open" in fault


def test_without_a_ring_the_report_says_that_keys_were_not_checked(
    site: Site, backup: Path, empty: str
) -> None:
    done = site.restore(backup, empty, CASEWORK_KEYS="")
    assert done.exit_code == 3 and "NOT  keys: not checked" in done.output


def test_a_ring_that_cannot_be_used_stops_before_anything_is_done(
    site: Site, backup: Path, empty: str
) -> None:
    done = site.restore(backup, empty, CASEWORK_KEYS="file:/nowhere")
    assert done.exit_code == 1 and "cannot be read" in done.output
    assert site.table_names(empty) == []


# --- files that cannot be restored ---------------------------------------------------------------


def _refused(site: Site, path: Path, into: str) -> str:
    """Try to restore a file; give the one sentence, after seeing that nothing was done."""
    done = site.restore(path, into)
    assert done.exit_code == 1, done.output
    assert done.output.startswith("Error: ") and done.output.count("\n") == 1, done.output
    # It stopped while the file was read through, before pg_restore was started at all.
    assert "The database was left" not in done.output
    assert site.table_names(into) == []
    return str(done.output)


def test_every_kind_of_damage_is_refused_and_nothing_is_restored(
    site: Site, backup: Path, empty: str, tmp_path: Path
) -> None:
    whole = backup.read_bytes()
    mac, body = whole.index(b"\n--- ") + 8, whole.index(b"\n--- ") + 60
    changed = tmp_path / "changed.age"
    for place in (mac, body, body + 40, len(whole) // 2, len(whole) - 1):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        changed.write_bytes(damaged)
        assert "cut short, or a byte of it was changed" in _refused(site, changed, empty), place
    # 65,552 bytes are one piece of an age file: cut between two of them every piece is authentic.
    for end in (40, body + 10, body + 65_552, len(whole) // 2, len(whole) - 17, len(whole) - 1):
        changed.write_bytes(whole[:end])
        assert "cut short, or a byte of it was changed" in _refused(site, changed, empty), end
    changed.write_bytes(whole + b"\x00")
    assert "was changed" in _refused(site, changed, empty)


def test_a_wrong_identity_is_refused(site: Site, backup: Path, empty: str) -> None:
    site.identity.write_text(str(pyrage.x25519.Identity.generate()))
    assert "was not encrypted to this identity" in _refused(site, backup, empty)


def test_what_is_not_a_backup_is_refused(site: Site, empty: str, tmp_path: Path) -> None:
    other = tmp_path / "other.age"
    recipient = pyrage.x25519.Recipient.from_str(site.public)
    good = {"format": "casework-backup-1"}
    for content, says in (
        (b"holiday pictures", "it is not an age file"),
        (b"", "it is not an age file"),
        (pyrage.encrypt(b"", [recipient]), "not a backup of Casework"),
        (pyrage.encrypt(b"holiday pictures\n" * 9, [recipient]), "not a backup of Casework"),
        (pyrage.encrypt(b"x" * 2_000_000, [recipient]), "not a backup of Casework"),
        (pyrage.encrypt(b'["a list"]\nPGDMP', [recipient]), "not a backup of Casework"),
        (pyrage.encrypt(b'{"format":"casework-backup-2"}\nPGDMP', [recipient]), "a newer one made"),
        (pyrage.encrypt(json.dumps(good).encode() + b"\nPGDMP", [recipient]), "first line"),
    ):
        other.write_bytes(content)
        assert says in _refused(site, other, empty), content[:40]
    assert "cannot be read" in _refused(site, tmp_path / "absent.age", empty)
    assert "is a folder" in _refused(site, tmp_path, empty)


def test_a_manifest_without_an_archive_is_refused(
    site: Site, backup: Path, empty: str, tmp_path: Path
) -> None:
    plain = pyrage.decrypt(backup.read_bytes(), restore.read_identities(site.identity))
    line = plain.partition(b"\n")[0]
    recipient = pyrage.x25519.Recipient.from_str(site.public)
    other = tmp_path / "other.age"
    other.write_bytes(pyrage.encrypt(line + b"\nnot an archive", [recipient]))
    assert "no archive of pg_dump" in _refused(site, other, empty)


def test_an_identity_that_cannot_be_used_is_one_sentence(
    site: Site, backup: Path, empty: str
) -> None:
    site.identity.chmod(0o640)
    assert "chmod 600" in _refused(site, backup, empty)
    site.identity.chmod(0o600)
    site.identity.write_bytes(b"age-encryption.org/v1\n-> scrypt")
    assert "is itself encrypted" in _refused(site, backup, empty)
    site.identity.write_text("AGE-SECRET-KEY-1NOTONE")
    said = _refused(site, backup, empty)
    assert "holds no age identity" in said and "NOTONE" not in said
    site.identity.unlink()
    assert "cannot be read" in _refused(site, backup, empty)


def test_an_identity_may_come_through_a_pipe(site: Site, backup: Path, empty: str) -> None:
    """So that a secret key which is itself encrypted never has to stand on a disk in clear."""
    out, into = os.pipe()
    os.write(into, site.identity.read_bytes())
    os.close(into)
    site.identity = Path(f"/dev/fd/{out}")
    done = site.restore(backup, empty)
    os.close(out)
    assert done.exit_code == 0, done.output


def test_a_pair_of_keys_made_here_saves_and_restores(
    site: Site, empty: str, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    made = site.run("backup-key", "--to", secret)
    assert made.exit_code == 0 and secret.stat().st_mode & 0o777 == 0o600
    site.public, site.identity = made.output.strip().splitlines()[-1], secret
    assert "AGE-SECRET-KEY" in secret.read_text() and "SECRET" not in made.output
    assert site.restore(site.backup(), empty).exit_code == 0
    again = site.run("backup-key", "--to", secret)
    assert again.exit_code == 1 and "cannot be written: file exists" in again.output
