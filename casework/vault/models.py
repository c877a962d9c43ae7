"""The vault's tables: wrapped keys, digests of sealed rows, blind-index terms, numbers never used again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Model, Moment

TOKEN_BITS = 24


class DataKey(Model):
    """The data key of one owner (a person or a case), wrapped by the numbered key of the ring."""

    __tablename__ = "data_key"
    __table_args__ = (Index("ix_data_key_service_id_kek_id", "service_id", "kek_id"),)

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    kek_id: Mapped[int] = mapped_column(Integer)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)
    # The key of the ring under which it could not be brought: no run tries it for that one again.
    failed_for: Mapped[int | None] = mapped_column(Integer)


class RowDigest(Model):
    """SHA-256 over all sealed columns of one row as they were last written (vault.digests)."""

    __tablename__ = "row_digest"

    # No foreign key to the row: it may stand in any table.
    row_id: Mapped[UUID] = mapped_column(primary_key=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    owner_id: Mapped[UUID] = mapped_column(index=True)
    table_tag: Mapped[str] = mapped_column(String(40))
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class IndexTerm(Model):
    """One keyed, truncated term by which an owner can be looked up; it proves nothing by itself."""

    __tablename__ = "index_term"
    __table_args__ = (
        CheckConstraint(f"token >= 0 AND token < {2**TOKEN_BITS}", name="token_range"),
    )

    # In this order the primary key is also the index that answers a look-up.
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    token: Mapped[int] = mapped_column(Integer, primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    # The version at which it could not be made again, because its owner could not be opened.
    failed_for: Mapped[int | None] = mapped_column(Integer)


class RetiredKey(Model):
    """A number of the ring under which the database takes no more rows (migration 0007)."""

    __tablename__ = "retired_key"
    __table_args__ = (CheckConstraint("part IN ('keks', 'index')", name="part"),)

    part: Mapped[str] = mapped_column(String(10), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
