"""The end of a shift: what is still to be called goes to somebody who is there, and never to nobody."""

import re
from datetime import time
from typing import Any

import pytest

from casework import accounts, cases
from casework.accounts.shift_services import change_week
from casework.database import NotFound
from casework.followups import policy, queries, services
from casework.followups.models import FollowUpState, ReminderStatus
from casework.followups.refusals import SomebodyIsCalling
from casework.followups.services import Handed
from casework.followups.services.endings import end
from casework.followups.services.handing import NothingChosen, NotThere
from casework.notices import queries as notices
from casework.notices.models import NoticeKind
from casework.people import queries as people
from tests.followups import lanes
from tests.followups.scenes import at, call_at, case_of, deliver_all, notices_about

DAY = dict.fromkeys(range(7), (time(8), time(16)))
NIGHT = dict.fromkeys(range(7), (time(16), time(23)))


def due_call(world: Any, clock: Any, **plan: Any) -> Any:
    """Plan a call of amina's for 9:30, and go there."""
    clock.freeze(at(23, 12))
    follow_up = call_at(world.amina.actor, case_of(world.amina.actor, **plan), at(24, 9, 30))
    clock.freeze(at(24, 9, 30))
    return follow_up


def works(world: Any, name: str, week: Any) -> None:
    change_week(world.sophie.actor, getattr(world, name).account_id, week=week)


def kinds(world: Any, name: str) -> list[NoticeKind]:
    return [notice.kind for notice in notices.unseen(getattr(world, name).actor)]


def test_a_hand_over_gives_case_note_and_access_and_tells_the_receiver(
    world: Any, clock: Any
) -> None:
    follow_up = due_call(world, clock)
    amina, louis = world.amina.actor, world.louis.actor
    assert queries.to_hand_over(amina, at(24, 21)) == [follow_up]
    handed = [Handed(follow_up, "She waits for the answer about the hamper.")]
    assert services.hand_over(amina, handed, to=louis.id) == 1
    case = cases.queries.get(louis, follow_up.case.ref)
    [(_note, body)] = cases.services.open_notes(louis, case, purpose="case_page")
    assert body == "She waits for the answer about the hamper."
    assert lanes.callable_now(louis, at(24, 9, 30)) == [follow_up]
    assert lanes.callable_now(amina, at(24, 9, 30)) == []
    assert not people.has_access(amina, case.person_id, at(24, 9, 31))
    assert kinds(world, "louis") == [NoticeKind.CASE_ASSIGNED]


def test_to_the_team_means_that_anybody_can_take_it(world: Any, clock: Any) -> None:
    follow_up = due_call(world, clock)
    services.hand_over(world.amina.actor, [Handed(follow_up)], to=None)
    assert follow_up.case.owner_id is None
    cases.services.take(world.louis.actor, follow_up.case)
    assert lanes.callable_now(world.louis.actor, at(24, 9, 30)) == [follow_up]


def test_all_or_nothing_is_handed_over(world: Any, clock: Any) -> None:
    follow_up = due_call(world, clock)
    services.start_call(world.amina.actor, follow_up)
    with pytest.raises(SomebodyIsCalling):
        services.hand_over(world.amina.actor, [Handed(follow_up, "x")], to=world.louis.account_id)
    assert follow_up.case.owner_id == world.amina.account_id
    with pytest.raises(NothingChosen):
        services.hand_over(world.amina.actor, [], to=world.louis.account_id)
    for nobody in (world.amina, world.outsider, world.marc):
        with pytest.raises(NotThere):
            services.hand_over(world.amina.actor, [Handed(follow_up)], to=nobody.account_id)


def test_what_is_due_for_somebody_off_shift_is_told_to_those_on_shift(
    world: Any, clock: Any
) -> None:
    follow_up = due_call(world, clock)
    works(world, "amina", NIGHT)
    works(world, "louis", DAY)
    assert deliver_all(world.north.id) == [ReminderStatus.SHOWN]
    told = {notice.account_id for notice in notices_about(follow_up)}
    # Their own list stays the truth; somebody who is there hears it too.
    assert told == {world.amina.account_id, world.louis.account_id}


def test_with_nobody_on_shift_the_supervisors_hear_it(world: Any, clock: Any) -> None:
    follow_up = due_call(world, clock)
    works(world, "amina", NIGHT)
    deliver_all(world.north.id)
    told = {notice.account_id for notice in notices_about(follow_up)}
    assert told == {world.amina.account_id, world.sophie.account_id}


def test_on_shift_or_without_known_hours_only_whoever_has_it_hears(world: Any, clock: Any) -> None:
    for week in ({}, DAY):
        follow_up = due_call(world, clock)
        works(world, "amina", week)
        works(world, "louis", DAY)
        deliver_all(world.north.id)
        assert {n.account_id for n in notices_about(follow_up)} == {world.amina.account_id}


