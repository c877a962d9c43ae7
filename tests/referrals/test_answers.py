"""Answers and what follows them: version check, idempotency, undo, arrival, correction, clocks."""

from datetime import timedelta
from typing import Any

import pytest

from casework import database
from casework.cases.models import Reason, Source
from casework.database import StaleVersion
from casework.referrals import failures, queries, services
from casework.referrals.models import Referral, ReferralState, Remark
from casework.referrals.services.watch import watch
from tests.referrals import scenes

S = ReferralState


def say(world: Any, referral: Referral, to: ReferralState, **more: Any) -> Any:
    return services.answer(
        world.amina.actor,
        referral,
        to=to,
        source=more.pop("source", Source.PARTNER_CONFIRMED),
        **more,
    )


def states(world: Any, referral: Referral) -> list[str]:
    events = queries.events_of(world.amina.actor, referral)
    return [event.to_state.value for event in reversed(events)]


def test_an_answer_on_an_old_page_is_refused(world: Any) -> None:
    """Version check on every transition."""
    referral = scenes.ask(world)
    old = referral.version
    say(world, referral, S.WAITLISTED, version=old)
    with pytest.raises(StaleVersion):
        say(world, referral, S.ACCEPTED, version=old)


def test_the_same_key_twice_is_one_event(world: Any) -> None:
    referral = scenes.ask(world)
    first = say(world, referral, S.WAITLISTED, idempotency_key="once")
    again = say(world, referral, S.WAITLISTED, idempotency_key="once")
    assert first.id == again.id
    assert states(world, referral) == ["requested", "waitlisted"]


def test_a_refusal_needs_a_reason(world: Any) -> None:
    with pytest.raises(failures.ReasonMissing):
        say(world, scenes.ask(world), S.DECLINED)


def test_an_ended_request_takes_no_answer(world: Any) -> None:
    referral = scenes.ask(world)
    say(world, referral, S.DECLINED, reason=Reason.NO_FUNDS)
    with pytest.raises(failures.NotPossible):
        say(world, referral, S.ACCEPTED)


@pytest.mark.parametrize("hours", [-1, 24 * 31])
def test_a_hold_ends_in_the_future_and_within_a_month(world: Any, hours: int) -> None:
    with pytest.raises(failures.BadHold):
        until = database.now() + timedelta(hours=hours)
        say(world, scenes.ask(world), S.ACCEPTED, hold_until=until)


def test_undo_is_a_transition_of_its_own(world: Any) -> None:
    referral = scenes.ask(world)
    say(world, referral, S.ACCEPTED, hold_until=database.now() + timedelta(hours=2))
    undone = services.undo(world.amina.actor, referral)
    assert undone.is_undo
    assert referral.state is S.REQUESTED
    assert referral.hold_until is None
    assert states(world, referral) == ["requested", "accepted", "requested"]


def test_nobody_undoes_a_colleagues_answer(world: Any) -> None:
    """Same actor only; in a sensitive case the actor is sealed, and it still holds (R16)."""
    for name in ("Moisson du Quartier", "Maison Rivage"):
        referral = scenes.ask(world, name)
        say(world, referral, S.WAITLISTED)
        with pytest.raises(failures.TooLateToUndo):
            services.undo(world.louis.actor, referral)


def test_a_recall_cannot_be_undone(world: Any) -> None:
    referral = scenes.ask(world)
    services.recall(world.amina.actor, referral, reason=Reason.OTHER)
    with pytest.raises(failures.TooLateToUndo):
        services.undo(world.amina.actor, referral)


def test_undo_is_not_undone_again(world: Any) -> None:
    referral = scenes.ask(world)
    say(world, referral, S.WAITLISTED)
    services.undo(world.amina.actor, referral)
    with pytest.raises(failures.TooLateToUndo):
        services.undo(world.amina.actor, referral)


def test_a_place_given_back_asks_again(world: Any) -> None:
    """accepted -> requested: un-accept, with a reason, and the agency gets a new link."""
    referral = scenes.ask(world)
    scenes.post(world.north.id)
    say(world, referral, S.ACCEPTED)
    say(world, referral, S.REQUESTED, reason=Reason.NO_CAPACITY)
    assert referral.state is S.REQUESTED
    assert len(scenes.post(world.north.id)) == 1


def test_the_persons_own_word_is_enough_for_an_arrival(world: Any) -> None:
    """domain.md section 3: caller-reported confirmation has equal standing, withheld or not."""
    referral = scenes.ask(world)
    services.remark(world.amina.actor, referral, what=Remark.WITHHELD)
    services.report_arrival(
        world.amina.actor, referral, has_arrived=True, source=Source.PERSON_REPORTED
    )
    assert states(world, referral) == ["requested", "requested", "accepted", "confirmed"]


def test_a_corrected_arrival_reaches_every_supervisor(world: Any) -> None:
    """domain.md section 3."""
    referral = scenes.ask(world)
    services.report_arrival(
        world.amina.actor, referral, has_arrived=True, source=Source.PARTNER_CONFIRMED
    )
    say(world, referral, S.NOT_FULFILLED, reason=Reason.NO_SHOW)
    assert scenes.unseen(world.sophie) == ["outcome_corrected"]


def test_an_urgent_request_nobody_answers_expires_and_its_navigator_is_told(
    world: Any, clock: Any
) -> None:
    clock.freeze(database.now())
    referral = scenes.ask(world, "Foyer du Pont")
    clock.advance(timedelta(minutes=119))
    watch(world.north.id)
    assert referral.state is S.REQUESTED
    clock.advance(timedelta(minutes=1))
    watch(world.north.id)
    watch(world.north.id)
    assert states(world, referral) == ["requested", "expired"]
    assert scenes.unseen(world.amina) == ["agency_silent", "request_expired"]


def test_a_hold_is_warned_about_once_and_outlives_its_end(world: Any, clock: Any) -> None:
    """R31, R36: warned at 90 minutes of two hours; never released by the clock."""
    clock.freeze(database.now())
    referral = scenes.ask(world, "Foyer du Pont")
    scenes.post(world.north.id)
    say(world, referral, S.ACCEPTED, hold_until=database.now() + timedelta(hours=2))
    for _ in range(8):
        clock.advance(timedelta(minutes=31))
        watch(world.north.id)
    assert referral.state is S.ACCEPTED
    assert scenes.unseen(world.amina) == ["hold_ending"]
    assert len(scenes.post(world.north.id)) == 1  # asks whether the person came


def test_on_the_way_extends_the_hold(world: Any, clock: Any) -> None:
    clock.freeze(database.now())
    referral = scenes.ask(world, "Foyer du Pont")
    say(world, referral, S.ACCEPTED, hold_until=database.now() + timedelta(hours=1))
    later = database.now() + timedelta(hours=3)
    say(world, referral, S.IN_PROGRESS, source=Source.PERSON_REPORTED, hold_until=later)
    assert referral.hold_until == later


def test_a_retry_is_a_new_request_that_names_the_old_one(world: Any) -> None:
    first = scenes.ask(world, "Foyer du Pont")
    say(world, first, S.DECLINED, reason=Reason.NO_CAPACITY)
    second = services.send(
        world.amina.actor,
        first.case,
        first.need,
        organization_id=world.organization("Bridge House").id,
        urgency=first.urgency,
        supersedes=first,
    )
    assert second.supersedes_id == first.id
    assert first.state is S.DECLINED
