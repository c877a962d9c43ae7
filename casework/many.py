"""Many ids, or many rows, in one statement whose text never grows.

A list of parameters, one for each value, is text that both the driver and PostgreSQL read anew each
time, as long as the list is. An array is one parameter: the statement is read and planned once.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

# Between the texts of a list that travels as one text; no code or column name contains it.
SEPARATOR = "\x1f"


def is_one_of(
    column: InstrumentedAttribute[Any] | ColumnElement[Any], values: Iterable[Any]
) -> ColumnElement[bool]:
    """Say that a column holds one of these values; of none, nothing is true."""
    return column == any_(_array(values, column.type))


def insert_rows(table: Table, rows: Sequence[Mapping[str, Any]]) -> Insert:
    """Insert rows, at least one, that all name the same columns; the caller says what a conflict does."""
    names = list(rows[0])
    columns = [_column([row[name] for row in rows], table.c[name].type) for name in names]
    given = func.unnest(*columns).table_valued(*names).render_derived()
    chosen = [_back(given.c[name], table.c[name].type) for name in names]
    return insert(table).from_select(names, select(*chosen))


def _array(values: Iterable[Any], kind: TypeEngine[Any]) -> Any:
    return bindparam(None, list(values), ARRAY(kind), unique=True)


def _column(values: list[Any], kind: TypeEngine[Any]) -> Any:
    """Give the values of one column as an array; lists become texts, since unnest would flatten them.

    So do documents: the driver would write their lists as arrays within the array.
    """
    if isinstance(kind, ARRAY):
        return _array([None if v is None else SEPARATOR.join(v) for v in values], Text())
    if isinstance(kind, JSON):
        return _array([None if v is None else json.dumps(v) for v in values], Text())
    return _array(values, kind)


def _back(value: Any, kind: TypeEngine[Any]) -> Any:
    if isinstance(kind, JSON):
        return cast(value, kind)
    return func.string_to_array(value, SEPARATOR) if isinstance(kind, ARRAY) else value
