"""Which cases are held back from erasure, and why."""

import uuid
from collections.abc import Sequence

from sqlalchemy import Select, select

from casework.cases.erasure_models import LegalHold
from casework.database import NotFound
from casework.extensions import db
from casework.security import Actor


def in_force(viewer: Actor) -> Sequence[LegalHold]:
    """List the holds of the viewer's service that stand, newest first; they show a reference only."""
    standing = _of_service(viewer).where(LegalHold.lifted_at.is_(None))
    return db.session.scalars(standing.order_by(LegalHold.placed_at.desc(), LegalHold.id)).all()


def of_case(viewer: Actor, case_id: uuid.UUID) -> LegalHold | None:
    """Give the hold that stands on a case, or None."""
    standing = _of_service(viewer).where(
        LegalHold.case_id == case_id, LegalHold.lifted_at.is_(None)
    )
    return db.session.scalars(standing).one_or_none()


def get(viewer: Actor, hold_id: uuid.UUID) -> LegalHold:
    """Give a hold that stands, or raise NotFound."""
    hold = db.session.scalars(
        _of_service(viewer).where(LegalHold.id == hold_id, LegalHold.lifted_at.is_(None))
    ).one_or_none()
    if hold is None:
        raise NotFound
    return hold


def _of_service(viewer: Actor) -> Select[LegalHold]:
    return select(LegalHold).where(LegalHold.service_id == viewer.service_id)
