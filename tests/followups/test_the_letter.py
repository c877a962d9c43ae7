"""The only letter about follow-ups says a count, a time and a link, in the reader's language (R12)."""

from typing import Any

from casework import people
from casework.database import now
from casework.followups.services.letters import call_backs_due
from casework.notices.models import Letter, LetterKind
from casework.people.models import Purpose
from tests.followups.scenes import at, call_at, case_of


def letter_to(member: Any) -> Letter:
    return Letter(
        service_id=member.service_id,
        kind=LetterKind.CALL_BACKS_DUE,
        account_id=member.account_id,
        idempotency_key="test",
        wake_at=now(),
        created_at=now(),
    )


def test_it_counts_the_calls_that_can_be_made_and_names_nobody(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    for _ in range(2):
        call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    clock.freeze(at(24, 9))
    message = call_backs_due(letter_to(world.amina))
    assert message is not None
    assert message.subject == "2 call-backs due"
    assert message.body == (
        "2 call-backs due before 11:30\u00a0a.m. Open Casework.\n\nhttp://localhost/my-day\n"
    )
    for forbidden in ("Maya", "555", "C-", "Food"):
        assert forbidden not in message.subject + message.body


def test_one_call_at_any_time_has_no_time_limit_in_its_words(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor, when="any_time", windows=[])
    call_at(world.amina.actor, case, at(24, 9))
    clock.freeze(at(24, 9))
    message = call_backs_due(letter_to(world.amina))
    assert message is not None
    assert message.body.startswith("1 call-back")


def test_when_nothing_is_left_to_call_no_letter_leaves(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    call_at(world.amina.actor, case, at(24, 9))
    clock.freeze(at(24, 9))
    people.services.withdraw(world.amina.actor, case.person, Purpose.CALL_BACK)
    assert call_backs_due(letter_to(world.amina)) is None
    assert call_backs_due(letter_to(world.louis)) is None
