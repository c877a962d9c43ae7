"""Forgetting rows that are erased: what was told about them, and the letters that would name them (R17)."""

from collections.abc import Collection
from uuid import UUID, uuid4

from sqlalchemy import delete, func, update

from casework import audit, vault
from casework.extensions import db
from casework.notices import queries
from casework.notices.models import Letter, Notice
from casework.security import Actor


def hold_letters_about(actor: Actor, row_ids: Collection[UUID]) -> list[Letter]:
    """Give the letters about these rows, held until the commit without waiting for their sender."""
    return queries.hold_letters_about(actor, row_ids)


def forget_rows(actor: Actor, row_ids: Collection[UUID]) -> set[UUID]:
    """Erase the notices and letters about these rows; give the ids of the letters.

    A letter about somebody's call-backs counts all of them and names none: it stays, under a key
    that no longer tells which reminder asked for it first.
    """
    told = db.session.scalars(
        delete(Notice)
        .where(Notice.service_id == actor.service_id, Notice.subject_id.in_(row_ids))
        .returning(Notice.occurrence_key)
        .execution_options(synchronize_session=False)
    ).all()
    gone = db.session.scalars(
        delete(Letter)
        .where(Letter.service_id == actor.service_id, Letter.subject_id.in_(row_ids))
        .returning(Letter.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.execute(
        update(Letter)
        .where(Letter.service_id == actor.service_id, Letter.idempotency_key.in_(told))
        .values(idempotency_key=func.gen_random_uuid().cast(Letter.idempotency_key.type))
        .execution_options(synchronize_session=False)
    )
    return set(gone)


def address_letter(letter: Letter, *, addressee: UUID) -> None:
    """Let a letter find its reader by itself, since the row it was about is being erased.

    To whom it goes is sealed under a key of the letter's own, destroyed when it has left (R16).
    """
    vault.create_key(letter.service_id, letter.id)
    vault.seal(letter, addressee=str(addressee))
    letter.subject_id = None
    letter.idempotency_key = str(uuid4())
    db.session.flush()


def open_addressee(actor: Actor, letter: Letter, *, purpose: str) -> UUID:
    """Open to whom a letter without a subject goes, and record it (R21)."""
    opened = vault.open_fields(letter, "addressee")
    audit.record(actor, "letter:open", letter, fields=("addressee",), purpose=purpose)
    return UUID(opened["addressee"])


def forget_addressee(letter: Letter) -> None:
    """Destroy to whom a letter went: it has left, or never will."""
    if letter.addressee is not None:
        vault.destroy_key(letter.id)
        letter.addressee = None
