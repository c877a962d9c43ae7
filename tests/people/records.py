"""Short ways to keep a person in tests."""

from collections.abc import Iterable
from typing import Any

from casework.people import services
from casework.people.models import Person, Purpose
from casework.people.policy import ConsentAnswer
from casework.security import Actor

KEEP_AND_CALL = (Purpose.KEEP_CASE, Purpose.CALL_BACK)
WEEKDAY_MORNINGS = [{"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "11:30"}]


def keep_person(
    actor: Actor,
    *,
    details: dict[str, Any] | None = None,
    plan: dict[str, Any] | None = None,
    purposes: Iterable[Purpose] = KEEP_AND_CALL,
) -> Person:
    """Keep a person who said yes to these purposes."""
    person = services.register_person(
        actor,
        details={"safe_name": "Maya", "phone": "514-555-0142"} | (details or {}),
        plan={"when": "windows", "windows": WEEKDAY_MORNINGS, "code_word": "Blue heron"}
        | (plan or {}),
    )
    services.record_consents(actor, person, [ConsentAnswer(p, True) for p in purposes])
    return person
