"""Finding people's rows: within one service, and for staff only those they have access to."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from casework.database import NotFound
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.many import is_one_of
from casework.people.models import (
    AccessReason,
    Consent,
    ConsentWording,
    ContactPlan,
    Person,
    PersonAccess,
    Purpose,
)
from casework.security import Actor, ActorKind

# Sweeps and commands look after everybody; people and agencies see whom they have access to.
MACHINES = (ActorKind.SYSTEM, ActorKind.COMMAND)
OWNING = (AccessReason.OPENED_CASE, AccessReason.ASSIGNED)

# --- people, plans and access --------------------------------------------------------------------


def get(viewer: Actor, person_id: uuid.UUID, at: datetime) -> Person:
    """Give a person the viewer has access to now; raise NotFound for anybody else's."""
    person = db.session.scalars(_people(viewer).where(Person.id == person_id)).one_or_none()
    if person is None or not has_access(viewer, person_id, at):
        raise NotFound
    return person


def with_ids(viewer: Actor, person_ids: Collection[uuid.UUID]) -> list[Person]:
    """Give the people with these ids in the viewer's service, in the order of their ids."""
    if not person_ids:
        return []
    wanted = _people(viewer).where(is_one_of(Person.id, person_ids)).order_by(Person.id)
    return list(db.session.scalars(wanted))


def hold_all(viewer: Actor, person_id: uuid.UUID) -> Person:
    """Give a person to whoever erases a case of theirs, with plan, consents and accesses, all held.

    Nobody else writes in them until the commit, and nobody is waited for: the database refuses
    when somebody does. Raises NotFound when the person is gone.
    """
    wanted = _people(viewer).where(Person.id == person_id).with_for_update(nowait=True)
    person = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if person is None:
        raise NotFound
    for rows in (ContactPlan, Consent, PersonAccess):
        theirs = select(rows.id).where(rows.person_id == person_id).order_by(rows.id)
        db.session.execute(theirs.with_for_update(nowait=True))
    return person


def hold_sensitivity(viewer: Actor, person_id: uuid.UUID) -> bool:
    """Tell whether a record is one of violence, and let nobody mark it until the commit (R19).

    Whoever opens a case asks here, so that no case begins unmarked beside one that is marked just
    now. Raises NotFound when the person is gone.
    """
    wanted = select(Person.is_sensitive).where(
        Person.service_id == viewer.service_id, Person.id == person_id
    )
    found = db.session.scalar(wanted.with_for_update(key_share=True))
    if found is None:
        raise NotFound
    return found


def hold(viewer: Actor, person_ids: Collection[uuid.UUID]) -> list[Person]:
    """Give these people as they stand now, unchanged until the commit; skip those being changed."""
    return list(
        db.session.scalars(
            _people(viewer)
            .where(Person.id.in_(person_ids))
            .order_by(Person.id)
            .with_for_update(key_share=True, skip_locked=True)
            .execution_options(populate_existing=True)
        )
    )


def plan_of(viewer: Actor, person_id: uuid.UUID) -> ContactPlan:
    """Give the row of a person's contact plan; raise NotFound when there is none."""
    plan = next(iter(plans_of(viewer, [person_id])), None)
    if plan is None:
        raise NotFound
    return plan


def plans_of(viewer: Actor, person_ids: Collection[uuid.UUID]) -> list[ContactPlan]:
    """Give the rows of these people's contact plans."""
    return list(
        db.session.scalars(
            select(ContactPlan)
            .where(
                ContactPlan.service_id == viewer.service_id,
                is_one_of(ContactPlan.person_id, person_ids),
            )
            .order_by(ContactPlan.person_id)
        )
    )


def has_access(viewer: Actor, person_id: uuid.UUID, at: datetime) -> bool:
    """Tell whether the viewer may see this person at this moment."""
    if viewer.kind in MACHINES:
        return True
    return db.session.scalar(select(exists(access_of(viewer, at, person_id)))) is True


def access_of(
    viewer: Actor, at: datetime, person_id: uuid.UUID | ColumnElement[uuid.UUID] | None = None
) -> Select[PersonAccess]:
    """Select the viewer's accesses that hold at this moment, to one person or to all."""
    wanted = _running_access(viewer, at).where(PersonAccess.account_id == viewer.id)
    return wanted if person_id is None else wanted.where(PersonAccess.person_id == person_id)


def accesses_to(viewer: Actor, person_id: uuid.UUID, at: datetime) -> list[PersonAccess]:
    """List who has access to a person at this moment, and why."""
    return list(
        db.session.scalars(
            _running_access(viewer, at)
            .where(PersonAccess.person_id == person_id)
            .order_by(PersonAccess.from_at)
        )
    )


def holders(viewer: Actor, person_id: uuid.UUID, at: datetime) -> set[uuid.UUID]:
    """Give the accounts that look after a person: who opened the case or was handed it."""
    return {
        access.account_id
        for access in accesses_to(viewer, person_id, at)
        if access.reason in OWNING and access.until_at is None
    }


# --- consent ---------------------------------------------------------------------------------------
# Locks here leave the row's key free (key_share): an agency's answer that points to a consent need
# not wait, and so never stands in a circle with the withdrawal that waits for that answer.


