"""The fast form: the real arithmetic of follow-ups on plans in memory, a million call-backs without a database.

What it cannot see is everything around the arithmetic: rows, workers, signals, pages. The full form
in run.py sees those, with fewer call-backs.
"""

import time as stopwatch
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from uuid import UUID

from casework.directory.needs import NeedCode
from casework.followups import policy, safe_time
from casework.followups.models import FollowUpKind
from casework.followups.services import Reading
from casework.people.contact_plan import Dates, OneOff, Plan, Window, strictest
from casework.people.models import Channel, VoicemailRule, WhenToCall
from casework.simulation.clockface import STEP_OF_LOOK, agrees, wishes_it
from casework.simulation.invention import clock_changes, invent_week, invent_wish, with_dates
from casework.simulation.judge import Judge, Violation
from casework.simulation.wishes import Life, Town, Wish, Yes

START = datetime(2026, 1, 5, tzinfo=UTC)
NEEDS = (NeedCode.FOOD, NeedCode.SHELTER)
ROUNDS = 4
# Each life calls first so often: a plan and its wall are used again, which is faster and no less strict.
CONTACTS = 3


@dataclass
class Sums:
    """What was tried, and what must never have happened."""

    judged: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, other: "Sums") -> None:
        """Take the sums of another part."""
        self.judged += other.judged
        self.violations += other.violations
        self.seconds += other.seconds


def judge_arithmetic(seed: int, call_backs: int, years: int = 5) -> Sums:
    """Simulate so many call-backs, or a few more, of invented plans; judge every moment offered."""
    began, sums, number = stopwatch.monotonic(), Sums(), 0
    while sums.judged["call-back"] < call_backs:
        town = Town()
        judge = Judge(town, judged=sums.judged, violations=sums.violations)
        _live(judge, Random(f"{seed}:{number}"), number, years)  # noqa: S311
        number += 1
    sums.judged["lives"] += number
    sums.seconds = stopwatch.monotonic() - began
    return sums


def _live(judge: Judge, dice: Random, number: int, years: int) -> None:
    """Let one person be called back several times, alone on their number or not (R33)."""
    life = _invent(judge.town, dice, number, f"+1416{number:07d}")
    others = [_invent(judge.town, dice, number, life.phones[0][1])] if dice.random() < 0.15 else []
    changes = clock_changes(START.year, years)
    for _ in range(CONTACTS):
        start = START + timedelta(minutes=dice.randrange(years * 365 * 24 * 60))
        if dice.random() < 0.4:
            start = dice.choice(changes) - timedelta(minutes=dice.randrange(9 * 24 * 60))
        lives = (life, *others)
        for each in lives:
            since, week = each.wishes[0]
            each.wishes[:] = [(since, with_dates(dice, week, near=start))]
            each.yeses[:] = [
                Yes("keep_case", start, start + timedelta(days=60)),
                Yes("call_back", start, start + timedelta(minutes=dice.randrange(1500, 64800))),
            ]
        _follow(judge, dice, lives, start)


def _invent(town: Town, dice: Random, number: int, phone: str) -> Life:
    before = START - timedelta(days=1)
    ids = [UUID(int=dice.getrandbits(128)) for _ in range(2)]
    life = Life(number, "", "", ids[0], ids[1], str(ids[1]))
    life.wishes.append((before, invent_week(dice)))
    life.phones.append((before, phone))
    town.add(life)
    return life


def _follow(judge: Judge, dice: Random, lives: tuple[Life, ...], start: datetime) -> None:
    """Lay the series of one contact with the real policy, and follow each call to its end."""
    life, until = lives[0], lives[0].yeses[1].until
    series = policy.series_for([dice.choice(NEEDS)], is_sensitive=False)
    steps = policy.plan_steps(series, _plan(lives, start), start=start, consent_until=until)
    for step in steps:
        judge.judged["call-back"] += 1
        if dice.random() < 0.1:  # they say other hours before this call
            at = step.due_at - timedelta(minutes=dice.randrange(1, 1440))
            fresh = replace(invent_wish(dice, near=at), is_unsafe=dice.random() < 0.1)
            life.wishes.append((at, fresh))
            life.wishes.sort(key=lambda said: said[0])
        if dice.random() < 0.05:  # and they may take their yes back
            life.yeses[1].ended_at = step.due_at + timedelta(minutes=dice.randrange(-60, 60))
        _call(judge, dice, lives, step.due_at)


