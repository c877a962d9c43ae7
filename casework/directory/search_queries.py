"""Finds services by the index of their words: a fixed number of candidates, however many would match."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, cast, column, func, literal, null, select
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.orm import joinedload, load_only, selectinload

from casework.directory.models import DirectoryService, Organization
from casework.directory.needs import NeedCode
from casework.directory.search_policy import Typed, marks_of, words_of
from casework.extensions import db
from casework.many import is_one_of
from casework.security import Actor

# So many are ranked at most: the page says so when there are more.
MOST = 1000

Query = ColumnElement[Any]
# What a card shows of a service, and of its agency.
SHOWN = (
    DirectoryService.service_id,
    DirectoryService.organization_id,
    DirectoryService.need,
    DirectoryService.name_en,
    DirectoryService.name_fr,
    DirectoryService.eligibility_en,
    DirectoryService.eligibility_fr,
    DirectoryService.hours_en,
    DirectoryService.hours_fr,
    DirectoryService.features,
    DirectoryService.is_open_all_hours,
)
WEIGHED = (
    DirectoryService.languages,
    DirectoryService.minimum_age,
    DirectoryService.maximum_age,
    DirectoryService.service_areas,
)
SHOWN_OF_AGENCY = (
    Organization.name,
    Organization.region,
    Organization.phone,
    Organization.is_confidential,
)


class Candidates(NamedTuple):
    """What matches, the best first, and whether there was more than is ever ranked."""

    ids: list[UUID]
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
    ranked = func.casework_ranked(
        _all_of([*named, *given] if typed else []),
        _all_of([*map(_anywhere, typed), *given]),
        most + 1,
        type_=ARRAY(Uuid()),
    )
    # The function looks at the service that is entered: of any other it tells nothing.
    is_theirs = func.current_setting("casework.service", True) == str(viewer.service_id)
    ids = db.session.scalar(select(ranked).where(is_theirs)) or []
    return Candidates(list(ids[:most]), len(ids) > most)


def listed(viewer: Actor, offer_ids: Sequence[UUID]) -> list[DirectoryService]:
    """Give services of the viewer’s service in the order of their ids."""
    return _in_order(offer_ids, select(DirectoryService), viewer)


def cards(viewer: Actor, offer_ids: Sequence[UUID]) -> list[DirectoryService]:
    """Give the same with what a card shows, and nothing else."""
    agency = joinedload(DirectoryService.organization, innerjoin=True)
    statement = select(DirectoryService).options(
        load_only(*SHOWN, raiseload=True),
        agency.load_only(*SHOWN_OF_AGENCY, raiseload=True),
        selectinload(DirectoryService.phones),
    )
    return _in_order(offer_ids, statement, viewer)


def weighed(viewer: Actor, offer_ids: Sequence[UUID]) -> list[DirectoryService]:
    """Give the same with what a card shows and what is weighed for a household."""
    agency = joinedload(DirectoryService.organization, innerjoin=True)
    statement = select(DirectoryService).options(
        load_only(*SHOWN, *WEIGHED),
        agency.load_only(*SHOWN_OF_AGENCY),
        selectinload(DirectoryService.phones),
    )
    return _in_order(offer_ids, statement, viewer)


def _in_order(offer_ids: Sequence[UUID], statement: Any, viewer: Actor) -> list[DirectoryService]:
    rows = db.session.scalars(
        statement.where(
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


def _all_of(parts: Sequence[Query]) -> Query:
    """Give the query that all of these fit; none asks nothing."""
    if not parts:
        return cast(null(), TSQUERY)
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.op("&&", return_type=TSQUERY())(part)
    return whole


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
