"""Who is calling whom at this moment, in words for the pages of those who may see the case."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from flask_babel import gettext as _

from casework.accounts import queries as accounts
from casework.followups import queries
from casework.followups.models import Attempt
from casework.security import Actor


class Caller(NamedTuple):
    """Somebody who is calling: the words, and whether it is the reader."""

    words: str
    is_me: bool


def callers(viewer: Actor, at: datetime) -> dict[UUID, Caller]:
    """Say who is calling, by the cases that the viewer may see; a shared number tells nothing (R33)."""
    seen = queries.callers_seen_by(viewer, at)
    names = accounts.names_of(viewer, set(seen.values()))
    return {
        case_id: Caller(words(viewer, account_id, names), account_id == viewer.id)
        for case_id, account_id in seen.items()
    }


def words(viewer: Actor, account_id: UUID | None, names: dict[UUID, str]) -> str:
    """Say in few words that a colleague, or the reader, is calling."""
    if account_id is not None and account_id == viewer.id:
        return _("You are calling")
    return _("%(name)s is calling", name=first_name(account_id, names))


def first_name(account_id: UUID | None, names: dict[UUID, str]) -> str:
    """Give the first name of a member of staff."""
    name = names.get(account_id) if account_id is not None else None
    return name.split(" ")[0] if name else _("A colleague")


class Line(NamedTuple):
    """One call under way, for whoever may free it: nothing about the person."""

    attempt: Attempt
    name: str
    is_mine: bool


def lines(viewer: Actor, at: datetime) -> list[Line]:
    """List every call under way in the service, by who makes it (R29: no name, no need)."""
    running = queries.under_way(viewer, at)
    names = accounts.names_of(viewer, {attempt.by_account for attempt in running})
    return [
        Line(
            attempt,
            names.get(attempt.by_account, "") if attempt.by_account else _("A colleague"),
            attempt.by_account == viewer.id,
        )
        for attempt in running
    ]
