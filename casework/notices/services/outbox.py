"""The outbox machine: claim, write down that it leaves, let it leave, write down what came of it."""

from datetime import datetime
from uuid import UUID, uuid4

import structlog
from flask import current_app
from sqlalchemy import select, update

from casework.accounts import shift_queries
from casework.accounts.models import Account
from casework.config import Settings
from casework.database import now
from casework.extensions import db
from casework.notices import policy, queries
from casework.notices.messages import (
    BadAddress,
    Message,
    ascii_address,
    message_id,
    render_mail,
)
from casework.notices.models import Letter, LetterStatus
from casework.notices.senders import (
    Envelope,
    PerhapsSent,
    Rejected,
    SurelyNotSent,
    sender_for,
)
from casework.notices.services.forgetting import forget_addressee
from casework.notices.services.letters import hold_letters_to, mourners, writers

log = structlog.get_logger()


def claim_letters(service_id: UUID) -> list[tuple[UUID, UUID]]:
    """Claim letters that are due, each with the proof of it; a doubled sweep finds nothing left.

    wake_at is due time and lease in one: a claim whose worker died comes back by itself, since
    until “sending” is written down nothing can have left.
    """
    # A common table expression is worked out once; a plain subquery may be run again and again, and
    # claim more than it may.
    due = (
        select(Letter.id)
        .where(
            Letter.service_id == service_id,
            Letter.status == LetterStatus.QUEUED,
            Letter.wake_at <= now(),
        )
        .order_by(Letter.wake_at)
        .limit(policy.BATCH)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claim = uuid4()
    claimed = db.session.scalars(
        update(Letter)
        .where(Letter.id.in_(select(due.c.id)))
        .values(wake_at=now() + policy.LEASE, claim=claim)
        .returning(Letter.id)
    ).all()
    return [(letter_id, claim) for letter_id in claimed]


def give_up_on_lost(service_id: UUID) -> list[Letter]:
    """Mark letters whose sender vanished while sending as unknown; they are never resent."""
    lost = db.session.scalars(
        update(Letter)
        .where(
            Letter.service_id == service_id,
            Letter.status == LetterStatus.SENDING,
            Letter.wake_at <= now(),
        )
        .values(status=LetterStatus.UNKNOWN, claim=None)
        .returning(Letter)
    ).all()
    for letter in lost:
        _mourn(letter)
    return list(lost)


def begin(service_id: UUID, letter_id: UUID, claim_id: UUID) -> Envelope | None:
    """Word a claimed letter and mark it as sending; the caller commits before anything leaves.

    Gives None when there is nothing to send: claimed anew by somebody else, cancelled, too soon
    after the last one, in quiet hours, not wanted, or nothing left to say.
    """
    letter = db.session.scalar(
        select(Letter)
        .where(
            Letter.id == letter_id,
            Letter.service_id == service_id,
            Letter.claim == claim_id,
            Letter.status == LetterStatus.QUEUED,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if letter is None or _must_wait(letter):
        return None
    writer = writers.get(letter.kind)
    message = writer(letter) if writer and _is_wanted(letter) else None
    if message is None:
        letter.status, letter.claim = LetterStatus.CANCELLED, None
        forget_addressee(letter)
        return None
    envelope = _envelope(letter, message)
    if envelope is None:
        letter.status, letter.claim = LetterStatus.FAILED, None
        _mourn(letter)
        return None
    letter.status = LetterStatus.SENDING
    letter.attempts += 1
    # From now on the quarter hour of silence counts, whatever becomes of this one.
    letter.sent_at = now()
    letter.wake_at = now() + policy.LEASE
    return envelope


def put_back(service_id: UUID, letter_id: UUID, claim_id: UUID) -> LetterStatus | None:
    """Let a letter that could not be worded wait for another try; after the last one it has failed."""
    letter = db.session.scalar(
        select(Letter)
        .where(
            Letter.id == letter_id,
            Letter.service_id == service_id,
            Letter.claim == claim_id,
            Letter.status == LetterStatus.QUEUED,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if letter is None:
        return None
    letter.attempts += 1
    letter.claim = None
    if policy.may_try_again(letter.attempts):
        letter.wake_at = policy.next_try_at(letter.attempts, now())
    else:
        letter.status = LetterStatus.FAILED
        _mourn(letter)
    return letter.status


def let_leave(envelope: Envelope) -> LetterStatus:
    """Give the mail to its sender and say what came of it."""
    settings: Settings = current_app.config["CASEWORK"]
    try:
        sender_for(settings.mail_url)(envelope)
    except SurelyNotSent:
        return LetterStatus.QUEUED
    except Rejected:
        return LetterStatus.FAILED
    except PerhapsSent:
        return LetterStatus.UNKNOWN
    return LetterStatus.SENT


def finish(letter_id: UUID, claim_id: UUID, outcome: LetterStatus) -> LetterStatus | None:
    """Write down what came of a sending; one that surely did not leave waits for another try."""
    letter = db.session.scalar(
        select(Letter)
        .where(
            Letter.id == letter_id, Letter.claim == claim_id, Letter.status == LetterStatus.SENDING
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if letter is None:
        return None
    if outcome is LetterStatus.QUEUED and not policy.may_try_again(letter.attempts):
        outcome = LetterStatus.FAILED
    letter.status, letter.claim = outcome, None
    if outcome is LetterStatus.QUEUED:
        letter.wake_at = policy.next_try_at(letter.attempts, now())
        letter.sent_at = None
    elif outcome is LetterStatus.SENT:
        letter.sent_at = now()
        forget_addressee(letter)
    else:
        _mourn(letter)
    return outcome


def _mourn(letter: Letter) -> None:
    """Let whoever asked for a letter show that it did not, or may not have, left."""
    log.warning("letter.lost", letter_id=str(letter.id), status=str(letter.status))
    forget_addressee(letter)
    if letter.kind in mourners:
        mourners[letter.kind](letter)


def _is_wanted(letter: Letter) -> bool:
    """Tell whether its reader wants letters of this kind; in the app they see the same anyway."""
    if letter.account_id is None:
        return True
    return queries.wishes_of(letter.service_id, letter.account_id).wants(letter.kind)


def _must_wait(letter: Letter) -> bool:
    """Put a merged letter back: its reader was just written to, is off shift, or wants quiet by now."""
    if letter.account_id is None or not policy.is_merged(letter.kind):
        return False
    hold_letters_to(letter.account_id)
    last = queries.written_since(letter.account_id, now() - policy.QUIET_FOR)
    wakes_at = last + policy.QUIET_FOR if last else now()
    rota = shift_queries.rota_of(letter.service_id, letter.account_id)
    wakes_at = _quiet_until(letter, rota.reachable_from(wakes_at))
    if wakes_at <= now():
        return False
    letter.claim, letter.wake_at = None, wakes_at
    return True


def _quiet_until(letter: Letter, at: datetime) -> datetime:
    """Give the end of the quiet hours a moment lies in, or the moment itself."""
    account = db.session.get(Account, letter.account_id)
    if account is None:
        return at
    wishes = queries.wishes_of(letter.service_id, account.id)
    return wishes.quiet_until_at(at, account.time_zone) or at


def _envelope(letter: Letter, message: Message) -> Envelope | None:
    settings: Settings = current_app.config["CASEWORK"]
    try:
        content = render_mail(message, letter_id=letter.id, sender=settings.mail_from, at=now())
        recipient = ascii_address(message.to)
    except BadAddress:
        return None
    name = message_id(letter.id, settings.mail_from).strip("<>").split("@")[0]
    return Envelope(ascii_address(settings.mail_from), recipient, content, name)
