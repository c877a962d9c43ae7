"""Putting letters in the outbox as ids only, and knowing who words them when they leave."""

from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from casework.database import now
from casework.extensions import db
from casework.notices import policy, queries
from casework.notices.messages import Message
from casework.notices.models import Letter, LetterKind, LetterStatus
from casework.security import Actor

Writer = Callable[[Letter], Message | None]
Mourner = Callable[[Letter], None]
writers: dict[LetterKind, Writer] = {}
mourners: dict[LetterKind, Mourner] = {}


def write_with(kind: LetterKind, writer: Writer, when_lost: Mourner | None = None) -> None:
    """Say who words letters of a kind, and whom to tell when one did not, or may not have, left.

    The writer gives None when there is nothing left to say; the letter is then cancelled.
    """
    writers[kind] = writer
    if when_lost is not None:
        mourners[kind] = when_lost


def queue_letter(
    actor: Actor,
    kind: LetterKind,
    *,
    account_id: UUID | None = None,
    subject_id: UUID | None = None,
    idempotency_key: str,
) -> bool:
    """Put a letter in the outbox as ids only, once for each key; tell whether it is new.

    Letters about what waits for somebody are merged: one of a kind waits at most, and of all
    together at most one leaves in 15 minutes.
    """
    wake_at = now()
    if account_id is not None and policy.is_merged(kind):
        hold_letters_to(account_id)
        if _is_waiting(account_id, kind):
            return False
        last = queries.written_since(account_id, wake_at - policy.QUIET_FOR)
        wake_at = last + policy.QUIET_FOR if last else wake_at
    fresh = db.session.execute(
        insert(Letter)
        .values(
            id=func.gen_random_uuid(),
            service_id=actor.service_id,
            kind=kind,
            account_id=account_id,
            subject_id=subject_id,
            idempotency_key=idempotency_key,
            status=LetterStatus.QUEUED,
            attempts=0,
            wake_at=wake_at,
            created_at=now(),
        )
        .on_conflict_do_nothing(index_elements=["idempotency_key"])
        .returning(Letter.id)
    )
    return fresh.first() is not None


def cancel_letters(actor: Actor, *, subject_id: UUID, kinds: Iterable[LetterKind]) -> int:
    """Cancel the letters about a row that have not begun to leave; tell how many there were."""
    gone = db.session.execute(
        update(Letter)
        .where(
            Letter.service_id == actor.service_id,
            Letter.subject_id == subject_id,
            Letter.kind.in_(list(kinds)),
            Letter.status == LetterStatus.QUEUED,
        )
        .values(status=LetterStatus.CANCELLED, claim=None)
        .returning(Letter.id)
    )
    return len(gone.all())


def hold_letters_to(account_id: UUID) -> None:
    """Let one transaction at a time decide about the letters to an account."""
    db.session.execute(select(func.pg_advisory_xact_lock(account_id.int % 2**62)))


def _is_waiting(account_id: UUID, kind: LetterKind) -> bool:
    waiting = select(Letter.id).where(
        Letter.account_id == account_id, Letter.kind == kind, Letter.status == LetterStatus.QUEUED
    )
    return db.session.scalar(waiting.limit(1)) is not None
