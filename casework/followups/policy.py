"""What is decided about follow-ups without looking anything up: series, deadlines, attempts, status."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from casework.database import Code
from casework.directory.needs import URGENT_NEEDS, NeedCode
from casework.followups import safe_time
from casework.followups.ladder import CRISIS_LADDER, DEFAULT_LADDER, Ladder
from casework.followups.models import AttemptResult, FollowUpKind
from casework.followups.office_hours import ALWAYS_OPEN, OfficeHours, next_proposed
from casework.followups.spacing import free_moment
from casework.people.contact_plan import Plan
from casework.people.models import WhenToCall

# --- may this person be called at this moment? -------------------------------------------------


class ContactCode(Code):
    """What the banner says about calling at this moment; nobody is ever called “safe to call”."""

    WITHIN = "within", _l("Within agreed hours")
    LATER = "later", _l("Not now")
    WILL_CALL_US = "will_call_us", _l("Do not call: the person will call us")
    ASK_FIRST = "ask_first", _l("No agreed hours: ask first")
    UNSAFE = "unsafe", _l("Do not call: marked as not safe")
    NO_CONSENT = "no_consent", _l("Do not call: no consent to be called back")


@dataclass(frozen=True)
class ContactStatus:
    """The answer for one moment, with the agreed span it lies in or the next one."""

    code: ContactCode
    opens_at: datetime | None = None
    closes_at: datetime | None = None

    @property
    def is_callable(self) -> bool:
        """Whether the phone button may stand there."""
        return self.code is ContactCode.WITHIN

    @property
    def may_be_overridden(self) -> bool:
        """Whether a call outside the agreed hours may be made for a recorded reason.

        Never when the person said they will call, when the number is not safe, or without consent.
        """
        return self.code in (ContactCode.LATER, ContactCode.ASK_FIRST)

    @property
    def is_open_ended(self) -> bool:
        """Whether the agreed time has no end: any time."""
        return self.closes_at is not None and self.closes_at >= safe_time.NO_END


def contact_status(plan: Plan, at: datetime, *, has_consent: bool = True) -> ContactStatus:
    """Tell whether the person may be called at this moment (R10, R11, R13)."""
    if plan.is_unsafe:
        return ContactStatus(ContactCode.UNSAFE)
    if plan.when is WhenToCall.WILL_CALL_US:
        return ContactStatus(ContactCode.WILL_CALL_US)
    if not has_consent:
        return ContactStatus(ContactCode.NO_CONSENT)
    window = safe_time.next_window(plan, at)
    if window is None:
        return ContactStatus(ContactCode.ASK_FIRST)
    code = ContactCode.WITHIN if window.opens_at <= at else ContactCode.LATER
    return ContactStatus(code, window.opens_at, window.closes_at)


# --- the series of a case ----------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One call-back of a series: not before, and due by, counted from the first contact."""

    number: int
    earliest: timedelta
    latest: timedelta


@dataclass(frozen=True)
class Series:
    """When we reach out after a contact, how often we try each time, and who hears of a delay."""

    name: str
    steps: tuple[Step, ...]
    max_attempts: int
    pause: timedelta = timedelta(hours=3)
    longest: timedelta = timedelta(days=45)
    ladder: Ladder = DEFAULT_LADDER


_WEEK = Step(2, timedelta(days=7), timedelta(days=14))
_MONTH = Step(3, timedelta(days=30), timedelta(days=37))
# 988 guidance: 24-48 h, then stop after 3-5 attempts; Inform USA: 1-3 days for endangerment,
# 7-14 days otherwise (domain.md sections 1 and 4).
CRISIS = Series(
    "crisis",
    (Step(1, timedelta(hours=24), timedelta(hours=48)), _WEEK, _MONTH),
    5,
    ladder=CRISIS_LADDER,
)
STANDARD = Series("standard", (replace(_WEEK, number=1), replace(_MONTH, number=2)), 3)
ONE_OFF = "one_off"
TELLING = "telling"
CRISIS_NEEDS = URGENT_NEEDS | {NeedCode.MENTAL_HEALTH}


@dataclass(frozen=True)
class PlannedStep:
    """A step of a series as moments."""

    number: int
    due_at: datetime
    latest_at: datetime


def is_crisis(needs: Collection[NeedCode], *, is_sensitive: bool) -> bool:
    """Tell whether the series of danger applies, whatever else is needed (domain.md section 1)."""
    return is_sensitive or bool(CRISIS_NEEDS & set(needs))


def series_for(needs: Collection[NeedCode], *, is_sensitive: bool) -> Series:
    """Choose the standards’ series: danger first after a day, anything else after a week."""
    return CRISIS if is_crisis(needs, is_sensitive=is_sensitive) else STANDARD


def plan_steps(
    series: Series,
    plan: Plan,
    *,
    start: datetime,
    consent_until: datetime,
    office: OfficeHours = ALWAYS_OPEN,
    taken: Collection[datetime] = (),
) -> list[PlannedStep]:
    """Lay a series into the agreed hours; it stops where the consent to be called ends.

    Of the agreed hours, those in which the service is open come first, after its minimum notice.

    A step whose range has no agreed hour is due at the range's beginning and finds no window: a
    human sees that, and nothing is shifted silently (R10). Where the person, or whoever shares
    their number, is called already, it waits for the next agreed window after (R33).
    """
    planned = []
    for step in series.steps:
        earliest = start + step.earliest
        latest = min(start + step.latest, consent_until)
        if earliest >= consent_until or step.earliest > series.longest:
            break
        due = _proposed(plan, office, taken, max(earliest, start + office.notice), latest)
        if due is not None and latest <= due < consent_until and taken:
            # Only the other call stands in the way: this one comes after it, though late.
            latest = min(deadline_of_one_off(plan, due), consent_until)
        if (
            due is None
            or due >= latest
            or not _is_free_in_time(plan, earliest, start + step.latest)
        ):
            due, latest = earliest, min(start + step.latest, consent_until)
        planned.append(PlannedStep(step.number, due, latest))
    return planned


