"""Bringing data keys under the ring's current key, in batches, while everybody goes on working.

The bytes of sealed fields never move: only the wrapping of each owner's key is made anew. A batch
is one SELECT and one UPDATE; a key that another transaction holds is left for a later batch.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text, update

from casework.extensions import db
from casework.vault.data_keys import ring, ring_with
from casework.vault.failures import Failure, report
from casework.vault.format import Tampered
from casework.vault.models import DataKey

# The rows are locked, so what was read is what is replaced; one that was erased does not come back.
# Two long texts instead of two arrays: writing an array takes the driver longer than the update.
MOVE = text(
    """
    UPDATE data_key AS standing
    SET kek_id = :kek_id, wrapped = decode(moved.wrapped, 'hex'), failed_for = NULL
    FROM unnest(CAST(string_to_array(:owner_ids, ',') AS uuid[]), string_to_array(:wrapped, ','))
        AS moved (owner_id, wrapped)
    WHERE standing.owner_id = moved.owner_id
    """
)


class Moved(NamedTuple):
    """What a batch did: keys moved, keys that could not be, and keys still to be moved."""

    moved: int
    failed: int
    left: int


class Batch(NamedTuple):
    """What a batch did; nothing at all means that none is left, or that others hold the rest."""

    moved: int
    failed: int

    @property
    def is_empty(self) -> bool:
        """Whether the batch found nothing that it could try."""
        return not (self.moved or self.failed)


class Standing(NamedTuple):
    """How many data keys stand under one key of the ring, and how many of them did not move."""

    keys: int
    failed: int


def rewrap(service_id: UUID, limit: int) -> Moved:
    """Bring up to `limit` data keys of the entered service under the ring's current key.

    A key that cannot be unwrapped stays, is reported like a failed opening, and is not tried again
    until forget_failed_keys(); so calling until `left` is 0 always ends. Never commits.
    """
    batch = rewrap_batch(service_id, limit)
    return Moved(batch.moved, batch.failed, keys_to_move(service_id))


def rewrap_batch(service_id: UUID, limit: int) -> Batch:
    """Do what rewrap() does without counting what is left, which takes longer than a batch."""
    owner_ids: list[str] = []
    wrapped: list[str] = []
    failed: dict[UUID, Failure] = {}
    rows = _take(service_id, ring().current, limit)
    key_ring = ring_with(keks=(row.kek_id for row in rows))
    for owner_id, kek_id, standing in rows:
        try:
            _, fresh = key_ring.wrap(owner_id, key_ring.unwrap(owner_id, kek_id, standing))
        except Tampered as problem:
            failed[owner_id] = _failure(service_id, owner_id, problem.reason)
            continue
        owner_ids.append(owner_id.hex)
        wrapped.append(fresh.hex())
    if owner_ids:
        values = {"owner_ids": ",".join(owner_ids), "wrapped": ",".join(wrapped)}
        db.session.execute(MOVE, values | {"kek_id": key_ring.current})
    if failed:
        _set_aside(failed, key_ring.current)
    return Batch(len(owner_ids), len(failed))


def keys_to_move(service_id: UUID) -> int:
    """Count the data keys of a service that a run would still try to move."""
    current = ring().current
    wanted = select(func.count()).where(
        DataKey.service_id == service_id,
        or_(DataKey.kek_id < current, DataKey.kek_id > current),
        _is_untried(current),
    )
    return db.session.scalar(wanted) or 0


def keys_by_kek(service_id: UUID) -> dict[int, Standing]:
    """Count the data keys of the entered service by the key of the ring that wraps them."""
    rows = db.session.execute(
        select(
            DataKey.kek_id,
            func.count(),
            func.count().filter(DataKey.failed_for == ring().current),
        )
        .where(DataKey.service_id == service_id)
        .group_by(DataKey.kek_id)
        .order_by(DataKey.kek_id)
    )
    return {kek_id: Standing(keys, failed) for kek_id, keys, failed in rows}


def forget_failed_keys(service_id: UUID) -> None:
    """Let the next batches try again what could not be moved, since the reason may be mended."""
    db.session.execute(
        update(DataKey)
        .where(DataKey.service_id == service_id, DataKey.failed_for.is_not(None))
        .values(failed_for=None)
    )


def hold_keys(owner_ids: Iterable[UUID]) -> set[UUID]:
    """Keep these owners from being erased until the commit; give those somebody else holds.

    Nobody is waited for, so whoever holds keys this way stands in no circle with an erasure.
    """
    wanted = select(DataKey.owner_id).where(DataKey.owner_id.in_(list(owner_ids)))
    there = set(db.session.scalars(wanted))
    # Share: a run that moves keys under the ring's current one must not think them changed.
    held = set(db.session.scalars(wanted.with_for_update(read=True, skip_locked=True)))
    return there - held


def _take(service_id: UUID, current: int, limit: int) -> list[Any]:
    """Lock the next keys that stand under another key: the older ones first, then the newer.

    Two range scans instead of "unequal": each walks the index in its order and stops at the limit.
    """
    found: list[Any] = []
    for side in (DataKey.kek_id < current, DataKey.kek_id > current):
        if len(found) == limit:
            break
        found += db.session.execute(
            select(DataKey.owner_id, DataKey.kek_id, DataKey.wrapped)
            .where(DataKey.service_id == service_id, side, _is_untried(current))
            .order_by(DataKey.kek_id)
            .limit(limit - len(found))
            .with_for_update(skip_locked=True)
        ).all()
    return found


def _set_aside(failed: dict[UUID, Failure], current: int) -> None:
    """Mark the keys that could not be moved, and report them.

    A ring that lacks a key fails all that stand under it for one reason, told once a batch.
    """
    db.session.execute(
        update(DataKey).where(DataKey.owner_id.in_(failed)).values(failed_for=current)
    )
    is_told = False
    for failure in failed.values():
        if failure.reason == "key_unknown_kek":
            if is_told:
                continue
            is_told = True
        report(failure)


def _is_untried(current: int) -> ColumnElement[bool]:
    return or_(DataKey.failed_for.is_(None), DataKey.failed_for != current)


def _failure(service_id: UUID, owner_id: UUID, reason: str) -> Failure:
    return Failure(f"key_{reason}", service_id, owner_id, owner_id, "data_key", "wrapped")
