"""A call from the person: which planned call it may answer, as a question and never as a fact."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from casework.database import Code
from casework.followups.models import FollowUp, FollowUpKind

# Whoever calls so long before a call-back has not called because of it.
NEAR = timedelta(days=3)


class InboundAnswer(Code):
    """What a call from the person does to one planned call."""

    COMPLETED = "completed", _l("Done: this call answers it")
    STILL_TO_DO = "still_to_do", _l("Still to do, as planned")
    MOVED = "moved", _l("Moved to another day and time")


def guess(planned: Sequence[FollowUp], at: datetime) -> dict[FollowUp, InboundAnswer]:
    """Propose an answer for each: only the nearest call-back, due or due soon, is taken as done.

    What an agency answered is told aloud or not at all: never proposed as done (R36).
    """
    calls = [one for one in planned if one.kind is FollowUpKind.CALL_BACK]
    near = [one for one in calls if one.due_at - at <= NEAR]
    nearest = min(near, key=lambda one: abs(one.due_at - at), default=None)
    return {
        one: InboundAnswer.COMPLETED if one is nearest else InboundAnswer.STILL_TO_DO
        for one in planned
    }
