"""Nothing of an erased case or person is left, in any table there is, known to the test or not (R17)."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import make_url, select

from casework import cases, database, people, vault
from casework.accounts.models import Service
from casework.cases.erasure_models import Erasure, ErasureReason
from casework.cases.models import Case, EmergencyHandOff, EmergencyKind
from casework.extensions import db
from casework.people.models import Person
from casework.security import Actor
from tests.followups.scenes import at
from tests.keeping import lives
from tests.keeping.orphans import forgotten, look
from tests.referrals import scenes
from tests.seed.conftest import PRESENT, seeded_app
from tests.world import World

NOON = at(24, 12)


@pytest.fixture
def url(live_db: Flask, servers: Any) -> str:
    """Give the address of this test's database for somebody who sees all of it."""
    return admin_url(live_db, servers)


def admin_url(app: Flask, servers: Any) -> str:
    name = make_url(app.config["CASEWORK"].database_url).database
    return str(servers.admin_url(name))


@pytest.fixture
def inside(live_db: Flask, clock: Any) -> Iterator[World]:
    """Give the cast on a database of this test's own, at noon."""
    with live_db.app_context():
        clock.freeze(NOON)
        yield World.load()
        db.session.remove()


def erase(world: Any, case: Case) -> None:
    cases.services.erase_case(world.amina.actor, case, reason=ErasureReason.PERSONS_WISH)
    database.commit()


@pytest.mark.parametrize("is_sensitive", [False, True])
def test_nothing_of_a_case_in_full_life_is_left(
    inside: World, url: str, clock: Any, is_sensitive: bool
) -> None:
    person = lives.keep_person(inside)
    case = lives.open_case(inside, person, is_sensitive=is_sensitive)
    lives.live_through(inside, case, clock)
    ids = {case.id, person.id}
    before = look(url)
    lived = {name for name in before.rows if before.rows[name]}
    assert {"attempt", "reminder", "referral_link", "notice", "letter", "legal_hold"} <= lived
    erase(inside, case)
    gone, left = forgotten(url, before)
    assert left == []
    assert ids <= gone
    assert len(gone) > 40


def test_the_agencys_last_letter_leaves_and_then_nothing_is_left_of_it_either(
    inside: World, url: str, clock: Any
) -> None:
    """To whom it goes is sealed under a key of its own until it has left."""
    case = lives.open_case(inside, lives.keep_person(inside), is_sensitive=True)
    lives.live_through(inside, case, clock)
    agency = inside.organization("Maison Rivage").id
    before = look(url)
    erase(inside, case)
    waiting = [row for row in look(url).rows["letter"] if row["addressee"]]
    assert len(waiting) == 2
    assert str(agency) not in str(look(url).rows["letter"])
    mails = scenes.post(inside.north.id)
    assert sorted(mail["To"] for mail in mails) == [
        "maison-rivage@agency.example",
        "volunteer-wheels@agency.example",
    ]
    for mail in mails:
        assert "/r/" not in mail.get_content()
        assert "retirée" in mail.get_content() or "withdrawn" in mail.get_content()
    after = look(url)
    assert [row for row in after.rows["letter"] if row["addressee"]] == []
    assert {row["owner_id"] for row in after.rows["data_key"]} == set()
    assert forgotten(url, before)[1] == []


def test_nobody_finds_the_person_and_the_other_service_is_untouched(
    inside: World, url: str, clock: Any
) -> None:
    person = lives.keep_person(inside)
    case = lives.open_case(inside, person)
    ref = case.ref
    database.commit()
    before = {
        name: [row for row in rows if row.get("service_id") == inside.south.id]
        for name, rows in look(url).rows.items()
    }
    erase(inside, case)
    actor = inside.amina.actor
    for way in ({"phone": lives.PHONE}, {"email": lives.EMAIL}, {"handle": "mado211"}):
        assert people.services.find_people(actor, **way) == []
    assert vault.index_candidates(inside.north.id, "phone", lives.PHONE) == []
    with pytest.raises(database.NotFound):
        cases.queries.get_in_service(actor, ref)
    after = look(url).rows
    for name, rows in before.items():
        assert [r for r in after[name] if r.get("service_id") == inside.south.id] == rows


def test_another_case_of_the_person_and_their_neighbour_on_the_number_stay(
    inside: World, url: str, clock: Any
) -> None:
    """Until the last case goes; another record on the same number is another person (R33)."""
    person, neighbour = lives.keep_person(inside), lives.keep_person(inside)
    first, second = lives.open_case(inside, person), lives.open_case(inside, person)
    theirs = lives.open_case(inside, neighbour)
    lives.live_through(inside, first, clock)
    ids = {"person": person.id, "second": second.id, "theirs": theirs.id}
    before = look(url)
    erase(inside, first)
    _gone, left = forgotten(url, before)
    assert left == []
    kept = db.session.get(Case, ids["second"])
    assert kept is not None and kept.status.value == "open"
    assert people.services.open_details(inside.amina.actor, kept.person, "phone", purpose="t") == {
        "phone": lives.PHONE
    }
    assert [note for _row, note in cases.services.open_notes(inside.amina.actor, kept, purpose="t")]
    before = look(url)
    erase(inside, kept)
    gone, left = forgotten(url, before)
    assert left == []
    assert ids["person"] in gone
    found = people.services.find_people(inside.amina.actor, phone=lives.PHONE)
    assert [other.id for other in found] == [db.session.get(Case, ids["theirs"]).person_id]  # type: ignore[union-attr]