def test_a_colleague_takes_over_what_is_due_and_nothing_else(world: Any, clock: Any) -> None:
    follow_up = due_call(world, clock)
    louis = world.louis.actor
    with pytest.raises(NotFound):
        services.take_over(louis, follow_up.id)  # its navigator may be there
    works(world, "amina", NIGHT)
    with pytest.raises(NotFound):
        services.take_over(world.outsider.actor, follow_up.id)
    clock.freeze(at(24, 12))
    with pytest.raises(NotFound):
        services.take_over(louis, follow_up.id)  # outside the agreed hours nothing is due (R10)
    clock.freeze(at(24, 10))
    services.take_over(louis, follow_up.id)
    assert follow_up.case.owner_id == louis.id
    assert lanes.callable_now(louis, at(24, 10)) == [follow_up]


def test_a_call_under_way_is_not_taken_from_anybody(world: Any, clock: Any) -> None:
    follow_up = due_call(world, clock)
    services.start_call(world.amina.actor, follow_up)
    works(world, "amina", NIGHT)
    with pytest.raises(SomebodyIsCalling):
        services.take_over(world.louis.actor, follow_up.id)


def test_a_call_that_crashed_at_the_end_of_a_shift_keeps_nobody_from_it(
    world: Any, clock: Any
) -> None:
    """A lapsed call is neither a reason to refuse a colleague nor to keep its own navigator (R33)."""
    left, crashed = due_call(world, clock), due_call(world, clock)
    for follow_up in (left, crashed):
        services.start_call(world.amina.actor, follow_up)
    clock.advance(policy.CALL_LEASE)
    works(world, "amina", NIGHT)
    assert services.hand_over(world.amina.actor, [Handed(left)], to=world.louis.account_id) == 1
    services.take_over(world.louis.actor, crashed.id)
    assert crashed.case.owner_id == world.louis.account_id
    assert services.start_call(world.louis.actor, crashed).by_account == world.louis.account_id


def test_the_page_hands_over_what_stays_ticked(world: Any, clock: Any, visitor: Any) -> None:
    kept, gone = due_call(world, clock), due_call(world, clock)
    amina = visitor(world.amina)
    page = amina.get("/hand-over").get_data(as_text=True)
    assert "You still have 2 calls to make in the next 12 hours." in page
    assert "Maya" not in page
    refused = amina.post(
        "/hand-over", {"chosen": str(gone.id), f"note_{gone.id}": "Speaks softly."}
    ).get_data(as_text=True)
    assert "Choose a colleague, or the team." in refused
    assert "Speaks softly." in refused
    answer = amina.post(
        "/hand-over",
        {
            "chosen": str(gone.id),
            "to": str(world.louis.account_id),
            f"note_{gone.id}": "Speaks softly.",
        },
    )
    assert answer.headers["Location"].endswith("/my-day")
    assert gone.case.owner_id == world.louis.account_id
    assert kept.case.owner_id == world.amina.account_id


def test_the_page_offers_what_is_due_for_those_who_are_off_by_reference_only(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up = due_call(world, clock)
    works(world, "amina", NIGHT)
    louis = visitor(world.louis)
    page = louis.get("/hand-over").get_data(as_text=True)
    assert follow_up.case.ref in page and "Maya" not in page
    answer = louis.post(f"/follow-ups/{follow_up.id}/take-over")
    assert answer.headers["Location"].endswith(f"/cases/{follow_up.case.ref}")
    assert accounts.queries.names_of(world.louis.actor, [follow_up.case.owner_id])


def test_a_note_stays_with_its_case_when_another_is_done_meanwhile(
    world: Any, clock: Any, visitor: Any
) -> None:
    """R16: what was written of one person never comes to stand in the file of another."""
    due_call(world, clock), due_call(world, clock)
    done, gone = queries.to_hand_over(world.amina.actor, at(24, 21))
    amina = visitor(world.amina)
    page = amina.get("/hand-over").get_data(as_text=True)
    notes = re.findall(r'name="(note_[^"]+)"', page)
    shown = re.findall(r'name="chosen" value="([^"]+)"', page)
    typed = {note: f"About {shown[number]}." for number, note in enumerate(notes)}
    end(world.amina.actor, done, FollowUpState.COMPLETED)
    answer = amina.post("/hand-over", {"chosen": shown, "to": str(world.louis.account_id)} | typed)
    assert answer.status_code == 303
    [(_note, body)] = cases.services.open_notes(world.louis.actor, gone.case, purpose="case_page")
    assert body == f"About {gone.id}."
