"""The first line of a backup: what the copy holds, and what a restore is held to (docs/backups.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from casework.commands.backup_tools import CopyFailed

FORMAT = "casework-backup-1"


@dataclass(frozen=True)
class Manifest:
    """What the copy holds, counted in the very snapshot that was dumped; what a restore is held to."""

    created_at: str
    revision: str
    server: int
    pg_dump: int
    rows: dict[str, int]
    audit_seq: int
    audit_hash: str
    data_keys: dict[str, int]
    index_versions: dict[str, int]
    erasures: int | None

    def to_line(self) -> bytes:
        """Write it as one line of JSON."""
        document = {"format": FORMAT, **asdict(self)}
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Manifest:
        """Read what `to_line` wrote; raise CopyFailed for anything else."""
        try:
            document: dict[str, Any] = json.loads(line)
            found = document.pop("format")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise CopyFailed(
                "What is encrypted in this file is not a backup of Casework."
            ) from None
        if found != FORMAT:
            raise CopyFailed(
                "This backup has a format that this Casework does not know: a newer one made it."
            )
        if not _is_ours(document):
            raise CopyFailed("The first line of this backup is not one that we write.")
        return cls(**document)


def _is_ours(document: dict[str, Any]) -> bool:
    """Tell whether every field is there, no other, and each of the kind that it is written as."""
    kinds: dict[str, Callable[[Any], bool]] = {
        "created_at": _is_moment,
        "revision": _is_text,
        "server": _is_count,
        "pg_dump": _is_count,
        "rows": _are_counts,
        "audit_seq": _is_count,
        "audit_hash": _is_text,
        "data_keys": _are_counts,
        "index_versions": _are_counts,
        "erasures": lambda value: value is None or _is_count(value),
    }
    return document.keys() == kinds.keys() and all(
        fits(document[name]) for name, fits in kinds.items()
    )


def _is_text(value: Any) -> bool:
    # They are printed: nothing in them may move a terminal's cursor.
    return isinstance(value, str) and value.isprintable()


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _are_counts(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _is_text(name) and _is_count(count) for name, count in value.items()
    )


def _is_moment(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False
