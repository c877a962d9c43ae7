"""Lets PostgreSQL learn what the directory holds: an import writes more than its planner knows of."""

from sqlalchemy import func, select

from casework.extensions import db


def learn() -> None:
    """Have the figures of the directory’s tables taken anew, with what this transaction wrote.

    Autovacuum does the same within minutes, and an import of a large directory is over by then: until
    it came, statements that should take a row by its key read a whole table for each.
    """
    db.session.flush()
    db.session.execute(select(func.casework_learn_directory()))
