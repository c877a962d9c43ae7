"""The outbox machine: a letter leaves at most once, and what nobody is sure of is shown."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from casework import database
from casework.extensions import db as database_extension
from casework.notices import Message, policy, queries, services, tasks
from casework.notices.models import Letter, LetterKind, LetterStatus
from casework.notices.services import letters, outbox
from casework.notices.services.outbox import begin, claim_letters, finish, give_up_on_lost

KIND = LetterKind.CALL_BACKS_DUE


@pytest.fixture(autouse=True)
def wording(clock: Any, world: Any) -> Iterator[list[Letter]]:
    """Word call-back letters for these tests, and remember the lost ones."""
    clock.freeze(database.now())
    before = letters.writers.copy(), letters.mourners.copy()
    lost: list[Letter] = []
    services.write_with(
        KIND, lambda letter: Message("amina@north.example", "1", "1\n"), lost.append
    )
    yield lost
    for kept, now in zip(before, (letters.writers, letters.mourners), strict=True):
        now.clear()
        now.update(kept)


def queue(world: Any, key: str = "one", **more: Any) -> bool:
    return services.queue_letter(
        world.amina.actor,
        KIND,
        account_id=more.pop("account_id", world.amina.account_id),
        idempotency_key=key,
        **more,
    )


def only() -> Letter:
    return database_extension.session.query(Letter).one()


def claim(world: Any) -> uuid.UUID:
    """Run the sweep and give the claim of the one letter."""
    claim_letters(world.north.id)
    claimed = only().claim
    assert claimed is not None
    return claimed


def test_a_letter_is_queued_once_for_its_key(world: Any) -> None:
    assert queue(world, subject_id=uuid.uuid4())
    assert not queue(world, account_id=world.louis.account_id)


def test_a_claimed_letter_is_not_claimed_again_until_its_lease_ends(world: Any, clock: Any) -> None:
    queue(world)
    assert len(claim_letters(world.north.id)) == 1
    assert claim_letters(world.north.id) == []
    clock.advance(timedelta(minutes=5))
    assert len(claim_letters(world.north.id)) == 1


def test_a_worker_with_an_old_claim_sends_nothing(world: Any, clock: Any) -> None:
    queue(world)
    old = claim(world)
    clock.advance(timedelta(minutes=5))
    new = claim(world)
    assert begin(world.north.id, only().id, old) is None
    assert begin(world.north.id, only().id, new) is not None


def test_sending_is_written_down_before_anything_leaves(world: Any) -> None:
    queue(world)
    claimed = claim(world)
    assert begin(world.north.id, only().id, claimed) is not None
    assert only().status is LetterStatus.SENDING
    assert begin(world.north.id, only().id, claimed) is None


def test_a_letter_whose_sender_vanished_is_unknown_shown_and_never_resent(
    world: Any, clock: Any, wording: list[Letter]
) -> None:
    """engine.md section 3."""
    queue(world)
    begin(world.north.id, only().id, claim(world))
    clock.advance(timedelta(minutes=5))
    give_up_on_lost(world.north.id)
    assert only().status is LetterStatus.UNKNOWN
    assert [letter.id for letter in wording] == [only().id]
    assert [letter.id for letter in queries.unsure(world.amina.actor)] == [only().id]
    clock.advance(timedelta(days=1))
    assert claim_letters(world.north.id) == []


def test_what_surely_did_not_leave_is_tried_again_a_few_times(
    world: Any, clock: Any, wording: list[Letter]
) -> None:
    queue(world)
    outcomes = []
    for _ in range(5):
        claimed = claim(world)
        begin(world.north.id, only().id, claimed)
        outcomes.append(finish(only().id, claimed, LetterStatus.QUEUED))
        clock.advance(timedelta(minutes=20))
    assert outcomes == [LetterStatus.QUEUED] * 4 + [LetterStatus.FAILED]
    assert wording


def test_what_perhaps_left_is_never_tried_again(world: Any, clock: Any) -> None:
    queue(world)
    claimed = claim(world)
    begin(world.north.id, only().id, claimed)
    finish(only().id, claimed, LetterStatus.UNKNOWN)
    clock.advance(timedelta(hours=1))
    assert claim_letters(world.north.id) == []


def test_a_sent_letter_is_sent_once(world: Any, app: Any) -> None:
    queue(world)
    claimed = claim(world)
    envelope = begin(world.north.id, only().id, claimed)
    assert envelope is not None
    outcome = outbox.let_leave(envelope)
    assert finish(only().id, claimed, outcome) is LetterStatus.SENT
    assert finish(only().id, claimed, LetterStatus.QUEUED) is None
    assert only().status is LetterStatus.SENT


def test_one_call_back_letter_waits_at_most_and_one_leaves_in_a_quarter_hour(
    world: Any, clock: Any
) -> None:
    """screens.md section 7; the count is worked out at sending, so nothing is lost."""
    assert queue(world, "a")
    assert not queue(world, "b")
    claimed = claim(world)
    begin(world.north.id, only().id, claimed)
    finish(only().id, claimed, LetterStatus.SENT)
    clock.advance(timedelta(minutes=5))
    assert queue(world, "c")
    assert claim_letters(world.north.id) == []
    clock.advance(timedelta(minutes=10))
    assert len(claim_letters(world.north.id)) == 1


def test_other_people_are_written_to_all_the_same(world: Any) -> None:
    assert queue(world, "a")
    assert queue(world, "b", account_id=world.louis.account_id)


def test_a_letter_with_nothing_left_to_say_is_cancelled(world: Any) -> None:
    services.write_with(KIND, lambda letter: None)
    queue(world)
    assert begin(world.north.id, only().id, claim(world)) is None
    assert only().status is LetterStatus.CANCELLED


def test_a_letter_without_a_usable_address_fails_and_is_shown(
    world: Any, wording: list[Letter]
) -> None:
    services.write_with(
        KIND, lambda letter: Message("nobody\nBcc: x@y.example", "1", "1\n"), wording.append
    )
    queue(world)
    assert begin(world.north.id, only().id, claim(world)) is None
    assert only().status is LetterStatus.FAILED
    assert wording


def test_an_envelope_names_a_domain_with_accents_in_ascii_too(world: Any) -> None:
    """What an older import kept as it was typed leaves all the same, instead of breaking the turn."""
    services.write_with(KIND, lambda letter: Message("info@maison-été.example", "1", "1\n"))
    queue(world)
    envelope = begin(world.north.id, only().id, claim(world))
    assert envelope is not None
    assert envelope.recipient == "info@xn--maison-t-h1ab.example"


def test_another_services_sweep_claims_nothing_here(world: Any) -> None:
    queue(world)
    assert claim_letters(world.south.id) == []


def test_a_letter_that_cannot_be_worded_fails_in_the_end_and_stops_no_other(
    world: Any, clock: Any, wording: list[Letter]
) -> None:
    def word(letter: Letter) -> Message:
        if letter.idempotency_key == "poison":
            raise ZeroDivisionError
        return Message("louis@north.example", "1", "1\n")

    services.write_with(KIND, word)
    queue(world, "poison")
    queue(world, "other", account_id=world.louis.account_id)
    database.commit()
    assert tasks.run_once(world.north.id) == 1
    poison = database_extension.session.query(Letter).filter_by(idempotency_key="poison").one()
    assert (poison.status, poison.attempts) == (LetterStatus.QUEUED, 1)
    for _ in range(policy.MOST_TRIES):
        clock.advance(timedelta(hours=1))
        assert tasks.run_once(world.north.id) == 0
    assert poison.status is LetterStatus.FAILED
    assert [letter.idempotency_key for letter in wording] == ["poison"]
