"""Finds services by the index of their words: a fixed number of candidates, however many would match."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Text, Uuid, cast, column, func, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY

from casework.directory.models import DirectoryService, Organization
from casework.directory.needs import NeedCode
from casework.directory.policy import fold
from casework.directory.search_policy import Typed, marks_of, words_of
from casework.extensions import db
from casework.many import is_one_of
from casework.security import Actor

# So many are ranked at most: the page says so when there are more.
MOST = 1000

Query = ColumnElement[Any]


class Candidates(NamedTuple):
    """What matches, the best first, and whether there was more than is ever ranked."""

    rows: Sequence[Row[Any]]
    is_cut: bool


def candidates(
    viewer: Actor,
    *,
    words: str = "",
    need: NeedCode | None = None,
    marks: Sequence[Collection[str]] = (),
    most: int = MOST,
) -> Candidates:
    """Find active services that have every word and, of each group of marks, at least one.

    Those whose own name or whose agency’s has every word come first, then by name. Typed words of
    which none is a letter or digit find nothing.
    """
    typed = words_of(words)
    if words.strip() and not typed:
        return Candidates([], is_cut=False)
    given = [any_of([f"need:{need.value}"])] if need else []
    given += [any_of(group) for group in marks]
    named = [_lexeme(f"name:{each.word}", is_beginning=each.may_begin) for each in typed]
    found: dict[UUID, Row[Any]] = {}
    is_cut = False
    for query in [[*named, *given]] * bool(typed) + [[*map(_anywhere, typed), *given]]:
        rows = db.session.execute(_statement(viewer, query, most + 1)).all()
        for row in sorted(rows, key=_by_name):
            found.setdefault(row.id, row)
        is_cut = len(found) > most
        if is_cut:
            break
    return Candidates(list(found.values())[:most], is_cut)


def listed(viewer: Actor, offer_ids: Sequence[UUID]) -> list[DirectoryService]:
    """Give services of the viewer’s service in the order of their ids."""
    rows = db.session.scalars(
        select(DirectoryService).where(
            DirectoryService.service_id == viewer.service_id,
            is_one_of(DirectoryService.id, offer_ids),
        )
    )
    found = {row.id: row for row in rows}
    return [found[id_] for id_ in offer_ids if id_ in found]


def ids_of(query: Query, most: int) -> Any:
    """Give the ids of active services of the service entered that fit, by the index of words.

    The function stands on the same wall as the table does: behind row-level security alone, an index
    by words is never used, and every row would be read.
    """
    return func.casework_find(query, most).table_valued(column("id", Uuid())).render_derived()


def _statement(viewer: Actor, parts: Sequence[Query], most: int) -> Any:
    offer = DirectoryService
    statement = select(
        offer.id,
        offer.service_id,
        offer.organization_id,
        offer.need,
        offer.languages,
        offer.features,
        offer.minimum_age,
        offer.maximum_age,
        offer.is_open_all_hours,
        Organization.name,
        Organization.holidays_of,
    )
    if parts:
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.op("&&", return_type=TSQUERY())(part)
        given = ids_of(whole, most)
        statement = statement.select_from(given).join(offer, offer.id == given.c.id)
    return (
        statement.join(Organization, Organization.id == offer.organization_id)
        .where(offer.service_id == viewer.service_id, offer.is_active, Organization.is_active)
        .limit(most)
    )


def _by_name(row: Row[Any]) -> tuple[str, str, str]:
    return fold(row.name), row.need.value, str(row.id)


def _anywhere(typed: Typed) -> Query:
    """Give the query of one word: as it stands, by its stems, and by what it names."""
    spoken = cast(func.plainto_tsquery("french", typed.spoken), Text())
    whole = _lexeme(typed.word, is_beginning=typed.may_begin)
    for part in (
        func.plainto_tsquery("english", typed.word),
        func.plainto_tsquery("french", typed.word),
        func.plainto_tsquery("simple", func.casework_fold(spoken)),
        *(any_of([mark]) for mark in marks_of(typed.word)),
    ):
        whole = whole.op("||", return_type=TSQUERY())(part)
    return whole


def any_of(marks: Collection[str]) -> Query:
    """Give the query that any of these marks fits."""
    return _tsquery(" | ".join(f"'{_quoted(mark)}'" for mark in sorted(marks)))


def _lexeme(text: str, *, is_beginning: bool) -> Query:
    return _tsquery(f"'{_quoted(text)}'" + (":*" if is_beginning else ""))


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "''")


def _tsquery(text: str) -> Query:
    """Give a query of lexemes as they stand: PostgreSQL takes nothing in them apart."""
    return cast(literal(text, Text()), TSQUERY())
