"""What invented people say and change in the course of their case, told to the real services."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random

from casework import cases, people
from casework.cases.models import ClosureCode
from casework.directory.needs import NeedCode
from casework.followups import services as followups
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.simulation import places, promises
from casework.simulation.invention import as_plan, invent_phone, invent_wish
from casework.simulation.stage import Colleague, Stage
from casework.simulation.wishes import Life, Wish, Yes

NEEDS = (
    (NeedCode.FOOD,),
    (NeedCode.RENT, NeedCode.FOOD),
    (NeedCode.SHELTER,),
    (NeedCode.SHELTER,),
    (NeedCode.VIOLENCE_SHELTER,),
    (NeedCode.MENTAL_HEALTH,),
)
DEFAULT = timedelta(days=45)
LIVES = timedelta(days=40)
NEIGHBOURS = 12


def arrive(stage: Stage, number: int) -> None:
    """Let somebody call for the first time, and put the rest of their case on the queue."""
    dice = stage.dice("life", number)
    who = dice.choice(stage.navigators())
    made: list[Life] = []
    needs = dice.choice(NEEDS)
    if not stage.do("case opened", lambda: made.append(_open(stage, dice, number, who, needs))):
        return
    life = made[0]
    stage.town.add(life)
    stage.touch(life)
    promises.remember(stage, life)
    plan = partial(_plan_first, stage, dice, life)
    promises.act(stage, life, "series planned", plan, may_move=True)
    if needs[0] in stage.agencies and dice.random() < 0.7:
        places.ask(stage, dice, life, needs[0])
    for _ in range(dice.choice((1, 2, 2, 3, 4))):
        at = stage.at + LIVES * dice.random() ** 1.5
        turn = dice.choices(tuple(TURNS), weights=tuple(TURNS.values()))[0]
        stage.later(at, partial(_turn, stage, dice, life, turn))


def _open(
    stage: Stage, dice: Random, number: int, who: Colleague, needs: tuple[NeedCode, ...]
) -> Life:
    wish, at = invent_wish(dice, near=stage.at), stage.at
    phone = _phone(stage, dice, number)
    name, word = f"Maya Quill{number:06d}", f"blue Quill{number:06d}"
    person = people.services.register_person(
        who.actor,
        details={"safe_name": name, "phone": phone},
        plan=as_plan(wish) | {"code_word": word},
    )
    yeses = [Yes("keep_case", at, at + DEFAULT)]
    if dice.random() < 0.93:
        yeses.append(Yes("call_back", at, at + _lasting(dice)))
    if dice.random() < 0.15:
        yeses[0].until = at + _lasting(dice)
    people.services.record_consents(
        who.actor,
        person,
        [ConsentAnswer(Purpose(yes.purpose), True, expires_at=yes.until) for yes in yeses],
    )
    case = cases.services.open_case(
        who.actor, person, needs=needs, adults=1, children=0, note=f"About {name}."
    )
    return Life(
        number=number,
        name=name,
        code_word=word,
        person_id=person.id,
        case_id=case.id,
        ref=case.ref,
        wishes=[(at, wish)],
        phones=[(at, phone)],
        yeses=yeses,
        owners=[(at, who.account_id)],
    )


def _lasting(dice: Random) -> timedelta:
    """Choose how long a yes holds: as usual, or until some hour of some day."""
    if dice.random() < 0.4:
        return DEFAULT
    return timedelta(minutes=dice.randrange(20 * 60, 44 * 24 * 60))


def _phone(stage: Stage, dice: Random, number: int) -> str:
    """Choose a number: of one's own, or one that somebody else gave lately (R33)."""
    if dice.random() < 0.25:
        lately = [
            life
            for life in list(stage.town.lives.values())[-NEIGHBOURS:]
            if life.agrees("keep_case", stage.at)
        ]
        if lately:
            return dice.choice(lately).phone(stage.at)
    others = [each.town for each in stage.timeline.stages if each is not stage]
    if dice.random() < 0.05 and any(town.by_phone for town in others):
        # Known to another service too, which neither narrows a plan here nor hears of it.
        return dice.choice(
            [phone for town in others for phone in list(town.by_phone)[-NEIGHBOURS:]]
        )
    return invent_phone(dice, number)


def _plan_first(stage: Stage, dice: Random, life: Life) -> None:
    actor, case = promises.subject(stage, life)
    if dice.random() < 0.75:
        followups.plan_series(actor, case)
    else:
        _plan_one(stage, dice, life)


def _plan_one(stage: Stage, dice: Random, life: Life) -> None:
    """Plan one call at some hour that is agreed as a rule."""
    actor, case = promises.subject(stage, life)
    moment = _some_agreed_time(dice, life, stage.at)
    followups.plan_call_back(actor, case, local_day=moment.date(), local_time=moment.time())


def _some_agreed_time(dice: Random, life: Life, at: datetime) -> datetime:
    """Choose a wall time within one of the hours they spoke of; the engine may still refuse it."""
    wish = life.wish(at)
    day = at.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    day += timedelta(days=dice.randint(1, 12))
    if not wish.hours:
        return day + timedelta(minutes=dice.randrange(0, 24 * 60, 5))
    hours = dice.choice(wish.hours)
    while day.weekday() not in hours.days:
        day += timedelta(days=1)
    return day + timedelta(minutes=dice.randrange(hours.start, hours.end))


