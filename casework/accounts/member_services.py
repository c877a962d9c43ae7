"""Changing what a member may do, shutting one out, and letting one in again."""

from flask_babel import lazy_gettext as _l

from casework import audit
from casework.accounts import policy, services
from casework.accounts.models import Membership
from casework.database import Refused
from casework.extensions import db
from casework.security import AGENCY_ROLES, Actor, Role


class OwnMembership(Refused):
    """Whoever lets people in cannot lock themselves out, nor raise themselves, nor reach further."""

    message = _l("Ask another administrator to change your own role or access.")


class OtherSide(Refused):
    """Somebody who works for an agency never becomes staff, nor the other way round."""

    message = _l("Staff and agencies have separate accounts. Add a new one.")
    field = "role"


class ShutByService(Refused):
    """A coordinator of an agency lets nobody in whom the service has shut out."""

    message = _l("The service disabled this account, so only the service can enable it. Call it.")


def change_role(actor: Actor, membership: Membership, *, role: Role) -> None:
    """Give a member another role, from their next request on.

    Raises OwnMembership for oneself, and OtherSide where staff would become an agency or it staff.
    """
    _check_other(actor, membership)
    if (role in AGENCY_ROLES) is not (membership.role in AGENCY_ROLES):
        raise OtherSide
    before = membership.role
    membership.role = role
    audit.record(actor, "member:change_role", membership, detail={"before": before, "after": role})


def disable_member(actor: Actor, membership: Membership) -> None:
    """Shut a member out at once, all their sessions included; raise OwnMembership for oneself.

    What an administrator of the service disables stays so until one enables it.
    """
    _check_other(actor, membership)
    _lock(membership)
    membership.is_active = False
    membership.is_shut_by_service |= actor.can("staff:manage")
    services.end_all_sessions(membership.service_id, membership.account_id)
    audit.record(actor, "member:disable", membership)


def enable_member(actor: Actor, membership: Membership) -> None:
    """Let a member in again; their old sessions stay ended.

    Raises OwnMembership for oneself, and ShutByService for a coordinator whose colleague the
    service shut out.
    """
    _check_other(actor, membership)
    _lock(membership)
    if not policy.may_enable(actor, membership):
        raise ShutByService
    membership.is_active = True
    membership.is_shut_by_service = False
    audit.record(actor, "member:enable", membership)


def _check_other(actor: Actor, membership: Membership) -> None:
    if not policy.may_change(actor, membership):
        raise OwnMembership


def _lock(membership: Membership) -> None:
    """Read anew who is shut out, and by whom: an administrator may be doing it at this moment."""
    columns = ("is_active", "is_shut_by_service")
    db.session.refresh(membership, columns, with_for_update=True)
