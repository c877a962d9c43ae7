"""The audit's tables: the head of the chain, its entries, and the people each entry is about."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, String, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Model


class AuditHead(Model):
    """The one row that every writer locks last: the number and hash of the newest entry."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class AuditEntry(Model):
    """One act, in ids, codes and field names only; its order is seq and never its time."""

    __tablename__ = "audit_entry"
    # The time is part of the key so that the table can be partitioned by month later on. There
    # are no foreign keys: an entry outlives all that it tells about.
    __table_args__ = (
        Index("ix_audit_entry_service", "service_id", "seq"),
        Index("ix_audit_entry_object", "service_id", "object_type", "object_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at_us: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    service_id: Mapped[UUID | None]
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(80))
    object_type: Mapped[str] = mapped_column(String(80))
    object_id: Mapped[str | None] = mapped_column(String(80))
    is_refused: Mapped[bool]
    purpose: Mapped[str | None] = mapped_column(String(80))
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    prev: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class AuditSubject(Model):
    """One person an entry is about; a list of fifty is one entry with fifty subjects (R21)."""

    __tablename__ = "audit_subject"
    __table_args__ = (Index("ix_audit_subject_person", "service_id", "person_id", "seq"),)

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at_us: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    service_id: Mapped[UUID]
