"""The database as every room sees it: base classes, the tenant wall, the clock and the only commit."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    String,
    TypeDecorator,
    UniqueConstraint,
    event,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, SessionTransaction, declared_attr, mapped_column

from casework.extensions import Base, db

if TYPE_CHECKING:
    Model = Base
else:
    # Flask-SQLAlchemy's own base finds the engine; type checkers see the plain one.
    Model = db.Model
Moment = DateTime(timezone=True)
# A moment, or an id, as a value or as the place in a statement where it will be put.
Instant = datetime | ColumnElement[datetime]
Id = uuid.UUID | ColumnElement[uuid.UUID]

# --- codes -------------------------------------------------------------------------------------


class Code(StrEnum):
    """A controlled word: its value is stored, its label is a translation read at display."""

    label: LazyString

    def __new__(cls, value: str, label: LazyString | None = None) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        if label is not None:
            member.label = label
        return member


class CodeType(TypeDecorator[Code]):
    """Stores a Code as its short text and gives the Code back."""

    impl = String(40)
    cache_ok = True

    def __init__(self, codes: type[Code]) -> None:
        super().__init__()
        self.codes = codes

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(self.codes(value).value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Code | None:
        return None if value is None else self.codes(value)


def code_type(codes: type[Code]) -> CodeType:
    """Give the column type that stores members of this enumeration."""
    return CodeType(codes)


# --- rows --------------------------------------------------------------------------------------


class Row:
    """A row whose id is made by the application, so that it exists before the insert."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)

    def __init__(self, **values: Any) -> None:
        # Sealing binds the row id into the ciphertext, so the id cannot wait for the flush.
        values.setdefault("id", uuid.uuid4())
        super().__init__(**values)


class TenantRow(Row):
    """A row that belongs to one service; the composite key lets foreign keys carry the service."""

    service_id: Mapped[uuid.UUID] = mapped_column(index=True)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return tenant_args()


def tenant_args(*more: Any) -> tuple[Any, ...]:
    """Give the table arguments of a tenant row: its wall, and whatever the room adds."""
    return (
        UniqueConstraint("service_id", "id"),
        ForeignKeyConstraint(["service_id"], ["service.id"]),
        *more,
    )


def tenant_fk(column: str, table: str, ondelete: str | None = None) -> ForeignKeyConstraint:
    """Point to a row of the same service: the key carries service_id, since RLS ignores foreign keys."""
    return ForeignKeyConstraint(
        ["service_id", column], [f"{table}.service_id", f"{table}.id"], ondelete=ondelete
    )


# --- refusals ----------------------------------------------------------------------------------


class Refused(Exception):
    """A rule said no: message is for the person at the screen, field names the form field if any."""

    message: LazyString | str = _l("This cannot be done.")
    field: str | None = None

    def __init__(self, message: LazyString | str | None = None, field: str | None = None) -> None:
        # The text is read lazily, in the reader's language; logs get the class name only.
        super().__init__(type(self).__name__)
        if message is not None:
            self.message = message
        if field is not None:
            self.field = field


class NotFound(Refused):
    """Nothing here for this viewer: answers 404, so that existence does not leak."""

    message = _l("This page does not exist.")


class StaleVersion(Refused):
    """Somebody else saved the same row after this page was opened."""

    message = _l(
        "Somebody else saved changes while you were writing. Compare both before you save."
    )


# --- the clock ---------------------------------------------------------------------------------


class Clock:
    """One clock: PostgreSQL's transaction time, or a frozen instant in tests and pictures."""

    def __init__(self) -> None:
        self.frozen: datetime | None = None

    def freeze(self, at: datetime | None) -> None:
        """Make now() answer this instant (aware); None gives the clock back to PostgreSQL."""
        self.frozen = at.astimezone(UTC) if at else None


clock = Clock()


def now() -> datetime:
    """Tell the time of this transaction, in UTC, the same for all that happens in it."""
    if clock.frozen is not None:
        return clock.frozen
    info = db.session.info
    if "now" not in info:
        moment: datetime = db.session.execute(select(func.now())).scalar_one()
        info["now"] = moment.astimezone(UTC)
    at: datetime = info["now"]
    return at


# --- the tenant wall ---------------------------------------------------------------------------

SET_TENANT = text("SELECT set_config('casework.service', :service, true)")


def enter_service(service_id: uuid.UUID | None) -> None:
    """Let this session see the rows of one service and no other; None shows no rows at all."""
    session = db.session()
    session.info["service_id"] = service_id
    if session.in_transaction():
        session.execute(SET_TENANT, {"service": str(service_id or "")})


def current_service() -> uuid.UUID | None:
    """Tell which service this session has entered."""
    service_id: uuid.UUID | None = db.session.info.get("service_id")
    return service_id


@event.listens_for(db.session, "after_begin")
def _set_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Set the tenant at the start of every transaction, even to nothing: absent means no rows."""
    connection.execute(SET_TENANT, {"service": str(session.info.get("service_id") or "")})


@event.listens_for(db.session, "after_transaction_end")
def _forget_time(session: Session, transaction: SessionTransaction) -> None:
    """Read the clock anew in the next transaction."""
    if transaction.parent is None:
        session.info.pop("now", None)


# --- commit ------------------------------------------------------------------------------------

Publish = Callable[[str, tuple[str, ...]], None]
before_commit_hooks: list[Callable[[], None]] = []
_publish: Publish | None = None


def publish_with(publish: Publish | None) -> Publish | None:
    """Say how a job leaves for the broker once its transaction has committed; give how it did before."""
    global _publish
    before, _publish = _publish, publish
    return before


def after_commit(job: str, *ids: uuid.UUID) -> None:
    """Ask for a background job with these row ids once the transaction has really committed.

    A savepoint that is rolled back takes the jobs asked for inside it along (see attempt()).
    """
    db.session.info.setdefault("jobs", []).append((str(job), tuple(str(id_) for id_ in ids)))


def commit() -> None:
    """Write everything down; the one commit of the project. Jobs leave only afterwards."""
    session = db.session()
    session.flush()
    for hook in before_commit_hooks:
        hook()
    session.commit()
    for job, ids in session.info.pop("jobs", []):
        if _publish is not None:
            _publish(job, ids)


def rollback() -> None:
    """Forget everything since the last commit, jobs included."""
    db.session.info.pop("jobs", None)
    db.session.rollback()


@contextmanager
def attempt() -> Iterator[None]:
    """Run a block in a savepoint: a refusal inside undoes the block and nothing else."""
    jobs = len(db.session.info.get("jobs", []))
    try:
        with db.session.begin_nested():
            yield
    except BaseException:
        del db.session.info.get("jobs", [])[jobs:]
        raise


def flush() -> None:
    """Send pending changes to PostgreSQL inside the transaction, so that queries see them."""
    db.session.flush()


class Casework(Flask):
    """Flask whose requests commit by themselves when the view has answered (also audited GETs)."""

    def dispatch_request(self) -> Any:
        answer = super().dispatch_request()
        commit()
        return answer
