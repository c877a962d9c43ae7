"""Who works here and what their sessions are; and the two look-ups that precede any service."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select, text

from casework import database
from casework.accounts import policy
from casework.accounts.models import Account, Membership, PassphraseLink, Service, WebSession
from casework.database import NotFound
from casework.extensions import db
from casework.security import AGENCY_ROLES, Actor

SIGN_IN = text(
    "SELECT account_id, password_hash, is_active, memberships FROM casework_sign_in(:email)"
)
SESSION = text(
    "SELECT id, account_id, service_id, seen_at, expires_at FROM casework_session(:token_hash)"
)


@dataclass(frozen=True)
class SignInRow:
    """What sign-in needs to know of an account before any service is entered."""

    account_id: uuid.UUID
    password_hash: str
    is_active: bool
    memberships: Sequence[uuid.UUID]


@dataclass(frozen=True)
class SessionRow:
    """A session that has not been ended, of an account and membership that are active."""

    id: uuid.UUID
    account_id: uuid.UUID
    service_id: uuid.UUID
    seen_at: datetime
    expires_at: datetime


def token_hash(token: str) -> bytes:
    """Give what the database keeps of a token: 256 random bits need no salt and no slow hash."""
    return sha256(token.encode()).digest()


def account_to_sign_in(email: str) -> SignInRow | None:
    """Find an account by its address, in lower case, whatever its services."""
    row = db.session.execute(SIGN_IN, {"email": email}).one_or_none()
    return None if row is None else SignInRow(*row)


def session_of(token: str) -> SessionRow | None:
    """Find a session by its token; None when ended, over, or its member no longer active."""
    row = db.session.execute(SESSION, {"token_hash": token_hash(token)}).one_or_none()
    if row is None or policy.is_over(row.seen_at, row.expires_at, database.now()):
        return None
    return SessionRow(*row)


def membership_of(service_id: uuid.UUID, account_id: uuid.UUID) -> Membership | None:
    """Find the membership of an account, with its account, in the entered service."""
    return db.session.scalars(
        select(Membership).where(
            Membership.service_id == service_id, Membership.account_id == account_id
        )
    ).one_or_none()


def account_of(viewer: Actor) -> Account:
    """Give the viewer's own account."""
    account = db.session.get(Account, viewer.id)
    if account is None:
        raise NotFound
    return account


def web_session(viewer: Actor, session_id: uuid.UUID) -> WebSession:
    """Give one of the viewer's own sessions; raise NotFound for anybody else's."""
    found = db.session.scalars(
        select(WebSession).where(
            WebSession.id == session_id,
            WebSession.service_id == viewer.service_id,
            WebSession.account_id == viewer.id,
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def sessions_of(viewer: Actor, at: datetime) -> list[WebSession]:
    """List the viewer's own sessions that are still good, the newest first."""
    return list(
        db.session.scalars(
            select(WebSession)
            .where(
                WebSession.service_id == viewer.service_id,
                WebSession.account_id == viewer.id,
                WebSession.ended_at.is_(None),
                WebSession.expires_at > at,
                WebSession.seen_at > at - policy.IDLE,
            )
            .order_by(WebSession.created_at.desc(), WebSession.id)
        )
    )


def every_service_id() -> list[uuid.UUID]:
    """List the ids of all services, for sweeps and commands, which enter one after the other."""
    return list(db.session.scalars(select(Service.id).order_by(Service.code)))


def service_by_code(code: str) -> Service | None:
    """Find a service by its code, for the command line."""
    return db.session.scalars(select(Service).where(Service.code == code)).one_or_none()


def service_of(viewer: Actor) -> Service:
    """Give the service the viewer is in."""
    service = db.session.get(Service, viewer.service_id)
    if service is None:
        raise NotFound
    return service


def colleagues(viewer: Actor) -> list[Membership]:
    """List the active navigators and supervisors of the viewer's service, by name."""
    return list(
        db.session.scalars(
            select(Membership)
            .join(Account, Account.id == Membership.account_id)
            .where(
                Membership.service_id == viewer.service_id,
                Membership.is_active,
                Account.is_active,
                Membership.role.in_(policy.CASE_ROLES),
            )
            .order_by(Account.display_name, Account.id)
        )
    )


def staff(viewer: Actor) -> list[Membership]:
    """List all members of the viewer's service, the active first, then by name."""
    return list(
        db.session.scalars(
            select(Membership)
            .join(Account, Account.id == Membership.account_id)
            .where(Membership.service_id == viewer.service_id)
            .order_by(Membership.is_active.desc(), Account.display_name, Account.id)
        )
    )


def member(viewer: Actor, membership_id: uuid.UUID) -> Membership:
    """Give one member of the viewer's service; raise NotFound when there is no such member."""
    found = db.session.scalars(
        select(Membership).where(
            Membership.id == membership_id, Membership.service_id == viewer.service_id
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def members_of(viewer: Actor, organization_id: uuid.UUID) -> list[Membership]:
    """List who signs in for an agency of the viewer's service, the active first, then by name."""
    return [
        each
        for each in staff(viewer)
        if each.organization_id == organization_id and each.role in AGENCY_ROLES
    ]


def agencies_signing_in(viewer: Actor) -> set[uuid.UUID]:
    """Give the agencies of the viewer's service for which somebody signs in."""
    rows = db.session.scalars(
        select(Membership.organization_id).where(
            Membership.service_id == viewer.service_id, Membership.role.in_(AGENCY_ROLES)
        )
    )
    return {organization_id for organization_id in rows if organization_id is not None}


def names_of(viewer: Actor, account_ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """Give the names of members of the viewer's service by account id; others are left out."""
    wanted = {account_id for account_id in account_ids if account_id is not None}
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Account.id, Account.display_name)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.service_id == viewer.service_id, Account.id.in_(wanted))
    )
    return {row.id: row.display_name for row in rows}


def passphrase_link(service_id: uuid.UUID, token: str, at: datetime) -> PassphraseLink | None:
    """Find a link that is still good in the entered service: unused, in time, its member active."""
    return db.session.scalars(
        select(PassphraseLink)
        .join(Membership, Membership.id == PassphraseLink.membership_id)
        .join(Account, Account.id == Membership.account_id)
        .where(
            PassphraseLink.service_id == service_id,
            PassphraseLink.token_hash == token_hash(token),
            PassphraseLink.used_at.is_(None),
            PassphraseLink.expires_at > at,
            Membership.is_active,
            Account.is_active,
        )
    ).one_or_none()


def links_of(membership: Membership) -> list[PassphraseLink]:
    """List the links made for a member that nobody has used."""
    return list(
        db.session.scalars(
            select(PassphraseLink).where(
                PassphraseLink.service_id == membership.service_id,
                PassphraseLink.membership_id == membership.id,
                PassphraseLink.used_at.is_(None),
            )
        )
    )
