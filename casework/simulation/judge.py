"""The judge: written from R9-R14, R31-R33 and R36 alone, it asks nobody but the wall clock and the record.

It imports nothing of Casework but the record of what people said and the reading of their wall. What
staff were told, shown or let do is handed to it as raw facts.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from casework.simulation.clockface import MINUTE, agrees, agrees_widely, wall, wishes_it
from casework.simulation.wishes import Life, Town

# So long an agreed stretch, with everything running, is enough for a prompt to come.
ENOUGH = timedelta(minutes=20)
STEP = timedelta(minutes=5)
# Two prompts further apart than this lie in two stretches, or somebody may be called at any time.
APART = timedelta(hours=26)
# A reason to dial outside the agreed hours wears off after so long.
REASON_HOLDS = timedelta(hours=1)


@dataclass(frozen=True)
class Violation:
    """Something that must never happen: what, of whom, when on their wall. Ids only."""

    what: str
    rule: str
    at: datetime
    on_the_wall: str
    case_id: UUID
    subject: str

    def __str__(self) -> str:
        return (
            f"{self.what} ({self.rule}) at {self.at:%Y-%m-%dT%H:%M:%SZ}, {self.on_the_wall}:"
            f" case {self.case_id}, {self.subject}"
        )


@dataclass
class Promise:
    """One planned call as it was agreed: from when on a prompt is owed, and what came of it."""

    life: Life
    kind: str
    due_at: datetime
    latest_at: datetime
    since: datetime
    referral: UUID | None = None
    prompts: list[datetime] = field(default_factory=list)
    alarms: list[datetime] = field(default_factory=list)
    calls: list[datetime] = field(default_factory=list)


@dataclass
class Judge:
    """Keeps the promises, counts what it judged, and writes down every violation."""

    town: Town
    judged: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    promises: dict[UUID, Promise] = field(default_factory=dict)
    # Stretches in which nothing was promised: outages, and clocks that told a wrong time.
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    _last: dict[tuple[UUID, UUID], datetime] = field(default_factory=dict)
    _shown: set[str] = field(default_factory=set)

    def blame(self, what: str, rule: str, life: Life, at: datetime, subject: object) -> None:
        """Write down a violation."""
        zone = life.wish(at).zone
        shown = f"{wall(at, zone):%a %Y-%m-%d %H:%M} {zone}"
        self.violations.append(Violation(what, rule, at, shown, life.case_id, str(subject)))

    # --- whether somebody may be called -----------------------------------------------------------

    def call_is_offered(self, life: Life, at: datetime, where: str, subject: object) -> bool:
        """Judge that a call was offered at a moment: as a prompt, a row, a number on the page."""
        self.judged[where] += 1
        before = len(self.violations)
        if not life.may_be_called(at):
            self.blame(f"{where} without consent", "R2, R5", life, at, subject)
        elif life.wish(at).is_unsafe:
            self.blame(f"{where} of an unsafe number", "R13", life, at, subject)
        elif not wishes_it(life.wish(at), at):
            self.blame(f"{where} at an hour not agreed", "R10, R11", life, at, subject)
        elif not agrees(self.town, life, at):
            self.blame(f"{where} against another plan on the number", "R33", life, at, subject)
        return len(self.violations) == before

    def is_dialled(self, life: Life, at: datetime, *, for_a_reason: bool, subject: object) -> None:
        """Judge that somebody began to dial; a reason opens closed hours, and nothing else (R10)."""
        if not for_a_reason:
            self.call_is_offered(life, at, "call begun", subject)
            return
        self.judged["call begun for a reason"] += 1
        wishes = [life.wish(at), *(other.wish(at) for other in self.town.sharers(life, at))]
        if not life.may_be_called(at):
            self.blame("call begun without consent", "R2, R5", life, at, subject)
        elif any(wish.is_unsafe or wish.when == "will_call_us" for wish in wishes):
            self.blame("call begun that no reason allows", "R11, R13", life, at, subject)

    def number_is_shown(
        self, life: Life, at: datetime, *, began: datetime | None, subject: object
    ) -> None:
        """Judge that the number stood on the call page; `began` is when a call for a reason began."""
        if began is None or at - began >= REASON_HOLDS:
            self.call_is_offered(life, at, "number shown", subject)
        else:
            self.is_dialled(life, at, for_a_reason=True, subject=subject)

    def voicemail_is_left(self, life: Life, at: datetime, subject: object) -> None:
        """Judge that a voicemail was left: never against anybody's wish on that number (R11, R33)."""
        self.judged["voicemail left"] += 1
        wishes = [life.wish(at), *(other.wish(at) for other in self.town.sharers(life, at))]
        scripts = {wish.script for wish in wishes}
        if any(wish.voicemail == "never" for wish in wishes) or len(scripts) > 1:
            self.blame("voicemail left against the wish", "R11", life, at, subject)

    # --- prompts ----------------------------------------------------------------------------------

    def is_prompted(
        self, life: Life, follow_up: UUID, account: UUID, at: datetime, *, holders: Collection[UUID]
    ) -> None:
        """Judge one prompt to call: the hour, the wish, the reader, the promise, and only once."""
        self.call_is_offered(life, at, "prompt", follow_up)
        promise = self.promises.get(follow_up)
        if account not in holders and not (promise and at >= promise.latest_at):
            self.blame("prompt to the wrong person", "R21", life, at, follow_up)
        if promise is None:
            self.blame("prompt for what is not planned", "R10", life, at, follow_up)
            return
        if at < promise.due_at:
            self.blame("prompt before the agreed time", "R10", life, at, follow_up)
        last = self._last.get((follow_up, account))
        if last is not None and self._is_again(life, last, at):
            self.blame("doubled prompt", "engine 3", life, at, follow_up)
        self._last[follow_up, account] = at
        promise.prompts.append(at)

    def is_alarmed(self, life: Life, follow_up: UUID, at: datetime) -> None:
        """Note that a human heard that no agreed hour is left (R10, R36)."""
        self.judged["alarm"] += 1
        if life.is_erased:
            self.blame("alarm about somebody erased", "R17", life, at, follow_up)
        if follow_up in self.promises:
            self.promises[follow_up].alarms.append(at)

    def is_told_overdue(self, life: Life, follow_up: UUID, at: datetime) -> None:
        """Judge that somebody heard, at any hour, that a call is overdue: it is, and is still agreed.

        It is no prompt to call, so it may come while nobody may be called (R10).
        """
        self.judged["overdue told"] += 1
        promise = self.promises.get(follow_up)
        if promise is None or at < promise.latest_at:
            self.blame("told that it is overdue, and it is not", "R10", life, at, follow_up)
        elif not life.may_be_called(at):
            self.blame("told of a call without consent", "R2, R5", life, at, follow_up)

    def did_not_call(self, life: Life, follow_up: UUID, at: datetime) -> None:
        """Judge that a human heard that somebody who wanted to call us has not (R11)."""
        self.judged["did not call"] += 1
        wishes = [life.wish(at), *(other.wish(at) for other in self.town.sharers(life, at))]
        promise = self.promises.get(follow_up)
        if all(wish.when != "will_call_us" for wish in wishes):
            self.blame("waited for, and never said to call us", "R11", life, at, follow_up)
        elif promise is None or at < promise.latest_at:
            self.blame("said too early that they did not call", "R11", life, at, follow_up)
        else:
            promise.alarms.append(at)

    def is_delivered(self, reminder: str, life: Life, at: datetime) -> None:
        """Judge that a reminder was written down as shown: once in its life."""
        if reminder in self._shown:
            self.blame("reminder delivered twice", "engine 3", life, at, reminder)
        self._shown.add(reminder)

    def _is_again(self, life: Life, last: datetime, at: datetime) -> bool:
        """Tell whether nothing lies between two prompts: no act, and no hour that is not agreed."""
        if any(last <= moment <= at for moment in life.touched):
            return False
        if any(True for _ in self.town.sharers(life, at)) and at - last > ENOUGH:
            return False
        if at <= last:
            return True
        if at - last > APART:
            return life.wish(at).when == "any_time"
        minutes = int((at - last) / MINUTE)
        return all(agrees(self.town, life, last + n * MINUTE) for n in range(minutes + 1))

    def is_missing(self, life: Life, at: datetime, subject: object) -> None:
        """Write down that something due stood in no lane of whoever has it (R10)."""
        self.blame("due, and in no lane of My day", "R10", life, at, subject)

    # --- promises ---------------------------------------------------------------------------------

    def promise(self, follow_up: UUID, promise: Promise) -> None:
        """Write down what was agreed for one call."""
        self.promises[follow_up] = promise

    def is_shifted(self, follow_up: UUID, due_at: datetime, at: datetime) -> None:
        """Write down that a call moved though nobody moved it (R10)."""
        self.blame("call shifted silently", "R10", self.promises[follow_up].life, at, follow_up)
        self.promises[follow_up].due_at = due_at

    def settle(self, follow_up: UUID, until: datetime) -> None:
        """Judge a promise that has ended or moved: was it ever lost, or late without an alarm?"""
        promise = self.promises.pop(follow_up, None)
        if promise is None:
            return
        self.judged["call-back"] += 1
        life, owed = promise.life, self._first_owed(promise, until)
        if owed is not None and not _any_before(promise.prompts, owed + ENOUGH):
            self.blame("lost: agreed, due, and no prompt", "engine 3", life, owed, follow_up)
        late = self._late_without_hour(promise, until)
        if late is not None and not _any_before(promise.prompts + promise.alarms, late):
            rule = "R36" if promise.kind == "tell_person" else "R10"
            self.blame("no agreed hour left, and no alarm", rule, life, late, follow_up)

    def _first_owed(self, promise: Promise, until: datetime) -> datetime | None:
        """Find the first stretch long enough for a prompt to come, with nothing in its way."""
        life, at, good = promise.life, max(promise.due_at, promise.since), timedelta()
        at += (MINUTE - timedelta(seconds=at.second, microseconds=at.microsecond)) % MINUTE
        while at + ENOUGH <= until and not _any_before(promise.calls, at + ENOUGH):
            good = good + STEP if self._is_owed(life, at) else timedelta()
            if good > ENOUGH:
                return at - ENOUGH
            if good == timedelta() and self._has_no_hours(life, at):
                return None
            at += STEP
        return None

    def _is_owed(self, life: Life, at: datetime) -> bool:
        return (
            self.is_running(at)
            and life.may_be_called(at)
            and not any(at <= touched < at + STEP for touched in life.touched)
            and agrees_widely(self.town, life, at)
        )

    def _late_without_hour(self, promise: Promise, until: datetime) -> datetime | None:
        """Tell from when on somebody must have been alarmed: no agreed hour came before the deadline."""
        life, start = promise.life, max(promise.due_at, promise.since)
        late = max(promise.latest_at, start) + 3 * ENOUGH
        if late > until or not all(
            self.is_running(moment) and life.may_be_called(moment)
            for moment in (start, promise.latest_at, late - 2 * ENOUGH, late - ENOUGH, late)
        ):
            return None
        moments = int((promise.latest_at - start) / STEP)
        if any(agrees(self.town, life, start + n * STEP) for n in range(moments)):
            return None
        return late

    def _has_no_hours(self, life: Life, at: datetime) -> bool:
        """Tell whether nothing that was ever said after this moment can agree to a call."""
        later = [wish for since, wish in life.wishes if since > at]
        return all(
            wish.when not in ("windows", "any_time") or wish.is_unsafe
            for wish in (life.wish(at), *later)
        )

    def is_running(self, at: datetime) -> bool:
        """Tell whether the sweeps ran at a moment and the clock told the truth."""
        return not any(start <= at < end for start, end in self.outages)


def _any_before(moments: Collection[datetime], limit: datetime) -> bool:
    return any(moment <= limit for moment in moments)
