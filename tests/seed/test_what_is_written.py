"""The invented cases stand in every state that a visitor should meet, and in the field's proportions."""

from typing import Any

from flask import Flask

from casework.cases.models import ClosureCode, NeedOutcome
from casework.commands.seed.mix import GOOD, Fate, Fortune, Mix
from casework.commands.seed.words import AGENCIES, SERVICES
from casework.directory.needs import GROUP_OF, NeedGroup
from casework.followups.models import FollowUpState
from casework.referrals.models import ReferralState
from tests.seed.conftest import CASES

OFFERED = {need for agency in AGENCIES for need in agency.needs}
# What nobody chooses in the ordinary run of things.
RARE = {ClosureCode.DECEASED, ClosureCode.OPENED_IN_ERROR}


def test_as_many_cases_are_written_as_were_asked_for(seeded: Flask, counted: Any) -> None:
    of_services = "(SELECT code FROM service WHERE service.id = service_id)"
    assert counted(seeded, "case", of_services) == {"river": CASES, "prairie": 2}


def test_every_state_of_a_request_but_draft_is_there(seeded: Flask, counted: Any) -> None:
    states = {ReferralState(state) for state in counted(seeded, "referral", "state")}
    assert states == set(ReferralState) - {ReferralState.DRAFT}


def test_a_declined_request_was_asked_again_elsewhere(seeded: Flask, counted: Any) -> None:
    again = counted(seeded, "referral", "state", "supersedes_id IS NOT NULL")
    assert sum(again.values()) >= 2


def test_cases_are_open_and_closed_for_every_common_reason(seeded: Flask, counted: Any) -> None:
    closures = counted(seeded, "case", "closure")
    assert closures.pop(None) >= 10
    assert set(closures) == {code.value for code in set(ClosureCode) - RARE}


def test_needs_ended_in_every_common_way(seeded: Flask, counted: Any) -> None:
    outcomes = set(counted(seeded, "case_need", "outcome"))
    wanted = {NeedOutcome.MET, NeedOutcome.PARTIALLY_MET, NeedOutcome.UNMET, NeedOutcome.UNKNOWN}
    assert {outcome.value for outcome in wanted | {NeedOutcome.PENDING}} <= outcomes
    assert set(counted(seeded, "case_need", "unmet_kind", "outcome = 'unmet'")) == {"a", "b"}


def test_every_unmet_need_has_its_reason(seeded: Flask, counted: Any) -> None:
    assert None not in counted(seeded, "case_need", "reason", "outcome = 'unmet'")


def test_calls_went_as_calls_go(seeded: Flask, counted: Any) -> None:
    assert {state.value for state in FollowUpState} == set(counted(seeded, "follow_up", "state"))
    results = set(counted(seeded, "attempt", "result"))
    assert {"reached_person", "no_answer", "code_word_failed", "no_further_followup"} <= results


def test_most_contacts_were_only_counted(seeded: Flask, counted: Any) -> None:
    assert len(counted(seeded, "anonymous_contact", "day")) > 30
    by_group = counted(seeded, "anonymous_contact", "need_group")
    assert {NeedGroup.SHELTER.value, NeedGroup.FOOD.value} <= set(by_group)


def test_shares_are_kept_at_every_length() -> None:
    mix = Mix({"a": 3, "b": 1})
    assert [mix.next() for _ in range(8)].count("a") == 6


def test_needs_end_in_the_proportions_of_the_field() -> None:
    """mission.md: 36 % helped, shelter 17 %, food 67 %; 9 % never tried; 18 % of the rest not reached."""
    fortune = Fortune()
    dealt = [
        (GROUP_OF[need], fortune.fate(need, OFFERED))
        for _ in range(2000)
        for need in fortune.needs()
    ]

    def share(fates: Any, group: NeedGroup | None = None) -> float:
        of_group = [fate for found, fate in dealt if group in (None, found)]
        return 100 * sum(fate in fates for fate in of_group) / len(of_group)

    assert 35 <= share(GOOD) <= 37
    assert 16 <= share(GOOD, NeedGroup.SHELTER) <= 18
    assert 66 <= share(GOOD, NeedGroup.FOOD) <= 68
    assert 8 <= share({Fate.NEVER_TRIED}) <= 10
    assert 15 <= share({Fate.NOT_REACHED}) <= 18
    declined = share({Fate.FULL, Fate.HOUSEHOLD}, NeedGroup.SHELTER)
    assert 81 <= 100 * share({Fate.FULL}, NeedGroup.SHELTER) / declined <= 83


def test_the_names_of_staff_are_those_the_readme_promises() -> None:
    addresses = [person.email for plan in SERVICES for person in plan.staff]
    assert addresses[:4] == [f"{n}@river.example" for n in ("amina", "louis", "sophie", "marc")]
    assert "owen@prairie.example" in addresses
