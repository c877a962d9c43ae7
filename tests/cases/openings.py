"""Short ways to open a case in tests."""

from collections.abc import Iterable, Sequence
from typing import Any

from casework import database
from casework.cases import queries, services
from casework.cases.models import Case, CaseNeed, Source
from casework.database import NotFound
from casework.directory.needs import NeedCode
from casework.people.models import Purpose
from casework.security import Actor
from tests.people.records import KEEP_AND_CALL, keep_person
from tests.world import Member

WORD = "Blue heron"
PHONE = "514-555-0142"


def open_case(
    actor: Actor,
    *,
    needs: Sequence[NeedCode] = (NeedCode.FOOD,),
    details: dict[str, Any] | None = None,
    plan: dict[str, Any] | None = None,
    purposes: Iterable[Purpose] = KEEP_AND_CALL,
    **more: Any,
) -> Case:
    """Open a case for a person of its own, found by PHONE and recognised by WORD."""
    person = keep_person(actor, details=details, plan=plan, purposes=purposes)
    case = services.open_case(actor, person, needs=needs, **more)
    database.commit()
    return case


def only_need(actor: Actor, case: Case) -> CaseNeed:
    """Give the one need of a case, as it stands now."""
    [need] = queries.needs_of(actor, case)
    return need


def outcome(version: int | str, **changes: str) -> dict[str, str]:
    """Give the fields of an outcome page, changed."""
    source = Source.PERSON_REPORTED.value
    return {"outcome": "met", "reason": "", "source": source, "version": str(version)} | changes


def ask(browser: Any, find: str, **said: str) -> Any:
    """Look somebody up, then send what they say."""
    step = browser.submit("/look-up", {"find": find})
    if step.status_code == 302:
        return browser.submit(step.headers["Location"], said)
    assert step.status_code == 200, step.get_data(as_text=True)[:2000]
    return browser.post("/look-up/identity", {"find": find} | said)


def can_open(member: Member, case: Case) -> bool:
    """Tell whether somebody may see a case now."""
    try:
        return queries.get(member.actor, case.ref) is not None
    except NotFound:
        return False
