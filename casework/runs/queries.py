"""Finding runs as they stand now, whatever kind they are; a worker may have changed them meanwhile."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select

from casework.database import NotFound
from casework.extensions import db
from casework.runs.models import ACTIVE_STATES, Run
from casework.security import Actor

AnyRun = TypeVar("AnyRun", bound=Run)


def get(model: type[AnyRun], viewer: Actor, run_id: UUID) -> AnyRun:
    """Give a run of the viewer’s service; raise NotFound for any other."""
    found = db.session.scalars(
        select(model)
        .where(model.service_id == viewer.service_id, model.id == run_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def active(
    model: type[AnyRun], service_id: UUID, *conditions: ColumnElement[bool]
) -> AnyRun | None:
    """Give the one run that is running or paused in a service, among those these conditions fit."""
    return db.session.scalars(
        select(model)
        .where(model.service_id == service_id, model.state.in_(ACTIVE_STATES), *conditions)
        .execution_options(populate_existing=True)
    ).one_or_none()
