"""Who acts: a member of staff or of an agency, the holder of an agency link, the system itself, or a command."""

import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from casework.security.permissions import AGENCY_ROLES, PERMISSIONS, Role


class ActorKind(StrEnum):
    """What stands behind an action; audit entries keep it beside the id."""

    STAFF = "staff"
    PARTNER_LINK = "partner_link"
    AGENCY = "agency"
    SYSTEM = "system"
    COMMAND = "command"


@dataclass(frozen=True)
class Actor:
    """Someone who acts or looks, always inside one service; queries call it the viewer."""

    kind: ActorKind
    service_id: uuid.UUID
    id: uuid.UUID | None = None
    role: Role | None = None
    # Whose requests a member of an agency sees; without one they see none.
    organization_id: uuid.UUID | None = None

    @classmethod
    def system(cls, service_id: uuid.UUID) -> Self:
        """Give the actor of sweeps and expiries in one service."""
        return cls(ActorKind.SYSTEM, service_id)

    @classmethod
    def command(cls, service_id: uuid.UUID) -> Self:
        """Give the actor of the command line in one service."""
        return cls(ActorKind.COMMAND, service_id)

    @classmethod
    def link(cls, service_id: uuid.UUID, link_id: uuid.UUID) -> Self:
        """Give the actor behind an agency's no-login link."""
        return cls(ActorKind.PARTNER_LINK, service_id, link_id)

    @classmethod
    def member(
        cls,
        service_id: uuid.UUID,
        account_id: uuid.UUID,
        role: Role,
        organization_id: uuid.UUID | None,
    ) -> Self:
        """Give the actor that somebody signed in is: of the staff, or of an agency."""
        if role not in AGENCY_ROLES:
            return cls(ActorKind.STAFF, service_id, account_id, role)
        return cls(ActorKind.AGENCY, service_id, account_id, role, organization_id)

    @property
    def is_staff(self) -> bool:
        """Whether a signed-in member of the staff stands behind it."""
        return self.kind is ActorKind.STAFF

    def can(self, permission: str) -> bool:
        """Tell whether this actor holds a permission; the system may do what sweeps need."""
        if self.kind in (ActorKind.SYSTEM, ActorKind.COMMAND):
            return True
        return self.role is not None and permission in PERMISSIONS[self.role]
