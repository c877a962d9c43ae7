"""Two people saving the same row: the second is told, and nothing is overwritten unseen."""

from typing import Any, Protocol

from sqlalchemy.exc import InvalidRequestError

from casework.database import NotFound, StaleVersion
from casework.extensions import db


class Versioned(Protocol):
    """A row with a version number."""

    version: Any


def lock_version(row: Versioned, version: int | None) -> None:
    """Lock a row for this transaction and read it anew; raise StaleVersion when it has moved on.

    Raises NotFound for a row that is gone. A version of None locks without comparing. The caller adds one to the version when it writes.
    """
    db.session.flush()
    try:
        db.session.refresh(row, with_for_update=True)
    except InvalidRequestError:
        # Erased since this page was opened, perhaps while we waited for the lock.
        raise NotFound from None
    if version is not None and row.version != version:
        raise StaleVersion
