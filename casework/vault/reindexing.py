"""Making blind-index terms anew under the current index key, while everybody goes on looking up.

The vault cannot know what a term was made from. The rooms that write terms say how to make them
again; here they are put at the current version and those of other versions deleted, in one
transaction, so that an owner is found at every moment.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from casework.extensions import db
from casework.vault.blind_index import IndexKind
from casework.vault.data_keys import ring
from casework.vault.models import IndexTerm
from casework.vault.rewrapping import Batch
from casework.vault.services import term_token

# Gives for each owner what it is found by, {kind: normalised value}; nothing for an owner that is
# gone, None for one that cannot be opened. An owner somebody else holds is left out: it comes
# again. It locks what it read, and keeps it from being erased (hold_keys), until the commit.
Terms = Mapping[UUID, Mapping[str, str] | None]
Rebuild = Callable[[UUID, Sequence[UUID]], Terms]

_rebuilders: dict[IndexKind, Rebuild] = {}


class TermStanding(NamedTuple):
    """How many terms stand at one version, and how many of them could not be made again."""

    terms: int
    failed: int


def rebuild_index_with(rebuild: Rebuild, *kinds: str) -> None:
    """Say how the terms of these kinds are made again; rooms do this in their init_app."""
    for kind in kinds:
        _rebuilders[IndexKind(kind)] = rebuild


def rebuildable_kinds() -> set[IndexKind]:
    """Give the kinds whose terms can be made again; a test asks that they are all."""
    return set(_rebuilders)


def reindex_batch(service_id: UUID, limit: int) -> Batch:
    """Make the terms of up to `limit` owners again at the current version, and delete the others.

    An owner that cannot be opened keeps its terms, and is not tried again until
    forget_failed_terms(). Never commits.
    """
    current = ring().index_current
    moved = failed = 0
    by_rebuilder = sorted(_rebuilders.items(), key=lambda item: (id(item[1]), item[0].value))
    for rebuild, group in groupby(by_rebuilder, key=lambda item: item[1]):
        kinds = [kind for kind, _ in group]
        owner_ids = _take(service_id, kinds, current, limit - moved - failed)
        if not owner_ids:
            continue
        terms = rebuild(service_id, owner_ids)
        made = {owner_id: values for owner_id, values in terms.items() if values is not None}
        unopened = [owner_id for owner_id, values in terms.items() if values is None]
        _put(service_id, kinds, current, made)
        _set_aside(service_id, kinds, current, unopened)
        moved += len(made)
        failed += len(unopened)
    return Batch(moved, failed)


def owners_to_reindex(service_id: UUID) -> int:
    """Count the owners of a service whose terms a run would still try to make again."""
    wanted = select(func.count(IndexTerm.owner_id.distinct())).where(
        IndexTerm.service_id == service_id, *_is_old(ring().index_current)
    )
    return db.session.scalar(wanted) or 0


def terms_by_version(service_id: UUID) -> dict[int, TermStanding]:
    """Count the terms of the entered service by the version of the index key that made them."""
    rows = db.session.execute(
        select(
            IndexTerm.version,
            func.count(),
            func.count().filter(IndexTerm.failed_for == ring().index_current),
        )
        .where(IndexTerm.service_id == service_id)
        .group_by(IndexTerm.version)
        .order_by(IndexTerm.version)
    )
    return {version: TermStanding(terms, failed) for version, terms, failed in rows}


def forget_failed_terms(service_id: UUID) -> None:
    """Let the next batches try again the owners that could not be opened."""
    db.session.execute(
        update(IndexTerm)
        .where(IndexTerm.service_id == service_id, IndexTerm.failed_for.is_not(None))
        .values(failed_for=None)
    )


def _take(service_id: UUID, kinds: Sequence[str], current: int, limit: int) -> list[UUID]:
    """Find owners with terms at another version, by kind so that the key of the table is walked."""
    found: set[UUID] = set()
    for kind in kinds:
        for side in (IndexTerm.version < current, IndexTerm.version > current):
            if len(found) < limit:
                found.update(
                    db.session.scalars(
                        select(IndexTerm.owner_id)
                        .where(IndexTerm.service_id == service_id, IndexTerm.kind == kind)
                        .where(side, *_is_old(current))
                        .order_by(IndexTerm.version, IndexTerm.token)
                        .limit(limit - len(found))
                    )
                )
    return sorted(found)


def _put(
    service_id: UUID,
    kinds: Sequence[str],
    current: int,
    made: Mapping[UUID, Mapping[str, str]],
) -> None:
    if not made:
        return
    db.session.execute(
        delete(IndexTerm).where(
            IndexTerm.service_id == service_id,
            IndexTerm.owner_id.in_(made),
            IndexTerm.kind.in_(kinds),
            IndexTerm.version != current,
        )
    )
    rows = [
        {
            "service_id": service_id,
            "kind": IndexKind(kind).value,
            "version": current,
            "token": term_token(service_id, kind, current, value),
            "owner_id": owner_id,
        }
        for owner_id, values in made.items()
        for kind, value in values.items()
    ]
    if rows:
        db.session.execute(insert(IndexTerm).on_conflict_do_nothing(), rows)


def _set_aside(
    service_id: UUID, kinds: Sequence[str], current: int, owner_ids: Sequence[UUID]
) -> None:
    """Mark the terms of owners that could not be opened; the opening itself reported why."""
    if owner_ids:
        db.session.execute(
            update(IndexTerm)
            .where(
                IndexTerm.service_id == service_id,
                IndexTerm.owner_id.in_(owner_ids),
                IndexTerm.kind.in_(kinds),
                IndexTerm.version != current,
            )
            .values(failed_for=current)
        )


def _is_old(current: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        IndexTerm.version != current,
        or_(IndexTerm.failed_for.is_(None), IndexTerm.failed_for != current),
    )
