"""The follow-up policy: a new version, what it would move, and moving it in batches."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from flask_babel import lazy_gettext as _l

from casework.audit import services as audit
from casework.database import Code, StaleVersion, attempt, now
from casework.extensions import db
from casework.followups import policy, queries, rules, spacing
from casework.followups.models import FollowUp
from casework.followups.policy import Series, Step
from casework.followups.policy_models import FollowUpPolicy, MoveState, PolicyName
from casework.followups.rules import Rule
from casework.followups.services import planning
from casework.followups.services.windows import Reading, read_plan, replan_windows
from casework.security import Actor
from casework.vault import Unreadable

log = structlog.get_logger()

# How many planned calls a preview looks at: each one’s plan is opened, and somebody waits.
PREVIEWED = 300
# Few enough that nobody who works on one of them waits long.
BATCH = 50


class Kept(Code):
    """Why a planned call stays where it is under a new version of its rule."""

    FITS = "fits", _l("Its day fits the new rule")
    AGREED = "agreed", _l("Its time was agreed with the person")
    TRIED = "tried", _l("It was tried already; the next try stands")
    DUE = "due", _l("It is due already")
    BEING_CALLED = "being_called", _l("Somebody is calling, or working on it")
    NO_SUCH_STEP = "no_such_step", _l("The new rule has no such call-back: it is made all the same")
    NO_HOUR = "no_hour", _l("No agreed hour in the new time")
    CONSENT_ENDS = "consent_ends", _l("The consent ends before the new time")
    UNREADABLE = "unreadable", _l("Its agreed hours cannot be read")


@dataclass(frozen=True)
class Destination:
    """Where a new version puts one planned call: to a moment, or nowhere and why."""

    follow_up: FollowUp
    to: datetime | None = None
    latest_at: datetime | None = None
    kept: Kept | None = None
    reading: Reading | None = None


@dataclass(frozen=True)
class Preview:
    """What a new version would do to what is planned."""

    moves: list[Destination]
    kept: Counter[Kept]
    looked_at: int
    planned: int


def preview_policy(actor: Actor, *, name: PolicyName, rule: Rule) -> Preview:
    """Work out which planned calls a rule would move, the earliest due first; nothing changes.

    The agreed hours are read by the system: whoever asks sees references and times only (R29).
    Raises PolicyImpossible.
    """
    rules.check(name, rule)
    planned = queries.count_planned(actor.service_id, name)
    ids = queries.planned_under(actor.service_id, name, limit=PREVIEWED)
    series = rule.as_series(name)
    found = [
        _destination(follow_up, series, []) for follow_up in queries.with_ids(actor.service_id, ids)
    ]
    moves = [destination for destination in found if destination.to is not None]
    audit.record(
        actor,
        "policy:previewed",
        ("follow_up_policy", None),
        detail={"rule": name.value, "looked_at": len(found), "moves": len(moves)},
    )
    kept = Counter(destination.kept for destination in found if destination.kept is not None)
    return Preview(moves, kept, len(found), planned)


def change_policy(actor: Actor, *, name: PolicyName, rule: Rule, version: int) -> FollowUpPolicy:
    """Put a new version in force, keep the one before, and begin to move what is planned.

    New cases follow it at once; a first batch of planned calls moves here, the sweep moves the
    rest. Raises PolicyImpossible, or StaleVersion when a colleague was faster.
    """
    rules.check(name, rule)
    before = queries.hold_policy(actor, name)
    if (before.version if before else 0) != version:
        raise StaleVersion
    if before is not None:
        before.is_current = False
        db.session.flush()
    row = FollowUpPolicy(
        service_id=actor.service_id,
        name=name,
        version=version + 1,
        is_current=True,
        steps=[list(step) for step in rule.steps],
        max_attempts=rule.max_attempts,
        pause_hours=rule.pause_hours,
        longest_days=rule.longest_days,
        team_after_hours=rule.team_after_hours,
        supervisor_after_hours=rule.supervisor_after_hours,
        changed_at=now(),
        changed_by=actor.id,
        move_state=MoveState.RUNNING,
        looked_at=0,
        to_look_at=queries.count_planned(actor.service_id, name),
        moved=0,
        kept=0,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor,
        "policy:changed",
        row,
        fields=("steps", "max_attempts", "pause_hours", "longest_days", "supervisor_after_hours"),
        detail={"rule": name.value, "version": row.version, "attempts": rule.max_attempts},
    )
    _move_batch(row)
    return row


def move_calls(service_id: UUID) -> int:
    """Move one batch for each rule that has changed; tell how many calls moved. Twice does no harm."""
    return sum(_move_batch(row) for row in queries.moving_policies(service_id))


def _move_batch(row: FollowUpPolicy) -> int:
    """Look at the next planned calls of a rule; what somebody else holds stays as it is."""
    ids = queries.planned_under(row.service_id, row.name, after=row.move_after, limit=BATCH)
    series = rules.rule_of(row).as_series(row.name)
    held = queries.hold_if_free(ids)
    moved = sum(_apply(follow_up, series) for follow_up in held)
    row.looked_at += len(ids)
    row.moved += moved
    row.kept += len(ids) - moved
    row.move_after = ids[-1] if ids else row.move_after
    if len(ids) < BATCH:
        row.move_state = MoveState.DONE
        audit.record(
            Actor.system(row.service_id),
            "policy:applied",
            row,
            detail={"rule": row.name.value, "moved": row.moved, "kept": row.kept},
        )
    return moved


def _apply(follow_up: FollowUp, series: Series) -> bool:
    """Put one planned call where the rule wants it, in a savepoint of its own; tell if it moved."""
    try:
        with attempt():
            return _apply_one(follow_up, series)
    except Unreadable:
        # One damaged plan must not keep all the others where they are.
        log.error("policy.unreadable", follow_up_id=str(follow_up.id))
        return False


def _apply_one(follow_up: FollowUp, series: Series) -> bool:
    system = Actor.system(follow_up.service_id)
    case = follow_up.case
    where = _destination(follow_up, series, planning.taken_moments(system, case, but=follow_up))
    if where.kept is not Kept.BEING_CALLED:
        # Whoever was tried often is tried once more, and not given up by a change of rules.
        follow_up.max_attempts = max(series.max_attempts, follow_up.attempts + 1)
    if where.to is not None and where.reading is not None and where.latest_at is not None:
        follow_up.latest_at = where.latest_at
        planning.place_at(system, follow_up, where.reading, where.to)
        return True
    if where.kept is Kept.FITS and where.latest_at is not None:
        reading = read_plan(system, case, purpose="plan_call")
        until = reading.consent_until
        follow_up.latest_at = min(where.latest_at, until) if until else where.latest_at
        replan_windows(system, follow_up, reading=reading)
    return False


def _destination(follow_up: FollowUp, series: Series, taken: Collection[datetime]) -> Destination:
    """Work out where a rule puts one planned call; what was agreed, tried or begun stays."""
    step = next((step for step in series.steps if step.number == follow_up.step), None)
    if step is None:
        return Destination(follow_up, kept=Kept.NO_SUCH_STEP)
    at = now()
    stays = _reason_to_stay(follow_up, step, at)
    if stays is Kept.FITS:
        return Destination(follow_up, latest_at=_latest(follow_up, step), kept=stays)
    if stays is not None:
        return Destination(follow_up, kept=stays)
    try:
        reading = read_plan(
            Actor.system(follow_up.service_id), follow_up.case, purpose="policy_preview"
        )
    except Unreadable:
        return Destination(follow_up, kept=Kept.UNREADABLE)
    return _laid(follow_up, step, reading, at, taken)


def _reason_to_stay(follow_up: FollowUp, step: Step, at: datetime) -> Kept | None:
    """Say why a call is not to be moved, without opening anything."""
    if queries.call_for(follow_up, at) is not None:
        return Kept.BEING_CALLED
    if follow_up.is_agreed:
        return Kept.AGREED
    if follow_up.attempts:
        return Kept.TRIED
    if follow_up.due_at <= at:
        return Kept.DUE
    earliest = follow_up.created_at + step.earliest
    if earliest <= follow_up.due_at < _latest(follow_up, step):
        return Kept.FITS
    return None


def _laid(
    follow_up: FollowUp, step: Step, reading: Reading, at: datetime, taken: Collection[datetime]
) -> Destination:
    earliest = max(follow_up.created_at + step.earliest, at)
    latest = _latest(follow_up, step)
    consent_until = reading.consent_until
    if consent_until is None or earliest >= consent_until:
        return Destination(follow_up, kept=Kept.CONSENT_ENDS)
    moment = spacing.free_moment(reading.plan, earliest, taken, office=reading.office)
    # A range that is over already: the call is made at the next agreed hour.
    if moment is None or (latest > at and moment >= latest):
        return Destination(follow_up, kept=Kept.NO_HOUR)
    if moment >= consent_until:
        return Destination(follow_up, kept=Kept.CONSENT_ENDS)
    deadline = policy.deadline_of_one_off(reading.plan, moment)
    return Destination(
        follow_up,
        to=moment,
        latest_at=min(max(latest, deadline), consent_until),
        reading=reading,
    )


def _latest(follow_up: FollowUp, step: Step) -> datetime:
    latest: datetime = follow_up.created_at + step.latest
    return latest
