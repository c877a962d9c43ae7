"""What keeps the words of a directory quick to write while it grows, and would be missed by no other test."""

from typing import Any

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from casework.directory.search_services import REFRESH
from casework.extensions import db as db_extension

AGENCIES = 600
WANTED = 20


def copies(table: str, owner: str | None) -> str:
    """Give a statement that writes as many rows as there are numbers, like one that stands."""
    changed = {"id": "gen_random_uuid()", "name": "'Agency ' || number", "source": "''"}
    changed["source_id"] = "'copy-' || number"
    if owner:
        changed = {"id": changed["id"], "organization_id": f"({owner})", "source": "''"}
        changed["source_id"] = "'copy-' || number"
    names = db_extension.metadata.tables[table].columns.keys()
    return (
        f"INSERT INTO {table} ({', '.join(names)})"
        f" SELECT {', '.join(changed.get(name, name) for name in names)}"
        f" FROM (SELECT * FROM {table} ORDER BY id LIMIT 1) AS like_this,"
        f" generate_series(1, {AGENCIES}) AS number"
    )


def steps(node: dict[str, Any]) -> list[dict[str, Any]]:
    """List every step of a plan that was carried out."""
    return [node, *(step for part in node.get("Plans", ()) for step in steps(part))]


def test_a_batch_costs_what_it_holds_however_many_agencies_there_are(world: Any) -> None:
    """In the midst of an import PostgreSQL has no figures: it began with all agencies, for each batch."""
    run = db_extension.session.execute
    run(text(copies("organization", None)))
    owner = (
        "SELECT id FROM organization WHERE source_id = 'copy-' || number"
        " AND service_id = like_this.service_id"
    )
    run(text(copies("directory_service", owner)))
    ids = list(
        run(
            text(
                "SELECT id FROM directory_service WHERE source_id LIKE 'copy-%'"
                " ORDER BY id LIMIT :most"
            ),
            {"most": WANTED},
        ).scalars()
    )
    assert len(ids) == WANTED
    given = {"service_id": world.north.id, "ids": ids}
    explained = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {REFRESH.text}").bindparams(
        bindparam("service_id", type_=Uuid()), bindparam("ids", type_=ARRAY(Uuid()))
    )
    [[plan]] = run(explained, given).scalars()
    read = max(step["Actual Rows"] * step["Actual Loops"] for step in steps(plan["Plan"]))
    # The whole table once is well; once for each agency is not.
    assert read < AGENCIES * 3
