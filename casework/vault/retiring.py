"""Retiring a key in the database: its number is written down there, and nobody writes under it again.

The ring alone could not say so: a process may hold an older one, or may be writing at this moment.
"""

import structlog
from sqlalchemy import Connection, Engine, event, select, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError

from casework.extensions import db
from casework.vault.changes import Part
from casework.vault.keyring import KeyRing, RingRefused
from casework.vault.models import RetiredKey

log = structlog.get_logger(__name__)

# How long `keys retire` waits for those who write; others wait behind it meanwhile.
PATIENCE = "5s"
IS_RETIRED = "KR001"  # what the triggers of migration 0007 raise
NOT_IN_TIME = "55P03"

IN_ALL_SERVICES = text("SELECT casework_retire_key(:part, :number)")


class KeyRetired(RingRefused):
    """Somebody wrote under a retired key: their ring is an old one, and nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            "This process still writes under a key that is retired, and nothing was written: bring"
            " it the newest key ring."
        )


def retire_number(part: Part, number: int) -> int:
    """Let nobody write under a key any more, unless rows need it: give how many do, in all services.

    Waits for writers under way, so that theirs are counted too. It holds from the commit on, which
    is the caller's; doing it twice is no harm.
    """
    db.session.execute(text("SELECT set_config('lock_timeout', :time, true)"), {"time": PATIENCE})
    try:
        asked = db.session.execute(IN_ALL_SERVICES, {"part": part.value, "number": number})
    except OperationalError as problem:
        if getattr(problem.orig, "sqlstate", None) != NOT_IN_TIME:
            raise
        raise RingRefused(
            f"Somebody has been writing for more than {PATIENCE.replace('s', ' seconds')}, perhaps"
            " under this key: try again in a moment."
        ) from None
    return int(asked.scalar_one())


def is_retired(part: Part, number: int) -> bool:
    """Tell whether the database refuses to write under a key."""
    wanted = select(RetiredKey).where(RetiredKey.part == part.value, RetiredKey.number == number)
    return db.session.execute(wanted).first() is not None


def retired_and_current(connection: Connection, ring: KeyRing) -> str | None:
    """Say in one sentence that this ring writes under a retired key; None when it does not."""
    current = {(Part.KEKS.value, ring.current), (Part.INDEX.value, ring.index_current)}
    rows = connection.execute(select(RetiredKey.part, RetiredKey.number))
    if current.isdisjoint({(part, number) for part, number in rows}):
        return None
    return (
        "The key ring’s current key is retired: the ring is too old; bring the newest one from"
        " another host."
    )


@event.listens_for(Engine, "handle_error")
def _say_so(context: ExceptionContext) -> None:
    """Turn the database's refusal into one line of the log and one sentence."""
    if getattr(context.original_exception, "sqlstate", None) == IS_RETIRED:
        refusal = KeyRetired()
        log.error("vault.key_retired", why=str(refusal))
        raise refusal
