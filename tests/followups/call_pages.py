"""One call on its pages: planned, begun, identified; for the tests of each step."""

import re
from typing import Any

from tests.followups.scenes import at, call_at, case_of

PHONE = "514-555-0142"
# Words of the case that must not show before identity (R13, R32).
SECRETS = ("Shelter from violence", "Food", "Foyer du Pont", "Still in process")


def planned(world: Any, clock: Any, **more: Any) -> Any:
    """Plan a call for tomorrow morning and go to its moment."""
    clock.freeze(at(23, 12))
    details = {"phone": PHONE} | more.pop("details", {})
    case = case_of(world.amina.actor, details=details, **more)
    follow_up = call_at(world.amina.actor, case, at(24, 9, 30))
    clock.freeze(at(24, 9, 30))
    return follow_up


def url(follow_up: Any) -> str:
    return f"/follow-ups/{follow_up.id}/call"


def text(response: Any) -> str:
    return str(response.get_data(as_text=True))


def dialled(world: Any, clock: Any, visitor: Any, **more: Any) -> Any:
    """Begin the call in a browser."""
    follow_up = planned(world, clock, **more)
    amina = visitor(world.amina)
    amina.submit(url(follow_up), {"step": "start"})
    return follow_up, amina


def identified(world: Any, clock: Any, visitor: Any, **more: Any) -> Any:
    """Begin the call and take the identity step in a browser."""
    follow_up, amina = dialled(world, clock, visitor, **more)
    answer = amina.submit(
        url(follow_up), {"step": "reach", "result": "reached_person", "code_word": "Blue heron"}
    )
    assert answer.status_code == 303
    return follow_up, amina


def then(page: str, field: str) -> dict[str, str]:
    """Read what stands beside each answer of a field, by its value."""
    found = re.findall(rf'name="{field}" value="(\w+)".*?</label>', page, flags=re.DOTALL)
    rows = re.findall(rf'name="{field}" value="\w+"(.*?)</label>', page, flags=re.DOTALL)
    return dict(
        zip(found, (re.sub(r"<[^>]+>", " ", row.split(">", 1)[1]) for row in rows), strict=True)
    )
