"""Two calls never follow each other within the hour: where a call fits beside those planned (R33)."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, time, timedelta

from casework.followups import safe_time
from casework.followups.office_hours import ALWAYS_OPEN, OfficeHours, next_proposed
from casework.people.contact_plan import Plan, Window
from casework.people.models import WhenToCall

# Two calls planned by series never reach one person, or one number, within so short a time (R33).
APART = timedelta(hours=1)
# Someone who may be called at any time is still called back by day where the range allows it.
DAYTIME = (Window(frozenset(range(7)), time(9), time(20)),)


def free_moment(
    plan: Plan,
    earliest: datetime,
    taken: Collection[datetime] = (),
    *,
    office: OfficeHours = ALWAYS_OPEN,
) -> datetime | None:
    """Give the first agreed moment at which no other call stands within the hour (R33).

    Of the agreed hours, those in which the service is open come first.
    """
    if plan.when is WhenToCall.ANY_TIME:
        plan = by_day(plan)
    moment = next_proposed(plan, office, earliest)
    while moment is not None and any(abs(moment - other) < APART for other in taken):
        window = safe_time.next_window(plan, moment)
        moment = next_proposed(plan, office, window.closes_at) if window else None
    return moment


def by_day(plan: Plan) -> Plan:
    """Narrow a plan to the day; whoever else is on the number is obeyed as before (R33)."""
    day = replace(plan, when=WhenToCall.WINDOWS, windows=DAYTIME, one_offs=(), parts=())
    return replace(day, parts=(*plan.parts, day)) if plan.parts else day