def _call(judge: Judge, dice: Random, lives: tuple[Life, ...], due_at: datetime) -> None:
    """Prompt, dial and try again as the engine says, with beats and workers that are late."""
    life, at = lives[0], due_at
    for _ in range(ROUNDS):
        at += _lateness(dice)
        reading = _reading(lives, at)
        if reading.consent_until is None:
            return
        status = reading.status(at)
        _compare(judge, dice, lives, reading, status.is_callable, at)
        if not status.is_callable:
            judge.judged["not now"] += 1
            if status.opens_at is None:
                return
            if _holds(life, at, status.opens_at):
                judge.call_is_offered(life, status.opens_at, "next agreed hour", "arithmetic")
            at = status.opens_at
            continue
        judge.call_is_offered(life, at, "prompt", "arithmetic")
        if status.closes_at is not None and status.closes_at < at + timedelta(days=1):
            end = min(status.closes_at, reading.consent_until) - timedelta(seconds=1)
            if _holds(life, at, end):
                judge.call_is_offered(life, end, "last second", "arithmetic")
        if dice.random() < 0.6:
            return
        retry = policy.next_try(
            reading.plan, FollowUpKind.CALL_BACK, at=at, until=reading.consent_until
        )
        if retry is None:
            return
        if _holds(life, at, retry):
            judge.call_is_offered(life, retry, "next try", "arithmetic")
        at = retry


def _holds(life: Life, after: datetime, until: datetime) -> bool:
    """Tell whether nothing is said or taken back in between: then what was proposed must hold."""
    return life.may_be_called(until) and not any(after < since <= until for since, _ in life.wishes)


def _compare(
    judge: Judge,
    dice: Random,
    lives: tuple[Life, ...],
    reading: Reading,
    by_engine: bool,
    at: datetime,
) -> None:
    """Compare one moment both ways: the engine agrees whenever all on the number do, and only then."""
    judge.judged["moment compared"] += 1
    by_wall = agrees(judge.town, lives[0], at) and lives[0].may_be_called(at)
    if by_engine and not by_wall:
        judge.blame("agreed by the engine alone", "R10", lives[0], at, "arithmetic")
    if by_wall and not by_engine:
        judge.blame("lost: agreed by the wall alone", "engine 3", lives[0], at, "arithmetic")
    if dice.random() < 0.01 and len(lives) == 1:
        _look_for_an_earlier_hour(judge, lives[0], reading.plan, at)


def _look_for_an_earlier_hour(judge: Judge, life: Life, plan: Plan, at: datetime) -> None:
    """Look, quarter by quarter, for an agreed hour before the one the engine calls the next."""
    judge.judged["days looked through"] += 1
    found = safe_time.next_safe_moment(plan, at) or at + timedelta(days=8)
    moment, wish = at, life.wish(at)
    while moment < min(found, at + timedelta(days=8)):
        if wishes_it(wish, moment):
            judge.blame("lost: an earlier agreed hour", "engine 3", life, moment, "arithmetic")
            return
        moment += STEP_OF_LOOK


def _lateness(dice: Random) -> timedelta:
    """Choose how late a beat, a message or a worker is: seconds as a rule, hours in an outage."""
    roll = dice.random()
    if roll < 0.9:
        return timedelta(seconds=dice.uniform(0, 19))
    return timedelta(minutes=dice.uniform(1, 180 if roll < 0.97 else 900))


def _reading(lives: tuple[Life, ...], at: datetime) -> Reading:
    call_back = lives[0].yeses[1]
    consent_until = call_back.until if call_back.holds(at) else None
    return Reading(_plan(lives, at), 1, consent_until)


def _plan(lives: tuple[Life, ...], at: datetime) -> Plan:
    return strictest([_as_plan(life.wish(at), at) for life in lives])


def _as_plan(wish: Wish, at: datetime) -> Plan:
    return Plan(
        when=WhenToCall(wish.when),
        time_zone=wish.zone,
        windows=tuple(_windows(wish)),
        channel=Channel.PHONE,
        voicemail_rule=VoicemailRule(wish.voicemail),
        voicemail_script=wish.script,
        has_code_word=True,
        cover_name=None,
        who_may_answer=None,
        is_caller_id_shown=False,
        dropped_call_rule=None,
        is_text_allowed=False,
        is_unsafe=wish.is_unsafe,
        last_confirmed_at=at,
        days_off=wish.days_off,
        dates_off=tuple(Dates(first, last) for first, last in wish.dates_off),
        one_offs=tuple(OneOff(o.day, _time(o.start), _time(o.end)) for o in wish.once),
    )


def _windows(wish: Wish) -> Iterator[Window]:
    for hours in wish.hours:
        yield Window(hours.days, _time(hours.start), _time(hours.end))


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)
