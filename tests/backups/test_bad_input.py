"""First lines that nobody wrote here, disks that are full, addresses that are none: one sentence each."""

import json
import resource
from pathlib import Path
from typing import Any

import pytest

from casework.commands.backup_manifest import Manifest
from casework.commands.backup_tools import CopyFailed
from tests.backups.conftest import Site
from tests.backups.test_making_backups import in_a_process

GOOD: dict[str, Any] = {
    "format": "casework-backup-1",
    "created_at": "2026-11-26T02:30:00+00:00",
    "revision": "0006",
    "server": 17,
    "pg_dump": 17,
    "rows": {"person": 2},
    "audit_seq": 5,
    "audit_hash": "00ff",
    "data_keys": {"1": 4},
    "index_versions": {},
    "erasures": 0,
}


def test_what_we_write_is_read() -> None:
    manifest = Manifest.from_line(json.dumps(GOOD).encode())
    assert Manifest.from_line(manifest.to_line()) == manifest
    assert Manifest.from_line(json.dumps(GOOD | {"erasures": None}).encode()).erasures is None


@pytest.mark.parametrize(
    "change",
    [
        {"server": "x"},
        {"server": True},
        {"pg_dump": 15.5},
        {"rows": []},
        {"rows": None},
        {"rows": {"person": "2"}},
        {"rows": {"\x1b[2J": 2}},
        {"revision": None},
        {"revision": 6},
        {"revision": "0006\n"},
        {"audit_seq": -1},
        {"audit_hash": 5},
        {"data_keys": {"1": None}},
        {"index_versions": None},
        {"erasures": "none"},
        {"created_at": None},
        {"created_at": "yesterday"},
        {"created_at": "2026-11-26T02:30:00"},
        {"more": 1},
    ],
)
def test_a_first_line_of_other_kinds_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(CopyFailed, match="The first line of this backup is not one that we write"):
        Manifest.from_line(json.dumps(GOOD | change).encode())


@pytest.mark.parametrize("line", [b"[" * 60_000, b'{"format":' + b"[" * 60_000, b"\xff"])
def test_a_first_line_that_is_no_object_is_refused(line: bytes) -> None:
    with pytest.raises(CopyFailed, match="is not a backup of Casework"):
        Manifest.from_line(line)


NO_ROOM = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
from casework.__main__ import cli
cli(["backup-key", "--to", *sys.argv[1:]])
"""


def test_a_secret_key_that_found_no_room_is_one_sentence_and_no_empty_file(
    site: Site, tmp_path: Path
) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0
    path = tmp_path / "secret.txt"
    done = in_a_process(site, NO_ROOM, path)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith(f"Error: {path} cannot be written: ")
    assert done.stderr.count("\n") == 1 and "AGE-SECRET" not in done.stdout + done.stderr
    assert not path.exists()


@pytest.mark.parametrize(
    "address",
    ["nonsense", "mysql://u:hidden@h/d", "sqlite:///x", "postgresql+psycopg://u:hidden@h:port/d"],
)
@pytest.mark.parametrize(
    "words",
    [
        ("audit", "verify"),
        ("audit", "verify", "--sealed"),
        ("keys", "retire", "1", "--yes"),
        ("erasures", "export", "--to", "list.jsonl"),
    ],
)
def test_an_address_that_is_none_is_one_sentence_without_the_address(
    site: Site, words: tuple[str, ...], address: str
) -> None:
    done = site.run(*words, READER_DATABASE_URL=address)
    assert done.exit_code == 1
    assert done.output.count("\n") == 1, done.output
    assert "READER_DATABASE_URL is not the address of a PostgreSQL database" in done.output
    assert "hidden" not in done.output
