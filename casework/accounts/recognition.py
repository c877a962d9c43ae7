"""Who is at the browser: the session cookie's token, looked up anew for every request."""

from typing import Any

from flask import g, request, session
from flask_login import UserMixin, current_user, login_user, logout_user
from sqlalchemy import select

from casework import database
from casework.accounts import queries, services
from casework.accounts.models import Account, Membership, Service, Theme, WebSession
from casework.extensions import db, login_manager
from casework.security import Actor
from casework.web.i18n import page_locale

# What a browser keeps when somebody signs in or out: how pages look, nothing about anybody.
KEPT = ("locale", "theme")
# What may still be asked for while the screen is locked; nothing else knows who is there.
OPEN_WHILE_LOCKED = frozenset({"accounts.lock", "accounts.unlock", "accounts.sign_out"})
# What an open page asks by itself: nobody is there because of it, and the session grows idle.
ASKED_BY_PAGES = frozenset(
    {
        "desk.changes",
        "followups.calls_seen",
        "followups.keep_call",
        "followups.page_left",
        "importing.progress",
        "keys.progress",
    }
)


class Visitor(UserMixin):
    """Somebody signed in, with all that a request asks about them."""

    def __init__(
        self, token: str, web_session: WebSession, membership: Membership, service: Service
    ) -> None:
        self.token = token
        self.web_session = web_session
        self.membership = membership
        self.account: Account = membership.account
        self.service = service
        self.actor: Actor = services.actor_of(membership)

    def get_id(self) -> str:
        """Give what Flask-Login keeps in the cookie: the random token and nothing else."""
        return self.token


def load_visitor(token: str) -> Visitor | None:
    """Find the visitor behind a token and enter their service; None when the session is over."""
    found = queries.session_of(token)
    if found is None:
        return None
    database.enter_service(found.service_id)
    row = db.session.execute(
        select(WebSession, Membership, Service)
        .join(
            Membership,
            (Membership.service_id == WebSession.service_id)
            & (Membership.account_id == WebSession.account_id),
        )
        .join(Service, Service.id == WebSession.service_id)
        .where(WebSession.id == found.id)
    ).one_or_none()
    return None if row is None else Visitor(token, *row)


def recognise_visitor() -> None:
    """Find out who asks, before anything else happens to a request; static files ask nobody."""
    if request.endpoint == "static":
        return
    database.enter_service(None)
    g.theme = session.get("theme")
    if not current_user.is_authenticated:
        return
    visitor: Visitor = current_user._get_current_object()
    # Plain values: a page that reports an error is drawn after the rollback.
    account = visitor.account
    g.locale, g.time_zone = account.locale, account.time_zone
    g.theme, g.has_shortcuts = account.theme, account.has_shortcuts
    g.service_name = visitor.service.name(page_locale())
    g.is_locked = visitor.web_session.locked_at is not None
    if g.is_locked and request.endpoint not in OPEN_WHILE_LOCKED:
        return
    g.actor = visitor.actor
    g.user_label = account.display_name
    g.hides_names = visitor.web_session.hides_names
    if not g.is_locked and request.endpoint not in ASKED_BY_PAGES:
        services.touch(visitor.web_session)


def remember(token: str) -> None:
    """Let this browser carry a new session; whatever it carried before is dropped."""
    visitor = load_visitor(token)
    if visitor is None:
        raise LookupError("a session that has just begun was not found")
    forget()
    login_user(visitor)


def forget() -> None:
    """Let this browser carry no session: new cookie, new CSRF token, the same language and theme."""
    logout_user()
    kept = {name: session[name] for name in KEPT if name in session}
    session.clear()
    session.update(kept)


def keep_for_browser(*, locale: str | None = None, theme: Theme | None = None) -> None:
    """Keep the language or theme that this browser shows when nobody is signed in."""
    if locale is not None:
        session["locale"] = g.locale = locale
    if theme is not None:
        session["theme"] = theme.value


def this_visitor() -> Visitor:
    """Give who is signed in; only for views that nobody else may enter."""
    visitor: Any = current_user._get_current_object()
    if not isinstance(visitor, Visitor):
        raise database.NotFound
    return visitor


def init_app() -> None:
    """Teach Flask-Login to look a token up; its own check of address and browser stays off."""
    login_manager.session_protection = None
    login_manager.user_loader(load_visitor)
