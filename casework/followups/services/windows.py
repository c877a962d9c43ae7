"""Reading a person's plan, and laying a follow-up into the agreed hours it gives (R10, R33)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from casework import people
from casework.accounts import queries as accounts
from casework.cases.models import Case
from casework.database import now
from casework.followups import policy, queries, reasons, safe_time, zone_rules
from casework.followups.consequences import agreed_window
from casework.followups.models import FollowUp, FollowUpKind, FollowUpState, Rung
from casework.followups.office_hours import ALWAYS_OPEN, OfficeHours, office_from, open_between
from casework.followups.policy import ContactStatus, contact_status
from casework.followups.reasons import Why
from casework.followups.services import reminders
from casework.followups.services.audience import caretakers
from casework.notices import services as notices
from casework.notices.models import NoticeKind
from casework.people.contact_plan import Plan
from casework.people.models import Purpose, WhenToCall
from casework.people.services import ConsentAnswer
from casework.security import Actor

# How long a row without any agreed hour rests before its plan is opened once more.
READ_AGAIN_AFTER = timedelta(hours=1)
ALERTS = {NoticeKind.NO_SAFE_WINDOW: "no-window", NoticeKind.DID_NOT_CALL: "did-not-call"}
# Consents without which nobody may be called; sharing with an agency is not among them (R31).
CALLS_NEED = frozenset({Purpose.CALL_BACK, Purpose.KEEP_CASE})


@dataclass(frozen=True)
class Reading:
    """A person's plan as it stands (the strictest over their number), and until when calls are agreed."""

    plan: Plan
    version: int
    consent_until: datetime | None
    office: OfficeHours = ALWAYS_OPEN
    # Whoever shares their number: a call to one of them occupies the same phone (R33).
    sharer_ids: frozenset[UUID] = frozenset()

    def status(self, at: datetime) -> ContactStatus:
        """Tell whether the person may be called at a moment."""
        has_consent = self.consent_until is not None and at < self.consent_until
        return contact_status(self.plan, at, has_consent=has_consent)

    def next_try(
        self, kind: FollowUpKind, at: datetime, *, pause: timedelta | None = None
    ) -> datetime | None:
        """Propose when to try again after an attempt at a moment, and the pause of its series."""
        return policy.next_try(
            self.plan, kind, at=at, until=self.consent_until, office=self.office, pause=pause
        )

    def reasons(self, at: datetime) -> list[Why]:
        """Give what explains a moment beyond the hours: an exception of theirs, our closed doors."""
        status = self.status(at)
        if not (status.is_callable or status.may_be_overridden):
            return []
        found = [reasons.of_moment(self.plan, at), reasons.of_closed(self.office, at)]
        return [why for why in found if why is not None and why.code in reasons.NAMED]


def read_plan(actor: Actor, case: Case, *, purpose: str = "call_back") -> Reading:
    """Open the plan of a case's person, with its audit entry, and look up the consent to call.

    Calls end with the first of the consents they need: nobody is called about a case that may no
    longer be kept, even before a sweep has closed it (R1, R5).
    """
    # The version is read first: a change in between makes the reading look old, never fresh.
    version = queries.plan_version(case.person_id)
    until = people.queries.agreed_until(actor, [case.person_id], CALLS_NEED, now())
    plan = people.services.open_plan(actor, case.person, purpose=purpose)
    return Reading(plan, version, until.get(case.person_id), office_of(actor))


def until_if_renewed(actor: Actor, case: Case) -> datetime | None:
    """Give until when calls may be made if the person agrees to them again now: never past keep_case (R1)."""
    at = now()
    others = CALLS_NEED - {Purpose.CALL_BACK}
    kept = people.queries.agreed_until(actor, [case.person_id], others, at).get(case.person_id)
    fresh = people.policy.expiry(ConsentAnswer(Purpose.CALL_BACK, is_given=True), at)
    return min(fresh, kept) if kept is not None else None


def office_of(actor: Actor) -> OfficeHours:
    """Give the hours in which the actor's service is open."""
    service = accounts.service_of(actor)
    return office_from(
        time_zone=service.time_zone,
        written=service.opening_hours,
        province=service.holidays_of,
        minutes=service.notice_minutes,
    )


def read_plans(actor: Actor, person_ids: Collection[UUID], *, purpose: str) -> dict[UUID, Reading]:
    """Open the plans of many people at once, and look up who agrees to be called until when.

    Whose plan cannot be read is left out: what is not known means no contact (R11).
    """
    opened, office = (
        people.services.open_plans(actor, person_ids, purpose=purpose),
        office_of(actor),
    )
    until = people.queries.agreed_until(actor, person_ids, CALLS_NEED, now())
    return {
        person_id: Reading(
            found.plan, found.version, until.get(person_id), office, found.sharer_ids
        )
        for person_id, found in opened.items()
    }


def replan_windows(
    actor: Actor, follow_up: FollowUp, *, reading: Reading | None = None
) -> FollowUp:
    """Read the plan again, set the agreed window and the reminder, and alert when none is left (R10)."""
    if follow_up.state is FollowUpState.SCHEDULED:
        reading = reading or read_plan(actor, follow_up.case, purpose="plan_call")
        replan_all(actor, [(follow_up, reading)])
    return follow_up


