"""A statement keeps its index over what is scheduled only, however often a connection has run it."""

from typing import Any

from sqlalchemy import text

# psycopg prepares a statement at its sixth run; PostgreSQL may take one plan for all five runs later.
OFTEN = 20


def test_a_statement_that_was_run_often_is_planned_for_its_values(db: Any) -> None:
    """A plan for any value cannot know that `status = $1` means what the partial index holds."""
    for number in range(OFTEN):
        db.session.execute(text("SELECT 1 AS planned WHERE :number > 3"), {"number": number})
    counted = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE"
    [(generic, custom)] = db.session.execute(text(f"{counted} 'SELECT 1 AS planned%'"))
    assert custom >= OFTEN - 6
    assert generic == 0
