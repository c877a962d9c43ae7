"""My day puts its long statements together once, and words the same facts once; no clock is looked at."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import event

from casework import database
from casework.desk import my_day, words
from casework.extensions import db as database_extension
from casework.followups import queries as followups
from casework.placeholders import SERVICE
from tests.desk.contacts import NOW, due_now, open_case

# The lanes, what waits on agencies, what they refused, how many can be called, and who is calling:
# one statement each.
LONG_STATEMENTS = 5


def read(world: Any) -> my_day.Day:
    return my_day.read_day(world.amina.actor, hides_names=True)


def test_a_second_visit_puts_no_long_statement_together_anew(world: Any, clock: Any) -> None:
    """The very same objects are run: whoever asks, and when, are places in them."""
    due_now(world.amina, clock)
    visits: list[dict[int, Any]] = []

    def note(state: Any) -> None:
        if SERVICE.key in (state.parameters or {}):
            visits[-1][id(state.statement)] = state.statement

    session = database_extension.session()
    event.listen(session, "do_orm_execute", note)
    try:
        for _ in range(2):
            visits.append({})
            read(world)
            my_day.news_for(world.amina.actor)
            followups.callers_seen_by(world.amina.actor, database.now())
    finally:
        event.remove(session, "do_orm_execute", note)
    first, second = visits
    assert len(first) == LONG_STATEMENTS
    assert second.keys() == first.keys()


def test_the_same_facts_are_worded_once_however_many_lines_say_them(
    world: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.freeze(NOW)
    for number in range(3):
        open_case(world.amina, phone=f"+1514555014{number}")
    due_now(world.amina, clock)
    said: Counter[Any] = Counter()

    def counted(name: str, word: Any) -> Any:
        def say(*facts: Any) -> Any:
            said[name, facts] += 1
            return word(*facts)

        return say

    for name in ("until_chip", "try_line", "needs_line", "language_line", "window_line"):
        monkeypatch.setattr(words, name, counted(name, getattr(words, name)))
    assert len(read(world).now.rows) > 1
    assert said
    assert set(said.values()) == {1}, said
