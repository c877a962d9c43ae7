"""A person is kept under a key of their own, findable exactly, and never without consent (R1, R16)."""

import uuid
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from casework import database
from casework.database import NotFound, StaleVersion
from casework.people import queries, services
from casework.people.detail_checks import AgesUnreadable, AreaNotKept
from casework.people.identifiers import PhoneTooShort
from casework.people.models import AccessReason
from casework.people.policy import UnknownLanguage
from tests.people.records import keep_person


def test_what_was_said_comes_back_only_when_opened(world: Any, db: Any) -> None:
    person = keep_person(world.amina.actor, details={"children_ages": "2, 5", "pets": "a cat"})
    assert repr(person.phone) == "<sealed>"
    opened = services.open_details(
        world.amina.actor, person, "phone", "safe_name", "children_ages", "pets", purpose="test"
    )
    assert opened == {
        "phone": "+15145550142",
        "safe_name": "Maya",
        "children_ages": [2, 5],
        "pets": "a cat",
    }


def test_no_table_holds_what_was_said(world: Any, db: Any) -> None:
    keep_person(
        world.amina.actor,
        details={"full_name": "Zyxwora Quibblefeather", "area": "Qwertytown"},
        plan={"voicemail_script": "Vlorpington calling", "cover_name": "Snarfblat"},
    )
    db.session.flush()
    tables = db.session.scalars(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ).all()
    for table in tables:
        if table.startswith("audit_head"):
            continue
        rows = db.session.execute(text(f'SELECT t::text FROM "{table}" AS t')).scalars()
        for row in rows:
            for word in ("Zyxwora", "Qwertytown", "Vlorpington", "Snarfblat", "5145550142"):
                assert word not in row, table
                assert word.encode().hex() not in row, table


def test_a_person_without_consent_is_refused_by_the_database(world: Any, db: Any) -> None:
    """R1: without consent nothing identifying is kept."""
    services.register_person(world.amina.actor, details={"safe_name": "Maya"}, plan={})
    with pytest.raises(IntegrityError, match="kept only with consent"):
        db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


@pytest.mark.parametrize(
    ("details", "refusal"),
    [
        ({"phone": "555-0142"}, PhoneTooShort),
        ({"language": "klingonese"}, UnknownLanguage),
        ({"children_ages": "two"}, AgesUnreadable),
        ({"children_ages": "45"}, AgesUnreadable),
    ],
)
def test_details_that_cannot_be_are_refused_and_nothing_is_kept(
    world: Any, db: Any, details: dict[str, Any], refusal: type[Exception]
) -> None:
    before = len(db.session.scalars(text("SELECT id FROM person")).all())
    with pytest.raises(refusal), database.attempt():
        services.register_person(world.amina.actor, details=details, plan={})
    assert len(db.session.scalars(text("SELECT id FROM person")).all()) == before


def test_a_person_is_found_by_phone_however_it_is_typed(world: Any, db: Any) -> None:
    """R37: phone, email and handle are searchable alike."""
    person = keep_person(
        world.amina.actor, details={"email": "Maya@Mail.example", "handle": "@Maya_T"}
    )
    actor = world.louis.actor
    assert services.find_people(actor, phone="(514) 555 0142") == [person]
    assert services.find_people(actor, email="maya@mail.example") == [person]
    assert services.find_people(actor, handle="maya_t") == [person]
    assert services.find_people(actor, phone="514-555-0143") == []


def test_another_service_finds_nobody(world: Any, db: Any) -> None:
    person = keep_person(world.amina.actor)
    assert services.find_people(world.outsider.actor, phone="514-555-0142") == []
    with pytest.raises(NotFound):
        queries.get(world.outsider.actor, person.id, database.now())


def test_a_changed_phone_is_found_and_the_old_one_no_longer(world: Any, db: Any) -> None:
    person = keep_person(world.amina.actor)
    services.change_details(
        world.amina.actor, person, details={"phone": "438-555-0177"}, version=person.version
    )
    assert services.find_people(world.amina.actor, phone="438-555-0177") == [person]
    assert services.find_people(world.amina.actor, phone="514-555-0142") == []
    terms = text("SELECT count(*) FROM index_term WHERE owner_id = :id AND kind = 'phone'")
    assert db.session.scalar(terms, {"id": person.id}) == 1, "no trace of the old number is left"


def test_the_second_of_two_who_save_is_told(world: Any, db: Any) -> None:
    person = keep_person(world.amina.actor)
    seen = person.version
    services.change_details(world.amina.actor, person, details={"pets": "a dog"}, version=seen)
    with pytest.raises(StaleVersion):
        services.change_details(world.louis.actor, person, details={"pets": "no"}, version=seen)
    assert services.open_details(world.amina.actor, person, "pets", purpose="test") == {
        "pets": "a dog"
    }


def test_a_sensitive_record_keeps_no_area(world: Any, db: Any) -> None:
    """R19: not even the first three characters of a postal code; only the region of the case."""
    person = keep_person(world.amina.actor, details={"area": "H2X"})
    services.mark_sensitive(world.amina.actor, person)
    assert person.area is None
    with pytest.raises(AreaNotKept):
        services.change_details(world.amina.actor, person, details={"area": "H2X"})


def test_a_list_of_names_opens_safe_names_only(world: Any, db: Any) -> None:
    maya = keep_person(world.amina.actor, details={"full_name": "Maya Torres"})
    nobody = keep_person(world.amina.actor, details={"safe_name": "", "full_name": "Ana Lima"})
    names = services.open_names(world.amina.actor, [maya, nobody, maya], purpose="my_day")
    assert names[maya.id] == "Maya"
    assert "Lima" not in names[nobody.id]


def test_access_begins_and_ends_with_a_row(world: Any, db: Any, clock: Any) -> None:
    person = keep_person(world.amina.actor)
    at = database.now()
    louis = world.louis
    assert not queries.has_access(louis.actor, person.id, at)
    services.grant_access(world.amina.actor, person.id, louis.account_id, AccessReason.COVERING)
    assert queries.has_access(louis.actor, person.id, at)
    assert queries.get(louis.actor, person.id, at) is person
    services.end_access(world.amina.actor, person.id, louis.account_id)
    assert not queries.has_access(louis.actor, person.id, at)


def test_a_stranger_id_is_not_found(world: Any, db: Any) -> None:
    with pytest.raises(NotFound):
        queries.get(world.amina.actor, uuid.uuid4(), database.now())


def test_every_person_has_a_key_of_their_own(world: Any, db: Any) -> None:
    keep_person(world.amina.actor)
    keep_person(world.amina.actor)
    people = len(db.session.scalars(text("SELECT id FROM person")).all())
    keys = db.session.scalar(
        text("SELECT count(*) FROM data_key WHERE owner_id IN (SELECT id FROM person)")
    )
    assert keys == people
