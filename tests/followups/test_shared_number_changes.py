"""R33: when one of two people on a number narrows their hours, the other's calls narrow at once."""

from typing import Any

from casework import followups, people
from casework.followups import queries
from tests.followups import lanes
from tests.followups.scenes import a_number, at, call_at, case_of

MORNINGS = [{"days": [0, 1, 2, 3, 4, 5, 6], "start": "09:00", "end": "11:30"}]
TEN_TO_ELEVEN = [{"days": [0, 1, 2, 3, 4, 5, 6], "start": "10:00", "end": "11:00"}]


def test_the_other_case_obeys_the_stricter_plan_without_waiting_for_a_sweep(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 8))
    number = a_number()
    hers = case_of(world.amina.actor, details={"phone": number})
    his = case_of(world.louis.actor, details={"phone": number})
    (first, *_) = followups.services.plan_series(world.amina.actor, hers)
    assert (first.window_closes_at - first.window_opens_at).total_seconds() == 2.5 * 3600

    people.services.change_plan(
        world.louis.actor, his.person, plan={"when": "windows", "windows": TEN_TO_ELEVEN}
    )
    narrowed = queries.get(world.amina.actor, first.id)
    assert (narrowed.window_closes_at - narrowed.window_opens_at).total_seconds() == 3600


def test_somebody_new_on_the_number_narrows_what_my_day_offers_at_once(
    world: Any, clock: Any
) -> None:
    # R33. Found by the simulator: the row stood on the old hours until its window was over.
    clock.freeze(at(23, 12))
    actor, phone = world.amina.actor, "514-555-0177"
    case = case_of(actor, details={"phone": phone})
    follow_up = call_at(actor, case, at(24, 9))
    evenings = [{"days": [0, 1, 2, 3, 4, 5, 6], "start": "18:00", "end": "20:00"}]
    case_of(actor, details={"phone": phone, "safe_name": "Noor"}, windows=evenings)
    assert follow_up.window_opens_at is None
    assert lanes.callable_now(actor, at(24, 10)) == []
