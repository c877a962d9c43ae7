"""A legal hold: nothing erases a held case, whoever asks, and contact ends all the same (R24, R30)."""

from typing import Any

import pytest

from casework import audit, cases, database, people, vault
from casework.cases import hold_queries, policy
from casework.cases.erasure_models import ErasureReason, HoldReason, LegalHold
from casework.cases.models import Case, CaseStatus
from casework.followups import queries as followups
from casework.people.models import Purpose
from tests.keeping import lives
from tests.world import World

NOTE = "Judge Ito asks, file 500-05-1234"


@pytest.fixture
def case(world: World) -> Case:
    return lives.open_case(world, lives.keep_person(world))


@pytest.fixture
def hold(world: World, case: Case) -> LegalHold:
    return cases.services.place_hold(
        world.sophie.actor, case, reason=HoldReason.COURT_ORDER, note=NOTE
    )


@pytest.mark.parametrize("reason", list(ErasureReason))
@pytest.mark.usefixtures("hold")
def test_nothing_erases_a_held_case(world: World, case: Case, reason: ErasureReason) -> None:
    with pytest.raises(policy.OnLegalHold):
        cases.services.erase_case(world.amina.actor, case, reason=reason)
    assert cases.queries.get(world.amina.actor, case.ref) is case
    assert [entry.is_refused for entry in lives.erased_entries(world.amina.actor)] == [True]


@pytest.mark.usefixtures("hold")
def test_withdrawing_consent_still_ends_contact(world: World, case: Case) -> None:
    people.services.withdraw(world.amina.actor, case.person, Purpose.KEEP_CASE)
    assert case.status is CaseStatus.CLOSED
    assert followups.planned_for(case.id) == []
    with pytest.raises(policy.OnLegalHold):
        cases.services.erase_case(world.amina.actor, case, reason=ErasureReason.PERSONS_WISH)


def test_a_lifted_hold_holds_nothing(world: World, case: Case, hold: LegalHold) -> None:
    cases.services.lift_hold(world.sophie.actor, hold)
    cases.services.lift_hold(world.sophie.actor, hold)
    cases.services.erase_case(world.amina.actor, case, reason=ErasureReason.PERSONS_WISH)
    database.commit()
    assert len(lives.erased_entries(world.amina.actor)) == 1
    lifted = audit.entries(world.sophie.actor, audit.EntryFilter(action="case:hold:lifted"))
    assert len(lifted) == 1


@pytest.mark.usefixtures("hold")
def test_a_case_is_held_once(world: World, case: Case) -> None:
    with pytest.raises(policy.AlreadyHeld):
        cases.services.place_hold(world.sophie.actor, case, reason=HoldReason.LEGAL_CLAIM)


@pytest.mark.usefixtures("hold")
def test_a_held_case_keeps_the_person_but_not_their_other_case(world: World, case: Case) -> None:
    other = lives.open_case(world, case.person)
    stone = cases.services.erase_case(world.amina.actor, other, reason=ErasureReason.PERSONS_WISH)
    assert stone.person_id is None
    assert hold_queries.of_case(world.sophie.actor, case.id) is not None


def test_who_asks_for_it_is_sealed_under_the_cases_key(hold: LegalHold, case: Case) -> None:
    assert vault.open_fields(hold, "note") == {"note": NOTE}
    vault.destroy_key(case.id)
    with pytest.raises(vault.KeyGone):
        vault.open_fields(hold, "note")


# --- the pages ------------------------------------------------------------------------------------


def test_a_supervisor_places_and_lifts_it_by_reference_alone(
    world: World, case: Case, visitor: Any
) -> None:
    """R29: the case itself stays closed to her."""
    sophie = visitor(world.sophie)
    assert sophie.get(f"/cases/{case.ref}").status_code == 404
    answer = sophie.submit(
        "/legal-holds", {"ref": case.ref.lower(), "reason": "court_order", "note": NOTE}
    )
    assert answer.status_code == 302
    page = sophie.follow(answer).get_data(as_text=True)
    assert case.ref in page and NOTE not in page and lives.NAME not in page
    [hold] = hold_queries.in_force(world.sophie.actor)
    shown = sophie.get(f"/legal-holds/{hold.id}").get_data(as_text=True)
    assert NOTE in shown
    read = audit.entries(world.sophie.actor, audit.EntryFilter(action="case:hold:read"))
    assert len(read) == 1
    assert "lifted" in sophie.follow(sophie.post(f"/legal-holds/{hold.id}")).get_data(as_text=True)
    assert list(hold_queries.in_force(world.sophie.actor)) == []
    assert sophie.get(f"/legal-holds/{hold.id}").status_code == 404


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ref": "C-222223", "reason": "court_order"}, "Check this reference."),
        ({"ref": "", "reason": "court_order"}, "Write the reference."),
        ({"ref": "C-222222"}, "Choose why it must be kept."),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(
    world: World, visitor: Any, fields: dict[str, str], sentence: str
) -> None:
    answer = visitor(world.sophie).submit("/legal-holds", fields)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)


def test_a_reference_of_nobody_holds_nothing(world: World, case: Case, visitor: Any) -> None:
    ref = case.ref
    cases.services.erase_case(world.amina.actor, case, reason=ErasureReason.PERSONS_WISH)
    answer = visitor(world.sophie).submit("/legal-holds", {"ref": ref, "reason": "court_order"})
    assert answer.status_code == 422
    assert "No case has this reference." in answer.get_data(as_text=True)


@pytest.mark.usefixtures("hold")
def test_the_page_that_erases_says_that_the_case_is_held(
    world: World, case: Case, visitor: Any
) -> None:
    amina = visitor(world.amina)
    page = amina.get(f"/cases/{case.ref}/erase").get_data(as_text=True)
    assert "legal hold" in page and "They said yes: erase" not in page
