"""Row digests: written with every sealed row, right after every undo, and never in the way of others."""

import hashlib
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import flask_migrate
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from casework import audit, cases, database, people, vault
from casework.audit import EntryFilter
from casework.cases.erasure_models import HoldReason
from casework.cases.models import Case, CaseNote
from casework.commands.auditing import audit_group
from casework.extensions import Base
from casework.extensions import db as extension
from casework.notices.models import Letter
from casework.people.models import ContactPlan, Person
from casework.vault.digests import digest_of, layout
from tests.conftest import environment_for
from tests.people.records import keep_person
from tests.processes.conftest import wait_until
from tests.vault.thief import forget, keep_victim
from tests.world import World

MakePerson = Callable[..., Person]


def digests(db: Any) -> dict[Any, tuple[Any, str, bytes]]:
    rows = db.session.execute(text("SELECT row_id, owner_id, table_tag, digest FROM row_digest"))
    return {row[0]: (row[1], row[2], bytes(row[3])) for row in rows}


def test_every_row_that_can_hold_something_sealed_has_a_digest(db: Any, world: Any) -> None:
    """Also those that hold nothing: whoever empties them is seen."""
    victim = keep_victim(world, 0)
    cases.services.place_hold(world.sophie.actor, victim.case, reason=HoldReason.COURT_ORDER)
    found = digests(db)
    classes = [m.class_ for m in Base.registry.mappers if layout(m.class_)]
    assert len(classes) >= 6
    for row_class in classes:
        rows = db.session.query(row_class).all()
        assert rows, row_class
        for row in rows:
            columns = layout(row_class)
            values = [getattr(row, name) for name, _tag in columns.columns]
            if row_class is Letter and row.addressee is None:
                # Inserted by a statement; it has a digest from the moment it is addressed.
                continue
            digest = digest_of(columns, row.id, values)
            assert found[row.id] == (row.key_owner_id, columns.table_tag, digest)


def test_a_digest_is_what_docs_sealing_says_to_the_bit() -> None:
    """It is computed from bytes joined beforehand; not one bit may differ from the plain words."""
    for row_class in (m.class_ for m in Base.registry.mappers if layout(m.class_)):
        columns = layout(row_class)
        assert columns is not None
        count = len(columns.columns)
        for filled in range(count + 1):
            texts = [b"\x01abc" * (place + 1) if place < filled else None for place in range(count)]
            parts = [b"row-digest-1", columns.table_tag.encode(), (row_id := uuid4()).bytes]
            for (_name, tag), held in zip(columns.columns, texts, strict=True):
                if held is not None:
                    parts += [tag.encode(), b"\x01" + held]
                elif tag not in columns.later:
                    parts += [tag.encode(), b"\x00"]
            plain = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
            values = [None if held is None else vault.SealedValue(held) for held in texts]
            assert digest_of(columns, row_id, values) == hashlib.sha256(plain).digest()


def test_no_two_states_of_a_row_have_the_same_digest() -> None:
    """An emptied column, a value in the next one, and an empty value are three different things."""
    columns = layout(Person)
    assert columns is not None
    value, empty = vault.SealedValue(b"\x01abc"), vault.SealedValue(b"\x01")
    states = []
    for place in range(len(columns.columns)):
        for one in (value, empty):
            values: list[Any] = [None] * len(columns.columns)
            values[place] = one
            states.append(values)
    person = Person()
    found = {digest_of(columns, person.id, values) for values in states}
    found.add(digest_of(columns, person.id, [None] * len(columns.columns)))
    found.add(digest_of(columns, Person().id, [None] * len(columns.columns)))
    assert len(found) == len(states) + 2


