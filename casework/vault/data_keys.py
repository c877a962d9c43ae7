"""Data keys: one per owner, kept wrapped, unwrapped for the length of one transaction only."""

from collections.abc import Iterable
from os import urandom
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app
from sqlalchemy import delete, event, insert, select
from sqlalchemy.orm import Session, SessionTransaction

from casework.database import now
from casework.extensions import db
from casework.many import is_one_of
from casework.vault.digests import forget_digests
from casework.vault.format import KEY_BYTES, Tampered
from casework.vault.keyring import KeyRing
from casework.vault.models import DataKey, IndexTerm
from casework.vault.reloading import Reloader

CACHE = "vault.ciphers"


def ring() -> KeyRing:
    """Give the key ring of the running application, read anew if its file was changed."""
    reloader: Reloader = current_app.extensions["vault_reloader"]
    return reloader.current()


def is_ring_read() -> bool:
    """Tell whether the last reading of the ring succeeded; else an older one is in use."""
    reloader: Reloader = current_app.extensions["vault_reloader"]
    return reloader.is_read


def ring_with(keks: Iterable[int] = (), index: Iterable[int] = ()) -> KeyRing:
    """Give the key ring; when it lacks a key that a row names, read it anew once before."""
    reloader: Reloader = current_app.extensions["vault_reloader"]
    wanted, versions = set(keks), set(index)
    return reloader.holding(
        lambda held: wanted <= set(held.kek_ids) and versions <= set(held.index_versions)
    )


def create_key(service_id: UUID, owner_id: UUID) -> None:
    """Make the data key of a new owner (R16); raise IntegrityError when the owner has one."""
    data_key = urandom(KEY_BYTES)
    kek_id, wrapped = ring().wrap(owner_id, data_key)
    db.session.execute(
        insert(DataKey).values(
            owner_id=owner_id,
            service_id=service_id,
            kek_id=kek_id,
            wrapped=wrapped,
            created_at=now(),
        )
    )
    _cache()[owner_id] = AESGCM(data_key)


def lock_keys(owner_ids: Iterable[UUID]) -> None:
    """Lock owners' keys until the commit without waiting; the database refuses when they are in use.

    Whoever wraps keys anew or writes index terms for an owner locks the owner's key as well, so
    nothing of an erased owner is written after the erasure.
    """
    db.session.execute(
        select(DataKey.owner_id)
        .where(DataKey.owner_id.in_(list(owner_ids)))
        .order_by(DataKey.owner_id)
        .with_for_update(nowait=True)
    )


def destroy_key(owner_id: UUID) -> bool:
    """Destroy an owner's data key, index terms and row digests (R17); tell whether there was a key.

    From the commit on nothing sealed for this owner can be opened. A backup still holds the
    wrapped key, until the key that wrapped it is retired.
    """
    # The key goes first: whoever makes the owner's terms anew holds it, so that their terms are
    # there to be deleted once this statement need wait no longer.
    gone = db.session.execute(
        delete(DataKey).where(DataKey.owner_id == owner_id).returning(DataKey.owner_id)
    ).first()
    db.session.execute(delete(IndexTerm).where(IndexTerm.owner_id == owner_id))
    forget_digests(owner_id)
    _cache().pop(owner_id, None)
    return gone is not None


def ciphers_for(owner_ids: Iterable[UUID]) -> dict[UUID, AESGCM | str]:
    """Give each owner's cipher, or the reason why there is none; at most one query."""
    cache = _cache()
    wanted = set(owner_ids)
    found: dict[UUID, AESGCM | str] = {
        owner_id: cache.get(owner_id, "key_gone") for owner_id in wanted
    }
    missing = wanted - cache.keys()
    if not missing:
        return found
    # A half-written row may be waiting to be sealed: reading its key must not flush it.
    with db.session.no_autoflush:
        rows = db.session.execute(
            select(DataKey.owner_id, DataKey.kek_id, DataKey.wrapped).where(
                is_one_of(DataKey.owner_id, missing)
            )
        ).all()
    key_ring = ring_with(keks=(row.kek_id for row in rows))
    for owner_id, kek_id, wrapped in rows:
        try:
            found[owner_id] = cache[owner_id] = AESGCM(key_ring.unwrap(owner_id, kek_id, wrapped))
        except Tampered as problem:
            found[owner_id] = f"key_{problem.reason}"
    return found


def _cache() -> dict[UUID, AESGCM]:
    ciphers: dict[UUID, AESGCM] = db.session.info.setdefault(CACHE, {})
    return ciphers


@event.listens_for(db.session, "after_soft_rollback")
def _forget_after_savepoint(session: Session, previous: SessionTransaction) -> None:
    """A key made inside a savepoint that was rolled back exists no more: look everything up anew."""
    session.info.pop(CACHE, None)


@event.listens_for(db.session, "after_transaction_end")
def _forget_after_transaction(session: Session, transaction: SessionTransaction) -> None:
    """Unwrapped keys never outlive their transaction."""
    if transaction.parent is None:
        session.info.pop(CACHE, None)
