"""An import of a directory: how far it is, and what it refused or repaired, row by row."""

import uuid

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Code, Model, TenantRow, code_type, tenant_args, tenant_fk
from casework.importing.reading.reasons import Reason
from casework.runs.models import Run


class ImportFormat(Code):
    """The formats that can be read."""

    HSDS_JSON = "hsds-json", _l("HSDS 3.0, nested JSON")
    HSDS_CSV = "hsds-csv", _l("HSDS 3.0, tables (CSV)")
    ICAROL = "icarol", _l("iCarol export (CSV)")
    AIRS_XML = "airs-xml", _l("AIRS XML 3")


class DirectoryImport(Run, Model):
    """One import: the next turn goes on after record `position`."""

    __tablename__ = "directory_import"
    __table_args__ = tenant_args(
        Index(
            "uq_directory_import_active",
            "service_id",
            unique=True,
            postgresql_where=text("state IN ('running', 'paused')"),
        ),
        Index("ix_directory_import_wake_at", "wake_at", postgresql_where=text("state = 'running'")),
    )

    format: Mapped[ImportFormat] = mapped_column(code_type(ImportFormat))
    source: Mapped[str] = mapped_column(String(40))
    # The language of the texts in the file.
    language: Mapped[str] = mapped_column(String(8))
    # Why it could not be read as a whole.
    failure: Mapped[Reason | None] = mapped_column(code_type(Reason))
    position: Mapped[int] = mapped_column(default=0)
    percent: Mapped[int] = mapped_column(default=0)
    written: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    repaired: Mapped[int] = mapped_column(default=0)
    vanished: Mapped[int] = mapped_column(default=0)


class ImportRemark(TenantRow, Model):
    """One row that was refused, or repaired and taken: where it stands and why, never what it said.

    A refused row could hold a confidential address: its content is not kept (R20).
    """

    __tablename__ = "import_remark"
    __table_args__ = tenant_args(tenant_fk("import_id", "directory_import", ondelete="CASCADE"))

    import_id: Mapped[uuid.UUID] = mapped_column(index=True)
    part: Mapped[str] = mapped_column(Text)
    line: Mapped[int]
    source_id: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[Reason] = mapped_column(code_type(Reason))
    # The field it is about, by its published name.
    field: Mapped[str] = mapped_column(String(80), default="")
    is_refused: Mapped[bool]
