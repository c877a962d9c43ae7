"""Opens a case for a person who consented."""

from collections.abc import Sequence

from casework import audit, vault
from casework.cases import policy, queries
from casework.cases.models import Case, CaseNeed, EventKind
from casework.cases.services.events import record_event
from casework.cases.services.notes import add_note
from casework.database import flush, now
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.people import queries as consents
from casework.people import services as people
from casework.people.models import AccessReason, Channel, Person, Purpose
from casework.security import Actor
from casework.web.references import new_reference


def open_case(
    actor: Actor,
    person: Person,
    *,
    needs: Sequence[NeedCode],
    region: str = "",
    channel: Channel = Channel.PHONE,
    language: str = "en",
    adults: int = 1,
    children: int = 0,
    is_sensitive: bool | None = None,
    note: str = "",
) -> Case:
    """Open a case with its needs for a person who agreed to it (R1), and let the actor see it.

    adults and children are counts of people. A violence need makes the case sensitive, whatever
    is_sensitive says, and so does an earlier one of the same person (R19). Raises ConsentMissing, NoNeed,
    RegionTooExact or HouseholdImpossible; the database refuses the same at commit (R1).
    """
    policy.check_opening(
        needs=needs, region=region, language=language, adults=adults, children=children
    )
    if consents.active_consent(actor, person.id, Purpose.KEEP_CASE, now()) is None:
        raise policy.ConsentMissing
    was_sensitive = consents.hold_sensitivity(actor, person.id)
    case = Case(
        service_id=actor.service_id,
        ref=_free_reference(actor),
        person_id=person.id,
        owner_id=actor.id if actor.is_staff else None,
        opened_by=actor.id,
        opened_at=now(),
        is_sensitive=was_sensitive or bool(is_sensitive) or policy.is_sensitive(needs),
        region=region.strip(),
        channel=channel,
        language=language,
        adults=adults,
        children=children,
    )
    _keep(actor, case, person, needs)
    record_event(actor, case, EventKind.OPENED)
    if actor.is_staff and actor.id:
        people.grant_access(actor, person.id, actor.id, AccessReason.OPENED_CASE)
    audit.record(actor, "case:opened", case, subjects=(person.id,), fields=("needs",))
    if note.strip():
        add_note(actor, case, body=note)
    flush()
    db.session.refresh(case, ["needs"])
    return case


def _keep(actor: Actor, case: Case, person: Person, needs: Sequence[NeedCode]) -> None:
    """Write the case under a key of its own, and its needs once each."""
    vault.create_key(case.service_id, case.id)
    db.session.add(case)
    # Children rows name the case by composite key, which the unit of work cannot order by itself.
    flush()
    for position, code in enumerate(dict.fromkeys(needs)):
        db.session.add(_need(case, code, position))
    if case.is_sensitive:
        people.mark_sensitive(actor, person)


def _need(case: Case, code: NeedCode, position: int) -> CaseNeed:
    return CaseNeed(
        service_id=case.service_id,
        case_id=case.id,
        code=code,
        position=position,
        created_at=now(),
    )


def _free_reference(actor: Actor) -> str:
    """Make a reference nobody in this service has; 28 million leave room for several tries."""
    while queries.is_taken(actor, ref := new_reference("C")):
        continue
    return ref
