"""A call to an agency that keeps a place on its waiting list: a task of the case, never a call-back."""

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.cases.models import Case
from casework.database import Code, Model, Moment, TenantRow, code_type, tenant_args, tenant_fk
from casework.referrals.models import CallEvery, Referral


class ListCallState(Code):
    """Where such a call stands; overdue is derived, never stored."""

    PLANNED = "planned", _l("Planned")
    DONE = "done", _l("Done")
    ENDED = "ended", _l("No longer needed")


class ListCallEnd(Code):
    """Why nobody needs to make the call any more."""

    PLACE_HELD = "place_held", _l("The agency holds a place")
    DECLINED = "declined", _l("The agency declined")
    EXPIRED = "expired", _l("The request expired")
    WITHDRAWN = "withdrawn", _l("The request was withdrawn")
    RECALLED = "recalled", _l("The request was recalled")
    TAKEN_BACK = "taken_back", _l("The answer was taken back")
    CHANGED = "changed", _l("The agency asks for something else")


class ListCall(TenantRow, Model):
    """One planned call to the agency of a request on a waiting list; one at a time for each."""

    __tablename__ = "list_call"
    __table_args__ = tenant_args(
        tenant_fk("case_id", "case", ondelete="CASCADE"),
        tenant_fk("referral_id", "referral", ondelete="CASCADE"),
        Index("uq_list_call_planned", "referral_id", unique=True, postgresql_where="state = 'planned'"),
        Index(
            "ix_list_call_planned_case", "case_id", "due_at", postgresql_where="state = 'planned'"
        ),
        Index(
            "ix_list_call_waking",
            "service_id",
            "wake_at",
            postgresql_where="state = 'planned' AND wake_at IS NOT NULL",
        ),
    )  # fmt: skip

    case_id: Mapped[uuid.UUID] = mapped_column(index=True)
    referral_id: Mapped[uuid.UUID] = mapped_column(index=True)
    state: Mapped[ListCallState] = mapped_column(
        code_type(ListCallState), default=ListCallState.PLANNED
    )
    # As the agency asked when it was planned; when it asks otherwise, it is planned anew.
    call_every: Mapped[CallEvery] = mapped_column(code_type(CallEvery))
    # From when somebody at the agency answers, on the day of the call, and until when.
    due_at: Mapped[datetime] = mapped_column(Moment)
    latest_at: Mapped[datetime] = mapped_column(Moment)
    # Who is told next that it is to be made (models.Rung), and when; empty: everybody was.
    rung: Mapped[int] = mapped_column(default=0, server_default="0")
    wake_at: Mapped[datetime | None] = mapped_column(Moment)
    # How often nobody at the agency answered.
    tries: Mapped[int] = mapped_column(default=0)
    end_reason: Mapped[ListCallEnd | None] = mapped_column(code_type(ListCallEnd))
    done_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    case: Mapped[Case] = relationship(viewonly=True, lazy="joined", innerjoin=True)
    referral: Mapped[Referral] = relationship(viewonly=True, lazy="joined", innerjoin=True)