def _proposed(
    plan: Plan,
    office: OfficeHours,
    taken: Collection[datetime],
    earliest: datetime,
    latest: datetime,
) -> datetime | None:
    moment = free_moment(plan, earliest, taken, office=office)
    if moment is not None and moment >= latest:
        # Rather an agreed hour when the service is closed than none before the step ends.
        return free_moment(plan, earliest, taken)
    return moment


def _is_free_in_time(plan: Plan, earliest: datetime, latest: datetime) -> bool:
    """Tell whether the step has any agreed hour of its own, whoever else is called then."""
    moment = free_moment(plan, earliest)
    return moment is not None and moment < latest


def deadline_of_one_off(plan: Plan, due_at: datetime) -> datetime:
    """Tell from when a call-back of its own is overdue: the end of the agreed span it lies in."""
    window = safe_time.next_window(plan, due_at)
    if window is None or window.opens_at > due_at:
        return due_at
    return min(window.closes_at, due_at + timedelta(days=1))


# --- what an attempt changes ---------------------------------------------------------------------


class ContactRule(Code):
    """What changes in the plan after a call that did not reach the person."""

    KEEP = "keep", _l("Nothing changes: call again within the agreed hours")
    WILL_CALL_US = "will_call_us", _l("Do not call: the person will call us")
    NOT_SAFE = "not_safe", _l("Never call this number again: it is not safe")


class NextCall(Code):
    """What follows after the person was reached."""

    SERIES = "series", _l("As planned")
    CUSTOM = "custom", _l("Another day and time")
    NONE = "none", _l("No further call")
    CLOSE = "close", _l("Close the case")


@dataclass(frozen=True)
class Effect:
    """What one result of a call means for the follow-up and for the plan."""

    counts: bool = True  # towards giving up
    is_reached: bool = False  # steps 2 to 4 of the call-back follow
    is_unsafe: bool = False  # nobody calls until the plan is made again (R13)
    ends_calls: bool = False  # the person wants no more


EFFECTS: dict[AttemptResult, Effect] = {
    AttemptResult.REACHED_PERSON: Effect(is_reached=True),
    AttemptResult.REACHED_OTHER: Effect(),
    AttemptResult.NO_ANSWER: Effect(),
    AttemptResult.VOICEMAIL_LEFT: Effect(),
    AttemptResult.VOICEMAIL_NOT_LEFT: Effect(),
    AttemptResult.WRONG_NUMBER: Effect(is_unsafe=True),
    AttemptResult.OUT_OF_SERVICE: Effect(),
    AttemptResult.CODE_WORD_FAILED: Effect(is_unsafe=True),
    AttemptResult.UNSAFE_TO_TALK: Effect(),
    # They answered: nobody gives up on somebody who asks to be called again.
    AttemptResult.ASKED_LATER: Effect(counts=False),
    AttemptResult.NO_FURTHER: Effect(counts=False, is_reached=True, ends_calls=True),
}
# How long we wait before the next try; the next agreed hour after that is proposed.
RETRY_AFTER = {
    FollowUpKind.CALL_BACK: timedelta(hours=3),
    FollowUpKind.TELL_PERSON: timedelta(minutes=30),
}
# How long a call blocks others. A page with scripts says every few seconds that it is still there;
# without scripts only its forms do, so the time is longer. Leaving the page frees it at once, but
# for the moment that the next step of the same call needs to open.
CALL_LEASE = timedelta(hours=1)
BEATING_LEASE = timedelta(minutes=4)
NEXT_STEP_OPENS_WITHIN = timedelta(seconds=30)
# A plan not confirmed for so long shows a warning before dialling (R14).
PLAN_IS_OLD_AFTER = timedelta(days=14)


def may_still_dial(
    status: ContactStatus, *, started_at: datetime, is_override: bool, at: datetime
) -> bool:
    """Tell whether a call that began earlier may be dialled at this moment (R10, R11).

    Hours end and plans change while its page is open; a reason to call outside them wears off.
    """
    if status.is_callable:
        return True
    return is_override and status.may_be_overridden and at - started_at < CALL_LEASE


def gives_up(result: AttemptResult, *, attempts: int, max_attempts: int) -> bool:
    """Tell whether this was the last try; attempts already includes it (3-5, then no more)."""
    return EFFECTS[result].counts and attempts >= max_attempts


def next_try(
    plan: Plan,
    kind: FollowUpKind,
    *,
    at: datetime,
    until: datetime | None = None,
    office: OfficeHours = ALWAYS_OPEN,
    pause: timedelta | None = None,
) -> datetime | None:
    """Propose when to try again: the first agreed moment after a pause, before consent ends (R10).

    The service's own hours are kept too, except to tell what an agency answered: a place that is
    held does not wait for us to open (R36).
    """
    if kind is FollowUpKind.TELL_PERSON:
        office = ALWAYS_OPEN
    pause = max(pause or RETRY_AFTER[kind], office.notice)
    moment = next_proposed(plan, office, at + pause)
    if moment is not None and until is not None and moment >= until:
        moment = safe_time.next_safe_moment(plan, at + pause)
    return None if moment is None or (until is not None and moment >= until) else moment


def is_plan_old(plan: Plan, at: datetime) -> bool:
    """Tell whether the plan was last confirmed more than 14 days ago (R14)."""
    return at - plan.last_confirmed_at > PLAN_IS_OLD_AFTER
