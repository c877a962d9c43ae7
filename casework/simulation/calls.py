"""Staff at work: they call when prompted, early, late or not at all, and record every result there is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random
from uuid import UUID

from casework.database import NotFound
from casework.followups import queries, services
from casework.followups.models import AttemptResult, OverrideReason
from casework.followups.policy import ContactRule, NextCall
from casework.followups.refusals import CallIsOver
from casework.followups.services import NextStep
from casework.security import Actor
from casework.simulation import pages, promises
from casework.simulation.invention import invent_wish
from casework.simulation.lives import DEFAULT, note_yes, tell_wish
from casework.simulation.stage import Colleague, Stage
from casework.simulation.wishes import Life, Yes

R = AttemptResult
# How often each result comes; None stands for a line that drops, or a page left open.
RESULTS: dict[AttemptResult | None, int] = {
    R.REACHED_PERSON: 40,
    R.NO_ANSWER: 18,
    R.VOICEMAIL_LEFT: 7,
    R.VOICEMAIL_NOT_LEFT: 6,
    R.REACHED_OTHER: 5,
    R.ASKED_LATER: 8,
    R.UNSAFE_TO_TALK: 4,
    R.CODE_WORD_FAILED: 1,
    R.WRONG_NUMBER: 2,
    R.OUT_OF_SERVICE: 2,
    None: 7,
}


def prompted(stage: Stage, life: Life, follow_up_id: UUID, account_id: UUID) -> None:
    """Let a member of staff who was prompted call soon, late, or never."""
    dice = stage.dice("prompt", life.number, stage.at.isoformat())
    who = stage.colleague(account_id)
    if who is None or dice.random() < 0.15:
        return
    wait = timedelta(minutes=dice.choice((1, 2, 5, 20, 45, 180)) * dice.uniform(0.5, 1.5))
    stage.later(stage.at + wait, partial(call, stage, dice, life, follow_up_id, who))


def call(stage: Stage, dice: Random, life: Life, follow_up_id: UUID, who: Colleague) -> None:
    """Begin a call, now and then by the page, and put its end on the queue."""
    if life.is_erased:
        return
    reason = dice.choice(tuple(OverrideReason)) if dice.random() < 0.06 else None
    if dice.random() < stage.share_of_pages:
        pages.call_page(stage, life, follow_up_id, who)
    began: list[bool] = []

    def start() -> None:
        follow_up = queries.get(who.actor, follow_up_id)
        was_open = queries.open_attempt(follow_up) is not None
        attempt = services.start_call(who.actor, follow_up, override_reason=reason)
        if attempt.started_at == stage.at or not was_open:
            began.append(attempt.override_reason is not None)

    if not promises.act(stage, life, "call begun", start):
        return
    for for_a_reason in began:
        stage.judge.is_dialled(life, stage.at, for_a_reason=for_a_reason, subject=follow_up_id)
        if follow_up_id in stage.judge.promises:
            stage.judge.promises[follow_up_id].calls.append(stage.at)
    if dice.random() < stage.share_of_pages:
        later = stage.at + timedelta(minutes=dice.choice((0, 0, 30, 90)))
        stage.later(later, partial(pages.number_page, stage, life, follow_up_id, who))
    end = stage.at + timedelta(minutes=dice.uniform(0.5, 12))
    stage.later(end, partial(hang_up, stage, dice, life, follow_up_id, who))


def hang_up(stage: Stage, dice: Random, life: Life, follow_up_id: UUID, who: Colleague) -> None:
    """Record who answered, and go on from there."""
    result = dice.choices(tuple(RESULTS), weights=tuple(RESULTS.values()))[0]
    if result is None:
        if dice.random() < 0.5:
            _record(stage, life, follow_up_id, who, "line dropped", services.drop_call)
        else:
            stage.tally["call left open"] += 1
        return
    wish = life.wish(stage.at)
    is_right = dice.random() < 0.93
    rule = dice.choice((ContactRule.KEEP,) * 3 + (ContactRule.WILL_CALL_US, ContactRule.NOT_SAFE))
    is_asked = result in (R.REACHED_OTHER, R.UNSAFE_TO_TALK)
    act = partial(
        services.record_reach,
        result=result,
        code_word=life.code_word if is_right else "green mare",
        rule=rule if is_asked else ContactRule.KEEP,
    )
    is_failed = result is R.REACHED_PERSON and not is_right
    name = R.CODE_WORD_FAILED.value if is_failed else result.value
    is_unsafe = is_failed or result in (R.CODE_WORD_FAILED, R.WRONG_NUMBER)
    if is_unsafe or (is_asked and rule is ContactRule.NOT_SAFE):
        wish = replace(wish, is_unsafe=True)
    elif is_asked and rule is ContactRule.WILL_CALL_US:
        # Making the plan anew makes it safe again; a number learnt to be unsafe was refused above.
        wish = replace(wish, when="will_call_us", is_unsafe=False)
    say = partial(life.say, wish, stage.at)
    if not _record(stage, life, follow_up_id, who, f"result: {name}", act, then=say):
        return
    if result is R.VOICEMAIL_LEFT:
        stage.judge.voicemail_is_left(life, stage.at, follow_up_id)
    if result is R.REACHED_PERSON and not is_failed:
        talk = stage.at + timedelta(minutes=dice.uniform(0.5, 25))
        stage.later(talk, partial(finish, stage, dice, life, follow_up_id, who))
    if is_unsafe and dice.random() < 0.6:
        again = stage.at + timedelta(days=dice.uniform(0.2, 4))
        fresh = invent_wish(dice, wish.zone, near=stage.at)
        stage.later(again, partial(tell_wish, stage, life, fresh))


def finish(stage: Stage, dice: Random, life: Life, follow_up_id: UUID, who: Colleague) -> None:
    """Record what the person said, whether calls are still welcome, and what follows (R14)."""
    still_ok, is_told = dice.random() < 0.85, dice.random() < 0.8
    step = NextStep(NextCall.SERIES)
    act = partial(services.finish_call, outcomes=(), still_ok=still_ok, is_told=is_told,
                  next_step=step, note="Said: fine.")  # fmt: skip

    def say() -> None:
        if still_ok:
            note_yes(life, Yes("call_back", stage.at, stage.at + DEFAULT))
        else:
            life.end_yes("call_back", stage.at)

    _record(stage, life, follow_up_id, who, "call finished", act, then=say)


def _record(
    stage: Stage,
    life: Life,
    follow_up_id: UUID,
    who: Colleague,
    name: str,
    act: Callable[..., object],
    *,
    then: Callable[[], object] | None = None,
) -> bool:
    """Do something with the call this colleague has under way; somebody else's stays as it is."""

    def with_attempt() -> None:
        attempt = _own_attempt(who.actor, follow_up_id)
        act(who.actor, attempt)

    return promises.act(stage, life, name, with_attempt, then=then, may_move=True)


def _own_attempt(actor: Actor, follow_up_id: UUID) -> object:
    attempt = queries.open_attempt(queries.get(actor, follow_up_id))
    if attempt is None:
        raise CallIsOver
    if attempt.by_account != actor.id:
        raise NotFound
    return attempt
