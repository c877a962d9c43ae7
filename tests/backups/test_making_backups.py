"""Making a backup: private, whole or not there at all, readable by nobody but its recipients."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyrage
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from casework.audit.verify import verify
from casework.commands.backup_database import note
from casework.commands.backup_file import decrypt
from casework.commands.backup_keys import read_identities
from casework.commands.backup_tools import find_tool, libpq_environment
from casework.commands.servers import APP, READER, connect_as_admin
from tests.backups.conftest import MARK, Site
from tests.conftest import environment_for
from tests.setup.launching import ROOT, Launcher, soon


def opened(path: Path, identity: Path) -> bytes:
    """Decrypt a backup with what its format says, and nothing of ours: the line, then the archive."""
    plain: bytes = pyrage.decrypt(path.read_bytes(), read_identities(identity))
    return plain


def server_major(site: Site) -> int:
    """Tell the major version of the server, which differs from machine to machine."""
    with connect_as_admin(site.servers) as connection:
        return int(connection.info.server_version) // 10_000


def fake_program(site: Site, folder: Path, name: str, script: str) -> str:
    """Put a program of our own before all others on PATH, of the version that would be taken."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    major = find_tool(name, at_least=server_major(site)).major
    said = f'[ "$1" = --version ] && {{ echo "pg (PostgreSQL) {major}.0"; exit 0; }}'
    program.write_text(f"#!/bin/sh\n{said}\n{script}\n")
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if ".age" in path.name)


def test_the_file_is_its_owners_alone(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    assert left_in(backup.parent) == ["copy.age"]


def test_nothing_can_be_read_in_the_file(backup: Path, site: Site) -> None:
    sealed = backup.read_bytes()
    plain = opened(backup, site.identity)
    for word in (b"Maison Rivage", b"data_key", b"PGDMP", b"casework-backup-1"):
        assert word not in sealed
    assert plain.startswith(b"{") and b"PGDMP" in plain and b"data_key" in plain


def test_the_holder_of_the_secret_key_alone_still_reads_no_sealed_value(
    backup: Path, site: Site
) -> None:
    archive = opened(backup, site.identity).partition(b"\n")[2]
    tool = find_tool("pg_restore", at_least=server_major(site))
    done = subprocess.run([tool.path, "-f", "-"], input=archive, capture_output=True, check=True)
    # It is the whole database in clear SQL, and what is sealed in it stays sealed.
    assert b"Maison Rivage" in done.stdout
    assert done.stdout.count(b"\nCOPY public.") == len(site.rows(site.name, TABLES))
    for mark in (MARK, MARK.lower(), "6135550101", "613-555-0101", "Blue heron"):
        assert mark.encode() not in done.stdout
        assert mark.encode().hex().encode() not in done.stdout


TABLES = "SELECT 1 FROM pg_tables WHERE schemaname = 'public'"


def test_the_first_line_says_what_is_in_it(backup: Path, site: Site) -> None:
    first = json.loads(opened(backup, site.identity).partition(b"\n")[0])
    assert first["format"] == "casework-backup-1"
    assert first["data_keys"] == {"1": 4}
    assert first["rows"]["case"] == 2
    assert first["audit_seq"] == first["rows"]["audit_entry"]
    assert str(site.keys) not in json.dumps(first)


def test_the_tools_of_others_read_it_without_us(backup: Path, site: Site, tmp_path: Path) -> None:
    """docs/backups.md says so: age, tail and pg_restore are enough, should Casework be gone."""
    if shutil.which("age") is None:
        pytest.skip("the age tool is not installed here")
    tool = find_tool("pg_restore", at_least=server_major(site))
    script = f'age -d -i "$1" "$2" | tail -n +2 | {tool.path} --list'
    words = ["sh", "-c", script, "sh", str(site.identity), str(backup)]
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "TABLE DATA public person casework_owner" in listed


def test_every_recipient_can_open_it_and_nobody_else(site: Site, tmp_path: Path) -> None:
    second, stranger = (pyrage.x25519.Identity.generate() for _ in range(2))
    both = f"{site.public}, {second.to_public()}"
    done = site.run("backup", "--to", tmp_path / "two.age", BACKUP_RECIPIENTS=both)
    assert done.exit_code == 0, done.output
    sealed = (tmp_path / "two.age").read_bytes()
    for identity in (*read_identities(site.identity), second):
        assert b"PGDMP" in pyrage.decrypt(sealed, [identity])
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [stranger])


def test_an_existing_file_is_never_touched(site: Site, tmp_path: Path) -> None:
    taken = tmp_path / "copy.age"
    taken.write_text("yesterday’s")
    done = site.run("backup", "--to", taken, "--recipient", site.public)
    assert (done.exit_code, taken.read_text()) == (1, "yesterday’s")
    assert "never overwrites" in done.output


def test_an_unfinished_file_of_another_is_not_touched_either(site: Site, tmp_path: Path) -> None:
    (tmp_path / "copy.age.part").write_text("somebody writes")
    done = site.run("backup", "--to", tmp_path / "copy.age", "--recipient", site.public)
    assert done.exit_code == 1 and "is in the way" in done.output
    assert left_in(tmp_path) == ["copy.age.part"]


