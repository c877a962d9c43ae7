"""From audit entries to the lines a supervisor reads: who, what, why and which case, no values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from casework.accounts import queries as accounts
from casework.audit import AuditEntry, subjects_of
from casework.audit.chain import moment
from casework.cases.models import Case
from casework.oversight import queries
from casework.oversight.words import action_label, fields_line, purpose_label
from casework.referrals.models import Referral
from casework.security import Actor, ActorKind


@dataclass(frozen=True)
class Line:
    """One entry, in words; people stand as the references of their cases, or as a number."""

    at: datetime
    who: str
    what: str
    why: str
    fields: str
    refs: list[str]
    people: int
    is_refused: bool


def lines_of(viewer: Actor, entries: Sequence[AuditEntry]) -> list[Line]:
    """Put a page of entries into words, with one query for each kind of reference."""
    subjects = subjects_of(viewer, entries)
    alone = {people[0] for people in subjects.values() if len(people) == 1}
    by_case, by_person = queries.refs_of(viewer, _ids(entries, Case.__tablename__), alone)
    by_referral = queries.referral_refs(viewer, _ids(entries, Referral.__tablename__))
    names = accounts.names_of(viewer, {entry.actor_id for entry in entries if entry.actor_id})
    lines = []
    for entry in entries:
        people = subjects[entry.seq]
        object_id = _id(entry)
        known = [by_case.get(object_id), by_referral.get(object_id)] if object_id else []
        refs = [ref for ref in known if ref] or (
            by_person.get(people[0], []) if len(people) == 1 else []
        )
        lines.append(
            Line(
                at=moment(entry.at_us),
                who=_who(entry, names),
                what=str(action_label(entry.action)),
                why=str(purpose_label(entry.purpose)),
                fields=fields_line(entry.fields),
                refs=refs,
                people=len(people),
                is_refused=entry.is_refused,
            )
        )
    return lines


def _id(entry: AuditEntry) -> UUID | None:
    try:
        return UUID(entry.object_id or "")
    except ValueError:
        return None


def _ids(entries: Sequence[AuditEntry], object_type: str) -> set[UUID]:
    found = {_id(entry) for entry in entries if entry.object_type == object_type}
    return {id_ for id_ in found if id_ is not None}


WITHOUT_NAME = {
    ActorKind.STAFF.value: _l("Somebody who has left"),
    ActorKind.PARTNER_LINK.value: _l("An agency, by link"),
    ActorKind.AGENCY.value: _l("An agency, signed in"),
    ActorKind.SYSTEM.value: _l("Casework itself"),
    ActorKind.COMMAND.value: _l("The command line"),
}


def _who(entry: AuditEntry, names: dict[UUID, str]) -> str:
    """Name who acted; whoever has no name here is told by their kind."""
    if entry.actor_id is not None and entry.actor_id in names:
        return names[entry.actor_id]
    return str(WITHOUT_NAME.get(entry.actor_kind, _l("A visitor")))
