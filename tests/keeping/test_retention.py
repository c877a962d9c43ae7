"""Retention: what is past its time is counted, then erased at night, a few at a time; a hold wins (R24)."""

from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from sqlalchemy import select

from casework import audit, background, cases, database
from casework.background import Job
from casework.cases.erasure_models import Erasure, ErasureReason, HoldReason
from casework.cases.models import Case, ClosureCode
from casework.extensions import db
from casework.keeping import policy, queries, services, tasks
from casework.security import Actor
from tests.followups.scenes import at, case_of
from tests.world import World

NOON = at(24, 12)
NIGHT = at(25, 2)
MET = ClosureCode.NEED_MET


def closed(world: World, closure: ClosureCode, days_ago: int) -> Case:
    """Open a case and close it so many days before noon."""
    case = case_of(world.amina.actor)
    cases.services.close_case(world.amina.actor, case, closure=closure)
    case.closed_at = NOON - timedelta(days=days_ago)
    database.commit()
    return case


def counted(world: World) -> policy.Report:
    return queries.report(world.marc.actor, database.now(), queries.days_of(world.marc.actor))


def left(*case_ids: Any) -> int:
    return len(db.session.scalars(select(Case.id).where(Case.id.in_(case_ids))).all())


def test_every_closure_has_a_time_of_its_own_even_where_nobody_chose_one(world: World) -> None:
    assert set(queries.days_of(world.marc.actor)) == set(ClosureCode)
    assert queries.days_of(world.outsider.actor) == dict(policy.DEFAULT_DAYS)


@pytest.mark.parametrize("closure", list(ClosureCode))
def test_a_case_is_past_its_time_on_the_day_and_not_before(
    world: World, clock: Any, closure: ClosureCode
) -> None:
    clock.freeze(NOON)
    kept = policy.DEFAULT_DAYS[closure]
    closed(world, closure, kept - 1)
    assert counted(world).total == 0
    closed(world, closure, kept)
    assert counted(world).due == {closure: 1}


def test_an_open_case_and_another_services_case_are_never_counted(world: World, clock: Any) -> None:
    clock.freeze(NOON)
    case_of(world.amina.actor)
    closed(world, MET, 900)
    outsider = world.outsider.actor
    database.enter_service(outsider.service_id)
    assert queries.report(outsider, NOON, queries.days_of(outsider)) == policy.Report()


def test_the_sweep_reports_then_erases_what_is_not_held_and_nothing_else(
    world: World, clock: Any
) -> None:
    clock.freeze(NOON)
    due = [closed(world, MET, 400).id for _ in range(3)]
    young, open_one = closed(world, MET, 100).id, case_of(world.amina.actor).id
    held = closed(world, MET, 400)
    cases.services.place_hold(world.sophie.actor, held, reason=HoldReason.LEGAL_CLAIM)
    database.commit()
    held_id = held.id
    tasks.erase_past_time(world.north.id)
    assert left(*due) == 3, "by day nothing is erased"
    clock.freeze(NIGHT)
    tasks.erase_past_time(world.north.id)
    assert left(*due) == 0
    assert left(young, open_one, held_id) == 3
    [told] = audit.entries(world.marc.actor, audit.EntryFilter(action="retention:reported"))
    assert told.detail == {"due": 3, "held": 1}
    first = audit.entries(world.marc.actor, audit.EntryFilter(action="case:erased"))[-1]
    assert told.seq < first.seq, "the report comes first"
    reasons = db.session.scalars(select(Erasure.reason)).all()
    assert set(reasons) == {ErasureReason.RETENTION}


def test_the_sweep_is_on_the_timetable(world: World) -> None:
    assert str(Job.ERASE_PAST_TIME) in background.timetable


def test_a_turn_takes_a_small_batch_and_the_next_one_goes_on(world: World, clock: Any) -> None:
    clock.freeze(NOON)
    due = [closed(world, MET, 400 + n).id for n in range(5)]
    actor = Actor.system(world.north.id)
    assert tasks.run_once(actor, batch=2) == 2
    assert left(*due[3:]) == 0, "the longest closed go first"
    assert [tasks.run_once(actor, batch=2) for _ in range(3)] == [2, 1, 0]