def test_the_tombstone_and_the_audit_tell_that_it_happened_and_nothing_else(
    inside: World, url: str
) -> None:
    person = lives.keep_person(inside)
    case = lives.open_case(inside, person)
    ids = (case.id, person.id)
    cases.services.record_emergency(inside.amina.actor, kind=EmergencyKind.E911, case=case)
    database.commit()
    erase(inside, case)
    [stone] = db.session.scalars(select(Erasure)).all()
    assert (stone.case_id, stone.person_id) == ids
    assert stone.by_account == inside.amina.account_id
    assert stone.reason is ErasureReason.PERSONS_WISH
    [entry] = lives.erased_entries(inside.amina.actor)
    assert entry.object_id == str(ids[0])
    [emergency] = db.session.scalars(select(EmergencyHandOff)).all()
    assert emergency.case_id is None
    assert "R-" not in str(look(url).rows["erasure"]) and "fr" not in str(entry.detail)


@pytest.mark.parametrize(
    ("table", "filled"),
    [
        (
            "CREATE TABLE planted (id uuid, case_id uuid)",
            'SELECT gen_random_uuid(), id FROM "case"',
        ),
        (
            "CREATE TABLE planted (id uuid, told text)",
            "SELECT gen_random_uuid(), 'about ' || id FROM person",
        ),
        (
            "CREATE TABLE planted (id uuid, copy bytea)",
            "SELECT gen_random_uuid(), phone FROM person",
        ),
        (
            "CREATE TABLE planted (id uuid, seen jsonb)",
            "SELECT gen_random_uuid(), jsonb_build_object('note', id) FROM case_note",
        ),
        (
            "CREATE TABLE planted (id uuid, raw bytea)",
            "SELECT gen_random_uuid(), uuid_send(id) FROM person",
        ),
    ],
)
def test_a_table_that_the_erasure_forgets_is_found(
    inside: World, url: str, live_db: Flask, as_owner: Any, table: str, filled: str
) -> None:
    """The proof that this file can fail: ids and ciphertexts in a table nobody told it of."""
    case = lives.open_case(inside, lives.keep_person(inside))
    database.commit()
    name = make_url(live_db.config["CASEWORK"].database_url).database
    as_owner(name, table)
    as_owner(name, f"INSERT INTO planted {filled}")
    before = look(url)
    erase(inside, case)
    _gone, left = forgotten(url, before)
    assert len(left) == 1
    assert left[0].startswith("planted.")


def test_a_key_or_a_term_left_behind_is_found(
    inside: World, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = lives.open_case(inside, lives.keep_person(inside))
    database.commit()
    before = look(url)
    monkeypatch.setattr(vault, "destroy_key", lambda owner_id: True)
    erase(inside, case)
    _gone, left = forgotten(url, before)
    assert {"data_key of nobody", "index_term of nobody"} <= set(left)


def test_erasing_several_cases_of_the_demo_leaves_nothing(
    servers: Any, keys: str, template: str, tmp_path: Any
) -> None:
    with seeded_app(servers, keys, template, tmp_path, cases=16, at=PRESENT) as app:
        url = admin_url(app, servers)
        with app.app_context():
            database.clock.freeze(PRESENT)
            service = db.session.scalars(select(Service).where(Service.code == "river")).one()
            database.enter_service(service.id)
            actor = Actor.command(service.id)
            chosen = list(db.session.scalars(select(Case.id).order_by(Case.ref)))[::3]
            people_before = count(Person)
            before = look(url)
            for case_id in chosen:
                case = cases.queries.get_by_id(actor, case_id)
                cases.services.erase_case(actor, case, reason=ErasureReason.RETENTION)
                database.commit()
            gone, left = forgotten(url, before)
            assert left == []
            assert set(chosen) <= gone
            assert count(Person) < people_before
            database.clock.freeze(None)
            db.session.remove()


def count(model: Any) -> int:
    return len(db.session.scalars(select(model.id)).all())


def test_no_id_is_mistaken_for_a_gone_one(inside: World, url: str) -> None:
    """Two pictures of the same rows differ in nothing."""
    lives.open_case(inside, lives.keep_person(inside))
    database.commit()
    gone, left = forgotten(url, look(url))
    assert (gone, left) == (set[uuid.UUID](), [])