def test_a_later_column_counts_from_its_first_value_on() -> None:
    """A row from before it keeps its digest; a value taken out, or moved to the next, is seen."""
    columns = layout(ContactPlan)
    assert columns is not None
    plan, value = ContactPlan(), vault.SealedValue(b"\x01abc")
    tags = [tag for _name, tag in columns.columns]
    older = columns._replace(
        columns=tuple(pair for pair in columns.columns if pair[1] not in columns.later),
        later=frozenset(),
    )
    assert columns.later == {"days_off", "dates_off", "one_offs"}
    empty: list[Any] = [None] * len(tags)
    before = digest_of(older, plan.id, [None] * len(older.columns))
    assert digest_of(columns, plan.id, empty) == before
    found = {before}
    for place, tag in enumerate(tags):
        if tag in columns.later:
            found.add(digest_of(columns, plan.id, [*empty[:place], value, *empty[place + 1 :]]))
    assert len(found) == 4


def test_a_column_emptied_without_seal_counts_as_written(
    db: Any, world: Any, make_person: MakePerson
) -> None:
    person = make_person(area="H2X", phone="+15145550188")
    before = digests(db)[person.id]
    people.services.mark_sensitive(world.amina.actor, person)
    assert digests(db)[person.id] != before
    forget(db)
    assert vault.open_fields(person, "area", "phone") == {"area": None, "phone": "+15145550188"}


def test_what_a_savepoint_wrote_is_undone_with_it(db: Any, make_person: MakePerson) -> None:
    person = make_person(phone="+15145550188")
    before = digests(db)
    with pytest.raises(ZeroDivisionError), database.attempt():
        vault.seal(person, phone="+15145550199")
        db.session.flush()
        assert digests(db) != before
        raise ZeroDivisionError
    assert digests(db) == before
    assert vault.open_fields(person, "phone") == {"phone": "+15145550188"}


def test_a_value_is_readable_before_it_is_flushed(db: Any, make_person: MakePerson) -> None:
    person = make_person(phone="+15145550188", pets="cat")
    forget(db)
    with db.session.no_autoflush:
        vault.seal(person, phone="+15145550199")
        opened = vault.open_fields(person, "phone", "pets")
    assert opened == {"phone": "+15145550199", "pets": "cat"}


def test_a_deleted_row_takes_its_digest_along(
    db: Any, case: Case, make_note: Callable[..., CaseNote]
) -> None:
    note = make_note(case, "gone soon")
    assert note.id in digests(db)
    db.session.delete(note)
    db.session.flush()
    assert note.id not in digests(db)


def test_destroying_a_key_removes_the_digests_of_its_owner(db: Any, world: Any) -> None:
    gone, stays = keep_person(world.amina.actor), keep_person(world.amina.actor)
    vault.destroy_key(gone.id)
    owners = {owner for owner, _tag, _digest in digests(db).values()}
    assert gone.id not in owners
    assert stays.id in owners


def test_a_transaction_tells_the_chain_once_of_all_it_sealed(db: Any, world: Any) -> None:
    keep_person(world.amina.actor)
    person = keep_person(world.amina.actor)
    people.services.change_plan(world.amina.actor, person, plan={"cover_name": "the dentist"})
    database.commit()
    [entry] = audit.entries(world.amina.actor, EntryFilter(action="vault:seal"))
    assert entry.detail == {
        "rows": {str(row): digest.hex() for row, (_o, _t, digest) in digests(db).items()}
    }


def test_another_service_does_not_see_digests(db: Any, world: Any, make_person: MakePerson) -> None:
    make_person(phone="+15145550188")
    database.enter_service(world.outsider.service_id)
    assert digests(db) == {}


@pytest.fixture
def kept(live_db: Flask) -> Any:
    """Keep a person in a database of their own, for two transactions at once."""
    with live_db.app_context():
        world = World.load()
        person = keep_person(world.amina.actor, plan={"cover_name": "the library"})
        plan = people.queries.plan_of(world.amina.actor, person.id)
        database.commit()
        yield world, person, plan


def _meanwhile(app: Flask, world: World, work: Callable[[], None]) -> None:
    """Do something in another transaction, and commit it."""
    with app.app_context():
        database.enter_service(world.north.id)
        work()
        database.commit()


def _seal_elsewhere(plan_id: Any, **values: Any) -> Callable[[], None]:
    def work() -> None:
        vault.seal(extension.session.get_one(ContactPlan, plan_id), **values)

    return work


