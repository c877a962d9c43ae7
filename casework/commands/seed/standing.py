"""Cases that are under way: every state a request, a call or a case can stand in today."""

from collections.abc import Generator
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from casework.cases import services as cases
from casework.cases.models import Reason, Source
from casework.commands.seed import words
from casework.commands.seed.endings import tell
from casework.commands.seed.handling import Desk, Handling, Steps
from casework.commands.seed.invention import Somebody
from casework.database import now
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.followups.models import AttemptResult, FollowUpKind
from casework.referrals.clocks import HoldChoice
from casework.referrals.models import Referral, ReferralState
from casework.referrals.policy import Reply

S = ReferralState
Sent = Generator[datetime, None, tuple[Handling, UUID]]


def fresh(desk: Desk, who: Somebody) -> Steps:
    """A case opened just now, of which nobody has been told yet."""
    note = desk.dice.choice(words.NOTES[who.locale])
    Handling.open(desk, who, desk.fortune.needs(), note=note)
    yield from ()


def asked(desk: Desk, who: Somebody, need: NeedCode = NeedCode.FOOD) -> Steps:
    """A request that no agency has answered yet."""
    hand = Handling.open(desk, who, (need,), note=desk.dice.choice(words.NOTES[who.locale]))
    yield hand.later(minutes=10)
    hand.send(need)


def answered(
    desk: Desk, who: Somebody, need: NeedCode, to: ReferralState, reason: Reason | None = None
) -> Steps:
    """A request that an agency answered, and of which the person is told within agreed hours."""
    hand, referral_id = yield from _sent(desk, who, need)
    hand.answered(referral_id, to, reason=reason)
    yield from tell(hand)


def held(desk: Desk, who: Somebody) -> Steps:
    """A place that is held until tomorrow; the person was on the line and knows."""
    hand, referral_id = yield from _sent(desk, who, NeedCode.SHELTER)
    details = words.ANSWERS[who.locale]
    hand.replied(referral_id, Reply.HOLD, hold=HoldChoice.TOMORROW, details=details)
    hand.told()


def on_the_way(desk: Desk, who: Somebody) -> Steps:
    """Somebody who called to say that they are on their way to a place that is held."""
    hand, referral_id = yield from _sent(desk, who, NeedCode.SHELTER)
    hand.answered(referral_id, S.ACCEPTED, hold_until=now() + timedelta(hours=20))
    yield hand.later(minutes=25)
    hand.told()
    hand.answered(referral_id, S.IN_PROGRESS, source=Source.PERSON_REPORTED)


def did_not_come(desk: Desk, who: Somebody) -> Steps:
    """A place that was held for somebody who did not come."""
    hand, referral_id = yield from _sent(desk, who, NeedCode.SHELTER)
    hand.replied(referral_id, Reply.HOLD)
    hand.told()
    yield hand.later(hours=15)
    hand.replied(referral_id, Reply.DID_NOT_COME)


def asked_again(desk: Desk, who: Somebody) -> Steps:
    """A place that was full, and another one that is being asked now."""
    hand, referral_id = yield from _sent(desk, who, NeedCode.FOOD)
    hand.replied(referral_id, Reply.DECLINE, reason=Reason.NO_FUNDS)
    hand.told()
    yield hand.later(minutes=20)
    hand.send(NeedCode.FOOD, supersedes=db.session.get_one(Referral, referral_id))


def two_asked(desk: Desk, who: Somebody) -> Steps:
    """Two places asked at once: the first that says yes has the other called off."""
    hand, first_id = yield from _sent(desk, who, NeedCode.SHELTER)
    hand.send(NeedCode.SHELTER)
    yield hand.later(minutes=15)
    hand.answered(first_id, S.ACCEPTED)
    for referral in hand.open_referrals():
        if referral.id != first_id:
            hand.recall(referral, Reason.OTHER)
    hand.told()
    yield hand.later(hours=9)
    hand.replied(first_id, Reply.ARRIVED)


def arrived(desk: Desk, who: Somebody, due: timedelta) -> Steps:
    """Help that came, and a call-back at a moment the person asked for, so long from now."""
    hand, referral_id = yield from _sent(desk, who, NeedCode.FOOD)
    hand.replied(referral_id, Reply.HOLD, details=words.ANSWERS[who.locale])
    hand.told()
    hand.move_call(desk.until + due)
    yield hand.later(hours=6)
    hand.replied(referral_id, Reply.ARRIVED)


def missed(desk: Desk, who: Somebody) -> Steps:
    """A call-back of yesterday that nobody made, and no agreed hour until next week."""
    hand = Handling.open(desk, who, (NeedCode.ENERGY,))
    hand.move_call(_yesterday(desk.until, who.plan["time_zone"]))
    yield hand.later(minutes=15)
    hand.send(NeedCode.ENERGY)


def will_call(desk: Desk, who: Somebody) -> Steps:
    """Somebody who may not be called: they call us, and hear then what was answered."""
    hand, referral_id = yield from _sent(desk, who, NeedCode.MENTAL_HEALTH)
    hand.answered(referral_id, S.WAITLISTED)


def unassigned(desk: Desk, who: Somebody) -> Steps:
    """A case whose navigator gave it back at the end of a shift."""
    hand = Handling.open(desk, who, (NeedCode.HOME_CARE,))
    yield hand.later(hours=2)
    cases.assign(hand.actor, hand.case, owner_id=None)


def tried(desk: Desk, who: Somebody) -> Steps:
    """Somebody who did not answer once; the next try is planned."""
    hand, referral_id = yield from _sent(desk, who, NeedCode.SHELTER)
    hand.replied(referral_id, Reply.DECLINE, reason=Reason.NO_CAPACITY)
    hand.told()
    call = yield from hand.until_callable(FollowUpKind.CALL_BACK)
    if call is not None:
        hand.dial(call, AttemptResult.NO_ANSWER)


def missed_windows(at: datetime, zone: str) -> list[dict[str, object]]:
    """Give agreed hours of yesterday's weekday only."""
    weekday = _yesterday(at, zone).weekday()
    return [{"days": [weekday], "start": "10:00", "end": "11:30"}]


def _yesterday(at: datetime, zone: str) -> datetime:
    local = at.astimezone(ZoneInfo(zone)) - timedelta(days=1)
    return local.replace(hour=10, minute=15, second=0, microsecond=0)


def _sent(desk: Desk, who: Somebody, need: NeedCode) -> Sent:
    """Open a case, ask one agency, and wait until it answers."""
    hand = Handling.open(desk, who, (need,), note=desk.dice.choice(words.NOTES[who.locale]))
    yield hand.later(minutes=10)
    referral_id = hand.send(need)
    if referral_id is None:
        raise LookupError("no agency offers this need")
    yield hand.later(minutes=40)
    return hand, referral_id
