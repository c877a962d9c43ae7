"""Writes a batch of what was read: many rows in one statement each, and twice the same does nothing new."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, case, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.exc import DBAPIError

from casework.database import attempt, now
from casework.directory.capacity_models import Capacity
from casework.directory.hours_models import HoursOrigin, HoursWord
from casework.directory.listing_models import (
    Location,
    Phone,
    Schedule,
    ServiceAtLocation,
    TaxonomyTerm,
)
from casework.directory.models import DirectoryService, Organization, OrganizationKind
from casework.directory.needs import NeedCode
from casework.directory.search_services import Watch, refresh
from casework.extensions import db
from casework.importing.models import DirectoryImport
from casework.importing.reading.reasons import Reason
from casework.importing.reading.records import Listed, Read
from casework.importing.reading.rows import Row, Rows
from casework.importing.reading.terms import need_of
from casework.many import insert_rows, is_one_of

# Written anew with each service; nothing points to them.
CHILDREN: tuple[type[Any], ...] = (Schedule, Phone, ServiceAtLocation)
# What a source cannot change, and what only people of this service say.
KEPT = frozenset({"id", "service_id", "source", "source_id", "features"})
# What a nested organisation leaves out where it is a mere stub.
STUBBED = (
    "phone",
    "email",
    "region",
    "alternate_name",
    "url",
    "description_en",
    "description_fr",
)
BOTH = ("name", "description", "eligibility", "hours", "cost", "application", "documents")

# Classes of SQLSTATE: a value or a size that PostgreSQL takes for impossible.
TOO_BIG = "54"
IMPOSSIBLE = ("22", TOO_BIG)

Changes = Callable[[Insert, Row], dict[str, Any]]


class Writer:
    """Writes for one import."""

    def __init__(self, run: DirectoryImport, time_zone: str) -> None:
        self._service_id, self._source, self._run_id = run.service_id, run.source, run.id
        self._other = "fr" if run.language == "en" else "en"
        self._language = run.language
        self._needs: dict[tuple[str, str], NeedCode | None] = {}
        self._rows = Rows(run, time_zone, self._needs)

    def write(self, reads: Sequence[Read]) -> int:
        """Write the services among these rows, refuse those that came before; tell how many there were.

        Where the database takes a row for impossible, that row is refused and no other: an import
        must not come back to it for ever.
        """
        try:
            with attempt():
                return self._write(reads)
        except DBAPIError as error:
            state = str(getattr(error.orig, "sqlstate", None) or "")
            if not state.startswith(IMPOSSIBLE):
                raise
            # The terms that were learned are undone with the rest.
            self._needs.clear()
            if len(reads) == 1:
                is_size = state.startswith(TOO_BIG)
                reads[0].refuse(Reason.TOO_LONG if is_size else Reason.MALFORMED)
                return self._write(reads)
            half = len(reads) // 2
            return self.write(reads[:half]) + self.write(reads[half:])

    def _write(self, reads: Sequence[Read]) -> int:
        self._refuse_doubles(reads)
        self._keep_refused(reads)
        taken = [(read.listed, read) for read in reads if read.listed]
        listed = [each for each, _read in taken]
        if not listed:
            return 0
        rows = self._rows
        self._learn_terms(listed)
        agencies, places = rows.organizations(listed), rows.locations(listed)
        watch = Watch(
            self._service_id, [row["id"] for row in agencies], [row["id"] for row in places]
        )
        _upsert(Organization, agencies, self._organization_changes)
        is_both = any(each.translated for each in listed)
        services = [rows.service(each) for each in listed]
        changes = self._both_changes if is_both else self._changes
        _upsert(
            DirectoryService,
            services,
            lambda given, row: changes(given, row) | {"is_open_all_hours": _all_hours(given)},
        )
        ids = [row["id"] for row in services]
        self._leave_words_alone(services)
        for model in CHILDREN:
            mine = [
                model.service_id == self._service_id,
                is_one_of(model.directory_service_id, ids),
            ]
            if model is Schedule:
                # What an agency says of its hours itself is its own, until it takes it back.
                mine.append(Schedule.origin == HoursOrigin.IMPORTED)
            _execute(delete(model).where(*mine))
        # What one row of the source hides, no other shows again.
        _upsert(Location, places, self._both_changes, where=_is_shown_or_hides)
        _insert(ServiceAtLocation, [row for each in listed for row in rows.at_places(each)])
        _insert(Schedule, [row for each, read in taken for row in rows.schedules(each, read)])
        _insert(Phone, [row for each in listed for row in rows.phones(each)])
        _say_places([row for each, read in taken for row in rows.capacity(each, read, now())])
        refresh(self._service_id, {*ids, *watch.touched()})
        return len(listed)

    def _leave_words_alone(self, services: Sequence[Row]) -> None:
        """Note what the source says where an agency has spoken: it holds again when it takes it back."""
        for is_all_hours in (True, False):
            ids = [row["id"] for row in services if row["is_open_all_hours"] is is_all_hours]
            _execute(
                update(HoursWord)
                .where(
                    HoursWord.service_id == self._service_id,
                    is_one_of(HoursWord.directory_service_id, ids),
                )
                .values(is_published_all_hours=is_all_hours)
            )

    def _refuse_doubles(self, reads: Sequence[Read]) -> None:
        ids = [read.listed.source_id for read in reads if read.listed]
        seen = set(
            db.session.scalars(
                select(DirectoryService.source_id).where(
                    DirectoryService.service_id == self._service_id,
                    DirectoryService.source == self._source,
                    is_one_of(DirectoryService.source_id, ids),
                    DirectoryService.seen_in == self._run_id,
                )
            )
        )
        for read in reads:
            if read.listed is None:
                continue
            if read.listed.source_id in seen:
                read.refuse(Reason.DUPLICATE_ID, "id")
                continue
            seen.add(read.listed.source_id)

    def _keep_refused(self, reads: Sequence[Read]) -> None:
        """Let what stands in the source but could not be read stay as it is: it has not vanished."""
        ids = [
            id_ for read in reads if not read.listed for id_ in (read.source_id, *read.ids) if id_
        ]
        if ids:
            _execute(
                update(DirectoryService)
                .where(
                    DirectoryService.service_id == self._service_id,
                    DirectoryService.source == self._source,
                    is_one_of(DirectoryService.source_id, ids),
                )
                .values(seen_in=self._run_id)
            )

    def _learn_terms(self, listed: Iterable[Listed]) -> None:
        """Keep every term that was met; those that somebody gave a need to have that need."""
        new = {
            (term.vocabulary, term.code): term
            for each in listed
            for term in each.terms
            if (term.vocabulary, term.code) not in self._needs
        }
        if not new:
            return
        rows = [
            {
                "id": self._rows.id_of("term", f"{vocabulary}/{code}"),
                "service_id": self._service_id,
                "vocabulary": vocabulary,
                "code": code,
                "name": term.name,
                "need": need_of(term.name or code),
            }
            for (vocabulary, code), term in sorted(new.items())
        ]
        _execute(insert_rows(_table(TaxonomyTerm), rows).on_conflict_do_nothing())
        known = db.session.execute(
            select(TaxonomyTerm.vocabulary, TaxonomyTerm.code, TaxonomyTerm.need).where(
                TaxonomyTerm.service_id == self._service_id,
                is_one_of(TaxonomyTerm.code, [code for _vocabulary, code in new]),
            )
        )
        for vocabulary, code, need in known:
            self._needs[vocabulary, code] = need

    def _changes(self, given: Insert, row: Row) -> dict[str, Any]:
        """Take over all but the texts of the other language, which another file brings."""
        others = {f"{name}_{self._other}" for name in BOTH}
        return {name: given.excluded[name] for name in row if name not in KEPT | others}

    def _both_changes(self, given: Insert, row: Row) -> dict[str, Any]:
        return {name: given.excluded[name] for name in row if name not in KEPT}

    def _organization_changes(self, given: Insert, row: Row) -> dict[str, Any]:
        """Take over what the source says; what it leaves empty stays, and a secret place stays secret."""
        new, old = given.excluded, Organization
        is_of_its_language = func.left(old.locale, 2) == self._language
        is_plain = old.kind == OrganizationKind.COMMUNITY
        changes = self._changes(given, row) | {
            "name": case((is_of_its_language, new.name), else_=old.name),
            "kind": case((is_plain, new.kind), else_=old.kind),
            "is_confidential": old.is_confidential | new.is_confidential,
            "time_zone": case((new.region != "", new.time_zone), else_=old.time_zone),
            "holidays_of": func.coalesce(new.holidays_of, old.holidays_of),
        }
        del changes["locale"]
        for name in STUBBED:
            changes[name] = func.coalesce(func.nullif(new[name], ""), getattr(old, name))
        return changes


def _all_hours(given: Insert) -> ColumnElement[bool]:
    """Take over “day and night”, but where an agency says its hours itself."""
    has_word = exists().where(
        HoursWord.service_id == DirectoryService.service_id,
        HoursWord.directory_service_id == DirectoryService.id,
        HoursWord.is_said,
    )
    return case(
        (has_word, DirectoryService.is_open_all_hours), else_=given.excluded.is_open_all_hours
    )


def _table(model: type[Any]) -> Table:
    return cast("Table", model.__table__)


def _execute(statement: Any) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})


def _insert(model: type[Any], rows: list[Row]) -> None:
    if rows:
        _execute(insert_rows(_table(model), rows))


def _is_shown_or_hides(given: Insert) -> ColumnElement[bool]:
    return ~Location.is_confidential | given.excluded.is_confidential


def _upsert(
    model: type[Any],
    rows: list[Row],
    changes: Changes,
    *,
    where: Callable[[Insert], ColumnElement[bool]] | None = None,
) -> None:
    """Insert rows, or change those that are there already, by their ids."""
    if not rows:
        return
    given = insert_rows(_table(model), rows)
    _execute(
        given.on_conflict_do_update(
            index_elements=["id"],
            set_=changes(given, rows[0]),
            where=where(given) if where else None,
        )
    )


def _say_places(rows: list[Row]) -> None:
    """Take over how many places are free where that is newer than what is known."""
    if not rows:
        return
    given = insert_rows(_table(Capacity), rows)
    said = {name: given.excluded[name] for name in ("available", "unit", "updated_at")}
    _execute(
        given.on_conflict_do_update(
            index_elements=[Capacity.service_id, Capacity.directory_service_id],
            set_=said,
            where=given.excluded.updated_at > Capacity.updated_at,
        )
    )
