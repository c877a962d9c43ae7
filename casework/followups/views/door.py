"""The blueprint of this room, and what each of its pages first asks."""

from uuid import UUID

from flask import Blueprint, request

from casework.database import NotFound
from casework.followups import queries
from casework.followups.models import Attempt, FollowUp
from casework.followups.refusals import CallIsOver
from casework.security import Actor, current_actor

blueprint = Blueprint("followups", __name__)


def follow_up_of(follow_up_id: UUID) -> tuple[Actor, FollowUp]:
    """Give the visitor and a follow-up they may see, or answer 404."""
    actor = current_actor()
    return actor, queries.get(actor, follow_up_id)


def call_under_way(follow_up_id: UUID) -> tuple[Actor, FollowUp, Attempt]:
    """Give the visitor's own call for a follow-up; raise CallIsOver when there is none."""
    actor, follow_up = follow_up_of(follow_up_id)
    attempt = queries.open_attempt(follow_up)
    if attempt is None:
        raise CallIsOver
    if attempt.by_account != actor.id:
        raise NotFound
    return actor, follow_up, attempt


def is_sent() -> bool:
    """Tell whether a form was sent to be acted on, and not only to be drawn in the other language."""
    return request.method == "POST" and "kept" not in request.form