def test_a_case_that_cannot_be_erased_now_keeps_no_other_waiting(
    world: World, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.freeze(NOON)
    stuck, other = closed(world, MET, 500).id, closed(world, MET, 400).id
    erase = services.erase_one

    def refuse(actor: Actor, case_id: Any) -> None:
        if case_id == stuck:
            raise cases.policy.BeingWorkedOn
        erase(actor, case_id)

    monkeypatch.setattr(services, "erase_one", refuse)
    assert tasks.run_once(Actor.system(world.north.id)) == 1
    assert (left(stuck), left(other)) == (1, 0)


def test_a_whole_batch_of_cases_that_cannot_be_erased_keeps_no_other_waiting(
    world: World, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.freeze(NOON)
    stuck = {closed(world, MET, 500 + n).id for n in range(3)}
    others = [closed(world, MET, 400).id for _ in range(3)]
    erase = services.erase_one

    def refuse(actor: Actor, case_id: Any) -> None:
        if case_id in stuck:
            raise cases.policy.BeingWorkedOn
        erase(actor, case_id)

    monkeypatch.setattr(services, "erase_one", refuse)
    actor = Actor.system(world.north.id)
    assert tasks.run_once(actor, batch=2) == 2
    failed: set[Any] = set()
    assert tasks.run_once(actor, batch=2, failed=failed) == 1
    assert failed == stuck
    assert (left(*stuck), left(*others)) == (3, 0)


def test_a_worker_that_is_stopped_blames_no_case(
    world: World, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.freeze(NOON)
    closed(world, MET, 500)

    def stop(*_args: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(services, "erase_one", stop)
    failed: set[Any] = set()
    with pytest.raises(SoftTimeLimitExceeded):
        tasks.run_once(Actor.system(world.north.id), failed=failed)
    assert failed == set()


@pytest.mark.parametrize("days", [0, -1, 3651, None])
def test_a_time_that_is_none_changes_nothing(world: World, days: int | None) -> None:
    with pytest.raises(policy.DaysImpossible):
        services.change_days(world.marc.actor, days={MET: 10, ClosureCode.DECEASED: days})
    assert queries.days_of(world.marc.actor) == dict(policy.DEFAULT_DAYS)


# --- the page -------------------------------------------------------------------------------------


def fields(**changes: str) -> dict[str, str]:
    days = {closure.value: str(number) for closure, number in policy.DEFAULT_DAYS.items()}
    return days | changes


def test_new_times_are_counted_before_they_are_saved(
    world: World, clock: Any, visitor: Any
) -> None:
    clock.freeze(NOON)
    for _ in range(2):
        closed(world, MET, 100)
    held = closed(world, MET, 100)
    cases.services.place_hold(world.sophie.actor, held, reason=HoldReason.LEGAL_CLAIM)
    ref = held.ref
    marc = visitor(world.marc)
    page = marc.get("/retention").get_data(as_text=True)
    assert "0 dossier serait effacé cette nuit." in page
    page = marc.post("/retention", fields(need_met="60")).get_data(as_text=True)
    assert "Moins de 5 dossiers seraient effacés cette nuit." in page
    assert "Moins de 5 autres sont sous conservation légale et restent." in page
    assert "Elles ne sont pas encore enregistrées" in page and ref not in page
    assert queries.days_of(world.marc.actor)[MET] == 365
    mark = page.split('name="counted"')[1].split('value="')[1].split('"')[0]
    answer = marc.post("/retention", fields(need_met="60", counted=mark))
    assert answer.status_code == 302
    assert queries.days_of(world.marc.actor)[MET] == 60
    [told] = audit.entries(world.marc.actor, audit.EntryFilter(action="retention:changed"))
    assert told.detail == {"need_met": 60}


def test_times_whose_count_has_changed_are_counted_again(
    world: World, clock: Any, visitor: Any
) -> None:
    clock.freeze(NOON)
    marc = visitor(world.marc)
    page = marc.submit("/retention", fields(need_met="60")).get_data(as_text=True)
    mark = page.split('name="counted"')[1].split('value="')[1].split('"')[0]
    closed(world, MET, 100)
    again = marc.post("/retention", fields(need_met="60", counted=mark))
    assert again.status_code == 200
    assert queries.days_of(world.marc.actor)[MET] == 365
    # Nor are others saved than those that were counted.
    other = marc.post("/retention", fields(need_met="30", counted=mark))
    assert other.status_code == 200
    assert queries.days_of(world.marc.actor)[MET] == 365


def main_of(page: str) -> str:
    return page.split("<main", 1)[1].split('id="days"')[0]


def mark_of(page: str) -> str:
    return page.split('name="counted"')[1].split('value="')[1].split('"')[0]


def test_a_number_below_five_is_not_shown_to_administrators(
    world: World, visitor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two counts that differ by one day would tell when the only such case closed (R25)."""
    counts = {MET: 3}
    monkeypatch.setattr(queries, "report", lambda *_args: policy.Report(dict(counts), 4))
    marc = visitor(world.marc)

    def look() -> tuple[str, str]:
        page = marc.submit("/retention", fields(need_met="60")).get_data(as_text=True)
        return main_of(page), mark_of(page)

    page, mark = look()
    assert "Moins de 5 dossiers seraient effacés cette nuit." in page
    assert "Moins de 5 autres sont sous conservation légale" in page
    assert "moins de 5</td>" in page and ">3<" not in page
    counts[MET] = 2
    assert look() == (page, mark), "not even what the form carries along tells them apart"
    counts |= {MET: 6, ClosureCode.DECEASED: 1}
    page, _mark = look()
    assert "Au moins 5 dossiers" in page, "the total would tell the part that is not shown"
    assert ">6<" in page and "moins de 5</td>" in page and "7 dossiers" not in page
    del counts[ClosureCode.DECEASED]
    page, mark = look()
    assert "6 dossiers seraient effacés cette nuit." in page and ":6:few" in mark


@pytest.mark.parametrize("days", ["", "0", "4000", "ten", "-5", "٣٠", "1e3"])
def test_an_impossible_time_is_refused_in_one_sentence(
    world: World, visitor: Any, days: str
) -> None:
    answer = visitor(world.marc).submit("/retention", fields(need_met=days))
    assert answer.status_code == 422
    assert answer.get_data(as_text=True).count("1 et 3650") >= 1
