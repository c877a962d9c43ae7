"""What happens to requests when consent ends: withdrawn, expired, asked again (R4, R5, R31)."""

from datetime import timedelta
from typing import Any

import pytest

from casework import cases, database, people
from casework.cases.models import CaseStatus, Source
from casework.directory.needs import NeedCode
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.referrals import queries, services
from casework.referrals.models import Referral, ReferralState
from casework.security import Actor
from tests.referrals import scenes


def accept(world: Any, referral: Referral) -> Referral:
    services.answer(
        world.amina.actor,
        referral,
        to=ReferralState.ACCEPTED,
        source=Source.PARTNER_CONFIRMED,
        hold_until=database.now() + timedelta(hours=2),
    )
    return referral


def expire(world: Any, clock: Any) -> None:
    clock.advance(timedelta(days=31))
    people.services.end_expired(Actor.system(world.north.id))


@pytest.fixture(autouse=True)
def stopped(clock: Any, world: Any) -> None:
    clock.freeze(database.now())


def test_withdrawing_sharing_recalls_the_request_and_kills_its_link(
    world: Any, visitor: Any
) -> None:
    """R5: at once, in the same transaction; the agency is told only “withdrawn”."""
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    people.services.withdraw(world.amina.actor, referral.case.person, Purpose.SHARE_WITH_PARTNER)
    assert referral.state is ReferralState.WITHDRAWN
    newest = queries.newest_event(referral)
    assert newest is not None
    assert newest.source is Source.PERSON_REPORTED
    assert queries.live_links(referral) == []
    mail = scenes.post(world.north.id)
    assert len(mail) == 1
    assert visitor().get(link).status_code == 404
    assert visitor().get(scenes.link_in(mail[0])).status_code == 200


def test_withdrawing_sharing_releases_even_a_held_place(world: Any) -> None:
    """R31: only this does."""
    referral = accept(world, scenes.ask(world))
    people.services.withdraw(world.amina.actor, referral.case.person, Purpose.SHARE_WITH_PARTNER)
    assert referral.state is ReferralState.WITHDRAWN


def test_ending_calls_releases_nothing(world: Any) -> None:
    """R31."""
    referral = accept(world, scenes.ask(world))
    people.services.withdraw(world.amina.actor, referral.case.person, Purpose.CALL_BACK)
    assert referral.state is ReferralState.ACCEPTED


def test_an_expired_consent_withdraws_what_waits(world: Any, clock: Any) -> None:
    """R6: at expiry the effect of R5."""
    agency = scenes.ask(world)
    agency.wake_at = None
    expire(world, clock)
    assert agency.state is ReferralState.WITHDRAWN
    newest = queries.newest_event(agency)
    assert newest is not None
    assert newest.source is Source.SYSTEM


def test_an_expired_consent_leaves_a_held_place_but_kills_its_link(
    world: Any, clock: Any, visitor: Any
) -> None:
    """R31: an expiry never releases a held place; R4: nothing is shown any more."""
    referral = accept(world, scenes.ask(world))
    services.ask_again(world.amina.actor, referral)
    link = scenes.linked(world, referral)
    assert visitor().get(link).status_code == 200
    database.enter_service(world.north.id)
    expire(world, clock)
    database.commit()
    assert referral.state is ReferralState.ACCEPTED
    assert visitor().get(link).status_code == 404


def test_a_link_is_dead_before_the_sweep_that_ends_the_consent_has_run(
    world: Any, clock: Any, visitor: Any
) -> None:
    """R4 at view time: the clock itself counts, not a job."""
    referral = scenes.ask(world)
    consent = queries.consents_in_force(world.amina.actor, referral.consent_id)[0]
    consent.expires_at = database.now() + timedelta(hours=1)
    link = scenes.linked(world, referral)
    assert visitor().get(link).status_code == 200
    clock.advance(timedelta(hours=1))
    assert visitor().get(link).status_code == 404


def test_no_letter_leaves_once_consent_has_ended(world: Any, clock: Any) -> None:
    """R4, R5: a letter already in the outbox asks again before it leaves."""
    referral = scenes.ask(world)
    consent = queries.consents_in_force(world.amina.actor, referral.consent_id)[0]
    consent.expires_at = database.now()
    assert scenes.post(world.north.id) == []


def test_a_request_moves_to_another_consent_that_still_covers_it(world: Any) -> None:
    """Withdrawing one of two yeses leaves what the other allows."""
    agency = world.organization("Foyer du Pont")
    case = scenes.case_for(
        world.amina.actor,
        NeedCode.SHELTER,
        consents=scenes.answers(NeedCode.SHELTER, partner_id=agency.id),
    )
    referral = scenes.ask(world, "Foyer du Pont", case)
    before = referral.consent_id
    people.services.record_consents(
        world.amina.actor,
        case.person,
        [ConsentAnswer(Purpose.SHARE_WITH_PARTNER, False, category=NeedCode.SHELTER)],
    )
    assert referral.state is ReferralState.REQUESTED
    assert referral.consent_id != before


def test_a_no_to_this_kind_of_help_withdraws_only_its_requests(world: Any) -> None:
    case = scenes.case_for(
        world.amina.actor, consents=scenes.answers(NeedCode.FOOD, NeedCode.SHELTER)
    )
    food = scenes.ask(world, case=case)
    people.services.record_consents(
        world.amina.actor,
        case.person,
        [ConsentAnswer(Purpose.SHARE_WITH_PARTNER, False, category=NeedCode.SHELTER)],
    )
    assert food.state is ReferralState.REQUESTED


def test_withdrawing_the_case_itself_ends_its_requests_and_closes_it(world: Any) -> None:
    """R1, R5: in one transaction, held place or not."""
    referral = accept(world, scenes.ask(world))
    people.services.withdraw(world.amina.actor, referral.case.person, Purpose.KEEP_CASE)
    assert referral.state is ReferralState.WITHDRAWN
    assert referral.case.status is CaseStatus.CLOSED


def test_a_case_whose_consent_ran_out_closes_and_leaves_a_held_place_alone(
    world: Any, clock: Any
) -> None:
    """R1 closes the case, R31 keeps the place: the agency hears nothing."""
    referral = accept(world, scenes.ask(world))
    scenes.post(world.north.id)
    clock.advance(timedelta(days=50))
    people.services.end_expired(Actor.system(world.north.id))
    assert referral.case.status is CaseStatus.CLOSED
    assert referral.state is ReferralState.ACCEPTED
    assert scenes.post(world.north.id) == []


def test_a_settled_case_closes(world: Any) -> None:
    referral = accept(world, scenes.ask(world))
    services.answer(
        world.amina.actor,
        referral,
        to=ReferralState.CONFIRMED,
        source=Source.PERSON_REPORTED,
    )
    cases.services.close_case(
        world.amina.actor, referral.case, closure=cases.models.ClosureCode.NEED_MET
    )
    assert referral.case.status is CaseStatus.CLOSED
