"""Looks at everything staff were told, shown and sent, and hands it to the judge as raw facts."""

from collections.abc import Collection
from datetime import timedelta
from functools import partial
from uuid import UUID

from casework import database
from casework.extensions import db
from casework.followups import queries
from casework.followups.models import FollowUp
from casework.notices.senders import mailbox
from casework.security import Role
from casework.simulation import calls, pages, promises, rows
from casework.simulation.assize import callable_people, judge_letter
from casework.simulation.rows import Planned, Told
from casework.simulation.stage import Colleague, Stage
from casework.simulation.wishes import Life

LIMIT = 10_000
# Further than any agreed hour is away: then what is due must stand in some lane, whatever the page shows.
AHEAD = timedelta(days=20)


class Watch:
    """What was looked at already, so that everything is judged once."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        database.enter_service(stage.service_id)
        self.entry = rows.newest_entry()
        mailbox.clear()
        stage.timeline.observers.insert(0, self.look)

    def look(self) -> None:
        """Judge what is new since the last look: notices, deliveries, letters."""
        stage = self.stage
        database.enter_service(stage.service_id)
        told = rows.unseen_notices(stage.service_id)
        if told:
            database.commit()
            database.enter_service(stage.service_id)
            self._hear(told)
        shown = rows.shown_reminders(stage.service_id, self.entry)
        for seq, reminder in shown:
            self.entry = seq
            life = next(iter(stage.town.lives.values()))
            stage.judge.is_delivered(reminder, life, stage.at)
        if mailbox:
            self._read_letters()

    def _hear(self, told: list[Told]) -> None:
        planned = rows.planned({each.subject_id for each in told})
        for each in sorted(told, key=lambda one: (one.at, one.kind)):
            found = planned.get(each.subject_id)
            life = self.stage.life_of(found.case_id) if found else None
            if found is None or life is None:
                self.stage.tally[f"notice: {each.kind}"] += 1
                continue
            self._judge(each, found, life)

    def _judge(self, told: Told, planned: Planned, life: Life) -> None:
        stage = self.stage
        stage.tally[f"notice: {told.kind}"] += 1
        if told.kind == "no_safe_window":
            stage.judge.is_alarmed(life, planned.id, told.at)
            return
        if told.kind == "call_overdue":
            stage.judge.is_told_overdue(life, planned.id, told.at)
        if told.kind == "did_not_call":
            stage.judge.did_not_call(life, planned.id, told.at)
        if told.kind not in rows.PROMPTS:
            return
        holders = _holders(stage, planned, life)
        stage.judge.is_prompted(life, planned.id, told.account_id, told.at, holders=holders)
        calls.prompted(stage, life, planned.id, told.account_id)

    def _read_letters(self) -> None:
        stage = self.stage
        others = {
            to for each in stage.timeline.stages if each is not stage for to in each.addresses
        }
        letters = [each for each in mailbox if each.recipient not in others]
        if not letters:
            return
        mailbox[:] = [each for each in mailbox if each.recipient in others]
        owed = rows.due(stage.service_id, stage.at)
        for envelope in letters:
            to = envelope.recipient
            who = next((each for each in stage.staff if each.email == to), None)
            mine = [life for planned, life in _with_lives(stage, owed) if who
                    and who.account_id in _holders(stage, planned, life)]  # fmt: skip
            judge_letter(
                stage.judge,
                envelope.content.decode(errors="replace"),
                to,
                stage.at,
                addresses=stage.addresses,
                due=callable_people(stage.judge, mine, stage.at),
            )


def _with_lives(stage: Stage, owed: Collection[Planned]) -> list[tuple[Planned, Life]]:
    found = ((planned, stage.life_of(planned.case_id)) for planned in owed)
    return [(planned, life) for planned, life in found if life is not None]


def _holders(stage: Stage, planned: Planned, life: Life) -> set[UUID]:
    """Name who may be told about a call: whoever has it, else the supervisors."""
    holder = planned.assigned_to or life.owner(stage.at)
    if holder is not None:
        return {holder}
    return {each.account_id for each in stage.staff if each.role is Role.SUPERVISOR}


# --- lists ------------------------------------------------------------------------------------------


def glance(stage: Stage, number: int, *, by_page: bool) -> None:
    """Let somebody look at My day: every row is judged, and nothing due may stand in no lane."""
    who = stage.navigators()[number % len(stage.navigators())]
    database.enter_service(stage.service_id)
    try:
        _judge_lanes(stage, who)
        for life in list(stage.town.lives.values())[-60:]:
            if not life.is_erased:
                promises.remember(stage, life)
    finally:
        db.session.remove()
    if by_page:
        pages.my_day_page(stage, who)


def _judge_lanes(stage: Stage, who: Colleague) -> None:
    at, viewer = stage.at, who.actor
    lanes = queries.my_lanes(viewer, at, at + AHEAD, limit=LIMIT).lanes
    seen = {each.follow_up.id for lane in lanes.values() for each in lane}
    now = [each.follow_up for each in lanes[queries.LaneName.NOW]]
    for follow_up in now:
        _judge_row(stage, follow_up, "row to call now")
    for each in lanes[queries.LaneName.LATER]:
        _judge_later(stage, each.follow_up)
    for planned, life in _with_lives(stage, rows.due(stage.service_id, at)):
        if who.account_id in _holders(stage, planned, life) and planned.id not in seen:
            stage.judge.is_missing(life, at, planned.id)
    if now and stage.dice("glance", at.isoformat()).random() < 0.3:
        dice, first = stage.dice("first row", at.isoformat()), now[0]
        whose = stage.life_of(first.case_id)
        if whose is not None:
            soon = at + timedelta(minutes=dice.uniform(0.5, 3))
            stage.later(soon, partial(calls.call, stage, dice, whose, first.id, who))


def _judge_row(stage: Stage, follow_up: FollowUp, where: str) -> None:
    life = stage.life_of(follow_up.case_id)
    if life is not None:
        stage.judge.call_is_offered(life, stage.at, where, follow_up.id)
        if follow_up.due_at > stage.at:
            stage.judge.blame("row before the agreed time", "R10", life, stage.at, follow_up.id)


def _judge_later(stage: Stage, follow_up: FollowUp) -> None:
    """Judge the hour that a row promises: it must be agreed as things stand (R10)."""
    life = stage.life_of(follow_up.case_id)
    if life is None or follow_up.window_opens_at is None:
        return
    begins = max(follow_up.due_at, follow_up.window_opens_at)
    if life.wish(stage.at).is_unsafe or not life.may_be_called(stage.at):
        stage.judge.blame(
            "row for later that nobody may call", "R5, R13", life, stage.at, follow_up.id
        )
    else:
        stage.judge.call_is_offered(life, begins, "row for later", follow_up.id)
