"""How a case ends for good: the legal hold that forbids it, and the tombstone that remains."""

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.cases.models import Case
from casework.database import Code, Model, Moment, TenantRow, code_type, tenant_args, tenant_fk
from casework.vault import SealedValue, sealed


class HoldReason(Code):
    """Why a case must be kept for now (R30)."""

    COURT_ORDER = "court_order", _l("Court order or summons")
    LEGAL_CLAIM = "legal_claim", _l("Legal claim")
    INVESTIGATION = "investigation", _l("Complaint or investigation")
    ACCESS_REQUEST = "access_request", _l("The person asked for a copy")


class ErasureReason(Code):
    """Why a case was erased."""

    PERSONS_WISH = "persons_wish", _l("The person’s wish")
    RETENTION = "retention", _l("Its time was over")


class LegalHold(TenantRow, Model):
    """A case that may not be erased until the hold is lifted (R24, R30); contact ends all the same."""

    __tablename__ = "legal_hold"
    __table_args__ = tenant_args(
        tenant_fk("case_id", "case", ondelete="CASCADE"),
        # A case is held once or not at all, whoever asks for it.
        Index(
            "uq_legal_hold_in_force", "case_id", unique=True, postgresql_where="lifted_at IS NULL"
        ),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(index=True)
    reason: Mapped[HoldReason] = mapped_column(code_type(HoldReason))
    # Who asks for it and under which number: that may name the person, so it is sealed.
    note: Mapped[SealedValue | None] = sealed("legal_hold", "note")
    placed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    placed_at: Mapped[datetime] = mapped_column(Moment)
    lifted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)

    case: Mapped[Case] = relationship(viewonly=True, lazy="joined", innerjoin=True)

    @property
    def key_owner_id(self) -> uuid.UUID:
        """The note is sealed under its case's key."""
        return self.case_id


class Erasure(TenantRow, Model):
    """All that remains of an erased case: ids that lead nowhere, when, why and by whom (R17).

    There is no foreign key, name, reference, need, region or language: it tells that an erasure
    took place, and nothing about whom.
    """

    __tablename__ = "erasure"

    case_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    # Only where the person went with their last case.
    person_id: Mapped[uuid.UUID | None]
    reason: Mapped[ErasureReason] = mapped_column(code_type(ErasureReason))
    erased_at: Mapped[datetime] = mapped_column(Moment)
    by_account: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
