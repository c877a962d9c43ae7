"""The list of erasures: whole or refused, asked for, and judged by its age."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from casework.commands import restore_erasures
from casework.commands.backup_tools import CopyFailed
from tests.backups.conftest import Site
from tests.backups.test_erased_stays_erased import cases_and_people, erase

LINE = {
    "service_id": str(uuid4()),
    "id": str(uuid4()),
    "case_id": str(uuid4()),
    "person_id": None,
    "reason": "retention",
    "erased_at": "2026-11-24T12:00:00+00:00",
    "by_account": None,
}


def written(path: Path, *lines: Any) -> Path:
    """Write a list with these lines as the export does, with the right number and digest."""
    path.unlink(missing_ok=True)
    restore_erasures.write_list(path, lines, datetime.now(UTC))
    return path


def refusal(path: Path) -> str:
    with pytest.raises(CopyFailed) as refused:
        restore_erasures.read_list(path)
    return str(refused.value)


def test_a_restore_asks_for_the_list_or_for_a_word_that_there_is_none(
    site: Site, backup: Path
) -> None:
    into = {"MIGRATION_DATABASE_URL": site.servers.url("casework_owner", site.new_database())}
    asked = ("restore", backup, "--identity", site.identity)
    done = site.run(*asked, **into)
    assert done.exit_code == 1 and "Give --erasures with the newest list" in done.output
    listed = site.export()
    done = site.run(*asked, "--erasures", listed, "--without-erasures", **into)
    assert done.exit_code == 1 and "Give --erasures with the newest list" in done.output
    done = site.run(*asked, "--without-erasures", **into)
    assert done.exit_code == 3, done.output
    assert "NOT  erasures: no list was given, so whoever was erased after this" in done.output


def test_a_list_says_how_many_it_holds_and_their_digest(site: Site) -> None:
    (case_id, person_id), _ = cases_and_people(site.apps[0])
    erase(site, site.apps[0], case_id, person_id)
    path = site.export()
    [first, line] = path.read_text().splitlines()
    assert json.loads(first)["count"] == 1 and json.loads(line)["case_id"] == str(case_id)
    read = restore_erasures.read_list(path)
    assert [each.case_id for each in read.erasures] == [case_id]


def test_a_list_that_was_cut_or_changed_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "list.jsonl", LINE, LINE | {"id": str(uuid4())})
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    other = whole.replace(b"retention", b"persons_wish")
    for changed in (
        lines[0],
        lines[0] + lines[1],
        lines[0] + lines[2] + lines[1],
        whole[:-1],
        whole + lines[1],
        whole.replace(b"\n", b"\r\n"),
        other,
    ):
        path.write_bytes(changed)
        assert "was cut short or changed since it was exported" in refusal(path), changed
    path.write_bytes(whole)
    assert len(restore_erasures.read_list(path).erasures) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "x" * 60},
        {"reason": "spite"},
        {"reason": None},
        {"erased_at": "0001-01-01T00:00:00+23:59"},
        {"erased_at": "2026-11-24T12:00:00"},
        {"erased_at": 5},
        {"case_id": "C-1"},
        {"case_id": 5},
    ],
)
def test_a_line_that_the_database_would_refuse_is_refused_before_anything_is_done(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    path = written(tmp_path / "list.jsonl", LINE | change)
    assert "is not a list written by casework erasures export" in refusal(path)


def test_what_is_not_a_list_of_erasures_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    first = '{"format": "casework-erasures-2"'
    for content in (
        "",
        "[]",
        "null",
        "é",
        "[" * 60_000,
        '{"format": "other"}',
        first + "}",
        first + ', "count": 0, "sha256": 5}',
    ):
        path.write_text(content)
        said = refusal(path)
        assert "not a list written by" in said or "was cut short" in said, content[:40]
    path.unlink()
    assert "cannot be read: no such file" in refusal(path)


def test_a_list_that_is_no_list_stops_a_restore_before_anything_is_done(
    site: Site, backup: Path, tmp_path: Path
) -> None:
    path = written(tmp_path / "list.jsonl", LINE | {"reason": "spite"})
    into = site.new_database()
    done = site.restore(backup, into, "--erasures", path)
    assert done.exit_code == 1 and "not a list written by casework erasures export" in done.output
    assert site.table_names(into) == []


def test_a_list_from_before_the_backup_is_a_finding(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    restore_erasures.write_list(path, [], datetime(2026, 1, 1, tzinfo=UTC))
    done = site.restore(site.backup(), site.new_database(), "--erasures", path)
    assert done.exit_code == 3, done.output
    assert "NOT  erasures: 0 in the list of 2026-01-01T00:00:00+00:00" in done.output
    assert "that list is older than this backup" in done.output


def test_the_list_of_another_database_is_a_finding(site: Site, tmp_path: Path) -> None:
    (case_id, person_id), _ = cases_and_people(site.apps[0])
    erase(site, site.apps[0], case_id, person_id)
    backup, path = site.backup(), written(tmp_path / "list.jsonl")
    done = site.restore(backup, site.new_database(), "--erasures", path)
    assert done.exit_code == 3, done.output
    assert "1 that the backup knows are not in it" in done.output
