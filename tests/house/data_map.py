"""Writes docs/data-map.md: every table and column, sealed or clear, why, how long, and who reads it."""

from collections.abc import Iterator

from sqlalchemy import MetaData, Table

from casework import create_app  # noqa: F401 - all rooms, and so all tables
from casework.extensions import Base
from casework.vault import Sealed
from tests.house.data_reasons import ANYWHERE, COLUMNS, TABLES
from tests.house.source import ROOT

PLACE = ROOT / "docs" / "data-map.md"
HEAD = """# The data map

Every table and column: what is sealed, what stands in clear and why, how long it is kept, who reads it. Generated from the models
by `make data-map`; the reasons stand in `tests/house/data_reasons.py`, and a column without one fails the tests. How sealing works:
[sealing.md](sealing.md).

A sealed column can be read with the key ring only, is opened by name for a stated purpose, and each opening is written in the audit.
Key of its own: each person record and each case (R16); erasing destroys the key first.
"""


def reasons() -> dict[str, str]:
    """Give the reason of each column that has one of its own, by table.column."""
    return {name: why for why, names in COLUMNS.items() for name in names.split()}


def why_clear(table: str, column: str) -> str | None:
    """Say why a column is not sealed, or None when nobody said so."""
    return reasons().get(f"{table}.{column}") or ANYWHERE.get(column)


def unexplained(metadata: MetaData) -> list[str]:
    """List the tables and the clear columns that nobody has given a reason for."""
    missing = [table.name for table in metadata.sorted_tables if table.name not in TABLES]
    return missing + [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if not isinstance(column.type, Sealed) and why_clear(table.name, column.name) is None
    ]


def written(metadata: MetaData) -> str:
    """Write the whole map; raise ValueError when a reason is missing."""
    if missing := unexplained(metadata):
        raise ValueError(f"no reason in tests/house/data_reasons.py for: {', '.join(missing)}")
    tables = sorted(metadata.sorted_tables, key=lambda table: (not _sealed(table), table.name))
    count = sum(len(_sealed(table)) for table in tables)
    total = sum(len(table.columns) for table in tables)
    lines = [HEAD, f"{len(tables)} tables, {total} columns, {count} of them sealed.", ""]
    for table in tables:
        lines += _section(table)
    return "\n".join(lines).rstrip() + "\n"


def _sealed(table: Table) -> list[str]:
    return [column.name for column in table.columns if isinstance(column.type, Sealed)]


def _section(table: Table) -> Iterator[str]:
    kept = TABLES[table.name]
    yield f"## {table.name}"
    yield ""
    yield f"Kept: {kept.how_long}. Read by: {kept.who}."
    yield ""
    yield "| Column | Stands | Why |"
    yield "|---|---|---|"
    sealed = _sealed(table)
    for column in sorted(table.columns, key=lambda column: column.name not in sealed):
        if isinstance(column.type, Sealed):
            tags = f"{column.type.table_tag}.{column.type.column_tag}"
            yield f"| {column.name} | **sealed** under {kept.key} key | personal (R16); tags `{tags}` |"
        else:
            yield f"| {column.name} | clear | {why_clear(table.name, column.name)} |"
    yield ""


def main() -> None:
    """Write the file."""
    PLACE.write_text(written(Base.metadata), encoding="utf-8")
    print(f"Written: {PLACE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
