"""Reading a person's plan, and laying a follow-up into the agreed hours it gives (R10, R33)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from casework import people
from casework.accounts import queries as accounts
from casework.cases.models import Case
from casework.database import now
from casework.followups import queries, safe_time
from casework.followups.models import FollowUp, FollowUpKind, FollowUpState
from casework.followups.policy import ContactStatus, contact_status
from casework.followups.services import reminders
from casework.notices import services as notices
from casework.notices.models import NoticeKind
from casework.people.contact_plan import Plan
from casework.people.models import Purpose, WhenToCall
from casework.security import Actor, Role

# How long a row without any agreed hour rests before its plan is opened once more.
READ_AGAIN_AFTER = timedelta(hours=1)
# Consents without which nobody may be called; sharing with an agency is not among them (R31).
CALLS_NEED = frozenset({Purpose.CALL_BACK, Purpose.KEEP_CASE})


@dataclass(frozen=True)
class Reading:
    """A person's plan as it stands (the strictest over their number), and until when calls are agreed."""

    plan: Plan
    version: int
    consent_until: datetime | None

    def status(self, at: datetime) -> ContactStatus:
        """Tell whether the person may be called at a moment."""
        has_consent = self.consent_until is not None and at < self.consent_until
        return contact_status(self.plan, at, has_consent=has_consent)


def read_plan(actor: Actor, case: Case, *, purpose: str = "call_back") -> Reading:
    """Open the plan of a case's person, with its audit entry, and look up the consent to call.

    Calls end with the first of the consents they need: nobody is called about a case that may no
    longer be kept, even before a sweep has closed it (R1, R5).
    """
    # The version is read first: a change in between makes the reading look old, never fresh.
    version = queries.plan_version(case.person_id)
    until = people.queries.agreed_until(actor, case.person_id, CALLS_NEED, now())
    plan = people.services.open_plan(actor, case.person, purpose=purpose)
    return Reading(plan, version, until)


def replan_windows(
    actor: Actor, follow_up: FollowUp, *, reading: Reading | None = None
) -> FollowUp:
    """Read the plan again, set the agreed window and the reminder, and alert when none is left (R10)."""
    if follow_up.state is not FollowUpState.SCHEDULED:
        return follow_up
    at = now()
    reading = reading or read_plan(actor, follow_up.case, purpose="plan_call")
    # A zone's rules may have changed since: what was agreed is the time on the wall.
    follow_up.due_at = safe_time.wall_to_utc(follow_up.local_wall, follow_up.time_zone)
    window = _window(follow_up, reading, at)
    follow_up.window_opens_at = window.opens_at if window else None
    follow_up.window_closes_at = window.closes_at if window else None
    follow_up.plan_version = reading.version
    follow_up.windows_read_at = at
    reminders.renew(follow_up, _prompt_at(follow_up, reading, at))
    if _needs_alarm(follow_up, reading, at):
        alert(actor, follow_up)
    return follow_up


def replan_for_person(actor: Actor, person_id: UUID) -> int:
    """Read the plan again for all that is planned for a person; tell how many there were."""
    planned = queries.planned_for_person(person_id)
    if planned:
        reading = read_plan(actor, planned[0].case, purpose="plan_call")
        for follow_up in planned:
            replan_windows(actor, follow_up, reading=reading)
    return len(planned)


def person_has_changed(person_id: UUID, *, what: str, actor: Actor) -> None:
    """Read again what is planned for a person and for whoever shares their number (R33)."""
    # A fresh consent leaves their own calls to whoever asked for it; but from now on their plan counts
    # for everybody else on their number.
    if what != "consent":
        replan_for_person(actor, person_id)
    for person in people.queries.with_ids(actor, [person_id]):
        for sharer in people.services.open_sharers(actor, person):
            replan_for_person(actor, sharer.id)


def roll_windows(service_id: UUID, *, limit: int = 200) -> int:
    """Move on what stands on a window that is over, or on a plan that has changed; tell how many."""
    actor, at = Actor.system(service_id), now()
    rolled = 0
    for follow_up_id in queries.to_read_again(service_id, at, at - READ_AGAIN_AFTER, limit):
        follow_up = queries.lock(follow_up_id)
        if follow_up is not None:
            replan_windows(actor, follow_up)
            rolled += 1
    return rolled


def alert(actor: Actor, follow_up: FollowUp) -> None:
    """Tell whoever looks after it, once, that no agreed hour is left before the deadline (R10, R36)."""
    for account_id in caretakers(actor, follow_up):
        key = f"no-window:{follow_up.id}:{int(follow_up.latest_at.timestamp())}:{account_id}"
        notices.tell(actor, account_id, NoticeKind.NO_SAFE_WINDOW, follow_up, key)


def caretakers(actor: Actor, follow_up: FollowUp) -> list[UUID]:
    """Name who is told about a follow-up: whoever has it, else the supervisors."""
    account_id = follow_up.assigned_to or follow_up.case.owner_id
    if account_id is not None:
        return [account_id]
    members = accounts.colleagues(actor)
    return [member.account_id for member in members if member.role is Role.SUPERVISOR]


def _window(follow_up: FollowUp, reading: Reading, at: datetime) -> safe_time.Span | None:
    if reading.consent_until is None:
        return None
    window = safe_time.next_window(reading.plan, max(at, follow_up.due_at))
    if window is None or window.opens_at >= reading.consent_until:
        return None
    # “Any time” opens at every moment one asks; the due time keeps it the same from day to day.
    is_any_time = window.closes_at == safe_time.NO_END
    opens_at = follow_up.due_at if is_any_time else window.opens_at
    return safe_time.Span(opens_at, min(window.closes_at, reading.consent_until))


def _prompt_at(follow_up: FollowUp, reading: Reading, at: datetime) -> datetime | None:
    """Tell when staff are to be prompted next; None: not by a reminder."""
    if reading.consent_until is None or _will_call(follow_up, reading):
        return None
    begins = _begins_at(follow_up)
    if begins is not None and (begins < follow_up.latest_at or follow_up.due_at <= at):
        return begins
    # No agreed hour before the deadline: at the due time a human must hear of it.
    return follow_up.due_at if follow_up.due_at > at else None


def _needs_alarm(follow_up: FollowUp, reading: Reading, at: datetime) -> bool:
    if follow_up.kind is FollowUpKind.CALL_BACK and (
        follow_up.due_at > at or reading.consent_until is None or _will_call(follow_up, reading)
    ):
        return False
    begins = _begins_at(follow_up)
    return begins is None or (begins > at and begins >= follow_up.latest_at)


def _will_call(follow_up: FollowUp, reading: Reading) -> bool:
    return (
        follow_up.kind is FollowUpKind.CALL_BACK
        and reading.plan.when is WhenToCall.WILL_CALL_US
        and not reading.plan.is_unsafe
    )


def _begins_at(follow_up: FollowUp) -> datetime | None:
    if follow_up.window_opens_at is None:
        return None
    return max(follow_up.window_opens_at, follow_up.due_at)