# --- turns -----------------------------------------------------------------------------------------


def _turn(stage: Stage, dice: Random, life: Life, turn: "Turn") -> None:
    if life.is_erased:
        return
    turn(stage, dice, life)


def change_wish(stage: Stage, dice: Random, life: Life) -> None:
    """Let somebody say new hours; a plan that was unsafe is safe again with them (R13)."""
    zone = life.wish(stage.at).zone if dice.random() < 0.8 else None
    tell_wish(stage, life, invent_wish(dice, zone, near=stage.at))


def tell_wish(stage: Stage, life: Life, wish: Wish) -> None:
    """Write a wish down, in the record and in the real plan."""

    def act() -> None:
        actor, person = promises.person_of(stage, life)
        people.services.change_plan(actor, person, plan=as_plan(wish))

    promises.act(stage, life, "plan changed", act, then=lambda: life.say(wish, stage.at))


def mark_unsafe(stage: Stage, dice: Random, life: Life) -> None:
    """Let a navigator learn that the number is not safe."""

    def act() -> None:
        actor, person = promises.person_of(stage, life)
        people.services.mark_unsafe(actor, person)

    wish = replace(life.wish(stage.at), is_unsafe=True)
    promises.act(stage, life, "marked unsafe", act, then=lambda: life.say(wish, stage.at))


def _withdraw(purpose: Purpose) -> "Turn":
    def withdraw(stage: Stage, dice: Random, life: Life) -> None:
        """Let somebody take back a yes; only sharing, or the case itself, gives a place back (R31)."""

        def act() -> None:
            actor, person = promises.person_of(stage, life)
            people.services.withdraw(actor, person, purpose)

        def note() -> None:
            ends_all = purpose is Purpose.KEEP_CASE
            for name in {yes.purpose for yes in life.yeses} if ends_all else (purpose.value,):
                life.end_yes(name, stage.at)
            if ends_all or purpose is Purpose.SHARE_WITH_PARTNER:
                life.took_back_place = True
            if ends_all:
                life.closed_at = life.closed_at or stage.at

        promises.act(stage, life, f"withdrawn: {purpose.value}", act, then=note)

    return withdraw


def renew(stage: Stage, dice: Random, life: Life) -> None:
    """Ask again: a fresh yes, perhaps for a shorter time, replaces the one before (R2)."""
    fresh = Yes("call_back", stage.at, stage.at + _lasting(dice))

    def act() -> None:
        actor, person = promises.person_of(stage, life)
        answer = ConsentAnswer(Purpose.CALL_BACK, True, expires_at=fresh.until)
        people.services.record_consents(actor, person, [answer])

    promises.act(stage, life, "asked again", act, then=lambda: note_yes(life, fresh))
    promises.act(stage, life, "call planned", lambda: _plan_one(stage, dice, life), may_move=True)


def note_yes(life: Life, fresh: Yes) -> None:
    """Write down a fresh yes in place of the earlier ones."""
    life.end_yes(fresh.purpose, fresh.given_at)
    life.yeses.append(fresh)


def change_phone(stage: Stage, dice: Random, life: Life) -> None:
    """Let somebody give another number, perhaps one that somebody else gave too (R33)."""
    phone = _phone(stage, dice, 500_000 + life.number)

    def act() -> None:
        actor, person = promises.person_of(stage, life)
        people.services.change_details(actor, person, details={"phone": phone})

    stage.touch(life)
    promises.act(
        stage,
        life,
        "number changed",
        act,
        then=lambda: stage.town.change_phone(life, phone, stage.at),
    )


def reassign(stage: Stage, dice: Random, life: Life) -> None:
    """Hand the case to a colleague."""
    to = dice.choice(stage.navigators())

    def act() -> None:
        actor, case = promises.subject(stage, life)
        cases.services.assign(actor, case, owner_id=to.account_id)

    note = partial(life.owners.append, (stage.at, to.account_id))
    promises.act(stage, life, "handed over", act, then=note)


def close(stage: Stage, dice: Random, life: Life) -> None:
    """Close the case; an open request refuses it."""

    def act() -> None:
        actor, case = promises.subject(stage, life)
        cases.services.close_case(actor, case, closure=ClosureCode.NEED_MET)

    def note() -> None:
        life.closed_at = life.closed_at or stage.at

    promises.act(stage, life, "case closed", act, then=note)


def plan_another(stage: Stage, dice: Random, life: Life) -> None:
    """Plan one more call by hand."""
    promises.act(stage, life, "call planned", lambda: _plan_one(stage, dice, life), may_move=True)


def erase(stage: Stage, dice: Random, life: Life) -> None:
    """Let somebody ask to be forgotten, whatever is in flight (R17)."""
    promises.forget(stage, life)


Turn = Callable[[Stage, Random, Life], None]
END_CALLS = _withdraw(Purpose.CALL_BACK)
TURNS: dict[Turn, float] = {
    change_wish: 30,
    mark_unsafe: 4,
    END_CALLS: 10,
    _withdraw(Purpose.SHARE_WITH_PARTNER): 3,
    _withdraw(Purpose.KEEP_CASE): 4,
    renew: 14,
    change_phone: 8,
    reassign: 8,
    plan_another: 10,
    close: 5,
    erase: 5,
}
