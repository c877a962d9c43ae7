"""Asking an agency: consent at send time, what is sealed, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from casework import cases, database, people
from casework.cases.models import Reason, Source
from casework.directory.needs import NeedCode
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.referrals import failures, queries, services
from casework.referrals.models import ReferralState, Urgency
from tests.referrals import scenes


def test_a_request_goes_out_when_the_person_agreed_to_that_kind_of_help(world: Any) -> None:
    """R4."""
    referral = scenes.ask(world)
    assert referral.state is ReferralState.REQUESTED
    assert referral.consent_id is not None
    events = queries.events_of(world.amina.actor, referral)
    assert [(e.from_state, e.to_state) for e in events] == [("draft", "requested")]


@pytest.mark.parametrize("others", [(), (NeedCode.SHELTER,)])
def test_without_consent_for_this_kind_of_help_nothing_is_shared(world: Any, others: Any) -> None:
    """R4: a yes to one kind of help is no yes to another."""
    case = scenes.case_for(world.amina.actor, consents=scenes.answers(*others))
    with pytest.raises(failures.ConsentMissing):
        scenes.ask(world, case=case)
    assert scenes.waiting() == []


def test_consent_that_names_one_agency_is_no_consent_for_another(world: Any) -> None:
    """R4: sharing names the agency."""
    named = world.organization("Foyer du Pont")
    case = scenes.case_for(
        world.amina.actor, NeedCode.SHELTER, consents=scenes.answers(partner_id=named.id)
    )
    with pytest.raises(failures.ConsentMissing):
        scenes.ask(world, "Bridge House", case)
    assert scenes.ask(world, "Foyer du Pont", case).state is ReferralState.REQUESTED


def test_consent_that_has_expired_shares_nothing(world: Any, clock: Any) -> None:
    """R4: unexpired at send time, even before the sweep that ends it has run."""
    case = scenes.case_for(world.amina.actor)
    clock.freeze(database.now())
    clock.advance(timedelta(days=31))
    with pytest.raises(failures.ConsentMissing):
        scenes.ask(world, case=case)


def test_an_agency_is_not_asked_twice_for_the_same_need(world: Any) -> None:
    first = scenes.ask(world)
    with pytest.raises(failures.AlreadyAsked):
        scenes.ask(world, case=first.case)
    services.recall(world.amina.actor, first, reason=Reason.OTHER)
    assert scenes.ask(world, case=first.case).id != first.id


def test_an_agency_that_offers_something_else_is_refused(world: Any) -> None:
    case = scenes.case_for(world.amina.actor)
    with pytest.raises(failures.NotOffered):
        services.send(
            world.amina.actor,
            case,
            case.needs[0],
            organization_id=world.organization("Bridge House").id,
            urgency=Urgency.ROUTINE,
        )


def test_only_what_may_be_told_is_kept(world: Any) -> None:
    """R28, R38: fields that nobody agreed to are dropped, whoever passes them."""
    opened = services.open_referral(world.amina.actor, scenes.ask(world), purpose="test")
    assert opened["request_details"] == {"access": "fauteuil roulant", "alias": "Mado"}
    assert opened["partner_name"] == "Moisson du Quartier"


def test_in_a_sensitive_case_the_agency_stands_in_no_clear_column(world: Any, db: Any) -> None:
    """R16: where a survivor goes is sealed: no id, no name, no actor, in row, letter or audit."""
    agency = world.organization("Maison Rivage")
    referral = scenes.ask(world, "Maison Rivage")
    services.answer(
        world.amina.actor, referral, to=ReferralState.ACCEPTED, source=Source.PARTNER_CONFIRMED
    )
    services.ask_again(world.amina.actor, referral)
    scenes.post(world.north.id)
    assert referral.organization_id is None
    opened = services.open_referral(world.amina.actor, referral, purpose="test")
    assert opened["partner_id"] == agency.id
    for table in ("referral", "referral_event", "referral_link", "letter", "notice"):
        rows = db.session.execute(text(f"SELECT t::text FROM {table} t")).scalars().all()
        assert rows or table == "notice"
        assert not [row for row in rows if str(agency.id) in row or "Rivage" in row], table
    acts = db.session.execute(
        text("SELECT e::text FROM audit_entry e WHERE action LIKE 'referral%'")
    ).scalars()
    assert not [act for act in acts if str(agency.id) in act or "Rivage" in act]
    actors = db.session.execute(
        text("SELECT actor_id, actor IS NOT NULL FROM referral_event")
    ).all()
    assert all(actor_id is None and is_sealed for actor_id, is_sealed in actors)


def test_the_keyed_route_to_a_sealed_agency_ends_with_the_request(world: Any, db: Any) -> None:
    """R16: the index term exists only while the request is open."""
    count = text("SELECT count(*) FROM index_term WHERE kind = 'partner_route'")
    referral = scenes.ask(world, "Maison Rivage")
    assert db.session.scalar(count) == 1
    services.answer(
        world.amina.actor,
        referral,
        to=ReferralState.DECLINED,
        reason=Reason.NO_CAPACITY,
        source=Source.PARTNER_CONFIRMED,
    )
    assert db.session.scalar(count) == 0
    services.undo(world.amina.actor, referral)
    assert db.session.scalar(count) == 1


def test_another_services_navigator_finds_no_referral(world: Any) -> None:
    referral = scenes.ask(world)
    with pytest.raises(database.NotFound):
        queries.get(world.outsider.actor, referral.id)
    assert queries.open_for(world.outsider.actor, limit=9) == []


def test_a_colleague_without_access_finds_no_referral(world: Any) -> None:
    referral = scenes.ask(world)
    with pytest.raises(database.NotFound):
        queries.get(world.louis.actor, referral.id)


def test_a_case_does_not_close_while_a_request_is_open(world: Any) -> None:
    """domain.md section 3."""
    referral = scenes.ask(world)
    with pytest.raises(failures.StillOpen):
        cases.services.close_case(
            world.amina.actor, referral.case, closure=cases.models.ClosureCode.NEED_MET
        )


def test_asking_again_for_consent_keeps_the_request_alive(world: Any, clock: Any) -> None:
    """A consent that was renewed holds through the answer that replaced it (R4)."""
    clock.freeze(database.now())
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    clock.advance(timedelta(days=1))
    people.services.record_consents(
        world.amina.actor,
        referral.case.person,
        [ConsentAnswer(Purpose.SHARE_WITH_PARTNER, True, category=NeedCode.FOOD)],
    )
    database.commit()
    assert referral.state is ReferralState.REQUESTED
    assert link
    assert services.ask_again(world.amina.actor, referral)
    assert len(scenes.post(world.north.id)) == 1
