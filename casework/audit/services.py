"""What the other rooms call to leave a trace: what was done, and what was refused."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from casework.audit.chain import Act, NotACode, code, detail_of, field_names, microseconds
from casework.audit.writing import SEALED_ACTION, apart, append, keep_for_commit, time_of
from casework.database import now
from casework.security import Actor, ActorKind
from casework.vault import Failure, Written


class RowWithId(Protocol):
    """Any row of any room."""

    __tablename__: str

    @property
    def id(self) -> Any: ...


Object = RowWithId | tuple[str, object]


def record(
    actor: Actor,
    action: str,
    obj: Object,
    *,
    subjects: Iterable[UUID] = (),
    fields: Iterable[str] = (),
    purpose: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Record an act in the chain when this transaction commits, and only then (R21).

    Takes ids, codes, column names, digests, times and whole numbers; raises NotACode for
    anything that could be content. One entry tells of a whole list, with its people as subjects.
    """
    object_type, object_id = _object(obj)
    keep_for_commit(
        Act(
            at_us=microseconds(now()),
            service_id=actor.service_id,
            actor_kind=code(actor.kind),
            actor_id=actor.id,
            action=code(action),
            object_type=code(object_type),
            object_id=None if object_id is None else code(object_id),
            purpose=None if purpose is None else code(purpose),
            fields=field_names(fields),
            detail=None if detail is None else detail_of(detail),
            subjects=tuple(sorted(set(subjects))),
        )
    )


def record_for_installation(action: str, obj: Object) -> None:
    """Record an act at the command line that concerns all services, such as a new key."""
    object_type, object_id = _object(obj)
    keep_for_commit(
        Act(
            at_us=microseconds(now()),
            service_id=None,
            actor_kind=code(ActorKind.COMMAND),
            actor_id=None,
            action=code(action),
            object_type=code(object_type),
            object_id=None if object_id is None else code(object_id),
        )
    )


def refused(actor: Actor | None, action: str, obj_type: str, obj_id: object = None) -> None:
    """Record at once that somebody was refused, on a connection of its own (R21).

    It stands although the request's transaction rolls back, and works when that is broken. An
    actor of None is a visitor who is not signed in; an id that is not a code is left out.
    """
    _write_refusal(actor, action, obj_type, _code_or_none(obj_id))


def page_refused(actor: Actor | None, endpoint: str) -> None:
    """Record that the guard turned somebody away from a page."""
    _write_refusal(actor, "page:open", "page", _code_or_none(endpoint))


def opening_failed(failure: Failure) -> None:
    """Record that a sealed field could not be opened: erased, damaged or tampered with."""
    _write_refusal(
        Actor.system(failure.service_id),
        "vault:open",
        failure.table_tag,
        str(failure.row_id),
        fields=(failure.column_tag,),
        detail={"reason": failure.reason},
    )


def rows_sealed(written: Sequence[Written]) -> None:
    """Record the digests of rows whose sealed columns were written, so that an old one is known.

    The table of digests can be put back together with its row; the chain cannot. One entry tells
    of all that a transaction sealed.
    """
    by_service: dict[UUID, dict[str, str]] = defaultdict(dict)
    for row in written:
        by_service[row.service_id][str(row.row_id)] = row.digest.hex()
    for service_id, rows in by_service.items():
        record(Actor.system(service_id), SEALED_ACTION, ("row_digest", None), detail={"rows": rows})


def _write_refusal(
    actor: Actor | None,
    action: str,
    object_type: str,
    object_id: str | None,
    fields: tuple[str, ...] = (),
    detail: dict[str, Any] | None = None,
) -> None:
    service_id = actor.service_id if actor else None
    with apart(service_id) as connection:
        act = Act(
            at_us=time_of(connection),
            service_id=service_id,
            actor_kind=code(actor.kind) if actor else "visitor",
            actor_id=actor.id if actor else None,
            action=code(action),
            object_type=code(object_type),
            object_id=object_id,
            is_refused=True,
            fields=fields,
            detail=detail,
        )
        append(connection, [act])


def _object(obj: Object) -> tuple[str, object]:
    if isinstance(obj, tuple):
        return obj
    return obj.__tablename__, obj.id


def _code_or_none(value: object) -> str | None:
    try:
        return code(value)
    except NotACode:
        return None
