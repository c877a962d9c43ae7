"""Changing a service’s ladders: for what is asked from now on, never for what was promised."""

from dataclasses import asdict
from uuid import UUID

from flask_babel import lazy_gettext as _l

from casework import audit
from casework.database import Refused, StaleVersion, now
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.referrals import ladders, queries
from casework.referrals.ladder_models import ReferralLadder
from casework.referrals.ladders import DEFAULTS, Ladder
from casework.referrals.models import Urgency
from casework.security import Actor


class BadLadder(Refused):
    """A ladder lies outside its bounds, or a step does not come after the one before."""

    message = _l("These times cannot be used.")


def change_ladder(
    actor: Actor,
    *,
    urgency: Urgency,
    need: NeedCode | None = None,
    ladder: Ladder | None,
    version: int | None = None,
) -> ReferralLadder:
    """Set a ladder for all needs, or for one; None: none of its own any more.

    Open requests keep the clock they were promised. Raises BadLadder, and StaleVersion when
    somebody changed it since `version`; 0 is a ladder that nobody has set.
    """
    current = queries.hold_ladders(actor)
    before = current.get((urgency, need))
    if version is not None and version != (before.version if before else 0):
        raise StaleVersion
    if ladder is not None and not ladders.is_allowed(urgency, ladder):
        raise BadLadder
    was = _holds(urgency, before, current.get((urgency, None)))
    wide = _holds(urgency, None, current.get((urgency, None)) if need else None)
    is_now = ladder or wide
    row = ReferralLadder(
        service_id=actor.service_id,
        urgency=urgency,
        need=need,
        version=before.version + 1 if before else 1,
        is_own=ladder is not None,
        nudge_after=is_now.nudge,
        navigator_after=is_now.navigator,
        supervisor_after=is_now.supervisor,
        expire_after=is_now.expire,
        warn_minutes=is_now.warn,
        changed_at=now(),
        changed_by=_account(actor),
    )
    db.session.add(row)
    db.session.flush()
    _record(actor, row, was, is_now)
    return row


def _holds(urgency: Urgency, *rows: ReferralLadder | None) -> Ladder:
    """Give the first of these ladders that is in force, else the standard."""
    own = (row.ladder for row in rows if row is not None and row.is_own)
    return next(own, DEFAULTS[urgency])


def _account(actor: Actor) -> UUID | None:
    return actor.id if actor.is_staff else None


def _record(actor: Actor, row: ReferralLadder, was: Ladder, is_now: Ladder) -> None:
    """Write down the old and the new times: no detail of anybody."""
    which = {"urgency": row.urgency, "need": row.need}
    audit.record(
        actor,
        "referral:ladder:changed",
        row,
        detail=which | {"old": asdict(was), "new": asdict(is_now)},
    )
