"""Values, rows and keys moved about in PostgreSQL: every opener of the application refuses them."""

from dataclasses import dataclass
from typing import Any

import pytest

from casework import people
from tests.vault.thief import Victim, forget, keep_victim, openers, refused, tamper


@dataclass(frozen=True)
class Attack:
    """What is opened, what was done before (the rows of two people are one_… and two_…), and why not."""

    opener: str
    statement: str
    reason: str = "tag"
    of: int = 1  # whose things are opened
    first: str = ""  # makes room for a row that is handed over


ATTACKS = {
    "two columns of a person swapped": Attack(
        "details",
        ("UPDATE person SET full_name = safe_name, safe_name = full_name WHERE id = :two_person"),
    ),
    "a safe name from the full name": Attack(
        "names",
        ("UPDATE person SET safe_name = full_name WHERE id = :two_person"),
    ),
    "the code word shown as the cover name": Attack(
        "plan",
        ("UPDATE contact_plan SET cover_name = code_word WHERE person_id = :two_person"),
    ),
    "somebody else's code word": Attack(
        "identity",
        (
            "UPDATE contact_plan SET code_word = (SELECT code_word FROM contact_plan WHERE "
            "person_id = :one_person) WHERE person_id = :two_person"
        ),
    ),
    "a whole row from somebody else": Attack(
        "details",
        (
            "UPDATE person AS t SET (full_name, safe_name, phone, pets) = (SELECT "
            "full_name, safe_name, phone, pets FROM person WHERE id = :one_person) WHERE "
            "t.id = :two_person"
        ),
    ),
    "somebody else's plan given to her": Attack(
        "own plan",
        ("UPDATE contact_plan SET person_id = :two_person WHERE person_id = :one_person"),
        first=("DELETE FROM contact_plan WHERE person_id = :two_person"),
    ),
    "two notes of one case swapped": Attack(
        "notes",
        (
            "UPDATE case_note AS t SET body = o.body FROM case_note o WHERE t.case_id = "
            ":two_case AND o.case_id = t.case_id AND o.id <> t.id"
        ),
    ),
    "a note moved into another case": Attack(
        "notes",
        ("UPDATE case_note SET case_id = :two_case WHERE id = :one_note"),
    ),
    "another referral's partner": Attack(
        "referral",
        (
            "UPDATE referral SET partner = (SELECT partner FROM referral WHERE id = "
            ":one_referral) WHERE id = :two_referral"
        ),
    ),
    "the request shown as the answer": Attack(
        "referral",
        ("UPDATE referral SET answer_details = request_details WHERE id = :two_referral"),
    ),
    "a referral moved into another case": Attack(
        "referral",
        ("UPDATE referral SET case_id = :one_case WHERE id = :two_referral"),
    ),
    "another event's actor": Attack(
        "event",
        (
            "UPDATE referral_event SET actor = (SELECT actor FROM referral_event WHERE id = "
            ":one_event) WHERE id = :two_event"
        ),
    ),
    "an agency that somebody else agreed to": Attack(
        "consent",
        (
            "UPDATE consent SET named_partner = (SELECT named_partner FROM consent WHERE id "
            "= :one_consent) WHERE id = :two_consent"
        ),
    ),
    "a partner of a referral as one of a consent": Attack(
        "consent",
        (
            "UPDATE consent SET named_partner = (SELECT partner FROM referral WHERE id = "
            ":two_referral) WHERE id = :two_consent"
        ),
    ),
    "a key copied to her": Attack(
        "details",
        (
            "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE owner_id = "
            ":one_person) WHERE owner_id = :two_person"
        ),
        reason="key_tag",
    ),
    "a person's key given to her case": Attack(
        "notes",
        (
            "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE owner_id = "
            ":two_person) WHERE owner_id = :two_case"
        ),
        reason="key_tag",
    ),
    "a key row handed over": Attack(
        "own plan",
        ("UPDATE data_key SET owner_id = :one_person WHERE owner_id = :two_person"),
        reason="key_tag",
        of=0,
        first=("DELETE FROM data_key WHERE owner_id = :one_person"),
    ),
    "key and values together": Attack(
        "details",
        (
            "WITH key AS (UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE "
            "owner_id = :one_person) WHERE owner_id = :two_person RETURNING owner_id) "
            "UPDATE person AS t SET (full_name, safe_name, phone) = (SELECT full_name, "
            "safe_name, phone FROM person WHERE id = :one_person) WHERE t.id = :two_person"
        ),
        reason="key_tag",
    ),
    "a key under a number the ring lacks": Attack(
        "own plan",
        ("UPDATE data_key SET kek_id = 9 WHERE owner_id = :two_person"),
        reason="key_unknown_kek",
    ),
    "no key at all": Attack(
        "referral",
        ("DELETE FROM data_key WHERE owner_id = :two_case"),
        reason="key_gone",
    ),
}


@pytest.fixture
def victims(db: Any, world: Any) -> tuple[Victim, Victim]:
    found = keep_victim(world, 0), keep_victim(world, 1)
    forget(db)
    return found


def ids_of(victims: tuple[Victim, Victim]) -> dict[str, Any]:
    names = zip(("one", "two"), victims, strict=True)
    return {f"{who}_{name}": row for who, each in names for name, row in each.ids.items()}


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_move_is_refused_counted_and_audited_without_a_value(
    db: Any, world: Any, caplog: Any, victims: tuple[Victim, Victim], attack: str
) -> None:
    done, ids = ATTACKS[attack], ids_of(victims)
    ways = openers(world, victims[done.of])
    for way in ways.values():
        way()
    for statement in filter(None, (done.first, done.statement)):
        tamper(db, statement, **{name: row for name, row in ids.items() if f":{name}" in statement})
    assert refused(world, caplog, ways[done.opener], done.reason) == [done.reason]


def test_every_opener_opens_what_nobody_touched(world: Any, victims: tuple[Victim, Victim]) -> None:
    """The control: without an attack nothing above would be refused."""
    for victim in victims:
        opened = {name: way() for name, way in openers(world, victim).items()}
        assert all(opened.values()), opened


def test_an_index_term_moved_to_another_owner_finds_nobody(
    db: Any, world: Any, victims: tuple[Victim, Victim]
) -> None:
    """A term proves nothing by itself: who is found is asked for the number, and has another."""
    one, two = victims
    find = {"phone": "+15145550188"}
    assert people.services.find_people(world.amina.actor, **find) == [one.person]
    tamper(
        db,
        "UPDATE index_term SET owner_id = :two WHERE owner_id = :one",
        one=one.person.id,
        two=two.person.id,
    )
    assert people.services.find_people(world.amina.actor, **find) == []


def test_an_index_term_moved_together_with_the_number_is_refused(
    db: Any, world: Any, caplog: Any, victims: tuple[Victim, Victim]
) -> None:
    one, two = victims
    move = "UPDATE index_term SET owner_id = :two WHERE owner_id = :one"
    tamper(db, move, one=one.person.id, two=two.person.id)
    copy = "UPDATE person SET phone = (SELECT phone FROM person WHERE id = :one) WHERE id = :two"
    tamper(db, copy, one=one.person.id, two=two.person.id)
    found: list[Any] = []

    def look_up() -> None:
        found.extend(people.services.find_people(world.amina.actor, phone="+15145550188"))

    refused(world, caplog, look_up, "tag")
    assert found == []
