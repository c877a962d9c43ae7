"""Where imports stand, what they refused, and the terms nobody has given a need."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import func, select

from casework.directory.listing_models import TaxonomyTerm
from casework.directory.models import DirectoryService
from casework.extensions import db
from casework.importing.models import DirectoryImport, ImportRemark
from casework.runs import queries as runs
from casework.security import Actor


def run(viewer: Actor, import_id: UUID) -> DirectoryImport:
    """Give an import of the viewer’s service, as it stands now; raise NotFound for any other."""
    return runs.get(DirectoryImport, viewer, import_id)


def active(service_id: UUID) -> DirectoryImport | None:
    """Give the one import that is running or paused in a service."""
    return runs.active(DirectoryImport, service_id)


def latest(service_id: UUID, *, limit: int = 10) -> list[DirectoryImport]:
    """List the newest imports of a service, whatever became of them."""
    newest = db.session.scalars(
        select(DirectoryImport)
        .where(DirectoryImport.service_id == service_id)
        .order_by(DirectoryImport.started_at.desc(), DirectoryImport.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return list(newest)


def remarks(viewer: Actor, import_id: UUID) -> Iterator[ImportRemark]:
    """Give what an import refused, then what it repaired, in the order of its source."""
    yield from db.session.scalars(
        select(ImportRemark)
        .where(ImportRemark.service_id == viewer.service_id, ImportRemark.import_id == import_id)
        .order_by(ImportRemark.is_refused.desc(), ImportRemark.part, ImportRemark.line)
        .execution_options(yield_per=1_000)
    )


def terms_without_need(viewer: Actor) -> list[TaxonomyTerm]:
    """List the terms that were met and stand for no need of ours."""
    return list(
        db.session.scalars(
            select(TaxonomyTerm)
            .where(TaxonomyTerm.service_id == viewer.service_id, TaxonomyTerm.need.is_(None))
            .order_by(TaxonomyTerm.vocabulary, TaxonomyTerm.code)
        )
    )


def count_terms_without_need(service_id: UUID) -> int:
    """Count the terms that stand for no need of ours."""
    counted = select(func.count()).where(
        TaxonomyTerm.service_id == service_id, TaxonomyTerm.need.is_(None)
    )
    return int(db.session.scalar(counted) or 0)


def count_active(service_id: UUID, source: str) -> int:
    """Count the services of a source that searches find."""
    counted = select(func.count()).where(
        DirectoryService.service_id == service_id,
        DirectoryService.source == source,
        DirectoryService.is_active,
    )
    return int(db.session.scalar(counted) or 0)
