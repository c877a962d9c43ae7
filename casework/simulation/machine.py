"""The machinery under attack: sweeps, a broker that loses and doubles, workers that die, wrong clocks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import event

from casework import background, database
from casework.background import Job
from casework.extensions import db, limiter
from casework.simulation import rows
from casework.simulation.stage import Killed, Stage, Timeline
from casework.simulation.wishes import Life

# Runs of a key change are made by hand, and the night's erasing has no part in calling anybody.
LEFT_OUT = (Job.CLAIM_KEY_RUNS, Job.ERASE_PAST_TIME)
BEAT = 15.0
# What each sweep looks for; any other is taken along now and then.
LOOKS_FOR = {
    str(Job.CLAIM_REMINDERS): "reminders",
    str(Job.CLAIM_LETTERS): "letters",
    str(Job.REFERRAL_CLOCKS): "referrals",
    str(Job.END_CONSENTS): "consents",
    str(Job.ROLL_WINDOWS): "windows",
}


@dataclass
class Machine:
    """The sweeps, the broker between them and the workers, and everything that can go wrong."""

    # Its own dice and sums are those of the first service.
    stage: Stage
    dice: Random
    messages: list[tuple[str, tuple[str, ...]]]
    is_down_until: datetime
    waiting: rows.Waiting
    next_tick: datetime | None = None
    stuck: int = 0
    last_due: datetime | None = None
    statements_left: int | None = None
    # Rows that were erased: the broker lets go of what it still carries about them.
    forgotten: set[str] = field(default_factory=set)

    def publish(self, job: str, ids: tuple[str, ...]) -> None:
        """Take a committed job as the broker does."""
        if job == background.FORGET:
            self.forgotten.update(ids)
        else:
            self.messages.append((job, ids))

    def nudge(self) -> None:
        """Let the next beat come when there is something to do, and what was published leave."""
        self._carry()
        at, self.waiting = self.stage.at, self._waiting()
        due = self.waiting.first
        if due is None:
            return
        # What no sweep can do anything about must not hold the whole town's time still.
        pause = BEAT * min(self.stuck, 60) ** 2 / 4 if due <= at else 0
        beat = max(due, at) + timedelta(seconds=self.dice.uniform(0.5, BEAT) + pause)
        beat = max(beat, self.is_down_until)
        if self.next_tick is None or beat < self.next_tick or self.next_tick <= at:
            self.next_tick = beat
            self.stage.later(beat, partial(self._tick, beat))

    def _waiting(self) -> rows.Waiting:
        """Tell when any sweep next has something to do, in whichever service."""
        found = []
        for stage in self.stage.timeline.stages:
            database.enter_service(stage.service_id)
            found.append(rows.waiting(stage.service_id))
        return rows.Waiting(
            *(
                min((at for at in kind if at is not None), default=None)
                for kind in zip(*found, strict=True)
            )
        )

    def _tick(self, beat: datetime) -> None:
        if beat != self.next_tick or self.stage.at < self.is_down_until:
            if self.next_tick is None or self.stage.at < self.is_down_until:
                self.next_tick = self.is_down_until
                self.stage.later(self.next_tick, partial(self._tick, self.next_tick))
            return
        self.next_tick = None
        if self.dice.random() < 0.012:
            self._go_down()
            return
        names = [name for name in background.sweeps if name not in LEFT_OUT]
        self.dice.shuffle(names)
        with self._wrong_clock():
            for name in names:
                if self.dice.random() > self._share_of(name):
                    continue
                self._with_death(0.02, f"sweep: {name}", background.sweeps[name])
        self.nudge()
        due, at = self.waiting.first, self.stage.at
        is_stuck = due is not None and due <= at and due == self.last_due
        self.stuck, self.last_due = (self.stuck + 1 if is_stuck else 0), due

    def _share_of(self, name: str) -> float:
        """Tell how often a sweep runs: nearly always when it has something to do, else seldom."""
        due = getattr(self.waiting, LOOKS_FOR[name], None) if name in LOOKS_FOR else None
        if due is not None and due <= self.stage.at:
            return 0.96  # now and then a beat is late, and the next one does it
        return 0.07

    def _go_down(self) -> None:
        """Let everything stand still for minutes or hours; often the broker is wiped as well."""
        at, hours = self.stage.at, self.dice.choice((0.1, 0.5, 1, 3, 8))
        self.is_down_until = at + timedelta(hours=hours * self.dice.uniform(0.5, 1.5))
        self.stage.judge.outages.append((at, self.is_down_until))
        self.stage.tally["outage"] += 1
        if self.dice.random() < 0.5:
            self.stage.tally["broker wiped"] += 1
            self.stage.timeline.wiped_at = at
        self.next_tick = self.is_down_until
        self.stage.later(self.next_tick, partial(self._tick, self.next_tick))

    @contextmanager
    def _wrong_clock(self) -> Iterator[None]:
        """Let the clock of a turn be wrong now and then: back, or ahead, and right again after it."""
        roll, at = self.dice.random(), self.stage.at
        if roll < 0.006:
            by = timedelta(minutes=-self.dice.uniform(1, 90))
            self.stage.tally["clock set back"] += 1
        elif roll < 0.012:
            by = timedelta(minutes=self.dice.uniform(1, 120))
            self.stage.tally["clock ahead"] += 1
        else:
            yield
            return
        wrong = at + by
        database.clock.freeze(wrong)
        # Windows that a wrong clock has passed by are promised again from the next one on.
        self.stage.judge.outages.append((min(at, wrong), max(at, wrong) + timedelta(hours=12)))
        self.stage.timeline.at = wrong
        try:
            yield
        finally:
            self.stage.timeline.at = at
            database.clock.freeze(at)

    # --- messages -----------------------------------------------------------------------------------

    def _carry(self) -> None:
        """Give each published message its fate: lost, doubled, late, or a few seconds of travel."""
        taken, self.messages[:] = list(self.messages), []
        for job, ids in taken:
            life = self._life_of_message(job, ids)
            about = life.number if life else job
            dice = self.stage.dice("message", about, self.stage.at.isoformat())
            roll = dice.random()
            if roll < 0.05:
                self.stage.tally["message lost"] += 1
                continue
            delays = [dice.uniform(0.1, 4)]
            if roll < 0.11:
                self.stage.tally["message doubled"] += 1
                delays.append(dice.uniform(0.1, 400))
            elif roll < 0.16:
                self.stage.tally["message late"] += 1
                delays = [dice.uniform(30, 9000)]
            for delay in delays:
                at = self.stage.at + timedelta(seconds=delay)
                self.stage.later(at, partial(self._deliver, job, ids, self.stage.at, dice))

    def _life_of_message(self, job: str, ids: tuple[str, ...]) -> Life | None:
        """Tell whom a message is about first, if it is about anybody."""
        stage = self.stage.timeline.stage_of(UUID(ids[0]))
        database.enter_service(stage.service_id)
        case_id = rows.case_of_message(job, ids[1]) if len(ids) > 1 else None
        return stage.life_of(case_id) if case_id else None

    def _deliver(self, job: str, ids: tuple[str, ...], sent: datetime, dice: Random) -> None:
        stage = self.stage
        if stage.timeline.wiped_at is not None and sent <= stage.timeline.wiped_at:
            stage.tally["message wiped"] += 1
            return
        if stage.at < self.is_down_until:
            stage.later(self.is_down_until, partial(self._deliver, job, ids, sent, dice))
            return
        if not self.forgotten.isdisjoint(ids):
            stage.tally["message about somebody erased"] += 1
            return
        run = background.jobs[job]
        self._with_death(0.03, f"job: {job}", lambda: run(*ids), dice=dice)

    def _with_death(
        self, share: float, name: str, act: Callable[[], object], *, dice: Random | None = None
    ) -> None:
        """Run one act; now and then its worker is killed at some statement on the way."""
        dice = dice or self.dice
        last = dice.randrange(1, 40) if dice.random() < share else None

        def mortal() -> None:
            self.statements_left = last
            try:
                act()
            finally:
                self.statements_left = None

        self.stage.do(name, mortal)

    def count_statement(self, *_: Any) -> None:
        """Kill the worker when its last statement has come."""
        if self.statements_left is None:
            return
        self.statements_left -= 1
        if self.statements_left <= 0:
            self.statements_left = None
            raise Killed


@contextmanager
def started(timeline: Timeline) -> Iterator[Machine]:
    """Take the place of the broker and of the beat until the block ends."""
    stage = timeline.stages[0]
    nothing = rows.Waiting(None, None, None, None, None)
    machine = Machine(stage, stage.dice("machine"), [], stage.at, nothing)
    was_limited, limiter.enabled = limiter.enabled, False
    before = database.publish_with(machine.publish)
    services = background.list_services_with(lambda: [each.service_id for each in timeline.stages])
    engine = db.engine
    event.listen(engine, "before_cursor_execute", machine.count_statement)
    timeline.observers.append(machine.nudge)
    try:
        yield machine
    finally:
        event.remove(engine, "before_cursor_execute", machine.count_statement)
        background.list_services_with(services)
        database.publish_with(before)
        limiter.enabled = was_limited
        database.clock.freeze(None)
