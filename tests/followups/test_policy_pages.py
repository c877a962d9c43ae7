"""The supervisor’s pages of the follow-up policy: preview first, then apply; bad input loses nothing."""

import re
from typing import Any

from casework.followups import queries, services
from casework.followups.policy_models import PolicyName
from tests.followups.scenes import at, case_of

URL = "/follow-up-policy/standard"
SOONER = {
    "version": "0",
    "from_1": "3",
    "to_1": "6",
    "unit_1": "days",
    "from_2": "30",
    "to_2": "37",
    "unit_2": "days",
    "max_attempts": "4",
    "pause_hours": "3",
    "longest_days": "45",
    "team_after_hours": "4",
    "supervisor_after_hours": "24",
}


def previewed(page: str) -> str:
    found = re.search(r'name="previewed"[^>]*value="([^"]*)"', page)
    assert found is not None
    return found.group(1)


def test_a_rule_is_applied_only_after_its_effect_was_seen(
    world: Any, clock: Any, visitor: Any
) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    [first, _] = services.plan_series(world.amina.actor, case)
    clock.freeze(at(24, 12))
    sophie = visitor(world.sophie)
    assert "7 days" in sophie.get("/follow-up-policy").get_data(as_text=True)
    page = sophie.submit(URL, SOONER).get_data(as_text=True)
    assert "1 call-back would move." in page
    assert case.ref in page and "Maya" not in page
    assert first.due_at == at(1, 9, month=12)
    # What was changed after the preview is previewed again.
    again = sophie.post(URL, SOONER | {"max_attempts": "5", "previewed": previewed(page)})
    assert "would move." in again.get_data(as_text=True)
    assert queries.rules_of(world.north.id) == {}
    answer = sophie.post(URL, SOONER | {"previewed": previewed(page)})
    assert answer.status_code == 303
    assert first.due_at == at(27, 9)
    shown = sophie.follow(answer).get_data(as_text=True)
    assert "1 planned call moved." in shown
    assert "Changed by Sophie T." in shown


def test_a_colleague_who_was_faster_is_not_overwritten(
    world: Any, clock: Any, visitor: Any
) -> None:
    clock.freeze(at(23, 12))
    sophie = visitor(world.sophie)
    page = sophie.submit(URL, SOONER).get_data(as_text=True)
    rule = queries.rules_of(world.north.id)
    services.change_policy(
        world.sophie.actor,
        name=PolicyName.STANDARD,
        rule=services.policies.rules.default_rule(PolicyName.STANDARD),
        version=0,
    )
    answer = sophie.post(URL, SOONER | {"previewed": previewed(page)})
    text = answer.get_data(as_text=True)
    assert "Somebody else saved changes" in text
    assert 'value="3"' in text and "Version 1" in text
    assert queries.rules_of(world.north.id) != rule
    assert queries.rules_of(world.north.id)[PolicyName.STANDARD].max_attempts == 3


def test_a_rule_outside_the_bounds_is_refused_in_words_and_kept(
    world: Any, clock: Any, visitor: Any
) -> None:
    clock.freeze(at(23, 12))
    sophie = visitor(world.sophie)
    typed = SOONER | {"max_attempts": "9", "from_2": "twenty"}
    page = sophie.submit(URL, typed).get_data(as_text=True)
    assert "Write a whole number." in page
    assert 'value="twenty"' in page
    page = sophie.post(URL, SOONER | {"max_attempts": "9"}).get_data(as_text=True)
    assert "From 3 to 5 tries." in page
    assert 'value="9"' in page
    crisis = sophie.submit("/follow-up-policy/crisis", SOONER).get_data(as_text=True)
    assert "between 24 and 72 hours" in crisis


def test_a_rule_that_does_not_exist_is_no_page(world: Any, visitor: Any) -> None:
    assert visitor(world.sophie).get("/follow-up-policy/winter").status_code == 404


def test_the_standards_can_be_put_back(world: Any, clock: Any, visitor: Any) -> None:
    clock.freeze(at(23, 12))
    sophie = visitor(world.sophie)
    page = sophie.submit(URL, SOONER).get_data(as_text=True)
    sophie.post(URL, SOONER | {"previewed": previewed(page)})
    page = sophie.get(f"{URL}?standard=1").get_data(as_text=True)
    assert re.search(r'name="from_1"[^>]*value="7"', page)
