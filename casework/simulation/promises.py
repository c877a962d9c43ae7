"""Keeps the record in step with what was really planned: every act on a case, and what it promised."""

from collections.abc import Callable

from casework import cases
from casework.cases.erasure_models import ErasureReason
from casework.cases.models import Case
from casework.people.models import Person
from casework.security import Actor
from casework.simulation import rows
from casework.simulation.assize import judge_released
from casework.simulation.judge import Promise
from casework.simulation.rows import Planned
from casework.simulation.stage import Stage
from casework.simulation.wishes import Life


def act(
    stage: Stage,
    life: Life,
    name: str,
    change: Callable[[], object],
    *,
    then: Callable[[], object] | None = None,
    may_move: bool = False,
) -> bool:
    """Do something about somebody, and keep the record of it; a refusal leaves both as they were.

    The record is changed before anybody looks, and only if the services did not refuse.
    """
    if life.is_erased:
        return False

    def change_both() -> None:
        change()
        if then is not None:
            then()
        stage.touch(life)
        remember(stage, life, may_move=may_move)

    return stage.do(name, change_both)


def remember(stage: Stage, life: Life, *, may_move: bool = False) -> None:
    """Read what is planned for a case, and compare it with what was promised (R10)."""
    for planned in rows.planned_of(life.case_id):
        _compare(stage, life, planned, may_move=may_move)
    for referral, at, _source in rows.released_places(life.case_id):
        if (life.case_id, referral) not in stage.released:
            stage.released.add((life.case_id, referral))
            judge_released(stage.judge, life, at, referral)


def _compare(stage: Stage, life: Life, planned: Planned, *, may_move: bool) -> None:
    judge = stage.judge
    known = judge.promises.get(planned.id)
    if planned.state != "scheduled":
        if known is not None:
            judge.settle(planned.id, planned.ended_at or stage.at)
        return
    if known is None:
        stage.tally["calls planned"] += 1
    elif known.due_at != planned.due_at:
        if not may_move:
            judge.is_shifted(planned.id, planned.due_at, stage.at)
        judge.settle(planned.id, stage.at)
    elif known.latest_at == planned.latest_at:
        return
    if known is None or planned.id not in judge.promises:
        judge.promises[planned.id] = Promise(
            life=life,
            kind=planned.kind,
            due_at=planned.due_at,
            latest_at=planned.latest_at,
            since=stage.at,
            referral=planned.referral_id,
        )
    else:
        known.latest_at = planned.latest_at


def forget(stage: Stage, life: Life) -> None:
    """Erase somebody's case, and forget every promise about it (R17)."""
    if life.is_erased:
        return

    def erase() -> None:
        who = stage.colleague(life.owner(stage.at)) or stage.staff[0]
        case = cases.queries.get_by_id(who.actor, life.case_id)
        cases.services.erase_case(who.actor, case, reason=ErasureReason.PERSONS_WISH)
        life.is_erased = True
        life.closed_at = life.closed_at or stage.at
        stage.touch(life)
        for id_ in [id_ for id_, p in stage.judge.promises.items() if p.life is life]:
            stage.judge.settle(id_, stage.at)

    if not stage.do("case erased", erase):
        life.is_erased = False


def subject(stage: Stage, life: Life) -> tuple[Actor, Case]:
    """Give whoever has the case, acting, and the case as they may see it."""
    who = stage.colleague(life.owner(stage.at)) or stage.staff[0]
    return who.actor, cases.queries.get_by_id(who.actor, life.case_id)


def person_of(stage: Stage, life: Life) -> tuple[Actor, Person]:
    """Give whoever has the case, acting, and its person."""
    actor, case = subject(stage, life)
    return actor, case.person
