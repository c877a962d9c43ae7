"""An older ciphertext put back where it once stood: it fits its cell, and is refused all the same."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from casework import cases, database, people, referrals, vault
from casework.audit.chain import Act, microseconds
from casework.audit.sealed_rows import verify_sealed
from casework.audit.writing import SEALED_ACTION, append
from casework.extensions import Base
from casework.people import contact_plan
from casework.vault import Unreadable
from tests.people.records import WEEKDAY_MORNINGS
from tests.vault.thief import Victim, forget, keep_victim, openers, refused, tamper

PLAN = sorted(contact_plan.SEALED)


@pytest.fixture
def victim(db: Any, world: Any) -> Victim:
    found = keep_victim(world, 0)
    forget(db)
    return found


def remembered(db: Any, table: str, row_id: Any, *columns: str) -> Callable[[], None]:
    """Let the thief copy columns of a row today; give what puts them back tomorrow."""
    names = ", ".join(columns)
    row = db.session.execute(text(f"SELECT {names} FROM {table} WHERE id = :id"), {"id": row_id})
    values = dict(zip(columns, row.one(), strict=True))
    setting = ", ".join(f"{name} = :{name}" for name in columns)

    def put_back() -> None:
        tamper(db, f"UPDATE {table} SET {setting} WHERE id = :id", id=row_id, **values)

    return put_back


def remembered_digest(db: Any, row_id: Any) -> Callable[[], None]:
    """The same for the digest of a row."""
    statement = text("SELECT digest FROM row_digest WHERE row_id = :id")
    old = db.session.execute(statement, {"id": row_id}).scalar_one()

    def put_back() -> None:
        tamper(db, "UPDATE row_digest SET digest = :old WHERE row_id = :id", old=old, id=row_id)

    return put_back


def plan_of(world: Any, victim: Victim) -> Any:
    return people.queries.plan_of(world.amina.actor, victim.person.id)


def change(world: Any, victim: Victim, **said: Any) -> None:
    people.services.change_plan(world.amina.actor, victim.person, plan=said)


def test_one_column_of_a_plan_put_back_is_refused(
    db: Any, world: Any, caplog: Any, victim: Victim
) -> None:
    """R9: voicemail was allowed, then was not any more."""
    put_back = remembered(db, "contact_plan", plan_of(world, victim).id, "voicemail_rule")
    change(world, victim, voicemail_rule="never")
    put_back()
    ways = openers(world, victim)
    for name in ("plan", "own plan", "identity"):
        assert refused(world, caplog, ways[name], "replayed") == ["replayed"]


def test_the_whole_plan_put_back_is_refused(
    db: Any, world: Any, caplog: Any, victim: Victim
) -> None:
    put_back = remembered(db, "contact_plan", plan_of(world, victim).id, *PLAN)
    change(world, victim, windows=WEEKDAY_MORNINGS, code_word="grey owl")
    put_back()
    assert refused(world, caplog, openers(world, victim)["plan"], "replayed") == ["replayed"]


def test_a_number_that_was_given_up_is_refused(
    db: Any, world: Any, caplog: Any, victim: Victim
) -> None:
    put_back = remembered(db, "person", victim.person.id, "phone")
    details = {"phone": "+15145550177"}
    people.services.change_details(world.amina.actor, victim.person, details=details)
    put_back()
    ways = openers(world, victim)
    for name in ("details", "names", "plan"):
        assert refused(world, caplog, ways[name], "replayed") == ["replayed"]


@pytest.mark.parametrize("column", ["voicemail_rule", "code_word", "windows"])
def test_an_emptied_column_is_refused(
    db: Any, world: Any, caplog: Any, victim: Victim, column: str
) -> None:
    tamper(db, f"UPDATE contact_plan SET {column} = NULL WHERE person_id = :p", p=victim.person.id)
    assert refused(world, caplog, openers(world, victim)["plan"], "replayed") == ["replayed"]


def test_a_row_whose_digest_is_gone_is_refused(
    db: Any, world: Any, caplog: Any, victim: Victim
) -> None:
    tamper(db, "DELETE FROM row_digest WHERE owner_id = :p", p=victim.person.id)
    for name in ("details", "own plan", "consent"):
        way = openers(world, victim)[name]
        assert refused(world, caplog, way, "undigested") == ["undigested"]


def test_an_older_answer_of_an_agency_is_refused(
    db: Any, world: Any, caplog: Any, victim: Victim
) -> None:
    actor, referral = world.amina.actor, victim.referral
    put_back = remembered(db, "referral", referral.id, "answer_details")
    referrals.services.answer(
        actor,
        referral,
        to=referrals.models.ReferralState.ACCEPTED,
        source=cases.models.Source.PARTNER_CONFIRMED,
        details={"note": "come at six"},
    )
    put_back()
    assert refused(world, caplog, openers(world, victim)["referral"], "replayed") == ["replayed"]


@pytest.mark.parametrize(
    ("statement", "opener"),
    [
        ("UPDATE referral SET answer_details = NULL WHERE id = :referral", "referral"),
        ("UPDATE referral SET partner = NULL WHERE id = :referral", "referral"),
        ("UPDATE consent SET named_partner = NULL WHERE id = :consent", "consent"),
        (
            ("UPDATE referral_event SET actor = NULL, actor_id = :person WHERE id = :event"),
            "event",
        ),
        ("UPDATE case_note SET body = NULL WHERE id = :note", "notes"),
    ],
)
def test_what_was_sealed_cannot_be_taken_away(
    db: Any, world: Any, caplog: Any, victim: Victim, statement: str, opener: str
) -> None:
    ids = {name: row for name, row in victim.ids.items() if f":{name}" in statement}
    tamper(db, statement, **ids)
    assert refused(world, caplog, openers(world, victim)[opener], "replayed") == ["replayed"]


def test_nothing_is_written_beside_a_value_that_was_put_back(
    db: Any, world: Any, caplog: Any, victim: Victim
) -> None:
    """Otherwise the next honest change would make the old value good again."""
    put_back = remembered(db, "contact_plan", plan_of(world, victim).id, "voicemail_rule")
    change(world, victim, voicemail_rule="never")
    put_back()

    def change_another() -> None:
        try:
            change(world, victim, cover_name="the dentist")
        finally:
            db.session.expire_all()  # as the request's rollback does

    assert refused(world, caplog, change_another, "replayed") == ["replayed"]


def test_a_row_that_is_sealed_anew_as_a_whole_is_good_again(
    db: Any, world: Any, victim: Victim
) -> None:
    """Whoever makes the whole plan anew with the person leaves nothing of the old."""
    plan = plan_of(world, victim)
    put_back = remembered(db, "contact_plan", plan.id, *PLAN)
    change(world, victim, voicemail_rule="never")
    put_back()
    vault.seal(plan, **dict.fromkeys(PLAN, None) | {"voicemail_rule": "never"})
    db.session.flush()
    forget(db)
    opened = people.services.open_own_plan(world.amina.actor, victim.person, purpose="call_back")
    assert opened.voicemail_rule is people.models.VoicemailRule.NEVER


def test_row_and_digest_put_back_together_are_seen_by_the_audit(
    db: Any, world: Any, victim: Victim
) -> None:
    """The stated limit of opening, and what is behind it: the chain cannot be put back."""
    plan = plan_of(world, victim)
    row, digest = remembered(db, "contact_plan", plan.id, *PLAN), remembered_digest(db, plan.id)
    change(world, victim, voicemail_rule="never")
    database.commit()
    assert verify_sealed(db.session.connection(), Base).is_intact
    row()
    digest()
    opened = people.services.open_own_plan(world.amina.actor, victim.person, purpose="call_back")
    assert opened.voicemail_rule is people.models.VoicemailRule.NAMED
    result = verify_sealed(db.session.connection(), Base)
    assert result.replayed == [("contact_plan", plan.id)]


def test_an_entry_made_for_what_was_put_back_does_not_hide_it(
    db: Any, world: Any, victim: Victim
) -> None:
    """A thief with the application’s own role can append to the chain, but makes no new ciphertext."""
    plan = plan_of(world, victim)
    database.commit()
    row, digest = remembered(db, "contact_plan", plan.id, *PLAN), remembered_digest(db, plan.id)
    standing = text("SELECT encode(digest, 'hex') FROM row_digest WHERE row_id = :id")
    old = db.session.execute(standing, {"id": plan.id}).scalar_one()
    change(world, victim, voicemail_rule="never")
    database.commit()
    row()
    digest()
    forged = Act(
        at_us=microseconds(database.now()),
        service_id=world.north.id,
        actor_kind="system",
        actor_id=None,
        action=SEALED_ACTION,
        object_type="row_digest",
        detail={"rows": {str(plan.id): old}},
    )
    append(db.session.connection(), [forged])
    result = verify_sealed(db.session.connection(), Base)
    assert result.replayed == [("contact_plan", plan.id)]


def test_the_audit_sees_one_column_of_any_table_put_back(
    db: Any, world: Any, victim: Victim
) -> None:
    database.commit()
    for table, column in (
        ("person", "phone"),
        ("consent", "named_partner"),
        ("case_note", "body"),
        ("referral", "partner"),
        ("referral_event", "actor"),
    ):
        where = {"case_note": "note", "referral_event": "event"}.get(table, table)
        row_id = victim.ids[where]
        put_right = remembered(db, table, row_id, column)
        tamper(db, f"UPDATE {table} SET {column} = NULL WHERE id = :id", id=row_id)
        assert verify_sealed(db.session.connection(), Base).replayed == [(table, row_id)]
        put_right()
    assert verify_sealed(db.session.connection(), Base).is_intact


def test_the_refusal_is_an_unreadable_row_like_any_other(
    db: Any, world: Any, victim: Victim
) -> None:
    tamper(db, "UPDATE person SET phone = NULL WHERE id = :id", id=victim.person.id)
    with pytest.raises(Unreadable, match=r"^person\.safe_name: replayed$"):
        people.services.open_details(
            world.amina.actor, victim.person, "safe_name", purpose="case_page"
        )
