"""Locking the screen of a session, and opening it again with the passphrase of whoever locked it."""

from casework import audit, database
from casework.accounts.models import Account, WebSession
from casework.security import Actor, passwords


def lock(actor: Actor, session: WebSession) -> None:
    """Lock a session: it lives on, and every page answers with the lock; twice changes nothing."""
    if session.locked_at is None:
        session.locked_at = database.now()
        audit.record(actor, "account:lock", session)


def unlock(actor: Actor, session: WebSession, account: Account, *, password: str) -> bool:
    """Open a locked session with its own passphrase; tell whether it was right."""
    if not passwords.verify_password(account.password_hash, password):
        audit.refused(actor, "account:unlock", "web_session", session.id)
        return False
    session.locked_at = None
    session.seen_at = database.now()
    audit.record(actor, "account:unlock", session)
    return True
