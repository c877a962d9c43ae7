"""The two stories every release must be able to tell, half-way through."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from casework.cases.models import Reason
from casework.commands.seed import words
from casework.commands.seed.handling import Desk, Handling, Steps
from casework.commands.seed.invention import EVERY_DAY, Somebody, phone
from casework.database import now
from casework.directory.needs import NeedCode
from casework.followups.models import FollowUpKind
from casework.followups.policy import NextCall
from casework.followups.services import NextStep
from casework.people.models import PhoneKind, VoicemailRule, WhenToCall
from casework.referrals.models import ReferralState
from casework.referrals.policy import Reply

S = ReferralState
MOTHER_CALLED = timedelta(minutes=150)
HOME = "America/Toronto"
# Enough of the morning must be left for somebody to make the call.
LAST_OF_MORNING = time(11, 10)
MORNING = {"days": EVERY_DAY, "start": "08:30", "end": "11:30"}
DAYTIME = {"days": EVERY_DAY, "start": "09:00", "end": "16:30"}


def mother() -> Somebody:
    """A mother of three who must not be called in the evening, nor ever find a voicemail."""
    return Somebody(
        details={
            "safe_name": words.MOTHER,
            "phone": phone(0),
            "language": "ar",
            "needs_interpreter": False,
            "children_ages": [2, 5, 9],
            "culture_faith": "Muslim; halal meals; women only",
        },
        plan=_plan(
            windows=[DAYTIME],
            phone_kind=PhoneKind.BORROWED,
            code_word=words.STORY_WORDS["en_CA"],
            cover_name=words.COVER_NAMES["en_CA"],
            who_may_answer="Nobody else. Say: wrong number.",
            dropped_call_rule="Do not call back; she calls us.",
        ),
        word=words.STORY_WORDS["en_CA"],
        locale="en_CA",
        language="ar",
        region="Greater Toronto",
        adults=1,
        children=3,
    )


def older_man() -> Somebody:
    """An older man who speaks French only and answers on his landline in the morning."""
    return Somebody(
        details={
            "safe_name": words.OLDER_MAN,
            "phone": phone(1),
            "language": "fr",
            "access_needs": "Marche avec une canne",
        },
        plan=_plan(
            windows=[MORNING],
            phone_kind=PhoneKind.OWN,
            code_word=words.STORY_WORDS["fr_CA"],
            is_caller_id_shown=True,
        ),
        word=words.STORY_WORDS["fr_CA"],
        locale="fr_CA",
        language="fr",
        region="Montréal",
    )


def flight(desk: Desk) -> Steps:
    """Story 1: two shelters are full, the third holds a place for four, and she does not know yet."""
    needs = (NeedCode.VIOLENCE_SHELTER, NeedCode.TRANSPORT)
    hand = Handling.open(desk, mother(), needs, note=words.MOTHER_NOTE)
    for name in ("Maison Rivage", "Cedar Lane House"):
        yield now() + timedelta(minutes=7)
        shelter = _ask(hand, name)
        yield now() + timedelta(minutes=14)
        hand.answered(shelter, S.DECLINED, reason=Reason.NO_CAPACITY)
        # She is still on the line, or calls again from the library, and hears it.
        hand.told()
    yield now() + timedelta(minutes=5)
    shelter = _ask(hand, "Maison des Érables")
    yield now() + timedelta(minutes=20)
    hand.answered(
        shelter,
        S.ACCEPTED,
        hold_until=_tomorrow_evening(desk.until),
        details={
            "appointment": "Four places together, until tomorrow evening",
            "bring": "Medication and papers, if it is safe to take them",
            "note": "Halal meals; women only",
        },
    )
    yield now() + timedelta(minutes=6)
    meeting_point = {"meeting_point": "Main entrance of the public library"}
    seats = {"toddler_seats": "1", "booster_seats": "1"}
    hand.send(
        NeedCode.TRANSPORT,
        agency="Volunteer Wheels",
        is_urgent=False,
        details=meeting_point | seats | {"alias": words.MOTHER_ALIAS},
    )


def bread(desk: Desk) -> Steps:
    """Story 2: the hamper came, his call-back is due, and his benefits are still an open question."""
    needs = (NeedCode.FOOD, NeedCode.BENEFITS)
    hand = Handling.open(desk, older_man(), needs, note=words.OLDER_MAN_NOTE)
    yield now() + timedelta(minutes=10)
    hamper = hand.send(
        NeedCode.FOOD, agency="Moisson du Quartier", details={"access": "Livraison, 2e étage"}
    )
    yield now() + timedelta(minutes=45)
    if hamper is None:
        raise LookupError("nobody was asked for the hamper")
    hand.replied(hamper, Reply.HOLD, details={"appointment": "Livraison demain après-midi"})
    call = yield from hand.until_callable(FollowUpKind.TELL_PERSON)
    if call is None:
        raise LookupError("there is nothing to tell")
    at = next_morning(desk.until)
    step = NextStep(NextCall.CUSTOM, local_day=at.date(), local_time=at.time())
    hand.speak(call, next_step=step)
    yield yesterday(desk.until, time(15, 20))
    hand.replied(hamper, Reply.ARRIVED)


def next_morning(at: datetime) -> datetime:
    """Give 8:30 of the morning that is still under way, or of the next one, on his clock."""
    local = at.astimezone(ZoneInfo(HOME))
    day = local.date() + timedelta(days=local.time() >= LAST_OF_MORNING)
    return datetime.combine(day, time(8, 30), ZoneInfo(HOME))


def yesterday(at: datetime, wall: time, days: int = 1) -> datetime:
    """Give a wall time of some days ago where both stories happen."""
    day = at.astimezone(ZoneInfo(HOME)).date() - timedelta(days=days)
    return datetime.combine(day, wall, ZoneInfo(HOME))


def _tomorrow_evening(at: datetime) -> datetime:
    return yesterday(at, time(20), days=-1)


def _ask(hand: Handling, name: str) -> Any:
    return hand.send(
        NeedCode.VIOLENCE_SHELTER,
        agency=name,
        details={
            "alias": words.MOTHER_ALIAS,
            "access": "One woman, three children; halal meals; women only",
            "arrival": "As soon as a ride is found",
        },
    )


def _plan(**more: Any) -> dict[str, Any]:
    return {
        "when": WhenToCall.WINDOWS,
        "time_zone": HOME,
        "voicemail_rule": VoicemailRule.NEVER,
        "is_text_allowed": False,
        **more,
    }
