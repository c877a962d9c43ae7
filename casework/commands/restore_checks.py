"""What is checked after a restore, against what the backup says of itself and against the key ring."""

from __future__ import annotations

from dataclasses import dataclass

from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from sqlalchemy import Connection, text

from casework.audit.verify import verify
from casework.commands.backup_database import count_rows
from casework.commands.backup_manifest import Manifest
from casework.commands.backup_tools import CopyFailed
from casework.commands.preparation import ROOT
from casework.vault import KeyRing
from casework.vault.format import Tampered

SAMPLE = 500


@dataclass(frozen=True)
class Finding:
    """One line of the report; what is not well makes the command end with another exit code."""

    is_well: bool
    words: str


def newest_schema() -> str:
    """Tell the newest migration that this code knows."""
    return str(ScriptDirectory(str(ROOT / "migrations")).get_current_head())


def check_schema(revision: str) -> Finding:
    """Say whether this code can use that schema; raise CopyFailed when it is newer than the code."""
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    try:
        known = {script.revision for script in scripts.walk_revisions()}
    except RevisionError:
        known = set()
    if revision not in known:
        raise CopyFailed(
            f"This backup was made by a newer Casework (schema {revision}; this one knows up to"
            f" {newest_schema()}): restore it with the code that made it."
        )
    if revision == newest_schema():
        return Finding(True, f"schema: {revision}, the newest that this code knows")
    return Finding(True, f"schema: {revision}, now run “casework db upgrade” ({newest_schema()})")


def check_rows(connection: Connection, manifest: Manifest) -> Finding:
    """Compare the rows of every table with what was counted when the backup was made."""
    found = count_rows(connection)
    names = sorted({*found, *manifest.rows})
    wrong = [name for name in names if found.get(name) != manifest.rows.get(name)]
    if wrong:
        said = "; ".join(
            f"{name} has {found.get(name, 'no table')}, the backup {manifest.rows.get(name, 'no table')}"
            for name in wrong[:5]
        )
        return Finding(False, f"rows: {len(wrong)} tables differ from the backup: {said}")
    return Finding(True, f"rows: {sum(found.values())} in {len(found)} tables, as in the backup")


def check_audit(connection: Connection, manifest: Manifest) -> Finding:
    """Recompute the audit chain, and see whether it ends where it ended when the backup was made."""
    result = verify(connection)
    if not result.is_intact:
        return Finding(False, f"audit: BROKEN at entry {result.broken_at}: {result.reason}")
    if (result.entries, result.head) != (manifest.audit_seq, manifest.audit_hash):
        return Finding(False, "audit: the chain is whole, but its head is not the backup’s")
    return Finding(True, f"audit: the chain is whole, {result.entries} entries, head {result.head}")


# Whose keys they are: people's and cases' share one table, and only their own tell which.
OWNERS = text(
    "SELECT d.kek_id, count(*) AS keys, count(p.id) AS people, count(c.id) AS cases"
    " FROM data_key d LEFT JOIN person p ON p.id = d.owner_id"
    ' LEFT JOIN "case" c ON c.id = d.owner_id GROUP BY d.kek_id ORDER BY d.kek_id'
)
SOME_KEYS = text(
    "SELECT owner_id, wrapped FROM data_key WHERE kek_id = :kek_id ORDER BY owner_id LIMIT :sample"
)
INDEX_VERSIONS = text("SELECT DISTINCT version FROM index_term ORDER BY version")


def check_keys(connection: Connection, ring: KeyRing | None) -> list[Finding]:
    """Say which data keys the key ring opens; those of a retired key stay closed, and that is final.

    A sample is unwrapped and thrown away; no field is opened, so nobody was looked at.
    """
    if ring is None:
        return [Finding(False, "keys: not checked, because CASEWORK_KEYS is not set")]
    found = [
        _check_kek(connection, ring, row.kek_id, row.keys)
        if row.kek_id in ring.kek_ids
        else _unreadable(row.kek_id, row.people, row.cases)
        for row in connection.execute(OWNERS)
    ]
    versions = set(connection.execute(INDEX_VERSIONS).scalars()) - set(ring.index_versions)
    found += [
        Finding(False, f"look-up: index key {version} is not in the key ring: who was indexed under it is not found")
        for version in sorted(versions)
    ]  # fmt: skip
    return found or [Finding(True, "keys: this backup holds no data key")]


def _unreadable(kek_id: int, people: int, cases: int) -> Finding:
    return Finding(
        False,
        f"keys: {people} people and {cases} cases stay unreadable: key {kek_id} sealed theirs, and the"
        " key ring has no such key. If it was retired, that is final; otherwise this is not the ring",
    )


def _check_kek(connection: Connection, ring: KeyRing, kek_id: int, total: int) -> Finding:
    some = connection.execute(SOME_KEYS, {"kek_id": kek_id, "sample": SAMPLE}).all()
    closed = 0
    for row in some:
        try:
            ring.unwrap(row.owner_id, kek_id, bytes(row.wrapped))
        except Tampered:
            closed += 1
    if closed:
        return Finding(
            False,
            f"keys: {closed} of {len(some)} data keys tried do not open under key {kek_id}: the key"
            " ring has another key of that number, or those rows were changed",
        )
    return Finding(True, f"keys: {total} data keys under key {kek_id}, {len(some)} of them tried")
