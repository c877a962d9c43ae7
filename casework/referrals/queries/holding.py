"""Referrals kept as they are until the commit: to move, to erase, or to look up anew."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from casework.cases.models import Case, CaseStatus
from casework.database import NotFound
from casework.extensions import db
from casework.referrals.models import Referral


def locked(service_id: UUID, referral_id: UUID) -> Referral:
    """Give a referral as it stands now and keep every other transition out until the commit."""
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

    It is asked before the referral is locked, in the order in which a case is closed.
    """
    return db.session.scalar(
        select(Case.status)
        .where(Case.service_id == referral.service_id, Case.id == referral.case_id)
        .with_for_update(key_share=True)
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
