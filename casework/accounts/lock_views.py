"""The idle lock: while a session is locked every page is the lock page, and nothing is done."""

from flask import g, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from casework.accounts import locking, recognition, throttle
from casework.accounts.forms import UnlockForm
from casework.accounts.views import blueprint
from casework.security import current_actor, signed_in
from casework.security.return_to import page_behind, safe_next
from casework.web.forms import add_error
from casework.web.pages import render
from casework.web.same_origin import SAFE_METHODS

NOT_RIGHT = _l("The passphrase is not right.")


def stay_locked() -> Response | None:
    """Answer any request of a locked session with the lock; what was sent is refused with 401."""
    if not g.get("is_locked"):
        return None
    # The count of wrong passphrases is the account's, whichever page it is typed on.
    g.address_to_prove = recognition.this_visitor().account.email
    if request.endpoint in recognition.OPEN_WHILE_LOCKED:
        return None
    is_sent = request.method not in SAFE_METHODS
    page = _lock_page(UnlockForm(formdata=None), was_sent=is_sent)
    if is_sent:
        page.status_code = 401
    return page


@blueprint.post("/lock")
@signed_in
def lock() -> Response:
    """Lock this session's screen and stay on the page, which shows the lock from now on."""
    locking.lock(current_actor(), recognition.this_visitor().web_session)
    return redirect(_page_to_return_to(), code=303)


@blueprint.post("/unlock")
@signed_in
@throttle.guard_sign_in
def unlock() -> Response:
    """Open the screen again on exactly the page that was locked."""
    visitor = recognition.this_visitor()
    if visitor.web_session.locked_at is None:
        return redirect(_page_to_return_to(), code=303)
    form = UnlockForm()
    if form.validate_on_submit():
        done = locking.unlock(
            visitor.actor, visitor.web_session, visitor.account, password=form.password.data
        )
        if done:
            return redirect(_page_to_return_to(), code=303)
        throttle.count_failure()
        add_error(form, NOT_RIGHT, "password")
    return _lock_page(form)


def _lock_page(form: UnlockForm, *, was_sent: bool = False) -> Response:
    return render(
        "accounts/lock.html",
        form=form,
        back=_page_to_return_to(),
        name=recognition.this_visitor().account.display_name,
        was_sent=was_sent,
    )


def _page_to_return_to() -> str:
    """Give the page that was locked, as the form names it; else the page this address stands for."""
    if request.endpoint in recognition.OPEN_WHILE_LOCKED:
        here = request.form.get("next") or ""
    else:
        here = request.full_path if request.query_string else request.path
    return safe_next(here) or page_behind(here.split("?")[0]) or url_for("accounts.home")
