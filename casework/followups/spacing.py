"""Two calls never follow each other within the hour: where a call fits beside those planned (R33)."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, time, timedelta

from casework.followups import safe_time
from casework.people.contact_plan import Plan, Window
from casework.people.models import WhenToCall

# Two calls planned by series never reach one person, or one number, within so short a time (R33).
APART = timedelta(hours=1)
# Someone who may be called at any time is still called back by day where the range allows it.
DAYTIME = (Window(frozenset(range(7)), time(9), time(20)),)


def free_moment(
    plan: Plan, earliest: datetime, taken: Collection[datetime] = ()
) -> datetime | None:
    """Give the first agreed moment at which no other call stands within the hour (R33)."""
    if plan.when is WhenToCall.ANY_TIME:
        plan = replace(plan, when=WhenToCall.WINDOWS, windows=DAYTIME)
    moment = safe_time.next_safe_moment(plan, earliest)
    while moment is not None and any(abs(moment - other) < APART for other in taken):
        window = safe_time.next_window(plan, moment)
        moment = safe_time.next_safe_moment(plan, window.closes_at) if window else None
    return moment
