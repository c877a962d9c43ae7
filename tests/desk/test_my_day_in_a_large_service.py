"""What keeps My day as quick in a large service as in a small one, and would be missed by no other test."""

from typing import Any

from sqlalchemy import event, text

from casework.cases import queries as cases
from casework.extensions import db as db_extension


def test_the_first_cases_of_nobody_are_read_in_order_and_not_sorted(world: Any) -> None:
    """Ten thousand cases of nobody cost the page what fifty cost."""
    asked: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        asked.append((statement, given))

    engine = db_extension.session.get_bind()
    event.listen(engine, "before_cursor_execute", keep)
    try:
        cases.unassigned(world.amina.actor)
    finally:
        event.remove(engine, "before_cursor_execute", keep)
    statement, given = asked[-1]
    # Among the few rows of a test PostgreSQL reads the whole table, unless it may not.
    db_extension.session.execute(text("SET LOCAL enable_seqscan = off"))
    connection = db_extension.session.connection()
    plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", given).scalars())
    assert "ix_case_nobodys" in plan
    assert "Sort" not in plan


def test_every_connection_plans_for_pages(db: Any) -> None:
    """An index before a whole table, for the values at hand, and without starting helpers."""
    wanted = {
        "random_page_cost": "1.1",
        "plan_cache_mode": "force_custom_plan",
        "jit": "off",
        "max_parallel_workers_per_gather": "0",
    }
    seen = {name: db.session.scalar(text(f"SHOW {name}")) for name in wanted}
    assert seen == wanted
