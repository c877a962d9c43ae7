"""Two people saving the same row: the second is told, and nothing is overwritten unseen."""

from typing import Any, Protocol

from casework.database import StaleVersion
from casework.extensions import db


class Versioned(Protocol):
    """A row with a version number."""

    version: Any


def lock_version(row: Versioned, version: int | None) -> None:
    """Lock a row for this transaction and read it anew; raise StaleVersion when it has moved on.

    A version of None locks without comparing. The caller adds one to the version when it writes.
    """
    db.session.flush()
    db.session.refresh(row, with_for_update=True)
    if version is not None and row.version != version:
        raise StaleVersion
