"""After a refusal: the next best place is searched already, and asked under a consent or with one (R4)."""

from datetime import timedelta
from typing import Any

import pytest

from casework import database, people
from casework.cases.models import NeedOutcome, Reason, Source
from casework.cases.services import record_outcome
from casework.directory.needs import NeedCode
from casework.people.models import Purpose
from casework.referrals import proposals, queries, services
from casework.referrals.manners import Scope
from casework.referrals.models import Referral, ReferralState, Remark
from tests.referrals import scenes

S = ReferralState


def refused(world: Any, name: str = "Foyer du Pont", **more: Any) -> Referral:
    """Let an agency refuse."""
    need = scenes.need_of(name)
    referral = scenes.ask(world, name, scenes.case_for(world.amina.actor, need, **more))
    services.answer(
        world.amina.actor,
        referral,
        to=S.DECLINED,
        reason=Reason.NO_CAPACITY,
        source=Source.PARTNER_CONFIRMED,
    )
    database.commit()
    return referral


def only_named(world: Any) -> Referral:
    """Let an agency refuse that was the only one named in the person’s consent."""
    home = world.organization("Foyer du Pont")
    return refused(world, consents=scenes.answers(partner_id=home.id))


def proposed(world: Any, referral: Referral) -> Any:
    actor = world.amina.actor
    return proposals.next_best(actor, referral, queries.of_need(actor, referral.need_id))


def newest(world: Any, referral: Referral) -> Referral:
    database.enter_service(world.north.id)
    found = queries.of_need(world.amina.actor, referral.need_id)
    return next((each for each in found if each.supersedes_id == referral.id), referral)


def test_the_page_of_a_refused_request_names_the_next_best_place(world: Any, visitor: Any) -> None:
    referral = refused(world)
    page = visitor(world.amina).get(f"/referrals/{referral.id}").get_data(as_text=True)
    assert "Next best place: Bridge House" in page
    assert "Places not known" in page
    assert f"/referrals/{referral.id}/again" in page


def test_the_first_press_shows_what_is_told_to_whom_and_by_which_consent(
    world: Any, visitor: Any
) -> None:
    referral = refused(world)
    navigator = visitor(world.amina)
    page = navigator.get(f"/referrals/{referral.id}/again").get_data(as_text=True)
    for told in ("Bridge House", "fauteuil roulant", "Mado", "They agreed: Emergency shelter"):
        assert told in page, told
    agency = world.organization("Bridge House")
    fields = {"organization": str(agency.id), "urgency": "urgent"}
    assert navigator.post(f"/referrals/{referral.id}/again", fields).status_code == 303
    new = newest(world, referral)
    assert (new.state, new.supersedes_id) == (S.REQUESTED, referral.id)
    assert new.organization_id == agency.id


def test_where_no_consent_covers_it_the_press_is_the_consent_step_in_the_persons_language(
    world: Any, visitor: Any
) -> None:
    """R2, R4: the sentence is read aloud in French, the language of the person, not of the page."""
    referral = only_named(world)
    navigator = visitor(world.amina)
    url = f"/referrals/{referral.id}/again"
    page = navigator.get(url).get_data(as_text=True)
    assert "Not agreed yet: ask first" in page
    assert "Pour demander une place pour vous" in page
    agency = world.organization("Bridge House")
    fields = {"organization": str(agency.id), "urgency": "urgent"}
    assert navigator.post(url, fields).status_code == 422, "asked without a yes"
    database.enter_service(world.north.id)
    assert newest(world, referral).id == referral.id
    navigator.get(url)
    assert navigator.post(url, fields | {"agreed": "named"}).status_code == 303
    new = newest(world, referral)
    assert new.organization_id == agency.id
    consents = people.queries.sharing_consents(
        world.amina.actor, referral.case.person_id, database.now()
    )
    named = people.services.open_named_partners(world.amina.actor, consents, purpose="test")
    assert agency.id in named.values()
    consent = next(row for row in consents if named.get(row.id) == agency.id)
    assert (consent.language, consent.category) == ("fr", None)
    assert consent.wording_id is not None
    assert new.consent_id == consent.id


def test_a_yes_to_the_kind_of_help_covers_the_place_after_it_too(world: Any) -> None:
    """R4: a consent names an agency or a kind of help; one yes is one consent."""
    referral = only_named(world)
    actor, case = world.amina.actor, referral.case
    [consent] = services.agree(
        actor,
        case,
        referral.need,
        [world.organization("Bridge House").id],
        scope=Scope.KIND,
    )
    assert consent.category is NeedCode.SHELTER
    assert services.agree(
        actor, case, referral.need, [world.organization("Bridge House").id],
        scope=Scope.NAMED,
    ) == []  # fmt: skip


