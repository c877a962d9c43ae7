"""Sealed columns: found by their type, opaque in memory, opened only by name and on purpose."""

from collections.abc import Iterator
from typing import Any, NoReturn

from sqlalchemy import Column, Dialect, LargeBinary, MetaData, TypeDecorator, event
from sqlalchemy.orm import MappedColumn, Mapper, mapped_column

from casework.vault.format import FORMAT_1

REFUSAL = "a sealed column takes only what vault.seal() writes"


class SealedValue:
    """A sealed value as it stands in its row: it can be stored and compared, and shows nothing."""

    __slots__ = ("ciphertext",)

    def __init__(self, ciphertext: bytes) -> None:
        self.ciphertext = ciphertext

    def __repr__(self) -> str:
        return "<sealed>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SealedValue) and self.ciphertext == other.ciphertext

    def __hash__(self) -> int:
        return hash(self.ciphertext)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a sealed value stays in its row: it is never sent or kept elsewhere")


class Sealed(TypeDecorator[SealedValue]):
    """The column type of a sealed field, with the constant tags that bind it to its place."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, table_tag: str, column_tag: str, *, is_later: bool = False) -> None:
        super().__init__()
        self.table_tag = table_tag
        self.column_tag = column_tag
        self.is_later = is_later

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        _refuse_plain(value)
        ciphertext: bytes = value.ciphertext
        return ciphertext

    def process_result_value(self, value: Any, dialect: Dialect) -> SealedValue | None:
        return None if value is None else SealedValue(bytes(value))


def sealed(
    table_tag: str, column_tag: str, *, is_later: bool = False, **options: Any
) -> MappedColumn[Any]:
    """Declare a sealed column; the tags stay as they are when table or column are renamed.

    `is_later`: it was added to a table that had rows and digests already, which must stay good.
    """
    # The old value is loaded before a new one is set: the row's digest is checked against it.
    kind = Sealed(table_tag, column_tag, is_later=is_later)
    return mapped_column(kind, active_history=True, **options)


def sealed_columns(metadata: MetaData) -> list[Column[Any]]:
    """List every sealed column of the schema; raise ValueError when two share their tags."""
    columns = list(_sealed_columns(metadata))
    tags = [(column.type.table_tag, column.type.column_tag) for column in columns]
    if len(set(tags)) != len(tags):
        raise ValueError("two sealed columns carry the same tags")
    return columns


def _sealed_columns(metadata: MetaData) -> Iterator[Any]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Sealed):
                yield column


@event.listens_for(Mapper, "mapper_configured")
def _guard_attributes(mapper: Mapper[Any], row_class: type[Any]) -> None:
    """Refuse plain text at the assignment, before any statement or error message can carry it."""
    for attribute in mapper.column_attrs:
        if isinstance(attribute.columns[0].type, Sealed):
            event.listen(getattr(row_class, attribute.key), "set", _refuse_assignment)


def _refuse_assignment(row: Any, value: Any, old: Any, initiator: Any) -> None:
    if value is not None:
        _refuse_plain(value)


def _refuse_plain(value: Any) -> None:
    if not isinstance(value, SealedValue) or not value.ciphertext.startswith(FORMAT_1):
        raise TypeError(REFUSAL)
