"""Lets the past of one service happen in its order, with the sweeps that would have run meanwhile."""

import heapq
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from casework import database, notices
from casework.database import clock, now
from casework.extensions import db
from casework.followups import services as followups
from casework.followups.models import Reminder, ReminderStatus
from casework.notices.models import Letter, LetterKind, LetterStatus
from casework.people.models import Consent
from casework.people.services import end_expired, warn_of_expiry
from casework.referrals.models import Referral
from casework.referrals.services.watch import watch
from casework.security import Actor

# A script does one step, says when it wants to go on, and is heard again then.
Script = Iterator[datetime]
BATCH = 50
# Letters younger than this wait for the running application, which sends them with a fresh link.
LETTERS_LEAVE_AFTER = timedelta(hours=36)
# Often enough for whoever looks back at a day, and not a reading of every plan at every step.
ROLL_EVERY = timedelta(hours=6)


class Timeline:
    """Many scripts on one clock: whoever's moment comes first goes on."""

    def __init__(self, service_id: UUID, until: datetime, finished: Callable[[], None]) -> None:
        self.service_id = service_id
        self.until = until
        self.system = Actor.system(service_id)
        self._finished = finished
        self._waiting: list[tuple[datetime, int, Script, bool]] = []
        # Time only moves on, also for a sweep that finds something due since long.
        self._at = self._rolled_at = datetime.min.replace(tzinfo=UTC)

    def add(self, at: datetime, script: Script, *, is_counted: bool = True) -> None:
        """Let a script begin at a moment; one that is not counted does not move the progress bar."""
        heapq.heappush(self._waiting, (at, len(self._waiting), script, is_counted))

    def run(self) -> None:
        """Let everything happen up to the present, then leave things as they would stand now."""
        # Numbers break ties, so that the order never depends on anything but the scripts.
        steps = len(self._waiting)
        while self._waiting:
            at, _place, script, is_counted = heapq.heappop(self._waiting)
            steps += 1
            following = self._take_step(at, script) if at <= self.until else None
            if following is not None:
                heapq.heappush(self._waiting, (max(at, following), steps, script, is_counted))
            elif is_counted:
                self._finished()
            if steps % BATCH == 0:
                database.commit()
        self._sweep_until(self.until)
        self._leave_tidy()
        database.commit()

    def _take_step(self, at: datetime, script: Script) -> datetime | None:
        self._sweep_until(at)
        following = next(script, None)
        database.flush()
        return following

    def _sweep_until(self, at: datetime) -> None:
        """Run the sweeps whenever one of them had something to do, as worker and beat would have."""
        while (due := self._next_due()) is not None and due <= at:
            self._at = max(due, self._at)
            clock.freeze(self._at)
            if not self._sweep():
                break
        self._at = max(at, self._at)
        clock.freeze(self._at)

    def _sweep(self) -> int:
        claimed = followups.claim(self.service_id)
        for reminder_id, claim_id in claimed:
            followups.deliver(self.service_id, reminder_id, claim_id)
        done = len(claimed) + watch(self.service_id) + end_expired(self.system)
        warn_of_expiry(self.system)
        if self._at - self._rolled_at >= ROLL_EVERY:
            self._rolled_at = self._at
            followups.roll_windows(self.service_id)
        database.flush()
        return done

    def _next_due(self) -> datetime | None:
        reminder = select(func.min(Reminder.wake_at)).where(
            Reminder.service_id == self.service_id, Reminder.status == ReminderStatus.SCHEDULED
        )
        referral = select(func.min(Referral.wake_at)).where(Referral.service_id == self.service_id)
        consent = select(func.min(Consent.expires_at)).where(
            Consent.service_id == self.service_id, Consent.ended_at.is_(None)
        )
        parts = (part.scalar_subquery() for part in (reminder, referral, consent))
        return db.session.scalar(select(func.least(*parts)))

    def _leave_tidy(self) -> None:
        """Move windows to today, and let nothing of the past be mailed when the demo starts."""
        while followups.roll_windows(self.service_id, limit=BATCH) == BATCH:
            database.commit()
        self._sweep_until(self.until)
        is_old = Letter.created_at < now() - LETTERS_LEAVE_AFTER
        is_ours = Letter.kind == LetterKind.CALL_BACKS_DUE
        db.session.execute(
            update(Letter)
            .where(
                Letter.service_id == self.service_id,
                Letter.status == LetterStatus.QUEUED,
                is_old | is_ours,
            )
            .values(status=LetterStatus.SENT, sent_at=Letter.wake_at, attempts=1)
        )


def read_notices(members: list[Actor]) -> Script:
    """Let staff read, when their shift begins, what was new until then."""
    for actor in members:
        notices.services.mark_seen(actor)
    yield from ()
