"""Which cases a viewer may see, and what stands in them; every answer is for one viewer."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import lazyload

from casework.cases.models import (
    Case,
    CaseEvent,
    CaseNeed,
    CaseNote,
    CaseStatus,
    EventKind,
    NeedOutcome,
)
from casework.database import Id, Instant, NotFound, now
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.people.models import PersonAccess
from casework.people.queries import MACHINES
from casework.security import Actor

# The code of a failed identity step on the look-up page; call-backs name their attempt instead.
LOOK_UP = "look_up"
# What of a case somebody else may have changed since it was read.
STANDING = ("status", "is_sensitive", "owner_id", "version")


class Scope(StrEnum):
    """Whose cases a list is about."""

    MINE = "mine"
    TEAM = "team"
    ALL = "all"


def people_seen_by(service_id: Id, account_id: Id | None, at: Instant) -> Select[Any]:
    """Select the ids of the people whose cases somebody may open at a moment, by index."""
    return select(PersonAccess.person_id).where(
        PersonAccess.service_id == service_id, *_access_of(account_id, at)
    )


def _has_access(viewer: Actor, at: datetime) -> ColumnElement[bool]:
    return exists().where(
        PersonAccess.service_id == Case.service_id,
        PersonAccess.person_id == Case.person_id,
        *_access_of(viewer.id, at),
    )


def _access_of(account_id: Id | None, at: Instant) -> tuple[ColumnElement[bool], ...]:
    """Say that somebody's access holds at a moment: the one truth of who may open what."""
    return (
        PersonAccess.account_id == account_id,
        PersonAccess.from_at <= at,
        or_(PersonAccess.until_at.is_(None), PersonAccess.until_at > at),
    )


def in_service(viewer: Actor) -> Select[Case]:
    """Select every case of the viewer's service; for look-up and for counting only."""
    return select(Case).where(Case.service_id == viewer.service_id)


def visible_to(viewer: Actor, at: datetime | None = None) -> Select[Case]:
    """Select the cases a viewer may open now: those with an access row; sweeps see all.

    Whoever owns a case has such a row; an agency's link has none, and so sees no case.
    """
    if viewer.kind in MACHINES:
        return in_service(viewer)
    return in_service(viewer).where(_has_access(viewer, at or now()))


def unassigned(
    viewer: Actor, limit: int = 50, after: tuple[datetime, uuid.UUID] | None = None
) -> Sequence[Case]:
    """List the open cases nobody owns, oldest first; they show a reference and nothing else.

    `after` is the opening and the id of the last one seen: the list goes on behind it.
    """
    query = in_service(viewer).where(Case.status == CaseStatus.OPEN, Case.owner_id.is_(None))
    if after is not None:
        query = query.where(tuple_(Case.opened_at, Case.id) > tuple_(*after))
    shown = query.order_by(Case.opened_at, Case.id).options(lazyload(Case.needs))
    return db.session.scalars(shown.limit(limit)).all()


def get(viewer: Actor, ref: str) -> Case:
    """Give the case with this reference, or raise NotFound unless the viewer may see it now."""
    case = db.session.scalars(visible_to(viewer).where(Case.ref == ref)).one_or_none()
    if case is None:
        raise NotFound
    return case


def get_by_id(viewer: Actor, case_id: uuid.UUID) -> Case:
    """Give the case with this id, or raise NotFound unless the viewer may see it now."""
    case = db.session.scalars(visible_to(viewer).where(Case.id == case_id)).one_or_none()
    if case is None:
        raise NotFound
    return case


