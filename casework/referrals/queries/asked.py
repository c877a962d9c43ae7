"""Finding referrals, always through the cases their viewer may see."""

from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select, true, tuple_
from sqlalchemy.orm import joinedload, lazyload

from casework import cases
from casework.cases.models import Case, CaseStatus, Reason
from casework.database import Id, NotFound
from casework.extensions import db
from casework.people.models import Consent, ConsentEnd
from casework.placeholders import ACCOUNT, MOST, SERVICE
from casework.referrals import policy
from casework.referrals.models import Referral, ReferralEvent, ReferralState
from casework.security import Actor

# What has no clock comes after all that has.
NO_CLOCK = datetime(9999, 1, 1, tzinfo=UTC)
# How what waits is listed.
WAITING_ORDER = ("clock", "created_at", "id")


def get(viewer: Actor, referral_id: UUID) -> Referral:
    """Give a referral of a case the viewer may see; raise NotFound for any other."""
    referral = db.session.scalar(of_service(viewer.service_id).where(Referral.id == referral_id))
    if referral is None:
        raise NotFound
    cases.queries.get(viewer, referral.case.ref)
    return referral


def for_case(viewer: Actor, case: Case) -> list[Referral]:
    """List the referrals of a case, newest first; the caller has shown that it may see the case."""
    return list(
        db.session.scalars(
            of_service(viewer.service_id)
            .where(Referral.case_id == case.id, ~Referral.is_entered_in_error)
            .order_by(Referral.created_at.desc(), Referral.id)
        )
    )


def open_for(
    viewer: Actor, *, limit: int, after: tuple[datetime, datetime, UUID] | None = None
) -> list[Referral]:
    """List what waits on agencies in the viewer’s own open cases, the most urgent clock first.

    `after` is how the last one seen was ordered (`waiting_order`): the list goes on behind it.
    """
    said: dict[str, Any] = {"service": viewer.service_id, "account": viewer.id, "most": limit}
    if after is not None:
        said |= dict(zip(WAITING_ORDER, after, strict=True))
    return list(db.session.scalars(_waiting(goes_on=after is not None), said))


@cache
def _waiting(*, goes_on: bool) -> Select[Referral]:
    own = (
        select(Case.id)
        # No case closes while an agency is still being asked (domain.md section 3).
        .where(Case.service_id == SERVICE, Case.owner_id == ACCOUNT, Case.status == CaseStatus.OPEN)
        .subquery("own")
    )
    # OFFSET 0 keeps PostgreSQL to this order: from their own cases, few, to what each still asks.
    asked = (
        select(
            Referral.id,
            func.coalesce(Referral.wake_at, NO_CLOCK).label("clock"),
            Referral.created_at,
        )
        .where(
            Referral.service_id == SERVICE,
            Referral.case_id == own.c.id,
            Referral.state.in_(policy.ASKED_STATES),
            ~Referral.is_entered_in_error,
        )
        .offset(0)
        .lateral("asked")
    )
    order = [asked.c[name] for name in WAITING_ORDER]
    found = select(asked).select_from(own.join(asked, true()))
    if goes_on:
        behind = (bindparam(column.name, type_=column.type) for column in order)
        found = found.where(tuple_(*order) > tuple_(*behind))
    first = found.order_by(*order).limit(MOST).subquery("first")
    return (
        of_service(SERVICE)
        .join(first, first.c.id == Referral.id)
        .options(joinedload(Referral.case).options(joinedload(Case.person), lazyload(Case.needs)))
        .order_by(*(first.c[name] for name in WAITING_ORDER))
    )


def waiting_order(referral: Referral) -> tuple[datetime, datetime, UUID]:
    """Give how `open_for` orders a referral: by its clock, none coming last."""
    return (referral.wake_at or NO_CLOCK, referral.created_at, referral.id)


def of_ids(viewer: Actor, referral_ids: Collection[UUID]) -> list[Referral]:
    """Give these referrals; the caller has shown that it may see their cases."""
    if not referral_ids:
        return []
    wanted = of_service(viewer.service_id).where(Referral.id.in_(referral_ids))
    return list(db.session.scalars(wanted))


def events_of(viewer: Actor, referral: Referral) -> list[ReferralEvent]:
    """List what happened to a referral, newest first: its own timeline."""
    return list(
        db.session.scalars(
            select(ReferralEvent)
            .where(
                ReferralEvent.service_id == viewer.service_id,
                ReferralEvent.referral_id == referral.id,
            )
            .order_by(ReferralEvent.position.desc())
        )
    )