def replan_all(actor: Actor, read: Iterable[tuple[FollowUp, Reading]]) -> None:
    """Do for many follow-ups, whose plans were read, what replan_windows does for one (R10)."""
    at = now()
    planned = [(f, reading) for f, reading in read if f.state is FollowUpState.SCHEDULED]
    for follow_up, reading in planned:
        _lay(follow_up, reading, at)
    reminders.renew_all([(f, _prompt_at(f, reading, at)) for f, reading in planned])
    for follow_up, reading in planned:
        if _needs_alarm(follow_up, reading, at):
            alert(actor, follow_up)
        if will_call_us(follow_up, reading) and follow_up.latest_at <= at:
            alert(actor, follow_up, NoticeKind.DID_NOT_CALL)


def _lay(follow_up: FollowUp, reading: Reading, at: datetime) -> None:
    # A zone's rules may have changed since: what was agreed is the time on the wall.
    follow_up.due_at = safe_time.wall_to_utc(follow_up.local_wall, follow_up.time_zone)
    window = _window(follow_up, reading, at)
    follow_up.window_opens_at = window.opens_at if window else None
    follow_up.window_closes_at = window.closes_at if window else None
    follow_up.plan_version = reading.version
    follow_up.windows_read_at = at
    follow_up.zone_rules = zone_rules.current()


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
    if what == "sensitive":
        return  # no agreed hour is another one for it
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
    rules = zone_rules.current()
    for follow_up_id in queries.to_read_again(service_id, at, at - READ_AGAIN_AFTER, rules, limit):
        follow_up = queries.lock(follow_up_id)
        if follow_up is not None:
            replan_windows(actor, follow_up)
            rolled += 1
    return rolled


def alert(actor: Actor, follow_up: FollowUp, kind: NoticeKind = NoticeKind.NO_SAFE_WINDOW) -> None:
    """Tell whoever looks after it, once, that no agreed hour is left before the deadline (R10, R36).

    Nobody is prompted to call, so the next rung waits from now on. Or that the person wanted to
    call us, and has not by the end of the step: nobody calls them.
    """
    at = now()
    if kind is NoticeKind.NO_SAFE_WINDOW:
        reminders.climb_from(actor.service_id, [(follow_up.id, Rung.OWNER)], at=at)
    for account_id in caretakers(actor, follow_up, at):
        key = f"{ALERTS[kind]}:{follow_up.id}:{int(follow_up.latest_at.timestamp())}:{account_id}"
        notices.tell(actor, account_id, kind, follow_up, key)


def will_call_us(follow_up: FollowUp, reading: Reading) -> bool:
    """Tell whether nobody is to call since the person said that they will."""
    return (
        follow_up.kind is FollowUpKind.CALL_BACK
        and reading.plan.when is WhenToCall.WILL_CALL_US
        and not reading.plan.is_unsafe
    )


def _window(follow_up: FollowUp, reading: Reading, at: datetime) -> safe_time.Span | None:
    return agreed_window(
        reading.plan, due_at=follow_up.due_at, at=at, consent_until=reading.consent_until
    )


def _prompt_at(follow_up: FollowUp, reading: Reading, at: datetime) -> datetime | None:
    """Tell when staff are to be prompted next; None: not by a reminder."""
    if reading.consent_until is None:
        return None
    if will_call_us(follow_up, reading):
        # Never a prompt to call: by the end of the step somebody hears that they have not.
        return follow_up.latest_at if follow_up.latest_at > at else None
    begins = _begins_at(follow_up)
    if begins is not None and (begins < follow_up.latest_at or follow_up.due_at <= at):
        return _while_open(follow_up, reading, begins)
    # No agreed hour before the deadline: at the due time a human must hear of it.
    return follow_up.due_at if follow_up.due_at > at else None


def _while_open(follow_up: FollowUp, reading: Reading, begins: datetime) -> datetime:
    """Prompt when somebody is there, if that is before the window and the deadline are over.

    To tell what an agency answered never waits for us to open: the place may be gone (R36).
    """
    closes = follow_up.window_closes_at
    if follow_up.kind is FollowUpKind.TELL_PERSON or closes is None:
        return begins
    until = min(closes, max(follow_up.latest_at, begins), begins + safe_time.HORIZON)
    spans = open_between(reading.office, begins, until)
    return spans[0].opens_at if spans else begins


def _needs_alarm(follow_up: FollowUp, reading: Reading, at: datetime) -> bool:
    if follow_up.kind is FollowUpKind.CALL_BACK and (
        follow_up.due_at > at or reading.consent_until is None or will_call_us(follow_up, reading)
    ):
        return False
    begins = _begins_at(follow_up)
    return begins is None or (begins > at and begins >= follow_up.latest_at)


def _begins_at(follow_up: FollowUp) -> datetime | None:
    if follow_up.window_opens_at is None:
        return None
    return max(follow_up.window_opens_at, follow_up.due_at)