def test_another_place_can_be_looked_at_before_anything_is_asked(world: Any, visitor: Any) -> None:
    """R16: which one is looked at stands in no address."""
    referral = refused(world)
    navigator = visitor(world.amina)
    url = f"/referrals/{referral.id}/again"
    navigator.get(url)
    agency = world.organization("Bridge House")
    answer = navigator.post(url, {"look": str(agency.id)})
    assert answer.status_code == 200
    assert newest(world, referral).id == referral.id


def test_a_sensitive_case_names_nobody_until_a_press(world: Any, visitor: Any) -> None:
    """R16, R19: looking at the page opens no seal and tells no name."""
    referral = refused(world, "Maison Rivage")
    page = visitor(world.amina).get(f"/referrals/{referral.id}").get_data(as_text=True)
    for name in ("Maison Rivage", "Cedar Lane House", "Maison des Érables"):
        assert name not in page
    assert "Ask the next agency" in page
    page = visitor(world.amina).get(f"/referrals/{referral.id}/again").get_data(as_text=True)
    assert "Maison Rivage" not in page
    assert "Cedar Lane House" in page


@pytest.mark.parametrize("outcome", [NeedOutcome.MET, NeedOutcome.RESOLVED_OTHERWISE])
def test_a_need_that_is_settled_proposes_nothing(world: Any, outcome: NeedOutcome) -> None:
    referral = refused(world)
    assert proposed(world, referral) is not None
    record_outcome(
        world.amina.actor,
        referral.case,
        referral.need,
        outcome=outcome,
        source=Source.PERSON_REPORTED,
    )
    assert proposed(world, referral) is None


def test_nothing_is_proposed_while_another_agency_is_asked(world: Any) -> None:
    referral = refused(world)
    scenes.ask(world, "Bridge House", referral.case)
    assert proposed(world, referral) is None


def test_with_nobody_left_the_page_says_so(world: Any, visitor: Any) -> None:
    referral = refused(world)
    second = scenes.ask(world, "Bridge House", referral.case)
    services.answer(
        world.amina.actor,
        second,
        to=S.DECLINED,
        reason=Reason.NO_CAPACITY,
        source=Source.PARTNER_CONFIRMED,
    )
    database.commit()
    for path in (f"/referrals/{second.id}", f"/referrals/{second.id}/again"):
        page = visitor(world.amina).get(path).get_data(as_text=True)
        assert "Every agency for this need was asked." in page, path


def test_who_is_late_is_said_with_since_when(world: Any, visitor: Any, clock: Any) -> None:
    """domain.md section 3: urgent, the navigator is told after 30 minutes."""
    clock.freeze(database.now())
    referral = scenes.ask(world, "Foyer du Pont")
    database.commit()
    url = f"/referrals/{referral.id}"
    navigator = visitor(world.amina)
    assert "late since" not in navigator.get(url).get_data(as_text=True)
    database.enter_service(world.north.id)
    asked = database.now()
    clock.advance(timedelta(minutes=31))
    assert proposals.late_since(referral, database.now()) == asked + timedelta(minutes=30)
    assert "late since" in visitor(world.amina).get(url).get_data(as_text=True)


def test_an_agency_that_may_not_say_is_not_late(world: Any, clock: Any) -> None:
    """domain.md section 3: an outcome that is not disclosed stops nudging."""
    clock.freeze(database.now())
    referral = scenes.ask(world, "Foyer du Pont")
    services.remark(world.amina.actor, referral, what=Remark.WITHHELD)
    clock.advance(timedelta(hours=5))
    assert proposals.late_since(referral, database.now()) is None


def test_consent_withdrawn_between_the_two_presses_asks_nobody(world: Any, visitor: Any) -> None:
    """R4: at send time."""
    referral = refused(world)
    navigator = visitor(world.amina)
    url = f"/referrals/{referral.id}/again"
    navigator.get(url)
    database.enter_service(world.north.id)
    people.services.withdraw(world.amina.actor, referral.case.person, Purpose.SHARE_WITH_PARTNER)
    database.commit()
    agency = world.organization("Bridge House")
    answer = navigator.post(url, {"organization": str(agency.id), "urgency": "urgent"})
    assert answer.status_code == 422
    assert "Not agreed yet: ask first" in answer.get_data(as_text=True)
