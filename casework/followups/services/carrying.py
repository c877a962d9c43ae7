"""Carrying out what an answer does: the same consequence that the page of the call showed before saving."""

from casework.cases.models import Case
from casework.database import flush, now
from casework.followups import queries
from casework.followups.consequences import Consequence, Fate, Planned, Situation
from casework.followups.models import FollowUp, FollowUpState
from casework.followups.services import planning
from casework.followups.services.endings import end
from casework.followups.services.windows import Reading, replan_windows
from casework.security import Actor


def situation_of(follow_up: FollowUp, reading: Reading) -> Situation:
    """Put together what a call for this follow-up is judged by, as it stands at this moment."""
    planned = queries.planned_for(follow_up.case_id)
    series = queries.series_of_follow_ups(planned)
    return Situation(
        plan=reading.plan,
        consent_until=reading.consent_until,
        at=now(),
        called_for=follow_up.id,
        planned=tuple(Planned.of(row, series[row.id]) for row in planned),
        office=reading.office,
    )


def carry_out(actor: Actor, case: Case, consequence: Consequence, *, reading: Reading) -> None:
    """End, move or leave each planned follow-up of a case as the consequence says.

    The reading is of the plan as the answer left it: windows and reminders follow from it.
    """
    fates = {fate.id: fate for fate in consequence.fates}
    for row in queries.planned_for(case.id):
        follow_up = queries.lock(row.id)
        if follow_up is not None and follow_up.id in fates:
            _carry_out_one(actor, follow_up, fates[follow_up.id], reading)


def _carry_out_one(actor: Actor, follow_up: FollowUp, fate: Fate, reading: Reading) -> None:
    if follow_up.state is not FollowUpState.SCHEDULED:
        return
    if follow_up.attempts != fate.attempts:
        follow_up.attempts = fate.attempts
        follow_up.version += 1
        flush()
    follow_up.is_agreed = follow_up.is_agreed or fate.is_agreed
    if not fate.is_planned:
        end(actor, follow_up, fate.state, fate.reason)
    elif fate.due_at != follow_up.due_at:
        planning.place_at(actor, follow_up, reading, fate.due_at)
    else:
        # Where nobody may be called as things stand, the row stays, without a phone button.
        replan_windows(actor, follow_up, reading=reading)