def test_that_a_copy_was_taken_stands_in_the_audit_and_in_the_copy(
    site: Site, backup: Path
) -> None:
    entry = site.rows(
        site.name, "SELECT action, actor_kind, detail, seq FROM audit_entry ORDER BY seq DESC"
    )[0]
    assert entry[:2] == ("backup:make", "command") and len(entry[2]["recipients"]) == 1
    first = json.loads(opened(backup, site.identity).partition(b"\n")[0])
    assert first["audit_seq"] == entry[3]


@pytest.mark.parametrize(
    ("recipient", "says"),
    [
        ("", "BACKUP_RECIPIENTS"),
        ("age1notakey", "Recipient 1 is not an age public key"),
        ("ssh-ed25519", "Recipient 1 is not an age public key"),
        ("AGE-SECRET-KEY-1QQQQQQQQ", "Recipient 1 is a secret key"),
    ],
)
def test_a_recipient_who_could_not_open_it_is_refused(
    site: Site, tmp_path: Path, recipient: str, says: str
) -> None:
    done = site.run("backup", "--to", tmp_path / "copy.age", BACKUP_RECIPIENTS=recipient)
    assert done.exit_code == 1 and says in done.output
    assert "QQQQ" not in done.output and left_in(tmp_path) == []


def test_no_password_stands_where_a_list_of_processes_shows_it(site: Site, tmp_path: Path) -> None:
    script = (
        f'echo "$@" >{tmp_path}/said; env >{tmp_path}/env; echo "pg_dump: error: odd" >&2; exit 1'
    )
    address = site.servers.url(READER, site.name).replace(READER, f"{READER}:geheim", 1)
    done = site.run(
        *("backup", "--to", tmp_path / "copy.age", "--recipient", site.public),
        PATH=fake_program(site, tmp_path / "bin", "pg_dump", script),
        READER_DATABASE_URL=address,
    )
    assert "geheim" not in (tmp_path / "said").read_text() + done.output
    handed_on = (tmp_path / "env").read_text()
    assert "PGPASSWORD=geheim" in handed_on and "CASEWORK_KEYS" not in handed_on
    assert "SECRET_KEY" not in handed_on


def test_a_dump_that_fails_leaves_nothing_and_says_why(site: Site, tmp_path: Path) -> None:
    script = "printf PGDMP; echo 'pg_dump: error: permission denied for table person' >&2; exit 1"
    path = fake_program(site, tmp_path / "bin", "pg_dump", script)
    done = site.run("backup", "--to", tmp_path / "copy.age", "--recipient", site.public, PATH=path)
    assert done.exit_code == 1 and left_in(tmp_path) == []
    program = f"pg_dump {find_tool('pg_dump', at_least=server_major(site)).major}"
    assert done.output == f"Error: {program} failed: its role has no permission for table person.\n"


def test_a_role_behind_the_walls_cannot_save_too_little(site: Site, tmp_path: Path) -> None:
    """The application's role would see no rows of any service, and count and dump none."""
    wrong = {"READER_DATABASE_URL": site.servers.url(APP, site.name)}
    done = site.run("backup", "--to", tmp_path / "x.age", "--recipient", site.public, **wrong)
    assert done.exit_code == 1 and "row-level security" in done.output, done.output
    assert left_in(tmp_path) == []


def test_a_database_that_is_away_is_one_sentence(site: Site, tmp_path: Path) -> None:
    away = site.servers.url(READER, "no_such_database").replace(READER, f"{READER}:geheim", 1)
    done = site.run(
        *("backup", "--to", tmp_path / "x.age", "--recipient", site.public),
        READER_DATABASE_URL=away,
    )
    assert done.exit_code == 1 and done.output.count("\n") == 1, done.output
    assert "READER_DATABASE_URL" in done.output and "geheim" not in done.output


def test_without_a_pg_dump_as_new_as_the_server_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(RuntimeError, match=r"^This needs pg_dump 99 .* found only .*client-99\.$"):
        find_tool("pg_dump", at_least=99)


def test_an_address_with_what_a_program_would_show_is_refused() -> None:
    with pytest.raises(RuntimeError, match="sslpassword") as refusal:
        libpq_environment("postgresql+psycopg://a:b@c/d?sslpassword=geheim")
    assert "geheim" not in str(refusal.value)


