"""Which calls are under way at a moment: one blocks its person, and whoever shares their number (R33)."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased, contains_eager

from casework.accounts.models import WebSession
from casework.cases import queries as cases
from casework.cases.models import Case
from casework.database import Instant, NotFound
from casework.extensions import db
from casework.followups.models import Attempt, FollowUp
from casework.many import is_one_of
from casework.placeholders import ACCOUNT, AT, SERVICE
from casework.security import Actor
from casework.vault.models import IndexTerm

# What two people can be reached by; a full name is shared without sharing a phone.
WAYS = ("phone", "email", "handle")


def is_being_called(person_id: UUID, at: datetime, *, but: Attempt | None = None) -> bool:
    """Tell whether a call to this person, or on a number they gave, is under way, other than this one."""
    found = _alive(at).where(or_(Case.person_id == person_id, _shares_a_way(person_id)))
    if but is not None:
        found = found.where(Attempt.id != but.id)
    return db.session.scalar(select(found.exists())) is True


def being_called(person_ids: Collection[UUID], at: datetime) -> set[UUID]:
    """Give those of these people with whom somebody is on the phone at this moment."""
    if not person_ids:
        return set()
    called = (
        select(Case.person_id)
        .join(Attempt, Attempt.case_id == Case.id)
        .where(is_one_of(Case.person_id, person_ids), is_alive(at))
    )
    return set(db.session.scalars(called))


def is_held(attempt: Attempt, at: datetime) -> bool:
    """Tell whether a call still blocks all others: it is under way, and nobody else has begun one."""
    alive = _alive(at).where(Attempt.id == attempt.id)
    if not db.session.scalar(select(alive.exists())):
        return False
    return not is_being_called(attempt.follow_up.case.person_id, at, but=attempt)


def call_for(follow_up: FollowUp, at: datetime) -> Attempt | None:
    """Give the call under way for a follow-up; one that lapsed keeps it from nobody."""
    found = _alive(at).where(Attempt.follow_up_id == follow_up.id)
    return db.session.scalars(found).one_or_none()


def own_call_in(viewer: Actor, case: Case, at: datetime) -> Attempt | None:
    """Give the viewer's own call under way in a case: it answers whatever else is due there."""
    mine = _alive(at).where(Attempt.by_account == viewer.id, Attempt.case_id == case.id)
    return db.session.scalars(mine.limit(1)).first()


def call_to_any(
    person_ids: Collection[UUID], at: datetime, *, but: Attempt | None = None
) -> Attempt | None:
    """Give a call under way to one of these people, other than this one."""
    found = _alive(at).where(Case.person_id.in_(person_ids))
    if but is not None:
        found = found.where(Attempt.id != but.id)
    return db.session.scalars(found.order_by(Attempt.started_at).limit(1)).first()


def callers_seen_by(viewer: Actor, at: datetime) -> dict[UUID, UUID | None]:
    """Name who is calling, by the cases of the called that the viewer may see; others stay unseen."""
    said = {"service": viewer.service_id, "account": viewer.id, "at": at}
    return {case_id: account_id for case_id, account_id in db.session.execute(_calling(), said)}


@cache
def _calling() -> Select[UUID, UUID | None]:
    """Select from the calls under way, few, to the cases of the called that somebody may see."""
    called = aliased(Case)
    seen = cases.people_seen_by(SERVICE, ACCOUNT, AT)
    return (
        select(Case.id, Attempt.by_account)
        .select_from(Attempt)
        .join(called, called.id == Attempt.case_id)
        .join(Case, Case.person_id == called.person_id)
        .where(
            Attempt.service_id == SERVICE,
            Case.service_id == SERVICE,
            Case.person_id.in_(seen),
            is_alive(AT),
        )
        .distinct()
    )


def under_way(viewer: Actor, at: datetime) -> list[Attempt]:
    """List every call under way in the viewer's service, the oldest first, for whoever frees them."""
    found = _alive(at).where(Attempt.service_id == viewer.service_id)
    return list(db.session.scalars(found.order_by(Attempt.started_at, Attempt.id)))


def call_to_free(viewer: Actor, attempt_id: UUID) -> Attempt:
    """Give and lock a call nobody has ended yet, in the viewer's service; raise NotFound otherwise."""
    found = db.session.scalars(
        select(Attempt)
        .where(
            Attempt.id == attempt_id,
            Attempt.service_id == viewer.service_id,
            Attempt.ended_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def lock_call(attempt: Attempt) -> Attempt:
    """Give a call as it stands, locked until the transaction ends."""
    db.session.flush()
    db.session.refresh(attempt, with_for_update=True)
    return attempt


def is_alive(at: Instant, attempt: type[Attempt] = Attempt) -> ColumnElement[bool]:
    """Say that a call is under way: not ended, its time not over, its session neither ended nor locked."""
    is_gone = exists().where(
        WebSession.service_id == attempt.service_id,
        WebSession.id == attempt.web_session_id,
        or_(WebSession.ended_at.is_not(None), WebSession.locked_at.is_not(None)),
    )
    return and_(attempt.ended_at.is_(None), attempt.alive_until > at, ~is_gone)


def has_call(
    at: datetime, person_id: ColumnElement[UUID] | InstrumentedAttribute[UUID]
) -> ColumnElement[bool]:
    """Say of a person that they are being called, as a condition of a bigger query."""
    calling, called = aliased(Attempt), aliased(Case)
    return exists().where(
        calling.case_id == called.id, called.person_id == person_id, is_alive(at, calling)
    )


def _alive(at: datetime) -> Select[Attempt]:
    return (
        select(Attempt)
        .join(FollowUp, FollowUp.id == Attempt.follow_up_id)
        .join(Case, Case.id == Attempt.case_id)
        .options(contains_eager(Attempt.follow_up).contains_eager(FollowUp.case))
        .where(is_alive(at))
    )


def _shares_a_way(person_id: UUID) -> ColumnElement[bool]:
    """Say that the person of a case has an index term in common with this one; nothing is opened."""
    own, other = aliased(IndexTerm), aliased(IndexTerm)
    return exists().where(
        own.owner_id == person_id,
        own.kind.in_(WAYS),
        other.service_id == own.service_id,
        other.kind == own.kind,
        other.version == own.version,
        other.token == own.token,
        other.owner_id == Case.person_id,
    )
