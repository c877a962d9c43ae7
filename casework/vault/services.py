"""Sealing and opening the fields of rows, and looking owners up by an exact value."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Protocol
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import and_, delete, inspect, or_, select
from sqlalchemy.dialects.postgresql import insert

from casework.extensions import db
from casework.many import is_one_of
from casework.vault.blind_index import IndexKind, token, tokens
from casework.vault.data_keys import ciphers_for, ring, ring_with
from casework.vault.digests import failure_of, faults_in
from casework.vault.failures import Failure, Unreadable, report
from casework.vault.fields import Sealed, SealedValue
from casework.vault.format import Place, Tampered, open_value, seal_value
from casework.vault.models import IndexTerm


class SealedRow(Protocol):
    """A row with sealed columns: its own id, its service, and the owner of its key."""

    @property
    def id(self) -> Any: ...
    @property
    def service_id(self) -> Any: ...
    @property
    def key_owner_id(self) -> UUID: ...


def seal(row: SealedRow, /, **values: Any) -> None:
    """Seal values into the named columns of a row; None empties a column.

    Text, whole numbers, truths, lists and dictionaries come back as they were. Raises KeyGone
    when the owner has no key, and Unsealable for any other kind of value.
    """
    places = {name: _place(row, name) for name in values}
    cipher = ciphers_for([row.key_owner_id])[row.key_owner_id]
    if isinstance(cipher, str):
        raise report(_failure(row, next(iter(places.values())), cipher))
    ready = {
        name: None if value is None else SealedValue(seal_value(cipher, places[name], value))
        for name, value in values.items()
    }
    for name, sealed_value in ready.items():
        setattr(row, name, sealed_value)


def open_fields(row: SealedRow, /, *names: str) -> dict[str, Any]:
    """Open the named fields of a row; raise Unreadable when the key is gone or a tag fails.

    Only the openers of people, cases and referrals call this, and each writes an audit entry in
    the same function (R21).
    """
    cipher = ciphers_for([row.key_owner_id])[row.key_owner_id]
    return _open(row, names, cipher, faults_in([row]).get(row.id))


def open_many(rows: Sequence[SealedRow], /, *names: str) -> list[dict[str, Any] | None]:
    """Open the named fields of many rows with one query for their keys and one for their digests.

    They come in the rows' order. A row that cannot be opened gives None, and is reported like any
    other failed opening, so that one damaged row does not hide the forty-nine others.
    """
    ciphers, faults = ciphers_for(row.key_owner_id for row in rows), faults_in(rows)
    opened: list[dict[str, Any] | None] = []
    for row in rows:
        try:
            opened.append(_open(row, names, ciphers[row.key_owner_id], faults.get(row.id)))
        except Unreadable:
            opened.append(None)
    return opened


def digest(row: SealedRow, name: str, /) -> str | None:
    """Give the SHA-256 of a field's ciphertext, for the audit entry of a write; None when empty."""
    _place(row, name)
    value: SealedValue | None = getattr(row, name)
    return None if value is None else hashlib.sha256(value.ciphertext).hexdigest()


def index_put(service_id: UUID, owner_id: UUID, kind: str, value: str) -> None:
    """Make an owner findable by a normalised value; putting it twice changes nothing."""
    key_ring = ring()
    version = key_ring.index_current
    db.session.execute(
        insert(IndexTerm)
        .values(
            service_id=service_id,
            kind=IndexKind(kind).value,
            version=version,
            token=term_token(service_id, kind, version, value),
            owner_id=owner_id,
        )
        .on_conflict_do_nothing()
    )


def index_candidates(service_id: UUID, kind: str, value: str, limit: int = 50) -> list[UUID]:
    """Find owners whose term matches; each must be confirmed by opening, since terms collide.

    At most `limit` come back, so a caller that gets them all should ask to narrow the search.
    """
    key_ring = ring_with(index=_newer_versions(service_id, kind))
    matches = or_(
        *(
            and_(
                IndexTerm.version == version,
                IndexTerm.token == term_token(service_id, kind, version, value),
            )
            for version in key_ring.index_versions
        )
    )
    return list(
        db.session.scalars(
            select(IndexTerm.owner_id)
            .where(IndexTerm.service_id == service_id, IndexTerm.kind == IndexKind(kind).value)
            .where(matches)
            .distinct()
            .order_by(IndexTerm.owner_id)
            .limit(limit)
        )
    )


