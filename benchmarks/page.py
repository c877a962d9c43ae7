"""My day with its full lane: the real page, and the same page with names that stand in clear."""

from collections.abc import Callable, Iterable
from datetime import date, time
from typing import Any
from unittest.mock import patch
from uuid import UUID

from flask import Flask
from sqlalchemy import text

from benchmarks.ground import run_as_admin
from benchmarks.machine import in_turns, middle
from casework import audit, database
from casework.desk import my_day
from casework.extensions import db
from casework.people.models import Person
from casework.security import Actor
from tests.desk.contacts import NOW, open_case
from tests.visitors import Visitor
from tests.world import World

TARGET = 1.5
TODAY = date(2026, 11, 24)


def measure_page(
    servers: Any, app: Flask, cases: int, turns: int, say: Callable[[str], Any]
) -> None:
    """Print the median of both, taken in turns, and their ratio."""
    browser = _set_up(app, cases)
    # As autovacuum does within a minute; without it the page waits for plans made for empty tables.
    run_as_admin(servers, app, "ANALYZE")
    real = my_day.people.open_names

    def sealed() -> None:
        _visit(browser, cases)

    def clear() -> None:
        with patch.object(my_day.people, "open_names", _names_in_clear):
            _visit(browser, cases)

    sealed()
    clear()
    assert my_day.people.open_names is real
    taken = in_turns({"sealed": sealed, "clear": clear}, turns)
    with_seal, without = middle(taken["sealed"]) * 1000, middle(taken["clear"]) * 1000
    say(f"My day with {cases} rows, milliseconds (median of {turns} visits in turns)")
    say(f"  names in clear       {without:7.1f}")
    say(f"  names sealed         {with_seal:7.1f}")
    say(f"  ratio                {with_seal / without:7.2f}   target at most {TARGET}")


def _set_up(app: Flask, cases: int) -> Visitor:
    """Open cases that can be called now, keep their names a second time in clear, and sign in."""
    with app.app_context():
        world = World.load()
        database.clock.freeze(NOW)
        for number in range(cases):
            open_case(
                world.amina,
                name=f"Maya {number}",
                phone=f"+1514555{number:04d}",
                first_call=(TODAY, time(11)),
            )
        database.commit()
        db.session.remove()
    browser = Visitor(app)
    browser.sign_in(world.amina)
    return browser


def _visit(browser: Visitor, cases: int) -> None:
    page = browser.get("/my-day").get_data(as_text=True)
    if page.count("Maya ") < cases:
        raise AssertionError("the page does not show every name")


def _names_in_clear(actor: Actor, people: Iterable[Person], *, purpose: str) -> dict[UUID, str]:
    """Do what open_names does, with a query for clear text in the place of keys and opening."""
    listed = list({person.id: person for person in people}.values())
    rows = db.session.execute(
        text("SELECT id, 'Maya ' || left(id::text, 2) FROM person WHERE id = ANY(:ids)"),
        {"ids": [person.id for person in listed]},
    )
    names = {row_id: name for row_id, name in rows}
    audit.record(
        actor,
        "person:list",
        ("person", None),
        subjects=[person.id for person in listed],
        fields=("safe_name",),
        purpose=purpose,
    )
    return {person.id: names[person.id] for person in listed}
