"""Services and their members, and the sessions in which members are signed in."""

import secrets
import uuid
from collections.abc import Callable
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from casework import audit, database
from casework.accounts import policy, queries
from casework.accounts.models import Account, Membership, Service, Theme, WebSession
from casework.database import Refused
from casework.extensions import db
from casework.security import Actor, ActorKind, Role, passwords

# Rooms above add what a new service needs from its first day, such as consent wordings.
on_service_created: list[Callable[[Service], None]] = []


class BadAddress(Refused):
    """The text is not an email address."""

    message = _l("This is not an email address.")
    field = "email"


class AddressTaken(Refused):
    """Somebody signs in with this address already, here or in another service."""

    message = _l("This address is already in use. Choose another one.")
    field = "email"


class UnknownTimeZone(Refused):
    """The text names no IANA time zone."""

    message = _l("This time zone does not exist.")
    field = "time_zone"


# --- services and members ------------------------------------------------------------------------


def create_service(
    *,
    code: str,
    name_en: str,
    name_fr: str,
    time_zone: str,
    locale: str = "en_CA",
    phone: str = "211",
    privacy_contact: str = "",
) -> Service:
    """Create a service, enter it, and let the rooms above give it what it needs to begin."""
    _check_time_zone(time_zone)
    service = Service(
        code=code,
        name_en=name_en,
        name_fr=name_fr,
        time_zone=time_zone,
        locale=locale,
        phone=phone,
        privacy_contact=privacy_contact,
    )
    # The database takes a new service only from somebody who has entered it.
    database.enter_service(service.id)
    db.session.add(service)
    db.session.flush()
    for hook in dict.fromkeys(on_service_created):
        hook(service)
    db.session.flush()
    return service


def add_member(
    service: Service,
    *,
    email: str,
    display_name: str,
    role: Role,
    password: str | None,
    locale: str = "en_CA",
    organization_id: uuid.UUID | None = None,
    actor: Actor | None = None,
) -> Membership:
    """Add somebody to a service, with their own account; the service must have been entered.

    A password of None makes an account that opens only once its owner has set one by a link.
    Raises BadAddress, AddressTaken, or WeakPassphrase.
    """
    if password is not None:
        passwords.check_strength(password, (email, display_name, service.name_en, service.name_fr))
    account = Account(
        email=normal_address(email),
        password_hash=passwords.hash_password(password or secrets.token_urlsafe(48)),
        display_name=display_name,
        locale=locale,
        time_zone=service.time_zone,
        created_at=database.now(),
    )
    membership = Membership(
        service_id=service.id,
        account_id=account.id,
        role=role,
        organization_id=organization_id,
        created_at=database.now(),
    )
    try:
        with database.attempt():
            db.session.add(account)
            db.session.flush()
            db.session.add(membership)
            db.session.flush()
    except IntegrityError:
        raise AddressTaken from None
    audit.record(
        actor or Actor.command(service.id), "member:add", membership, detail={"role": role}
    )
    return membership


def save_settings(
    actor: Actor, *, locale: str, time_zone: str, theme: Theme, has_shortcuts: bool
) -> None:
    """Save how the actor's own pages look; raise UnknownTimeZone."""
    _check_time_zone(time_zone)
    account = queries.account_of(actor)
    account.locale = locale
    account.time_zone = time_zone
    account.theme = theme
    account.has_shortcuts = has_shortcuts


def choose(actor: Actor, *, locale: str | None = None, theme: Theme | None = None) -> None:
    """Keep the language or theme that the actor chose on their account."""
    account = queries.account_of(actor)
    account.locale = locale or account.locale
    account.theme = theme or account.theme


def normal_address(email: str) -> str:
    """Write an email address in its one form, lower case; raise BadAddress."""
    try:
        # Names reserved for examples are good enough for a demo on one machine.
        checked = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise BadAddress from None
    return checked.normalized.lower()


# --- sessions ------------------------------------------------------------------------------------


def sign_in(email: str, password: str) -> str | None:
    """Begin a session and give its token; None when refused, for whatever reason.

    An unknown address takes the same work as a wrong passphrase (ASVS 6.3.8). Enters the first
    service in which the account is active, and writes an audit entry either way.
    """
    found = queries.account_to_sign_in(email.strip().lower())
    is_right = passwords.verify_password(found.password_hash if found else None, password)
    if found is None or not is_right or not found.is_active or not found.memberships:
        audit.refused(None, "account:sign_in", "account", found.account_id if found else None)
        return None
    service_id = found.memberships[0]
    database.enter_service(service_id)
    membership = queries.membership_of(service_id, found.account_id)
    if membership is None:
        return None
    if passwords.needs_rehash(found.password_hash):
        membership.account.password_hash = passwords.hash_password(password)
    return begin_session(membership)


def begin_session(membership: Membership) -> str:
    """Begin a session for a member and give its token, which is kept nowhere in clear."""
    token = secrets.token_urlsafe(32)
    at = database.now()
    session = WebSession(
        service_id=membership.service_id,
        account_id=membership.account_id,
        token_hash=queries.token_hash(token),
        created_at=at,
        seen_at=at,
        expires_at=at + policy.ABSOLUTE,
    )
    db.session.add(session)
    db.session.flush()
    audit.record(actor_of(membership), "account:sign_in", session)
    return token


def touch(session: WebSession) -> None:
    """Write down that a session is in use, once a minute at most."""
    at = database.now()
    if policy.needs_touch(session.seen_at, at):
        session.seen_at = at


def sign_out(token: str) -> None:
    """End the session of this token for good; a session that is over already stays so."""
    found = queries.session_of(token)
    if found is None:
        return
    database.enter_service(found.service_id)
    membership = queries.membership_of(found.service_id, found.account_id)
    session = db.session.get(WebSession, found.id)
    if membership is None or session is None:
        return
    session.ended_at = database.now()
    audit.record(actor_of(membership), "account:sign_out", session)


def end_session(actor: Actor, session_id: uuid.UUID) -> None:
    """End one of the actor's own sessions, on whatever device; raise NotFound for another's."""
    session = queries.web_session(actor, session_id)
    session.ended_at = session.ended_at or database.now()
    audit.record(actor, "account:end_session", session)


def end_all_sessions(
    service_id: uuid.UUID, account_id: uuid.UUID, keep: uuid.UUID | None = None
) -> None:
    """End every session of an account in a service, but for the one to keep."""
    actor = Actor(ActorKind.STAFF, service_id, account_id)
    for session in queries.sessions_of(actor, database.now()):
        if session.id != keep:
            session.ended_at = database.now()


def toggle_names(session: WebSession) -> bool:
    """Hide people's names in this session, or show them again; tell whether they are hidden now."""
    session.hides_names = not session.hides_names
    return session.hides_names


def actor_of(membership: Membership) -> Actor:
    """Give the actor that a member is in their service."""
    return Actor.member(
        membership.service_id, membership.account_id, membership.role, membership.organization_id
    )


def _check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise UnknownTimeZone