def newest_event(referral: Referral) -> ReferralEvent | None:
    """Give what happened last to a referral."""
    return db.session.scalar(
        select(ReferralEvent)
        .where(ReferralEvent.referral_id == referral.id)
        .order_by(ReferralEvent.position.desc())
        .limit(1)
    )


def event_by_key(service_id: UUID, idempotency_key: str) -> ReferralEvent | None:
    """Give the event that an idempotency key already made, if any."""
    return db.session.scalar(
        select(ReferralEvent).where(
            ReferralEvent.service_id == service_id,
            ReferralEvent.idempotency_key == idempotency_key,
        )
    )


def cases_of(service_id: UUID, referral_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Give the case of each of these referrals; one that is no more is left out."""
    rows = db.session.execute(
        select(Referral.id, Referral.case_id).where(
            Referral.service_id == service_id, Referral.id.in_(referral_ids)
        )
    )
    return {row.id: row.case_id for row in rows}


def open_of_case(service_id: UUID, case_id: UUID) -> list[Referral]:
    """List the referrals of a case that have not ended."""
    return list(db.session.scalars(_open(service_id).where(Referral.case_id == case_id)))


def open_of_person(service_id: UUID, person_id: UUID) -> list[Referral]:
    """List the referrals of a person, over all their cases, that have not ended."""
    return list(
        db.session.scalars(
            _open(service_id)
            .join(Case, Case.id == Referral.case_id)
            .where(Case.person_id == person_id)
        )
    )


def of_need(viewer: Actor, need_id: UUID) -> list[Referral]:
    """List all referrals ever made for one need, newest first."""
    return list(
        db.session.scalars(
            of_service(viewer.service_id)
            .where(Referral.need_id == need_id, ~Referral.is_entered_in_error)
            .order_by(Referral.created_at.desc())
        )
    )


def siblings(viewer: Actor, referral: Referral) -> list[Referral]:
    """List other requests for the same need that still wait: one place was found, offer to recall."""
    return [
        other
        for other in of_need(viewer, referral.need_id)
        if other.id != referral.id
        and policy.is_open(other.state)
        and other.state not in policy.HELD_STATES
    ]


def consents_in_force(viewer: Actor, consent_id: UUID | None) -> list[Consent]:
    """Give a consent, or the answers that replaced it; several when that cannot be told apart.

    A consent that ended as “replaced” was given again at that very moment, to the same question.
    Which agency was named is sealed, so of several given together all must still hold.
    """
    consent = db.session.get(Consent, consent_id) if consent_id else None
    if consent is None or consent.service_id != viewer.service_id or not consent.is_given:
        return []
    if consent.end is not ConsentEnd.REPLACED:
        return [consent]
    again = db.session.scalars(
        select(Consent.id).where(
            Consent.service_id == viewer.service_id,
            Consent.person_id == consent.person_id,
            Consent.purpose == consent.purpose,
            Consent.is_given,
            Consent.given_at == consent.ended_at,
            Consent.given_at > consent.given_at,  # never in a circle
            Consent.category.is_not_distinct_from(consent.category),
        )
    )
    return [later for again_id in again for later in consents_in_force(viewer, again_id)]


def last_position(referral: Referral) -> int:
    """Tell the number of a referral’s newest event, 0 when there is none."""
    newest = select(func.max(ReferralEvent.position)).where(
        ReferralEvent.referral_id == referral.id
    )
    return db.session.scalar(newest) or 0


def reason_for(referral: Referral, state: ReferralState) -> Reason | None:
    """Give the reason with which a referral last came into a state by an answer."""
    return db.session.scalar(
        select(ReferralEvent.reason)
        .where(
            ReferralEvent.referral_id == referral.id,
            ReferralEvent.to_state == state,
            ReferralEvent.from_state != state,
            ~ReferralEvent.is_undo,
        )
        .order_by(ReferralEvent.position.desc())
        .limit(1)
    )


def is_taken(viewer: Actor, ref: str) -> bool:
    """Tell whether a reference is in use in the viewer’s service."""
    same = select(Referral.id).where(Referral.service_id == viewer.service_id, Referral.ref == ref)
    return db.session.scalar(same) is not None


def of_service(service_id: Id) -> Select[Referral]:
    """Select the referrals of a service, each with its case and its agency if that is in clear."""
    return (
        select(Referral)
        .where(Referral.service_id == service_id)
        .options(joinedload(Referral.case), joinedload(Referral.organization))
    )


def _open(service_id: UUID) -> Select[Referral]:
    # By turn: whoever locks them one by one meets the one that asks the next in the same order.
    return (
        of_service(service_id)
        .where(Referral.state.in_(policy.OPEN_STATES), ~Referral.is_entered_in_error)
        .order_by(Referral.created_at, Referral.turn, Referral.id)
    )
