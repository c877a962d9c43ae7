"""R34: whom to call stands there at once; writing it down needs no case, consent or review."""

from typing import Any

import pytest
from sqlalchemy import select

from casework.cases import queries
from casework.cases.models import EmergencyHandOff, EmergencyKind, EventKind
from casework.extensions import db as extension
from tests.cases.openings import open_case
from tests.world import World


def hand_offs() -> list[EmergencyHandOff]:
    """List what was written down."""
    return list(extension.session.scalars(select(EmergencyHandOff)))


def test_the_numbers_can_be_dialled_from_the_page(world: World, visitor: Any) -> None:
    page = visitor(world.amina).get("/emergency").get_data(as_text=True)
    assert 'href="tel:911"' in page
    assert 'href="tel:988"' in page
    assert "youth protection" in page


def test_it_is_one_key_from_every_page(world: World, visitor: Any) -> None:
    page = visitor(world.amina).get("/look-up").get_data(as_text=True)
    assert 'href="/emergency" data-key="e"' in page


@pytest.mark.parametrize("kind", list(EmergencyKind))
def test_a_hand_off_is_recorded_without_a_case(
    world: World, visitor: Any, kind: EmergencyKind
) -> None:
    answer = visitor(world.amina).submit("/emergency", {"kind": kind.value})
    assert answer.headers["Location"] == "/emergency"
    [row] = hand_offs()
    assert (row.kind, row.case_id, row.by_account) == (kind, None, world.amina.account_id)


def test_a_hand_off_is_recorded_in_a_colleagues_case_that_one_may_not_see(
    world: World, visitor: Any
) -> None:
    """It waits for no access: it only writes, and shows nothing."""
    case = open_case(world.amina.actor)
    fields = {"kind": "911", "ref": case.ref.lower()}
    visitor(world.louis).submit("/emergency", fields)
    [row] = hand_offs()
    assert row.case_id == case.id
    kinds = [event.kind for event in queries.timeline(world.amina.actor, case)]
    assert EventKind.EMERGENCY in kinds


@pytest.mark.parametrize("ref", ["C-ABCDEF", "C-22222", "R-222226", "x"])
def test_a_wrong_reference_is_told_and_what_was_chosen_stays(
    world: World, visitor: Any, ref: str
) -> None:
    answer = visitor(world.amina).submit("/emergency", {"kind": "988", "ref": ref})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="988"' in page
    assert " checked" in page
    assert hand_offs() == []


def test_a_case_of_another_service_cannot_be_named(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor)
    answer = visitor(world.outsider).submit("/emergency", {"kind": "911", "ref": case.ref})
    assert answer.status_code == 422
    assert hand_offs() == []


def test_who_took_over_must_be_said(world: World, visitor: Any) -> None:
    assert visitor(world.amina).submit("/emergency", {}).status_code == 422
