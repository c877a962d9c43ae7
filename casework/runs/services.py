"""What is done to a run of any kind; its room says what a batch is and what the audit tells.

start   a row says what is to be done; an index lets one be active
claim   wake_at is moved on by the lease, the id leaves for a worker
state   moved from one that is expected, and by one person alone
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlalchemy.exc import IntegrityError

from casework.database import Refused, attempt, now
from casework.extensions import db
from casework.runs import policy
from casework.runs.models import ACTIVE_STATES, Run, RunState
from casework.runs.queries import AnyRun
from casework.security import Actor


def begin(actor: Actor, model: type[AnyRun], *, otherwise: type[Refused], **what: Any) -> AnyRun:
    """Write the row of a new run; raise `otherwise` when one is active, started at the same moment too."""
    at = now()
    run = model(
        service_id=actor.service_id,
        state=RunState.RUNNING,
        worked_ms=0,
        wake_at=at,
        started_by=actor.id,
        started_at=at,
        updated_at=at,
        **what,
    )
    try:
        with attempt():
            db.session.add(run)
    except IntegrityError:
        raise otherwise from None
    return run


def claim_due(model: type[Run], service_id: UUID, *conditions: ColumnElement[bool]) -> list[UUID]:
    """Take the runs whose lease ran out; a doubled sweep finds none, and would do no harm."""
    at = now()
    taken = db.session.scalars(
        update(model)
        .where(
            model.service_id == service_id,
            model.state == RunState.RUNNING,
            model.wake_at <= at,
            *conditions,
        )
        .values(wake_at=at + policy.LEASE)
        .returning(model.id)
        .execution_options(synchronize_session=False)
    )
    return list(taken)


def set_state(
    run: Run,
    state: RunState,
    *,
    was: tuple[RunState, ...],
    is_over: type[Refused] = policy.RunIsOver,
) -> None:
    """Move a run to a state from one of those it must stand in; raise `is_over` when it does not."""
    model, at = type(run), now()
    changed = db.session.execute(
        update(model)
        .where(model.id == run.id, model.state.in_(was))
        .values(
            state=state,
            wake_at=at,
            updated_at=at,
            ended_at=None if state in ACTIVE_STATES else at,
        )
        .returning(model.id)
        .execution_options(synchronize_session=False)
    ).first()
    if changed is None:
        raise is_over
    db.session.refresh(run)


def write_running(model: type[Run], run_id: UUID, **values: Any) -> bool:
    """Write to a run only while it is running; tell whether it is."""
    row = db.session.execute(
        update(model)
        .where(model.id == run_id, model.state == RunState.RUNNING)
        .values(**values)
        .returning(model.id)
        .execution_options(synchronize_session=False)
    ).first()
    return row is not None
