"""Erases a person: their key, what they are found by, their plan, consents and who could see them (R17)."""

import uuid

from sqlalchemy import delete

from casework import audit, vault
from casework.extensions import db
from casework.notices import services as notices
from casework.people import queries
from casework.people.models import Person
from casework.security import Actor


def hold_for_erasing(actor: Actor, person_id: uuid.UUID) -> Person:
    """Keep everybody else out of a person's rows until the commit, without waiting for anybody."""
    return queries.hold_all(actor, person_id)


def erase_person(actor: Actor, person: Person) -> set[uuid.UUID]:
    """Erase a person who has no case any more; give the ids that messages in the broker may name.

    Whoever else can be reached on the same number has a record of their own, which stays (R33).
    """
    db.session.flush()
    audit.record(actor, "person:erased", person, subjects=(person.id,))
    gone = notices.forget_rows(actor, [person.id])
    vault.destroy_key(person.id)
    # Plan, consents and accesses go with the row they belong to.
    db.session.execute(
        delete(Person).where(Person.id == person.id).execution_options(synchronize_session=False)
    )
    return gone
