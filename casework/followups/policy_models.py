"""The follow-up policy of a service: its own rules where they differ from the standards’, by version."""

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Code, Model, Moment, TenantRow, code_type, tenant_args


class PolicyName(Code):
    """Whose call-backs a rule is about; the value is the series written on each follow-up.

    Danger comes first whatever the needs; a group of needs may have a rule of its own, and all
    else follows the common one. Shelter is missing on purpose: it is always urgent.
    """

    CRISIS = "crisis", _l("Danger, violence, shelter, mental health")
    STANDARD = "standard", _l("Everybody else")
    FOOD = "food", _l("Food")
    INCOME = "income", _l("Income and benefits")
    HOUSING = "housing", _l("Housing and energy")
    HEALTH = "health", _l("Health")
    SUBSTANCES = "mental_health", _l("Substance use support")
    TRANSPORT = "transport", _l("Transport")
    FAMILY = "family", _l("Family and children")
    SENIORS = "seniors", _l("Seniors")
    COMMUNITY = "community", _l("Community and rights")


class MoveState(Code):
    """How far the moving of planned call-backs under a new version is."""

    RUNNING = "running", lazy_pgettext("run", "Moving calls")
    DONE = "done", lazy_pgettext("run", "Done")


class FollowUpPolicy(TenantRow, Model):
    """One version of one rule; the newest is in force, the former stay to be read.

    Each step is a pair of hours: not before, and due by, counted from the first contact.
    """

    __tablename__ = "follow_up_policy"
    __table_args__ = tenant_args(
        UniqueConstraint("service_id", "name", "version"),
        Index(
            "uq_follow_up_policy_current",
            "service_id",
            "name",
            unique=True,
            postgresql_where="is_current",
        ),
    )

    name: Mapped[PolicyName] = mapped_column(code_type(PolicyName))
    version: Mapped[int]
    is_current: Mapped[bool]
    steps: Mapped[list[list[int]]] = mapped_column(JSON)
    max_attempts: Mapped[int]
    pause_hours: Mapped[int]
    longest_days: Mapped[int]
    team_after_hours: Mapped[int | None]
    supervisor_after_hours: Mapped[int | None]
    changed_at: Mapped[datetime] = mapped_column(Moment)
    changed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    # Moving what was planned under the version before: how far, and after which row to go on.
    move_state: Mapped[MoveState] = mapped_column(code_type(MoveState))
    move_after: Mapped[uuid.UUID | None]
    looked_at: Mapped[int] = mapped_column(default=0)
    to_look_at: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
