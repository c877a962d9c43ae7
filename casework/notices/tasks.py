"""The outbox at work: a sweep that claims, and a job that sends one letter."""

from uuid import UUID

from casework import database
from casework.background import Job, sweep, task
from casework.notices.services import outbox


@sweep(Job.CLAIM_LETTERS, every=10.0)
def claim_letters(service_id: UUID) -> None:
    """Show the letters of which nobody is sure, and claim those that are due."""
    outbox.give_up_on_lost(service_id)
    outbox.claim_letters(service_id)


@task(Job.SEND_LETTER)
def send_letter(service_id: UUID, letter_id: UUID, claim_id: UUID) -> None:
    """Send one claimed letter: “sending” is committed before anything can leave."""
    envelope = outbox.begin(service_id, letter_id, claim_id)
    if envelope is None:
        return
    database.commit()
    outcome = outbox.let_leave(envelope)
    outbox.finish(letter_id, claim_id, outcome)
