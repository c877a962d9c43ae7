"""Imports a source into the north’s directory, and finds there what became of it."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import database
from casework.directory.listing_models import Location, ServiceAtLocation
from casework.directory.models import DirectoryService, Organization
from casework.extensions import db as database_extension
from casework.importing import queries, services, tasks
from casework.importing.models import DirectoryImport, ImportFormat

EXAMPLES = Path(__file__).parent / "examples"

Import = Callable[..., DirectoryImport]


def bring_in(
    world: Any, format_: str, path: Path, *, source: str = "", language: str = "en"
) -> DirectoryImport:
    """Import a source to its end, as the command does; give the row that counts it."""
    actor = world.marc.actor
    run = services.start_import(
        actor, format_=ImportFormat(format_), source=source or format_, language=language
    )
    run_id = run.id
    database.commit()
    tasks.work_on(world.north.id, run_id, path)
    return queries.run(actor, run_id)


@pytest.fixture
def imported(world: Any) -> Import:
    """Give the import of a source into the first service."""

    def run(format_: str, path: Path, **more: Any) -> DirectoryImport:
        return bring_in(world, format_, path, **more)

    return run


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write a source of one file and give its path."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def service(source_id: str) -> DirectoryService:
    """Find an imported service by the id of its source."""
    return database_extension.session.scalars(
        select(DirectoryService)
        .where(DirectoryService.source_id == source_id)
        .execution_options(populate_existing=True)
    ).one()


def organization(source_id: str) -> Organization:
    """Find an imported organisation by the id of its source."""
    return database_extension.session.scalars(
        select(Organization)
        .where(Organization.source_id == source_id)
        .execution_options(populate_existing=True)
    ).one()


def places_of(row: DirectoryService) -> list[Location]:
    """List the places where a service is given."""
    return list(
        database_extension.session.scalars(
            select(Location)
            .join(ServiceAtLocation, ServiceAtLocation.location_id == Location.id)
            .where(ServiceAtLocation.directory_service_id == row.id)
            .order_by(Location.source_id)
        )
    )


def of(model: type[Any], row: DirectoryService) -> list[Any]:
    """List the schedules, phones or capacities of a service."""
    return list(
        database_extension.session.scalars(
            select(model).where(model.directory_service_id == row.id)
        )
    )


def reasons(run: DirectoryImport, world: Any) -> list[tuple[str, str, bool]]:
    """List what an import said: the id, the reason, and whether the row was refused."""
    return [
        (remark.source_id, remark.reason.value, remark.is_refused)
        for remark in queries.remarks(world.marc.actor, run.id)
    ]


@pytest.fixture
def peak_of() -> Callable[..., int]:
    """Give what measures the most memory that a call holds at once, in bytes."""

    def measure(function: Callable[..., object], *arguments: object) -> int:
        tracemalloc.start()
        try:
            function(*arguments)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    return measure
