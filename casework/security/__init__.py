"""Who may enter: actors, the permission table, the guard at every route, and passphrases."""

from casework.security.actors import Actor, ActorKind
from casework.security.guard import allow, current_actor, link_bearer, public, signed_in
from casework.security.permissions import AGENCY_ROLES, Role

__all__ = [
    "AGENCY_ROLES",
    "Actor",
    "ActorKind",
    "Role",
    "allow",
    "current_actor",
    "link_bearer",
    "public",
    "signed_in",
]