# --- a disk that is full, a command that is stopped ---------------------------------------------

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
from casework.__main__ import cli
cli(["backup", "--to", *sys.argv[1:]])
"""


def in_a_process(site: Site, code: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | environment_for(site.servers, site.keys, site.name, "console:")
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True)


def test_a_file_that_cannot_grow_is_removed_with_one_sentence(site: Site, tmp_path: Path) -> None:
    done = in_a_process(site, LIMITED, tmp_path / "copy.age", "--recipient", site.public)
    assert done.returncode == 1 and left_in(tmp_path) == []
    assert re.fullmatch(r"Error: The disk is full: .*copy\.age was not written.*\n", done.stderr)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 16 KiB, where this machine lets us make one."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("this account may not mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_one_sentence_and_left_clean(site: Site, small_disk: Path) -> None:
    done = site.run("backup", "--to", small_disk / "copy.age", "--recipient", site.public)
    assert done.exit_code == 1 and "The disk is full" in done.output
    assert left_in(small_disk) == []


def test_a_backup_that_is_stopped_leaves_nothing(site: Site, tmp_path: Path) -> None:
    path = fake_program(
        site, tmp_path / "bin", "pg_dump", f"echo $$ >{tmp_path}/pid; exec sleep 600"
    )
    env = environment_for(site.servers, site.keys, site.name, "console:") | {"PATH": path}
    code = "import sys; from casework.__main__ import cli; cli(['backup', '--to', *sys.argv[1:]])"
    command = Launcher(code, tmp_path / "copy.age", "--recipient", site.public, env=env)
    assert soon(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), 60)
    assert left_in(tmp_path) == ["copy.age.part"]
    assert command.end(signal.SIGTERM) == 1
    assert left_in(tmp_path) == [] and "Stopped before the end" in command.said[-1]
    dumper = int((tmp_path / "pid").read_text())
    assert soon(lambda: not Path(f"/proc/{dumper}").exists())


# --- while people work ---------------------------------------------------------------------------


def _write_until(stop: threading.Event, url: str, counts: list[int]) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        while not stop.is_set():
            with connection.begin():
                note(connection, "test:write", {"number": len(counts)})
            counts.append(1)


def test_a_backup_taken_while_others_write_is_of_one_moment(site: Site, tmp_path: Path) -> None:
    """Each writer moves the head and adds an entry in one act: a copy of two moments would show it."""
    stop, written = threading.Event(), []
    url = site.servers.url(APP, site.name)
    writers = [threading.Thread(target=_write_until, args=(stop, url, written)) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        assert soon(lambda: len(written) > 20)
        before = len(written)
        path = site.backup()
        during = len(written) - before
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert during > 20, "nobody wrote while the backup was made: this proved nothing"
    into = site.new_database()
    done = site.restore(path, into)
    assert done.exit_code == 0, done.output
    engine = create_engine(site.servers.url(READER, into), poolclass=NullPool)
    with engine.connect() as connection:
        assert verify(connection).is_intact
    kept = site.rows(into, "SELECT count(*) FROM audit_entry WHERE action = 'test:write'")[0][0]
    assert before <= kept < len(written)


# Of this program alone: what getrusage tells counts the test run that started it too.
PEAK = """
import sys
from pathlib import Path
from casework.__main__ import cli
try:
    cli(sys.argv[1:])
finally:
    status = Path("/proc/self/status").read_text()
    print("PEAK", status.partition("VmHWM:")[2].split()[0])
"""


def _peak(done: subprocess.CompletedProcess[str]) -> int:
    assert "PEAK" in done.stdout, done.stdout + done.stderr
    return int(done.stdout.rpartition("PEAK")[2])


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="reads what the kernel of Linux counts")
def test_memory_does_not_grow_with_the_database(site: Site, tmp_path: Path) -> None:
    peaks: dict[str, list[int]] = {"backup": [], "restore": []}
    sizes = []
    for name in ("small.age", "big.age"):
        path, into = tmp_path / name, site.new_database()
        made = in_a_process(site, PEAK, "backup", "--to", path, "--recipient", site.public)
        peaks["backup"].append(_peak(made))
        target: dict[str, Any] = {"--into": site.servers.url("casework_owner", into)}
        words = [
            "restore",
            path,
            "--identity",
            site.identity,
            "--erasures",
            site.export(),
            *(w for kv in target.items() for w in kv),
        ]
        restored = in_a_process(site, PEAK, *words)
        assert "Everything is well" in restored.stdout, restored.stdout + restored.stderr
        peaks["restore"].append(_peak(restored))
        sizes.append(path.stat().st_size)
        site.rows(site.name, MANY_NOTES)
    assert sizes[1] > 100 * sizes[0] and sizes[1] > 30_000_000
    for what, (small, big) in peaks.items():
        assert big < 1.15 * small, (what, small, big)


# 40 MB of notes. They are all alike, and further apart than the compression of the dump looks back.
MANY_NOTES = """
WITH noise AS MATERIALIZED (
    SELECT string_agg(uuid_send(gen_random_uuid()), '') AS body FROM generate_series(1, 2000))
INSERT INTO case_note (id, service_id, case_id, body, written_at)
SELECT gen_random_uuid(), c.service_id, c.id, noise.body, now()
FROM (SELECT * FROM "case" LIMIT 1) c, noise, generate_series(1, 1300)
"""


def test_what_decrypts_is_what_the_manifest_counts(site: Site, backup: Path) -> None:
    pieces: list[bytes] = []
    manifest = decrypt(backup, read_identities(site.identity), pieces.append, lambda _count: None)
    assert b"".join(pieces).startswith(b"PGDMP")
    assert manifest.to_line() + b"".join(pieces) == opened(backup, site.identity)
