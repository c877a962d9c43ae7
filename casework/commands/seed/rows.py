"""Values as COPY reads them in its text form."""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ARRAY, Column, String, UniqueConstraint

NULL = r"\N"
BYTES = r"\\x"
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def written(value: Any, column: Column[Any] | None = None) -> str:
    """Write one value for a column; text as it is, unless COPY would read it as something else."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes):
        return bytea(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds()} seconds"
    if isinstance(value, list | tuple) and column is not None and isinstance(column.type, ARRAY):
        return ("{" + ",".join(json.dumps(str(item)) for item in value) + "}").translate(_ESCAPED)
    if isinstance(value, list | tuple | dict):
        return json.dumps(value).translate(_ESCAPED)
    return str(value).translate(_ESCAPED)


def bytea(value: bytes | None) -> str:
    """Write bytes, or that there are none."""
    return NULL if value is None else BYTES + value.hex()


def is_unique(column: Column[Any]) -> bool:
    """Tell whether no two rows of a service may have the same text in this column."""
    own = {"service_id", column.name}
    return isinstance(column.type, String) and (
        bool(column.unique)
        or any(
            column.name in constraint.columns and set(constraint.columns.keys()) <= own
            for constraint in column.table.constraints
            if isinstance(constraint, UniqueConstraint)
        )
    )
