"""Cases that came to an end: what was asked, what agencies answered, what the person said."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from casework.cases.models import ClosureCode, Reason, Source
from casework.commands.seed.handling import Desk, Handling, Steps
from casework.commands.seed.invention import Somebody
from casework.commands.seed.mix import GOOD, Fate
from casework.directory.needs import GROUP_OF, NeedCode, NeedGroup
from casework.extensions import db
from casework.followups.models import AttemptResult, FollowUpKind
from casework.followups.policy import NextCall
from casework.followups.services import NextStep
from casework.people import services as people
from casework.people.models import Purpose, VoicemailRule
from casework.referrals.models import Referral, ReferralState
from casework.referrals.policy import Reply

S = ReferralState
Fates = Mapping[NeedCode, Fate]
DECLINED: dict[Fate, Reason] = {
    Fate.FULL: Reason.NO_CAPACITY,
    Fate.HOUSEHOLD: Reason.HOUSEHOLD_FIT,
    Fate.NO_FUNDS: Reason.NO_FUNDS,
    Fate.NOT_ELIGIBLE: Reason.NOT_ELIGIBLE,
    Fate.NOT_SAID: Reason.OTHER,
    Fate.OTHER: Reason.OTHER,
}


@dataclass(frozen=True)
class Ending:
    """How the last call ends: what for, and whether more calls are welcome."""

    closure: ClosureCode | None = None
    still_ok: bool = True


def finished(desk: Desk, who: Somebody, ending: Ending | None = None) -> Steps:
    """Ask for each need, tell what was answered, call back, and write down how it ended."""
    needs = desk.fortune.needs()
    fates = {need: desk.fortune.fate(need, desk.agencies) for need in needs}
    hand = Handling.open(desk, who, needs)
    yield hand.later(minutes=15)
    asked = _ask(hand, fates)
    yield hand.later(hours=1)
    again = _answer(hand, asked, fates)
    # An urgent request waits for two hours at most.
    yield hand.later(hours=1)
    _answer_again(hand, again, fates)
    yield from tell(hand)
    yield from call_back(hand, fates, ending or Ending())


def call_back(hand: Handling, fates: Fates, ending: Ending) -> Steps:
    """Try until the person answers, then record what became of each need."""
    for result in _vain_tries(hand):
        call = yield from hand.until_callable(FollowUpKind.CALL_BACK)
        if call is None:
            return
        hand.dial(call, result)
    call = yield from hand.until_callable(FollowUpKind.CALL_BACK)
    if call is None:
        return
    _settle(hand, fates)
    closure = ending.closure or _closure_of(fates)
    step = NextStep(NextCall.CLOSE, closure=closure)
    hand.speak(call, fates=fates, still_ok=ending.still_ok, next_step=step)


def tell(hand: Handling) -> Steps:
    """Tell the person within agreed hours what agencies answered, if there is something to tell."""
    if hand.planned(FollowUpKind.TELL_PERSON) is None:
        return
    call = yield from hand.until_callable(FollowUpKind.TELL_PERSON)
    if call is not None:
        hand.speak(call)


def never_reached(desk: Desk, who: Somebody, *, closes: bool) -> Steps:
    """A place was held, nobody came, and nobody answers the phone any more."""
    hand = Handling.open(desk, who, (NeedCode.SHELTER,))
    yield hand.later(minutes=20)
    referral_id = hand.send(NeedCode.SHELTER)
    yield hand.later(minutes=40)
    hand.replied(_sure(referral_id), Reply.HOLD)
    hand.told()
    yield hand.later(hours=20)
    hand.replied(_sure(referral_id), Reply.DID_NOT_COME)
    for _ in range(5):
        call = yield from hand.until_callable(FollowUpKind.CALL_BACK)
        if call is None:
            break
        hand.dial(call, AttemptResult.NO_ANSWER)
    if closes:
        yield hand.later(hours=1)
        hand.close(ClosureCode.UNABLE_TO_REACH)


def withdrawn(desk: Desk, who: Somebody) -> Steps:
    """The person calls and wants nothing kept any more, while an agency is still being asked."""
    hand = Handling.open(desk, who, (NeedCode.FOOD, NeedCode.RENT))
    yield hand.later(minutes=30)
    hand.send(NeedCode.FOOD)
    yield hand.later(hours=26)
    people.withdraw(hand.actor, hand.person, Purpose.KEEP_CASE)


def expired(desk: Desk, who: Somebody) -> Steps:
    """The consent to keep the case runs out by itself, and the case closes with it."""
    hand = Handling.open(desk, who, (NeedCode.BENEFITS,), keep_days=20)
    yield hand.later(minutes=30)
    referral_id = hand.send(NeedCode.BENEFITS)
    yield hand.later(hours=30)
    hand.answered(_sure(referral_id), S.DECLINED, reason=Reason.NOT_ELIGIBLE)
    yield from tell(hand)


def unsafe(desk: Desk, who: Somebody) -> Steps:
    """Somebody else answers and does not know the word: nobody calls again."""
    hand = Handling.open(desk, who, (NeedCode.MENTAL_HEALTH,))
    call = yield from hand.until_callable(FollowUpKind.CALL_BACK)
    if call is None:
        return
    hand.dial(call, AttemptResult.CODE_WORD_FAILED)
    yield hand.later(hours=3)
    hand.close(ClosureCode.UNSAFE)


def closed_soon(desk: Desk, who: Somebody, closure: ClosureCode) -> Steps:
    """A case that ends for a reason of its own before the call-back comes."""
    hand = Handling.open(desk, who, (NeedCode.HOUSING_SEARCH,))
    yield hand.later(minutes=10)
    if closure is not ClosureCode.DUPLICATE:
        hand.send(NeedCode.HOUSING_SEARCH)
        yield hand.later(hours=40)
    hand.close(closure)


def _ask(hand: Handling, fates: Fates) -> dict[NeedCode, UUID]:
    sent = {need: hand.send(need) for need, fate in fates.items() if fate is not Fate.NO_SERVICE}
    return {need: id_ for need, id_ in sent.items() if id_ is not None}


def _answer(hand: Handling, asked: Mapping[NeedCode, UUID], fates: Fates) -> dict[NeedCode, UUID]:
    """Let agencies answer; full places are asked again elsewhere, and give what is asked anew."""
    again = {}
    for need, referral_id in asked.items():
        fate = fates[need]
        if db.session.get_one(Referral, referral_id).state is not S.REQUESTED:
            continue
        is_first_full = GROUP_OF[need] is NeedGroup.SHELTER and fate in (Fate.HELPED, Fate.FULL)
        if is_first_full:
            _decline(hand, referral_id, Reason.NO_CAPACITY)
            first = db.session.get_one(Referral, referral_id)
            second = hand.send(need, supersedes=first)
            if second is not None:
                again[need] = second
        elif fate in DECLINED:
            _decline(hand, referral_id, DECLINED[fate])
        elif fate is not Fate.NOT_REACHED:
            hand.replied(referral_id, Reply.HOLD)
    return again


def _answer_again(hand: Handling, asked: Mapping[NeedCode, UUID], fates: Fates) -> None:
    for need, referral_id in asked.items():
        if db.session.get_one(Referral, referral_id).state is not S.REQUESTED:
            continue
        if fates[need] in GOOD:
            hand.answered(referral_id, S.ACCEPTED)
        else:
            hand.answered(referral_id, S.DECLINED, reason=Reason.NO_CAPACITY)


def _decline(hand: Handling, referral_id: UUID, reason: Reason) -> None:
    """Half of all agencies answer by their link, the others by phone."""
    if hand.desk.dice.random() < 0.5:
        hand.replied(referral_id, Reply.DECLINE, reason=reason)
    else:
        hand.answered(referral_id, S.DECLINED, reason=reason)


def _settle(hand: Handling, fates: Fates) -> None:
    """Write down on the person's word what became of each place, before the case closes."""
    for referral in hand.open_referrals():
        fate = fates[referral.need.code]
        is_held = referral.state in (S.ACCEPTED, S.IN_PROGRESS)
        said = Source.PERSON_REPORTED
        if is_held and fate in GOOD:
            hand.answered(referral.id, S.CONFIRMED, source=said)
        elif is_held:
            hand.answered(referral.id, S.NOT_FULFILLED, reason=Reason.DID_NOT_TRY, source=said)
        else:
            hand.recall(referral, Reason.PARTNER_UNREACHABLE)


def _vain_tries(hand: Handling) -> list[AttemptResult]:
    """Give the tries that reach nobody: mostly none, at most two."""
    results = [AttemptResult.NO_ANSWER, AttemptResult.VOICEMAIL_NOT_LEFT]
    results += [AttemptResult.REACHED_OTHER, AttemptResult.ASKED_LATER]
    if hand.who.plan["voicemail_rule"] is not VoicemailRule.NEVER:
        results.append(AttemptResult.VOICEMAIL_LEFT)
    count = hand.desk.dice.choices((0, 1, 2), (60, 28, 12))[0]
    return [hand.desk.dice.choice(results) for _ in range(count)]


def _closure_of(fates: Fates) -> ClosureCode:
    if all(fate is Fate.HELPED for fate in fates.values()):
        return ClosureCode.NEED_MET
    if any(fate in GOOD for fate in fates.values()):
        return ClosureCode.PARTIALLY_MET
    return ClosureCode.UNMET_NO_OPTION


def _sure(referral_id: UUID | None) -> UUID:
    if referral_id is None:
        raise LookupError("no agency offers this need")
    return referral_id