def active_consent(
    viewer: Actor,
    person_id: uuid.UUID,
    purpose: Purpose,
    at: datetime,
    *,
    need: NeedCode | None = None,
) -> Consent | None:
    """Give the consent that holds at this moment for a purpose, or None (R2, R4).

    For sharing, a need finds the consent to that kind of help; one that names an agency is found
    by services.open_sharing_consent, since the agency's id is sealed.
    """
    wanted = _active(viewer, at).where(Consent.person_id == person_id, Consent.purpose == purpose)
    if purpose is Purpose.SHARE_WITH_PARTNER:
        wanted = wanted.where(Consent.category == need if need else Consent.category.is_not(None))
    return db.session.scalars(wanted.order_by(Consent.expires_at.desc()).limit(1)).first()


def agreed_until(
    viewer: Actor, person_ids: Collection[uuid.UUID], purposes: Collection[Purpose], at: datetime
) -> dict[uuid.UUID, datetime]:
    """Tell until when all of these purposes hold, for those of these people who agree to each now (R2)."""
    rows = db.session.execute(
        _active(viewer, at)
        .where(is_one_of(Consent.person_id, person_ids), Consent.purpose.in_(purposes))
        .with_only_columns(Consent.person_id, func.max(Consent.expires_at))
        .group_by(Consent.person_id, Consent.purpose)
    )
    ends: dict[uuid.UUID, list[datetime]] = defaultdict(list)
    for person_id, until in rows:
        ends[person_id].append(until)
    return {person_id: min(all_) for person_id, all_ in ends.items() if len(all_) == len(purposes)}


def sharing_consents(viewer: Actor, person_id: uuid.UUID, at: datetime) -> list[Consent]:
    """List every consent to share that holds at this moment, whomever it names."""
    wanted = _active(viewer, at).where(
        Consent.person_id == person_id, Consent.purpose == Purpose.SHARE_WITH_PARTNER
    )
    return list(db.session.scalars(wanted.order_by(Consent.expires_at.desc())))


def consents_of(viewer: Actor, person_id: uuid.UUID) -> list[Consent]:
    """List every answer of a person, newest first, ended ones too."""
    return list(
        db.session.scalars(
            select(Consent)
            .where(Consent.service_id == viewer.service_id, Consent.person_id == person_id)
            .order_by(Consent.given_at.desc(), Consent.purpose, Consent.id)
        )
    )


def running(
    viewer: Actor, person_id: uuid.UUID, purposes: Iterable[Purpose] = tuple(Purpose)
) -> list[Consent]:
    """List and lock the answers of a person that nobody has ended yet, yes or no."""
    return list(
        db.session.scalars(
            select(Consent)
            .where(
                Consent.service_id == viewer.service_id,
                Consent.person_id == person_id,
                Consent.purpose.in_(list(purposes)),
                Consent.ended_at.is_(None),
            )
            .order_by(Consent.id)
            .with_for_update(key_share=True)
        )
    )


def kept(viewer: Actor, person_ids: Collection[uuid.UUID], at: datetime) -> set[uuid.UUID]:
    """Give those of these people whose case may be kept at this moment."""
    wanted = _active(viewer, at).where(
        is_one_of(Consent.person_id, person_ids), Consent.purpose == Purpose.KEEP_CASE
    )
    return set(db.session.scalars(wanted.with_only_columns(Consent.person_id)))


def due_to_end(viewer: Actor, at: datetime, limit: int = 200) -> Sequence[Consent]:
    """List answers that have expired and not been ended; each is held before it is ended."""
    return db.session.scalars(
        _unended(viewer)
        .where(Consent.expires_at <= at)
        .order_by(Consent.expires_at, Consent.id)
        .limit(limit)
    ).all()


def hold_unended(viewer: Actor, consent_id: uuid.UUID) -> bool:
    """Hold an answer that nobody has ended yet until the commit, without waiting for who holds it."""
    wanted = _unended(viewer).where(Consent.id == consent_id)
    held = wanted.with_for_update(skip_locked=True, key_share=True)
    return db.session.scalar(held.execution_options(populate_existing=True)) is not None


def due_to_warn(
    viewer: Actor, until: datetime, purposes: Iterable[Purpose], limit: int = 200
) -> Sequence[Consent]:
    """Give and lock consents that end by this moment and of which nobody was warned (R6)."""
    return db.session.scalars(
        _unended(viewer)
        .where(
            Consent.is_given,
            Consent.warned_at.is_(None),
            Consent.purpose.in_(list(purposes)),
            Consent.expires_at <= until,
        )
        .order_by(Consent.expires_at, Consent.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()


def wordings(viewer: Actor) -> dict[tuple[Purpose, str], ConsentWording]:
    """Give the current sentences to say, by purpose and language (en, fr)."""
    rows = db.session.scalars(
        select(ConsentWording)
        .where(ConsentWording.service_id == viewer.service_id, ConsentWording.is_current)
        .order_by(ConsentWording.version)
    )
    return {(wording.purpose, wording.language): wording for wording in rows}


def _people(viewer: Actor) -> Select[Person]:
    return select(Person).where(Person.service_id == viewer.service_id)


def _running_access(viewer: Actor, at: datetime) -> Select[PersonAccess]:
    return select(PersonAccess).where(
        PersonAccess.service_id == viewer.service_id,
        PersonAccess.from_at <= at,
        or_(PersonAccess.until_at.is_(None), PersonAccess.until_at > at),
    )


def _unended(viewer: Actor) -> Select[Consent]:
    return select(Consent).where(
        Consent.service_id == viewer.service_id, Consent.ended_at.is_(None)
    )


def _active(viewer: Actor, at: datetime) -> Select[Consent]:
    return _unended(viewer).where(Consent.is_given, Consent.given_at <= at, Consent.expires_at > at)
