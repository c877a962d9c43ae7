"""Erases what was planned and tried for a case: follow-ups, reminders, calls (R17)."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from sqlalchemy import delete

from casework.cases.models import Case
from casework.extensions import db
from casework.followups import queries
from casework.followups.models import CancelReason, FollowUp
from casework.followups.services.endings import cancel_for_case
from casework.notices import services as notices
from casework.security import Actor


def when_case_is_erased(
    sender: object, *, case: Case, actor: Actor, **_: object
) -> Callable[[], set[UUID]]:
    """Hold what is planned and tried for a case, then end and erase it."""
    held = queries.hold_of_case(case.service_id, case.id)
    return partial(_erase, actor, case, held)


def _erase(actor: Actor, case: Case, held: queries.Held) -> set[UUID]:
    cancel_for_case(actor, case, reason=CancelReason.CONSENT_WITHDRAWN)
    gone = notices.forget_rows(actor, held.follow_ups)
    db.session.flush()
    # Reminders and calls go with the follow-up they belong to.
    db.session.execute(
        delete(FollowUp)
        .where(FollowUp.case_id == case.id)
        .execution_options(synchronize_session=False)
    )
    return gone | set(held.reminders)
