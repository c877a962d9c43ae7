"""The outbox at work: a sweep that claims, a job that sends one letter, one turn without the broker."""

from uuid import UUID

import structlog

from casework import database
from casework.background import Job, sweep, task
from casework.notices.models import LetterStatus
from casework.notices.services import outbox

log = structlog.get_logger()


def run_once(service_id: UUID) -> int:
    """Take one turn in this process, without the broker; tell how many letters left."""
    database.enter_service(service_id)
    outbox.give_up_on_lost(service_id)
    claimed = outbox.claim_letters(service_id)
    database.commit()
    sent = 0
    for letter_id, claim_id in claimed:
        sent += _send(service_id, letter_id, claim_id) is LetterStatus.SENT
        database.commit()
    return sent


@sweep(Job.CLAIM_LETTERS, every=10.0, alone=run_once)
def claim_letters(service_id: UUID) -> None:
    """Show the letters of which nobody is sure; claim those that are due, one job each."""
    outbox.give_up_on_lost(service_id)
    for letter_id, claim_id in outbox.claim_letters(service_id):
        database.after_commit(Job.SEND_LETTER, service_id, letter_id, claim_id)


@task(Job.SEND_LETTER)
def send_letter(service_id: UUID, letter_id: UUID, claim_id: UUID) -> None:
    """Send one claimed letter."""
    _send(service_id, letter_id, claim_id)


def _send(service_id: UUID, letter_id: UUID, claim_id: UUID) -> LetterStatus | None:
    """Send a claimed letter: “sending” is committed before anything can leave.

    One that cannot be worded waits, and fails in the end; it does not keep the others from leaving.
    """
    try:
        envelope = outbox.begin(service_id, letter_id, claim_id)
    except Exception as error:
        database.rollback()
        log.error("letter.not_worded", letter_id=str(letter_id), error=type(error).__name__)
        return outbox.put_back(service_id, letter_id, claim_id)
    if envelope is None:
        return None
    database.commit()
    outcome = outbox.let_leave(envelope)
    outbox.finish(letter_id, claim_id, outcome)
    return outcome
