"""docs/referrals.md shows the machine as it is: diagram and tables come from what the code reads."""

from datetime import timedelta

from flask import Flask

from casework.referrals import policy
from casework.referrals.clocks import BusinessDays
from casework.referrals.models import ReferralState
from tests.referrals.drawing import PART, PARTS, PLACE, diagram, from_everywhere, span, written


def test_the_document_is_up_to_date(app: Flask) -> None:
    text = PLACE.read_text(encoding="utf-8")
    assert text == written(text), "run: make referral-map"


def test_every_part_stands_in_the_document_once() -> None:
    text = PLACE.read_text(encoding="utf-8")
    assert sorted(found[1] for found in PART.findall(text)) == sorted(PARTS)


def test_the_diagram_shows_every_state_and_every_way() -> None:
    drawn = diagram()
    common = from_everywhere(policy.TRANSITIONS)
    assert set(common) == {ReferralState.WITHDRAWN, ReferralState.RECALLED}
    for state in ReferralState:
        assert state.value in drawn
    for row in policy.TRANSITIONS:
        start = "open" if row.end in common else row.start.value
        assert f" {start} --> {row.end.value}: " in drawn


def test_a_way_that_is_taken_out_of_the_table_leaves_the_diagram() -> None:
    """The fault, planted."""
    without = [row for row in policy.TRANSITIONS if row.end is not ReferralState.CONFIRMED]
    assert "--> confirmed" in diagram()
    assert "--> confirmed" not in diagram(without)


def test_waits_are_said_as_people_say_them() -> None:
    assert span(BusinessDays(1)) == "1 business day"
    assert span(BusinessDays(14)) == "14 business days"
    assert span(timedelta(minutes=15)) == "15 min"
    assert span(timedelta(hours=2)) == "2 h"
