"""Changing one's passphrase, and setting the first one by a link that works once."""

import secrets
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode

from flask_babel import lazy_gettext as _l

from casework import audit, database
from casework.accounts import member_services, policy, queries, services
from casework.accounts.models import Account, Membership, PassphraseLink
from casework.database import NotFound, Refused
from casework.extensions import db
from casework.security import Actor, passwords

ID_BYTES = 16
SECRET_BYTES = 32


class WrongPassphrase(Refused):
    """The current passphrase was not given."""

    message = _l("This is not your current passphrase.")
    field = "current"


class SamePassphrase(Refused):
    """The new passphrase is the old one."""

    message = _l("This is your current passphrase. Choose another one.")
    field = "password"


def change_passphrase(actor: Actor, *, current: str, password: str, session_id: uuid.UUID) -> None:
    """Change the actor's own passphrase and end their other sessions.

    Raises WrongPassphrase, SamePassphrase or WeakPassphrase.
    """
    account = queries.account_of(actor)
    if not passwords.verify_password(account.password_hash, current):
        audit.refused(actor, "account:change_passphrase", "account", account.id)
        raise WrongPassphrase
    if passwords.verify_password(account.password_hash, password):
        raise SamePassphrase
    _set(actor, account, password)
    services.end_all_sessions(actor.service_id, account.id, keep=session_id)
    audit.record(actor, "account:change_passphrase", account)


def start_reset(actor: Actor, membership: Membership) -> str:
    """Make the link by which a member sets a passphrase, shown once; older links stop working.

    The administrator never learns or sets the passphrase (ASVS 6.4.6); the old one works until
    the link is used. Gives the token; only its hash is kept.
    """
    if not policy.may_change(actor, membership):
        raise member_services.OwnMembership
    at = database.now()
    for older in queries.links_of(membership):
        older.used_at = older.used_at or at
    secret = membership.service_id.bytes + secrets.token_bytes(SECRET_BYTES)
    token = urlsafe_b64encode(secret).decode().rstrip("=")
    link = PassphraseLink(
        service_id=membership.service_id,
        membership_id=membership.id,
        token_hash=queries.token_hash(token),
        created_at=at,
        expires_at=at + policy.LINK_LIFE,
    )
    db.session.add(link)
    db.session.flush()
    audit.record(actor, "member:start_reset", membership)
    return token


def open_link(token: str) -> PassphraseLink:
    """Enter the service that a link names and give the link; raise NotFound unless it is good.

    The token begins with the service's id, so that row-level security stands here too: whoever
    guesses one sees a service in which no link has that hash.
    """
    service_id = _service_in(token)
    database.enter_service(service_id)
    link = queries.passphrase_link(service_id, token, database.now()) if service_id else None
    if link is None:
        database.enter_service(None)
        raise NotFound
    return link


def set_by_link(link: PassphraseLink, *, password: str) -> None:
    """Set the passphrase of a link's member, use the link up and end every older session."""
    membership = link.membership
    actor = services.actor_of(membership)
    _set(actor, membership.account, password)
    link.used_at = database.now()
    services.end_all_sessions(membership.service_id, membership.account_id)
    audit.record(actor, "account:set_passphrase", membership.account)


def _set(actor: Actor, account: Account, password: str) -> None:
    service = queries.service_of(actor)
    passwords.check_strength(
        password, (account.email, account.display_name, service.name_en, service.name_fr)
    )
    account.password_hash = passwords.hash_password(password)


def _service_in(token: str) -> uuid.UUID | None:
    try:
        decoded = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    if len(decoded) != ID_BYTES + SECRET_BYTES:
        return None
    return uuid.UUID(bytes=decoded[:ID_BYTES])