def index_candidates_many(
    service_id: UUID, kind: str, values: Iterable[str]
) -> dict[str, list[UUID]]:
    """Find the owners whose terms match each of many values, with one query for all of them.

    As with one value, each must be confirmed by opening. Every owner comes back, however many.
    """
    newest = _newer_versions(service_id, kind)
    versions = ring_with(index=newest).index_versions
    found: dict[str, list[UUID]] = {value: [] for value in values}
    wanted: dict[tuple[int, int], list[str]] = defaultdict(list)
    for version in versions:
        root = ring_with(index=[version]).index_root(version)
        for value, term in tokens(root, version, service_id, IndexKind(kind), found).items():
            wanted[version, term].append(value)
    if not wanted:
        return found
    rows = db.session.execute(
        select(IndexTerm.version, IndexTerm.token, IndexTerm.owner_id)
        .where(
            IndexTerm.service_id == service_id,
            IndexTerm.kind == IndexKind(kind).value,
            IndexTerm.version.in_(list(versions)),
            is_one_of(IndexTerm.token, {term for _version, term in wanted}),
        )
        .order_by(IndexTerm.owner_id)
    )
    for version, term, owner_id in rows:
        for value in wanted.get((version, term), ()):
            if owner_id not in found[value]:
                found[value].append(owner_id)
    return found


def index_delete(owner_id: UUID, kind: str | None = None) -> None:
    """Remove an owner's terms, all of them or those of one kind."""
    terms = delete(IndexTerm).where(IndexTerm.owner_id == owner_id)
    if kind is not None:
        terms = terms.where(IndexTerm.kind == IndexKind(kind).value)
    db.session.execute(terms)


def _open(
    row: SealedRow, names: Sequence[str], cipher: AESGCM | str, fault: str | None
) -> dict[str, Any]:
    opened: dict[str, Any] = {}
    for name in names:
        place = _place(row, name)
        value: SealedValue | None = getattr(row, name)
        if value is None:
            opened[name] = None
            continue
        if isinstance(cipher, str):
            raise report(_failure(row, place, cipher))
        try:
            opened[name] = open_value(cipher, place, value.ciphertext)
        except Tampered as problem:
            raise report(_failure(row, place, problem.reason)) from None
    if fault is not None and names:
        # Each value fits its cell, but the row is not the one that was written last.
        reason = cipher if isinstance(cipher, str) else fault
        raise report(_failure(row, _place(row, names[0]), reason))
    return opened


def _place(row: SealedRow, name: str) -> Place:
    column = inspect(type(row)).columns.get(name)
    if column is None or not isinstance(column.type, Sealed):
        raise TypeError(f"{type(row).__name__}.{name} is not a sealed column")
    return Place(column.type.table_tag, column.type.column_tag, row.id)


def _failure(row: SealedRow, place: Place, reason: str) -> Failure:
    return failure_of(row, place.table_tag, place.column_tag, reason)


def _newer_versions(service_id: UUID, kind: str) -> list[int]:
    """Find a term of a version that came after this process read its ring: one step in the index.

    Without it a person written down by a process that knows the newer key would not be found.
    """
    newest_known = max(ring().index_versions)
    newer = select(IndexTerm.version).where(
        IndexTerm.service_id == service_id,
        IndexTerm.kind == IndexKind(kind).value,
        IndexTerm.version > newest_known,
    )
    return list(db.session.scalars(newer.limit(1)))


def term_token(service_id: UUID, kind: str, version: int, value: str) -> int:
    """Compute the token of a normalised value under the ring's index key of a version."""
    root = ring_with(index=[version]).index_root(version)
    return token(root, version, service_id, IndexKind(kind), value)
