"""Sealing what one row holds again for rows that copy it: for invented people by the hundred thousand.

The plain values stay in here: whoever copies names what differs, and gets ciphertexts only. The
caller records in the audit whose rows were taken as patterns, and why (R21).
"""

from collections.abc import Callable, Mapping, Sequence
from os import urandom
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import inspect

from casework.vault.blind_index import token_maker
from casework.vault.data_keys import ciphers_for, ring
from casework.vault.digests import Layout, failure_of, faults_in, layout, maker_of
from casework.vault.failures import report
from casework.vault.fields import SealedValue
from casework.vault.format import (
    KEY_BYTES,
    Place,
    associated_with,
    encrypt,
    open_value,
    packed,
)

ANY_ROW = UUID(int=0)


class NewKey(NamedTuple):
    """The data key of an owner who is written by COPY: what its row holds, and its cipher."""

    kek_id: int
    wrapped: bytes
    cipher: AESGCM


class SealedCopy(NamedTuple):
    """The sealed columns of one copied row, by attribute, and the digest over them all."""

    values: dict[str, bytes | None]
    digest: bytes


class Pattern:
    """What a row holds sealed, opened once and shown to nobody."""

    def __init__(self, columns: Layout, packed_values: Mapping[str, bytes | None]) -> None:
        self._columns = columns
        self._packed = {name: packed_values[name] for name, _tag in columns.columns}
        self._digests = maker_of(columns)
        # The bytes that bind a value to its cell end with the row's id: all before it is the same
        # for every copy.
        self._binding = {
            name: associated_with(Place(columns.table_tag, tag, ANY_ROW))[: -len(ANY_ROW.bytes)]
            for name, tag in columns.columns
        }

    def __repr__(self) -> str:
        return f"<Pattern of {self._columns.table_tag}>"

    @property
    def table_tag(self) -> str:
        """The constant tag of the row’s table."""
        return self._columns.table_tag

    def holds(self, name: str) -> bool:
        """Tell whether the row has a value in this column."""
        return self._packed.get(name) is not None

    def seal_copy(self, cipher: AESGCM, row_id: UUID, own: Mapping[str, Any]) -> SealedCopy:
        """Seal the values for another row; `own` has what differs, where there is a value."""
        values: dict[str, bytes | None] = {}
        place = row_id.bytes
        for name, content in self._packed.items():
            if content is None:
                values[name] = None
                continue
            plain = packed(own[name]) if name in own else content
            values[name] = encrypt(cipher, plain, self._binding[name] + place)
        return SealedCopy(values, self._digests.digest(row_id, values.values()))


class Terms(NamedTuple):
    """How the values of one kind become terms: the version of the index key, and the work."""

    version: int
    of: Callable[[str], int]


def terms_of(service_id: UUID, kind: str) -> Terms:
    """Make ready to compute many terms of one kind; each value is given in its one form."""
    key_ring = ring()
    version = key_ring.index_current
    return Terms(version, token_maker(key_ring.index_root(version), version, service_id, kind))


def new_key(owner_id: UUID) -> NewKey:
    """Make a data key for a new owner, wrapped under the current key; the caller writes its row."""
    data_key = urandom(KEY_BYTES)
    kek_id, wrapped = ring().wrap(owner_id, data_key)
    return NewKey(kek_id, wrapped, AESGCM(data_key))


def patterns_of(rows: Sequence[Any]) -> dict[UUID, Pattern]:
    """Open all that these rows hold sealed and keep it closed to the caller, by row id.

    Raises Unreadable when one of them is damaged, or its key is gone.
    """
    sealed = [row for row in rows if layout(type(row)) is not None]
    ciphers, faults = ciphers_for(row.key_owner_id for row in sealed), faults_in(sealed)
    return {row.id: _pattern(row, ciphers[row.key_owner_id], faults.get(row.id)) for row in sealed}


def _pattern(row: Any, cipher: AESGCM | str, fault: str | None) -> Pattern:
    columns = layout(type(row))
    if columns is None:
        raise TypeError(f"{type(row).__name__} has no sealed column")
    contents: dict[str, bytes | None] = {}
    for name, column_tag in columns.columns:
        value: SealedValue | None = getattr(row, name)
        reason = cipher if isinstance(cipher, str) else fault
        if value is not None and (reason is not None or isinstance(cipher, str)):
            raise report(failure_of(row, columns.table_tag, column_tag, str(reason)))
        if value is None or isinstance(cipher, str):
            contents[name] = None
            continue
        place = Place(columns.table_tag, column_tag, row.id)
        contents[name] = packed(open_value(cipher, place, value.ciphertext))
    return Pattern(columns, contents)


def attribute_columns(row_class: Any) -> dict[str, str]:
    """Give the column name of each sealed attribute of a class of rows; empty when it has none."""
    columns = layout(row_class)
    mapped = inspect(row_class).columns
    return {} if columns is None else {name: mapped[name].name for name, _tag in columns.columns}
