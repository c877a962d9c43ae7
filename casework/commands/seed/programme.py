"""Which cases are written for one service, when each began, and who answered the phone."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from random import Random

from casework.cases.models import ClosureCode, Reason
from casework.commands.seed import endings, standing, stories
from casework.commands.seed.endings import Ending
from casework.commands.seed.handling import Desk, Steps
from casework.commands.seed.invention import Somebody, invent
from casework.commands.seed.mix import FIRST_NEEDS, Fortune, Mix
from casework.commands.seed.staffing import Staffed
from casework.commands.seed.timeline import Script, Timeline, read_notices
from casework.database import now
from casework.directory.needs import NeedCode
from casework.people import services as people
from casework.people.models import Channel, WhenToCall
from casework.referrals.models import ReferralState

S = ReferralState
DAYS = 40
# So many contacts are only counted for each case that is kept.
ANONYMOUS_FOR_EACH_CASE = 3
# What is older was read when the shift began.
SHIFT = timedelta(hours=10)
Builder = Callable[[Desk, Somebody], Steps]
# (begin before the present, when the person may be called, what happens)
Part = tuple[timedelta, WhenToCall | None, Builder]
ANY = WhenToCall.ANY_TIME


def _soon_closed(closure: ClosureCode) -> Builder:
    return lambda desk, who: endings.closed_soon(desk, who, closure)


def _ended(closure: ClosureCode, still_ok: bool = True) -> Builder:
    return lambda desk, who: endings.finished(desk, who, Ending(closure, still_ok))


def _answered(need: NeedCode, to: ReferralState, reason: Reason | None = None) -> Builder:
    return lambda desk, who: standing.answered(desk, who, need, to, reason)


def _arrived(due: timedelta) -> Builder:
    return lambda desk, who: standing.arrived(desk, who, due)


def _days(number: float) -> timedelta:
    return timedelta(days=number)


def _minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


# Every state a case can be in today: written once, by turns for Amina and for Louis.
STANDING: tuple[Part, ...] = (
    (_days(3), ANY, _arrived(-_minutes(50))),
    (_days(2.6), ANY, _arrived(-_minutes(35))),
    (_minutes(25), None, standing.fresh),
    (_days(3.2), ANY, _arrived(_minutes(95))),
    (_days(6), ANY, _arrived(-_days(2.2))),
    (_days(5), WhenToCall.WINDOWS, standing.missed),
    (_days(2), WhenToCall.WILL_CALL_US, standing.will_call),
    (_days(4), None, standing.unassigned),
    (_minutes(70), None, standing.held),
    (_minutes(40), None, lambda desk, who: standing.asked(desk, who, NeedCode.SHELTER)),
    (_days(1.3), None, standing.asked),
    (_days(1.1), ANY, _answered(NeedCode.RENT, S.INFO_NEEDED)),
    (_days(2.1), ANY, _answered(NeedCode.HOME_CARE, S.WAITLISTED)),
    (_days(0.4), None, standing.on_the_way),
    (_days(3.5), None, standing.did_not_come),
    (_days(1.7), None, standing.asked_again),
    (_days(2.4), None, standing.two_asked),
    (_days(17), None, lambda desk, who: standing.asked(desk, who, NeedCode.LEGAL)),
    (_days(12), ANY, lambda desk, who: endings.never_reached(desk, who, closes=False)),
    (_days(19), ANY, lambda desk, who: endings.never_reached(desk, who, closes=True)),
    (_days(2.9), None, standing.tried),
)
CLOSED: tuple[Part, ...] = (
    (_days(21), None, _ended(ClosureCode.PERSON_ENDED, False)),
    (_days(9), None, endings.withdrawn),
    (_days(26), None, endings.expired),
    (_days(14), None, endings.unsafe),
    (_days(11), None, _soon_closed(ClosureCode.TRANSFERRED)),
    (_days(16), None, _soon_closed(ClosureCode.MOVED_AWAY)),
    (_days(7), None, _soon_closed(ClosureCode.DUPLICATE)),
)
ONCE = STANDING + CLOSED
STORIES = 2
# After so many cases all states come again, so that a large seeding has them in proportion.
ROUND = 60


def write_programme(
    timeline: Timeline, staffed: Staffed, *, seed: int, first: int, count: int
) -> None:
    """Put cases number first to first + count - 1 of a service on its timeline."""
    desks = _desks(staffed, seed + first, timeline.until)
    for number in range(first, first + count):
        desk = desks[number % len(desks)]
        at, script = _case(desk, desks, number)
        timeline.add(at, script)
    counted = count * ANONYMOUS_FOR_EACH_CASE
    contacts = _anonymous(desks[0], counted)
    timeline.add(timeline.until - _days(DAYS), contacts, is_counted=False)
    seen_at = timeline.until - SHIFT
    timeline.add(seen_at, read_notices(list(staffed.members.values())), is_counted=False)


def _desks(staffed: Staffed, seed: int, until: datetime) -> list[Desk]:
    """Give each navigator a desk; they share their dice, so that one seed tells everything."""
    dice, fortune = Random(seed), Fortune()  # noqa: S311
    return [
        Desk(
            actor=staffed.members[email],
            locale=staffed.locales[email],
            dice=dice,
            fortune=fortune,
            agencies=staffed.agencies,
            names=staffed.names,
            until=until,
        )
        for email in staffed.navigators
    ]


def _case(desk: Desk, desks: list[Desk], number: int) -> tuple[datetime, Script]:
    if len(desks) > 1 and number < STORIES:
        return _story(desk, number)
    place = number % ROUND - STORIES
    if 0 <= place < len(ONCE):
        before, when, build = ONCE[place]
    else:
        # Long enough ago for a call-back after a week to have been made, most of them this month.
        before, when, build = _days(desk.dice.triangular(10, DAYS - 1, 15)), None, endings.finished
    who = invent(desk.dice, number, desk.locale, when=when)
    if build is standing.missed:
        windows = standing.missed_windows(desk.until, who.plan["time_zone"])
        who.plan["windows"] = windows
    return desk.until - before, build(desk, who)


def _story(desk: Desk, number: int) -> tuple[datetime, Script]:
    if number == 0:
        return desk.until - stories.MOTHER_CALLED, stories.flight(desk)
    return stories.yesterday(desk.until, time(9, 40), days=2), stories.bread(desk)


def _anonymous(desk: Desk, count: int) -> Script:
    """Count those who said no, spread over all days; nothing else is kept of them (R1)."""
    needs, channels = Mix(FIRST_NEEDS), Mix(dict(zip(Channel, (62, 16, 14, 8), strict=True)))
    languages = Mix({"en": 48, "fr": 42, "es": 5, "ar": 5})
    pause = _days(DAYS) / max(count, 1)
    for _ in range(count):
        need, channel = needs.next(), channels.next()
        people.count_anonymous(
            desk.actor, channel=channel, language=languages.next(), needs=(need,)
        )
        yield now() + pause