def hold_for_erasing(viewer: Actor, case_id: uuid.UUID) -> Case:
    """Give a case to whoever erases it, and nobody else until the commit; never wait for it.

    Raises NotFound when it is erased already; the database refuses when somebody writes in it.
    """
    case = db.session.scalars(
        in_service(viewer)
        .where(Case.id == case_id)
        .with_for_update(nowait=True, of=Case)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if case is None:
        raise NotFound
    return case


def hold(case: Case) -> None:
    """Read anew how a case stands, and let nobody close it or hand it over until the commit.

    Whoever moves one of its requests holds it too, and before the request (docs/referrals.md).
    Raises NotFound when it was erased meanwhile.
    """
    db.session.flush()
    try:
        db.session.refresh(case, STANDING, with_for_update={"key_share": True})
    except InvalidRequestError:
        raise NotFound from None


def hold_of_person(viewer: Actor, person_id: uuid.UUID) -> None:
    """Let nobody ask, answer, close or hand over in any case of a person until the commit."""
    theirs = select(Case.id).where(
        Case.service_id == viewer.service_id, Case.person_id == person_id
    )
    db.session.execute(theirs.order_by(Case.id).with_for_update(key_share=True)).all()


def hold_if_free(viewer: Actor, case_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Hold those of these cases that nobody else holds, without waiting; give their ids."""
    wanted = select(Case.id).where(Case.service_id == viewer.service_id, Case.id.in_(case_ids))
    held = wanted.order_by(Case.id).with_for_update(key_share=True, skip_locked=True)
    return set(db.session.scalars(held))


def get_in_service(viewer: Actor, ref: str) -> Case:
    """Give any case of the viewer's service, for the look-up that comes before access (R32)."""
    case = db.session.scalars(in_service(viewer).where(Case.ref == ref)).one_or_none()
    if case is None:
        raise NotFound
    return case


def get_assignable(viewer: Actor, ref: str) -> Case:
    """Give a case the viewer may hand over or take: one they may see, or an open one nobody has."""
    unowned = and_(Case.status == CaseStatus.OPEN, Case.owner_id.is_(None))
    query = in_service(viewer).where(Case.ref == ref, or_(_has_access(viewer, now()), unowned))
    case = db.session.scalars(query).one_or_none()
    if case is None:
        raise NotFound
    return case


def get_need(viewer: Actor, case: Case, need_id: uuid.UUID) -> CaseNeed:
    """Give one need of a case the viewer has already been given, or raise NotFound."""
    need = db.session.scalars(
        select(CaseNeed).where(
            CaseNeed.service_id == viewer.service_id,
            CaseNeed.case_id == case.id,
            CaseNeed.id == need_id,
        )
    ).one_or_none()
    if need is None:
        raise NotFound
    return need


def needs_of(viewer: Actor, case: Case) -> Sequence[CaseNeed]:
    """List a case's needs in the order they were said."""
    return db.session.scalars(
        select(CaseNeed)
        .where(CaseNeed.service_id == viewer.service_id, CaseNeed.case_id == case.id)
        .order_by(CaseNeed.position)
    ).all()


def is_in_process(viewer: Actor, case: Case, code: NeedCode) -> bool:
    """Tell whether a case already holds this need and still waits for how it ends."""
    return any(
        need.code is code and need.outcome is NeedOutcome.PENDING for need in needs_of(viewer, case)
    )


def last_outcome(viewer: Actor, need: CaseNeed) -> CaseEvent | None:
    """Give the newest event that recorded how a need ended: who said so last, and when."""
    return db.session.scalars(
        select(CaseEvent)
        .where(
            CaseEvent.service_id == viewer.service_id,
            CaseEvent.case_id == need.case_id,
            CaseEvent.kind == EventKind.NEED_OUTCOME,
            CaseEvent.subject_id == need.id,
        )
        .order_by(CaseEvent.at.desc(), CaseEvent.id)
        .limit(1)
    ).first()


def open_cases_of(viewer: Actor, person_id: uuid.UUID) -> Sequence[Case]:
    """List a person's open cases, newest first."""
    return db.session.scalars(
        in_service(viewer)
        .where(Case.person_id == person_id, Case.status == CaseStatus.OPEN)
        .order_by(Case.opened_at.desc())
    ).all()


def cases_of(viewer: Actor, person_id: uuid.UUID) -> Sequence[Case]:
    """List all of a person's cases, newest first."""
    query = in_service(viewer).where(Case.person_id == person_id)
    return db.session.scalars(query.order_by(Case.opened_at.desc())).all()


def handled_by(
    viewer: Actor, *, scope: Scope = Scope.MINE, since: datetime, limit: int = 50
) -> Sequence[Case]:
    """List the cases somebody handled since a moment: opened or owned by the viewer, or by all."""
    query = in_service(viewer).where(Case.opened_at >= since)
    if scope is Scope.MINE:
        query = query.where(or_(Case.opened_by == viewer.id, Case.owner_id == viewer.id))
    return db.session.scalars(query.order_by(Case.opened_at.desc()).limit(limit)).all()


def timeline(viewer: Actor, case: Case) -> Sequence[CaseEvent]:
    """List a case's events, newest first."""
    return db.session.scalars(
        select(CaseEvent)
        .where(CaseEvent.service_id == viewer.service_id, CaseEvent.case_id == case.id)
        .order_by(CaseEvent.at.desc(), CaseEvent.id)
    ).all()


def notes_of(viewer: Actor, case: Case) -> Sequence[CaseNote]:
    """List a case's sealed notes, newest first; cases.services.open_notes reads them."""
    return db.session.scalars(
        select(CaseNote)
        .where(CaseNote.service_id == viewer.service_id, CaseNote.case_id == case.id)
        .order_by(CaseNote.written_at.desc())
    ).all()


def failed_identities(viewer: Actor, case: Case, since: datetime) -> int:
    """Count the failed identity steps of the look-up for a case since a moment (R32)."""
    return db.session.scalars(
        select(func.count())
        .select_from(CaseEvent)
        .where(
            and_(
                CaseEvent.service_id == viewer.service_id,
                CaseEvent.case_id == case.id,
                CaseEvent.kind == EventKind.IDENTITY_FAILED,
                CaseEvent.code == LOOK_UP,
                CaseEvent.at >= since,
            )
        )
    ).one()


def last_failed_identity(viewer: Actor, person_id: uuid.UUID) -> datetime | None:
    """Give when an identity step for any case of this person failed last, on a look-up or a call."""
    return db.session.scalars(
        select(func.max(CaseEvent.at))
        .join(Case, Case.id == CaseEvent.case_id)
        .where(
            CaseEvent.service_id == viewer.service_id,
            CaseEvent.kind == EventKind.IDENTITY_FAILED,
            Case.person_id == person_id,
        )
    ).one()


def is_taken(viewer: Actor, ref: str) -> bool:
    """Tell whether a reference is in use in the viewer's service."""
    query = select(exists().where(Case.service_id == viewer.service_id, Case.ref == ref))
    return bool(db.session.scalars(query).one())
