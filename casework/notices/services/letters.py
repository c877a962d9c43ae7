"""Putting letters in the outbox as ids only, and knowing who words them when they leave."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CursorResult, Table, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from casework.accounts import shift_queries
from casework.database import now
from casework.extensions import db
from casework.many import insert_rows
from casework.notices import policy, queries
from casework.notices.messages import Message
from casework.notices.models import Letter, LetterKind, LetterStatus
from casework.security import Actor

# Many rows go in by the table: one statement, without an object for each of them.
TABLE = cast(Table, Letter.__table__)
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
    after: timedelta = timedelta(),
) -> bool:
    """Put a letter in the outbox as ids only, once for each key; tell whether it is new.

    It leaves after so long at the earliest.

    Letters about what waits for somebody are merged: one of a kind waits at most, and of all
    together at most one leaves in 15 minutes.
    """
    wake_at = now() + after
    if account_id is not None and policy.is_merged(kind):
        hold_letters_to(account_id)
        if _is_waiting(account_id, kind):
            return False
        last = queries.written_since(account_id, wake_at - policy.QUIET_FOR)
        wake_at = last + policy.QUIET_FOR if last else wake_at
        # Nobody is written to outside their shift; their list in the app has it at once.
        wake_at = shift_queries.rota_of(actor.service_id, account_id).reachable_from(wake_at)
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


def queue_letters(actor: Actor, kind: LetterKind, keys: Mapping[UUID, str]) -> int:
    """Queue a merged letter to each of these accounts, with a key each; tell how many are new.

    As queue_letter does for one: one waits at most, and at most one leaves in 15 minutes.
    """
    if not keys:
        return 0
    at = now()
    hold_letters_to_all(keys)
    waiting = queries.accounts_waiting(keys, kind)
    last = queries.last_written(keys, at - policy.QUIET_FOR)
    rotas = shift_queries.rotas_of(actor.service_id, set(keys))
    rows = [
        {
            "id": uuid4(),
            "service_id": actor.service_id,
            "kind": kind,
            "account_id": account_id,
            "idempotency_key": key,
            "status": LetterStatus.QUEUED,
            "attempts": 0,
            "wake_at": rotas[account_id].reachable_from(
                last[account_id] + policy.QUIET_FOR if account_id in last else at
            ),
            "created_at": at,
        }
        for account_id, key in keys.items()
        if account_id not in waiting
    ]
    if not rows:
        return 0
    fresh = insert_rows(TABLE, rows).on_conflict_do_nothing(index_elements=["idempotency_key"])
    return cast("CursorResult[Any]", db.session.execute(fresh)).rowcount


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
    db.session.execute(select(func.pg_advisory_xact_lock(_lock_number(account_id))))


def hold_letters_to_all(account_ids: Iterable[UUID]) -> None:
    """Hold the letters to several accounts, in one order, so that nobody waits in a circle."""
    numbers = sorted({_lock_number(account_id) for account_id in account_ids})
    wanted = func.unnest(bindparam(None, numbers, ARRAY(BigInteger), unique=True)).column_valued()
    # The rows of an array come, and are locked, in its order.
    db.session.execute(select(func.pg_advisory_xact_lock(wanted))).all()


def _lock_number(account_id: UUID) -> int:
    return account_id.int % 2**62


def _is_waiting(account_id: UUID, kind: LetterKind) -> bool:
    waiting = select(Letter.id).where(
        Letter.account_id == account_id, Letter.kind == kind, Letter.status == LetterStatus.QUEUED
    )
    return db.session.scalar(waiting.limit(1)) is not None
