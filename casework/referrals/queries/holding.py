"""Referrals kept as they are until the commit: to move, to erase, or to look up anew."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select

from casework import cases
from casework.cases.models import Case, CaseStatus
from casework.database import NotFound
from casework.extensions import db
from casework.people.models import Consent
from casework.referrals.models import Referral
from casework.security import Actor


def locked(service_id: UUID, referral_id: UUID) -> Referral:
    """Give a referral as it stands now and keep every other transition out until the commit.

    Its case is held first: whoever closes it holds the case, and then its requests.
    """
    db.session.execute(
        select(Case.id)
        .join(Referral, and_(Referral.service_id == Case.service_id, Referral.case_id == Case.id))
        .where(Referral.service_id == service_id, Referral.id == referral_id)
        .with_for_update(of=Case, key_share=True)
    ).all()
    return row_alone(service_id, referral_id)


def row_alone(service_id: UUID, referral_id: UUID) -> Referral:
    """Give a referral kept as it is, its case not held: for the letter whose link is made now."""
    referral = db.session.scalar(
        select(Referral)
        .where(Referral.service_id == service_id, Referral.id == referral_id)
        .with_for_update(of=Referral)
        .execution_options(populate_existing=True)
    )
    if referral is None:
        raise NotFound
    return referral


def hold_status_of_case(referral: Referral) -> CaseStatus | None:
    """Tell whether the case of a referral is open, and let nobody close it until the commit.

    It is asked before a referral or a round is locked, in the order in which a case is closed.
    """
    return db.session.scalar(
        select(Case.status)
        .where(Case.service_id == referral.service_id, Case.id == referral.case_id)
        .with_for_update(key_share=True)
    )


def read_consent_anew(referral: Referral) -> None:
    """Read as it stands now the consent under which something was shared."""
    if referral.consent_id is not None:
        db.session.get(Consent, referral.consent_id, populate_existing=True)


def due(service_id: UUID, at: datetime, limit: int = 200) -> list[Referral]:
    """Claim the referrals whose clock has come; what somebody else works on is left for later.

    Their cases are claimed first, and neither is waited for.
    """
    wanted = Referral.service_id == service_id, Referral.wake_at <= at
    come = select(Referral.id, Referral.case_id).where(*wanted).order_by(Referral.wake_at)
    found = db.session.execute(come.limit(limit)).all()
    free = cases.queries.hold_if_free(Actor.system(service_id), {row.case_id for row in found})
    return list(
        db.session.scalars(
            select(Referral)
            .where(*wanted, Referral.id.in_([row.id for row in found if row.case_id in free]))
            .order_by(Referral.wake_at)
            .with_for_update(of=Referral, skip_locked=True)
            .execution_options(populate_existing=True)
        )
    )


def hold_of_case(service_id: UUID, case_id: UUID) -> list[Referral]:
    """Give every referral of a case that is being erased, held until the commit without waiting."""
    return list(
        db.session.scalars(
            select(Referral)
            .where(Referral.service_id == service_id, Referral.case_id == case_id)
            .order_by(Referral.id)
            .with_for_update(of=Referral, nowait=True)
            .execution_options(populate_existing=True)
        )
    )


def hold_unsealed(service_id: UUID, person_id: UUID) -> list[Referral]:
    """Give every referral of a person that names its agency in clear, kept as it is, by turn.

    The caller holds the person’s cases. Those that have ended, or were entered in error, too.
    """
    of_person = select(Case.id).where(Case.service_id == service_id, Case.person_id == person_id)
    return list(
        db.session.scalars(
            select(Referral)
            .where(Referral.service_id == service_id, Referral.case_id.in_(of_person))
            .where(~Referral.is_sensitive, Referral.organization_id.is_not(None))
            .order_by(Referral.created_at, Referral.turn, Referral.id)
            .with_for_update(of=Referral)
            .execution_options(populate_existing=True)
        )
    )


def hold(service_id: UUID, referral_ids: Collection[UUID]) -> list[Referral]:
    """Give these referrals, unchanged until the commit; skip those that are just being moved."""
    return list(
        db.session.scalars(
            select(Referral)
            .where(Referral.service_id == service_id, Referral.id.in_(referral_ids))
            .order_by(Referral.id)
            .with_for_update(of=Referral, key_share=True, skip_locked=True)
            .execution_options(populate_existing=True)
        )
    )