def test_a_row_changed_meanwhile_is_brought_up_to_date_and_not_refused(
    live_db: Flask, kept: Any
) -> None:
    world, _person, plan = kept
    assert vault.open_fields(plan, "cover_name") == {"cover_name": "the library"}
    _meanwhile(live_db, world, _seal_elsewhere(plan.id, cover_name="the dentist"))
    extension.session.info.pop("vault.digests")
    assert vault.open_fields(plan, "cover_name") == {"cover_name": "the dentist"}
    assert plan not in extension.session.dirty


def test_two_who_write_different_columns_leave_a_row_that_opens(live_db: Flask, kept: Any) -> None:
    world, _person, plan = kept
    assert plan.cover_name is not None
    _meanwhile(live_db, world, _seal_elsewhere(plan.id, cover_name="the dentist"))
    vault.seal(plan, who_may_answer="nobody")
    database.commit()
    extension.session.expire_all()
    opened = vault.open_fields(plan, "cover_name", "who_may_answer")
    assert opened == {"cover_name": "the dentist", "who_may_answer": "nobody"}


def test_two_who_write_at_the_same_moment_wait_for_each_other(live_db: Flask, kept: Any) -> None:
    """The second must not compute a digest over what the first is about to change."""
    world, _person, plan = kept
    assert plan.cover_name is not None
    has_written = threading.Event()

    def first() -> None:
        _seal_elsewhere(plan_id, cover_name="the dentist")()
        database.flush()
        has_written.set()
        wait_until(_somebody_waits, "nobody ever waited for the first writer")

    plan_id = plan.id
    thread = threading.Thread(target=_meanwhile, args=(live_db, world, first))
    thread.start()
    assert has_written.wait(60)
    vault.seal(plan, who_may_answer="nobody")
    database.commit()
    thread.join()
    extension.session.expire_all()
    opened = vault.open_fields(plan, "cover_name", "who_may_answer")
    assert opened == {"cover_name": "the dentist", "who_may_answer": "nobody"}


def _somebody_waits() -> bool:
    waiting = text("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
    return bool(extension.session.execute(waiting).scalar_one())


def test_rows_from_before_digests_are_taken_as_they_stand(live_db: Flask, as_owner: Any) -> None:
    with live_db.app_context():
        victim = keep_victim(World.load(), 0)
        database.commit()
        before = digests(extension)
        person_id = victim.person.id
        extension.session.remove()
        flask_migrate.downgrade(revision="0002")
        flask_migrate.upgrade()
        world = World.load()
        assert digests(extension) == before
        person = extension.session.get_one(Person, person_id)
        assert people.services.open_plan(world.amina.actor, person, purpose="call_back")


def test_the_command_says_which_row_holds_an_older_value(
    servers: Any, keys: str, live_db: Flask, as_owner: Any, tmp_path: Any
) -> None:
    name = str(make_url(live_db.config["CASEWORK"].database_url).database)
    with live_db.app_context():
        victim = keep_victim(World.load(), 0)
        database.commit()
        person_id = victim.person.id
    environment = environment_for(servers, keys, name, f"file:{tmp_path}")

    def verify() -> Any:
        return CliRunner().invoke(audit_group, ["verify", "--sealed"], env=environment)

    whole = verify()
    assert whole.exit_code == 0, whole.output
    assert "Every sealed row is as it was last written" in whole.output
    as_owner(name, "UPDATE person SET phone = NULL WHERE id = :id", id=person_id)
    broken = verify()
    assert broken.exit_code == 1
    assert f"REPLAYED person {person_id}: it does not hold what was written last." in broken.output


def test_rows_that_were_never_recorded_are_told_apart(
    db: Any, world: Any, make_person: MakePerson
) -> None:
    make_person(phone="+15145550188")
    with Session(bind=db.session.connection()) as apart:
        result = audit.verify_sealed(apart.connection(), Base)
    assert result.is_intact
    assert result.unrecorded == {"person": 1}
