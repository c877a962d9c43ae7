"""Where keys, index terms and their runs stand: numbers only, never a key."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from casework import vault
from casework.extensions import db
from casework.keys.models import KeyRun, RunKind
from casework.runs import queries as runs
from casework.security import Actor


@dataclass(frozen=True)
class KeyLine:
    """One key of the ring, or one version of its index key, and what stands under it."""

    number: int
    is_current: bool
    is_in_ring: bool
    count: int
    failed: int


@dataclass(frozen=True)
class KeysView:
    """What an administrator sees of the keys: the ring's numbers, and this service's counts."""

    keks: list[KeyLine]
    index: list[KeyLine]

    @property
    def keys_elsewhere(self) -> int:
        """How many data keys do not stand under the current key."""
        return sum(line.count for line in self.keks if not line.is_current)

    @property
    def terms_elsewhere(self) -> int:
        """How many index terms do not stand at the current version."""
        return sum(line.count for line in self.index if not line.is_current)

    @property
    def failed_keys(self) -> int:
        """How many data keys could not be moved."""
        return sum(line.failed for line in self.keks)

    @property
    def failed_terms(self) -> int:
        """How many index terms could not be made again."""
        return sum(line.failed for line in self.index)


def keys_view(service_id: uuid.UUID) -> KeysView:
    """Count what stands under each key in the entered service; a key may be missing from the ring."""
    ring = vault.ring()
    keys = vault.keys_by_kek(service_id)
    terms = vault.terms_by_version(service_id)
    return KeysView(
        keks=[
            KeyLine(
                number, number == ring.current, number in ring.kek_ids, *keys.get(number, (0, 0))
            )
            for number in sorted({*ring.kek_ids, *keys})
        ],
        index=[
            KeyLine(
                number,
                number == ring.index_current,
                number in ring.index_versions,
                *terms.get(number, (0, 0)),
            )
            for number in sorted({*ring.index_versions, *terms})
        ],
    )


def run(viewer: Actor, run_id: uuid.UUID) -> KeyRun:
    """Give a run of the viewer's service, as it stands now; raise NotFound for any other."""
    return runs.get(KeyRun, viewer, run_id)


def active_run(service_id: uuid.UUID, kind: RunKind) -> KeyRun | None:
    """Give the one run of this kind that is running or paused in a service."""
    return runs.active(KeyRun, service_id, KeyRun.kind == kind)


def latest_runs(service_id: uuid.UUID) -> dict[RunKind, KeyRun]:
    """Give the newest run of each kind in a service, whatever became of it."""
    newest = db.session.scalars(
        select(KeyRun)
        .where(KeyRun.service_id == service_id)
        .ext(distinct_on(KeyRun.kind))
        .order_by(KeyRun.kind, KeyRun.started_at.desc(), KeyRun.id)
        .execution_options(populate_existing=True)
    )
    return {found.kind: found for found in newest}
