"""Agencies: asked for a place, they answer, hold, take back, or stay silent (R31, R36)."""

from datetime import datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

from casework import people, referrals
from casework.cases.models import Reason, Source
from casework.directory.needs import NeedCode
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.referrals.models import Referral, ReferralState, Remark, Urgency
from casework.security import Actor
from casework.simulation import promises, rows
from casework.simulation.assize import judge_held
from casework.simulation.stage import Stage
from casework.simulation.wishes import Life, Yes

SHARED_FOR = timedelta(days=30)


def ask(stage: Stage, dice: Random, life: Life, need: NeedCode) -> None:
    """Ask an agency, with the person's yes to that; it answers after a while, or never."""
    made: list[UUID] = []

    def send() -> None:
        actor, case = promises.subject(stage, life)
        share = ConsentAnswer(Purpose.SHARE_WITH_PARTNER, True, category=need)
        people.services.record_consents(actor, case.person, [share])
        urgency = Urgency.URGENT if dice.random() < 0.7 else Urgency.ROUTINE
        needed = next(each for each in case.needs if each.code is need)
        referral = referrals.services.send(
            actor, case, needed, organization_id=stage.agencies[need], urgency=urgency
        )
        made.append(referral.id)

    fresh = Yes(Purpose.SHARE_WITH_PARTNER.value, stage.at, stage.at + SHARED_FOR)
    is_asked = promises.act(
        stage, life, "agency asked", send, then=lambda: life.yeses.append(fresh)
    )
    if is_asked and dice.random() < 0.9:
        after = timedelta(minutes=dice.randrange(3, 110))
        stage.later(stage.at + after, partial(answer, stage, dice, life, made[0]))


def answer(stage: Stage, dice: Random, life: Life, referral_id: UUID) -> None:
    """Let the agency answer on the phone; a place is held for some hours, or without an end."""
    to, reason, hold = dice.choice((ReferralState.ACCEPTED,) * 4 + (ReferralState.DECLINED,) * 2
                                   + (ReferralState.WAITLISTED,)), None, None  # fmt: skip
    if to is ReferralState.DECLINED:
        reason = Reason.NO_CAPACITY
    elif to is ReferralState.ACCEPTED and dice.random() < 0.9:
        hold = stage.at + timedelta(minutes=dice.randrange(45, 30 * 60))

    def record() -> None:
        actor, referral = _referral(stage, life, referral_id)
        referrals.services.answer(
            actor,
            referral,
            to=to,
            reason=reason,
            source=Source.PARTNER_CONFIRMED,
            hold_until=hold,
        )

    if not promises.act(stage, life, f"agency: {to.value}", record):
        return
    if to is ReferralState.ACCEPTED:
        judge_held(stage.judge, life, stage.at, referral_id, hold=hold)
    what = dice.random()
    if what < 0.2:
        soon = stage.at + timedelta(minutes=dice.uniform(0.5, 6))
        stage.later(soon, partial(_take_back, stage, life, referral_id))
    elif what < 0.4 and hold is not None:
        before = stage.at + (hold - stage.at) * dice.random()
        more = hold + timedelta(hours=dice.randint(1, 12))
        stage.later(before, partial(_extend, stage, life, referral_id, more))
    elif what < 0.9:
        days = timedelta(days=dice.uniform(0.5, 3))
        stage.later(stage.at + days, partial(_end, stage, dice, life, referral_id))


def _take_back(stage: Stage, life: Life, referral_id: UUID) -> None:
    def undo() -> None:
        actor, referral = _referral(stage, life, referral_id)
        referrals.services.undo(actor, referral)

    promises.act(stage, life, "answer taken back", undo)


def _extend(stage: Stage, life: Life, referral_id: UUID, hold_until: datetime) -> None:
    def extend() -> None:
        actor, referral = _referral(stage, life, referral_id)
        referrals.services.extend_hold(actor, referral, hold_until=hold_until)

    if promises.act(stage, life, "hold extended", extend):
        hold = rows.held_places(life.case_id).get(referral_id)
        if any(p.referral == referral_id for p in stage.judge.promises.values()):
            judge_held(stage.judge, life, stage.at, referral_id, hold=hold)


def _end(stage: Stage, dice: Random, life: Life, referral_id: UUID) -> None:
    """Let the person arrive or not, or the navigator recall the request."""
    choice = dice.random()

    def end() -> None:
        actor, referral = _referral(stage, life, referral_id)
        if choice < 0.7 and referral.state is ReferralState.ACCEPTED:
            referrals.services.report_arrival(
                actor,
                referral,
                has_arrived=choice < 0.5,
                source=Source.PARTNER_CONFIRMED,
                reason=None if choice < 0.5 else Reason.NO_SHOW,
            )
        else:
            referrals.services.recall(actor, referral, reason=Reason.PERSON_DECLINED)

    promises.act(stage, life, "request ended", end)


def ask_to_call(stage: Stage, life: Life, referral_id: UUID) -> None:
    """Let the agency ask that the person call them."""

    def remark() -> None:
        actor, referral = _referral(stage, life, referral_id)
        referrals.services.remark(actor, referral, what=Remark.CALL_US)

    promises.act(stage, life, "agency: call us", remark)


def _referral(stage: Stage, life: Life, referral_id: UUID) -> tuple[Actor, Referral]:
    actor, _case = promises.subject(stage, life)
    return actor, referrals.queries.get(actor, referral_id)
