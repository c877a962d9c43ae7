"""The tables of the machine against domain.md section 3, written down a second time, by hand."""

from itertools import product

import pytest

from casework.cases.models import Source
from casework.referrals import policy
from casework.referrals.models import ReferralState, Remark
from casework.referrals.policy import Who
from tests.referrals.legal import LEGAL, REASONED, REMARKS


@pytest.mark.parametrize("start", list(ReferralState))
def test_every_state_target_actor_and_source_is_legal_or_refused_as_written(
    start: ReferralState,
) -> None:
    """12 x 12 states, 3 actors, 4 sources: nothing more and nothing less than the domain says."""
    for end, who, source in product(ReferralState, Who, Source):
        expected = (who.value, source.value) in LEGAL.get((start.value, end.value), set())
        assert policy.is_allowed(start, end, who, source) is expected, (start, end, who, source)


def test_a_reason_is_due_where_something_did_not_happen_or_was_called_off() -> None:
    needed = {(row.start.value, row.end.value) for row in policy.TRANSITIONS if row.needs_reason}
    recalls = {(start, end) for start, end in LEGAL if end == "recalled"}
    assert needed == REASONED | recalls


@pytest.mark.parametrize("remark", list(Remark))
def test_every_remark_may_be_made_where_and_by_whom_it_is_written(remark: Remark) -> None:
    states, claims = REMARKS[remark.value]
    for state, who, source in product(ReferralState, Who, Source):
        expected = state.value in states and (who.value, source.value) in claims
        assert policy.may_remark(remark, state, who, source) is expected, (state, who, source)


def test_confirmed_never_comes_from_the_system() -> None:
    """domain.md section 3: `confirmed` needs a source other than system."""
    ways = [row for row in policy.TRANSITIONS if row.end is ReferralState.CONFIRMED]
    assert ways
    assert all(source is not Source.SYSTEM for row in ways for _, source in row.claims)


def test_a_held_place_never_expires_by_the_clock() -> None:
    """R31."""
    expiring = {row.start for row in policy.TRANSITIONS if row.end is ReferralState.EXPIRED}
    assert not expiring & policy.HELD_STATES


def test_there_is_one_row_for_each_way() -> None:
    ways = [(row.start, row.end) for row in policy.TRANSITIONS]
    assert len(ways) == len(set(ways))


def test_terminal_states_lead_nowhere_but_the_correction() -> None:
    leaving = {
        row.start: row.end for row in policy.TRANSITIONS if row.start in policy.TERMINAL_STATES
    }
    assert leaving == {ReferralState.CONFIRMED: ReferralState.NOT_FULFILLED}


def test_every_answer_of_an_agency_leads_somewhere_it_may_lead() -> None:
    for purpose, replies in policy.REPLIES.items():
        for reply in replies:
            assert (reply in policy.REMARKS) is not (reply in policy.STATES), purpose
