"""Whether ring and database belong together, asked at start and by /readyz."""

from uuid import UUID

from sqlalchemy import Connection, text

from casework.vault.blind_index import IndexKind
from casework.vault.format import Tampered
from casework.vault.keyring import KeyRing
from casework.vault.retiring import retired_and_current

# Both see all services and give no more than this question needs (migration 0006): a few data keys
# of each number, since a single damaged one must not keep everybody out.
KEYS_IN_USE = text("SELECT kek_id, owner_id, wrapped FROM casework_keys_in_use()")
VERSIONS_IN_USE = text("SELECT version FROM casework_index_versions_in_use(:kinds)")


def misfit(connection: Connection, ring: KeyRing) -> str | None:
    """Say in one sentence why this ring does not fit this database; None when it does."""
    samples = connection.execute(KEYS_IN_USE).all()
    lacking = sorted({row.kek_id for row in samples} - set(ring.kek_ids))
    if lacking:
        return (
            f"The key ring lacks key {_named(lacking)}, under which people’s data is still sealed:"
            " it is half-rotated or too old; bring the whole ring from another host or a copy."
        )
    if samples and not any(_opens(ring, *row) for row in samples):
        return (
            "The key ring opens nothing in this database: it is the ring of another installation."
        )
    versions = connection.execute(VERSIONS_IN_USE, {"kinds": [kind.value for kind in IndexKind]})
    lacking = sorted(set(versions.scalars()) - set(ring.index_versions))
    if lacking:
        return (
            f"The key ring lacks index key {_named(lacking)}, by which people are still looked up:"
            " it is half-rotated or too old; bring the whole ring from another host or a copy."
        )
    return retired_and_current(connection, ring)


def _opens(ring: KeyRing, kek_id: int, owner_id: UUID, wrapped: bytes) -> bool:
    try:
        ring.unwrap(owner_id, kek_id, wrapped)
    except Tampered:
        return False
    return True


def _named(numbers: list[int]) -> str:
    return " and ".join(str(number) for number in numbers)
