"""Recording: an act is written when its transaction commits, with it or not at all (R21)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from casework import database
from casework.audit import EntryFilter, NotACode, entries, latest, record, subjects_of
from casework.audit.chain import microseconds
from casework.security import Actor

OBJECT = ("case", UUID(int=1))


@pytest.fixture
def actor(world: Any) -> Actor:
    found: Actor = world.amina.actor
    return found


@pytest.fixture
def since(db: Any, actor: Actor) -> Callable[[], list[str]]:
    """Tell the actions written since the test began, in their order."""
    newest = latest(actor)
    before = newest.seq if newest else 0

    def run() -> list[str]:
        return [entry.action for entry in reversed(entries(actor)) if entry.seq > before]

    return run


def test_an_act_is_written_at_the_commit_and_not_before(actor: Actor, since: Any) -> None:
    record(actor, "case:read", OBJECT)
    assert since() == []
    database.commit()
    assert since() == ["case:read"]
    database.commit()
    assert since() == ["case:read"]


def test_many_acts_are_written_as_each_of_them_was(db: Any, actor: Actor) -> None:
    # Lists and absent parts travel in arrays; what is absent stays absent, and is no JSON null.
    record(actor, "case:read", OBJECT)
    record(actor, "case:read", OBJECT, fields=("phone", "email"), detail={"rows": [1, 2]})
    database.commit()
    written = db.session.execute(
        text("SELECT fields, detail, purpose FROM audit_entry ORDER BY seq DESC LIMIT 2")
    ).all()
    assert [tuple(row) for row in reversed(written)] == [
        ([], None, None),
        (["email", "phone"], {"rows": [1, 2]}, None),
    ]
    absent = "SELECT count(*) FROM audit_entry WHERE jsonb_typeof(detail) = 'null'"
    assert db.session.execute(text(absent)).scalar() == 0


def test_a_rollback_drops_what_did_not_happen(actor: Actor, since: Any) -> None:
    record(actor, "case:read", OBJECT)
    database.rollback()
    database.commit()
    assert since() == []


def test_a_rollback_drops_an_act_that_no_statement_came_before(
    actor: Actor, since: Any, clock: Any
) -> None:
    clock.freeze(datetime(2026, 11, 24, 15, tzinfo=UTC))
    database.commit()
    record(actor, "case:read", OBJECT)
    database.rollback()
    database.commit()
    assert since() == []


def test_an_undone_savepoint_drops_its_own_acts_only(actor: Actor, since: Any) -> None:
    record(actor, "case:read", OBJECT)
    with pytest.raises(ZeroDivisionError), database.attempt():
        record(actor, "case:close", OBJECT)
        raise ZeroDivisionError
    record(actor, "case:assign", OBJECT)
    database.commit()
    assert since() == ["case:read", "case:assign"]


def test_a_released_savepoint_keeps_its_acts(actor: Actor, since: Any) -> None:
    with database.attempt():
        record(actor, "case:close", OBJECT)
        with database.attempt():
            record(actor, "case:assign", OBJECT)
    database.commit()
    assert since() == ["case:close", "case:assign"]


def test_an_undone_savepoint_drops_those_released_inside_it(actor: Actor, since: Any) -> None:
    record(actor, "case:read", OBJECT)
    with pytest.raises(ZeroDivisionError), database.attempt():
        with database.attempt():
            record(actor, "case:close", OBJECT)
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), database.attempt():
        record(actor, "case:change", OBJECT)
        with pytest.raises(ZeroDivisionError), database.attempt():
            record(actor, "case:assign", OBJECT)
            raise ZeroDivisionError
        raise ZeroDivisionError
    database.commit()
    assert since() == ["case:read"]


def test_a_savepoint_that_fails_at_its_flush_drops_its_acts(
    db: Any, actor: Actor, since: Any
) -> None:
    record(actor, "case:read", OBJECT)
    with pytest.raises(IntegrityError), database.attempt():
        record(actor, "case:close", OBJECT)
        db.session.execute(text("INSERT INTO audit_entry (seq, at_us) VALUES (0, 0)"))
    record(actor, "case:assign", OBJECT)
    database.commit()
    assert since() == ["case:read", "case:assign"]


def test_an_entry_tells_who_did_what_to_which_row_when_and_why(actor: Actor, clock: Any) -> None:
    at = clock.freeze(datetime(2026, 11, 24, 15, 0, 0, 123456, tzinfo=UTC))
    people = [uuid4(), uuid4()]
    record(
        actor,
        "person:reveal",
        OBJECT,
        subjects=[*people, people[0]],
        fields=("phone", "email"),
        purpose="person_called",
        detail={"digest": "ab" * 32},
    )
    database.commit()
    entry = latest(actor)
    assert entry is not None
    assert entry.at_us == microseconds(at)
    assert (entry.actor_kind, entry.actor_id) == ("staff", actor.id)
    assert entry.service_id == actor.service_id
    assert (entry.object_type, entry.object_id) == ("case", str(OBJECT[1]))
    assert (entry.purpose, entry.fields) == ("person_called", ["email", "phone"])
    assert entry.detail == {"digest": "ab" * 32}
    assert entry.is_refused is False
    assert subjects_of(actor, [entry]) == {entry.seq: sorted(people)}


def test_a_row_names_itself_by_table_and_id(world: Any, actor: Actor) -> None:
    record(actor, "service:change", world.north)
    database.commit()
    entry = latest(actor)
    assert entry is not None
    assert (entry.object_type, entry.object_id) == ("service", str(world.north.id))


def test_a_list_of_fifty_is_one_entry(actor: Actor, since: Any) -> None:
    people = sorted(uuid4() for _ in range(50))
    record(actor, "desk:read", ("desk", None), subjects=people)
    database.commit()
    entry = latest(actor)
    assert entry is not None
    assert since() == ["desk:read"]
    assert subjects_of(actor, [entry])[entry.seq] == people


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "Zephyrine Quist"},
        {"purpose": "she called back"},
        {"fields": ["phone: +15145550188"]},
        {"detail": {"phone": "+15145550188"}},
        {"obj": ("case", "Zephyrine Quist")},
    ],
)
def test_content_is_refused(actor: Actor, since: Any, wrong: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"action": "case:read", "obj": OBJECT, **wrong}
    with pytest.raises(NotACode):
        record(actor, arguments.pop("action"), arguments.pop("obj"), **arguments)
    database.commit()
    assert since() == []


def test_the_head_is_locked_after_all_other_work(db: Any, actor: Actor) -> None:
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    database.now()
    engine = db.session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        record(actor, "case:read", OBJECT, subjects=[uuid4()])
        db.session.execute(text("SELECT 'work'"))
        database.commit()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert "work" in statements[0]
    assert "FOR UPDATE" in statements[1]
    assert ["audit_entry" in statements[2], "audit_subject" in statements[3]] == [True, True]
    assert statements[4].startswith("UPDATE audit_head")


def test_another_service_sees_nothing(world: Any, actor: Actor) -> None:
    person = uuid4()
    record(actor, "case:read", OBJECT, subjects=[person])
    database.commit()
    listed = entries(actor)
    database.enter_service(world.outsider.service_id)
    assert entries(world.outsider.actor, EntryFilter(person_id=person)) == []
    assert entries(actor) == []
    assert subjects_of(world.outsider.actor, listed)[listed[0].seq] == []


@pytest.fixture
def several(world: Any, actor: Actor) -> list[UUID]:
    """Write ten entries by two people about two persons."""
    persons = [uuid4(), uuid4()]
    for number in range(10):
        who = (world.amina, world.louis)[number % 2].actor
        action = "case:read" if number < 6 else "case:read:again"
        record(who, action, ("need", str(number)), subjects=[persons[number // 5]])
    database.commit()
    return persons


def test_pages_follow_each_other_without_gap_or_repetition(actor: Actor, several: Any) -> None:
    pages = [entries(actor, limit=4)]
    pages.append(entries(actor, limit=4, before_seq=pages[0][-1].seq))
    pages.append(entries(actor, limit=2, before_seq=pages[1][-1].seq))
    assert [entry.object_id for page in pages for entry in page] == list("9876543210")


def test_entries_narrow_by_action_actor_object_and_person(
    world: Any, actor: Actor, several: list[UUID]
) -> None:
    def found(**narrow: Any) -> str:
        return "".join(str(entry.object_id) for entry in entries(actor, EntryFilter(**narrow)))

    assert found(object_type="need", action="case:read:again") == "9876"
    assert found(object_type="need", action="case") == "9876543210"
    assert found(object_type="need", action="cas") == ""
    assert found(object_type="need", actor_id=world.louis.actor.id) == "97531"
    assert found(object_type="need", object_id="3") == "3"
    assert found(person_id=several[1]) == "98765"
    assert found(person_id=several[1], action="case:read:again") == "9876"
    assert found(object_type="need", is_refused=True) == ""
