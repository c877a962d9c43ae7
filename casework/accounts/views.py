"""Signing in and out, the first page of each role, and the small choices every page offers."""

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from casework.accounts import passphrases, recognition, services, throttle
from casework.accounts.forms import LanguageForm, SetPassphraseForm, SignInForm, ThemeForm
from casework.accounts.models import Theme
from casework.security import Role, current_actor, link_bearer, public, signed_in
from casework.security.return_to import endpoint_of, page_behind, safe_next
from casework.web.forms import add_error, perform
from casework.web.pages import render

blueprint = Blueprint("accounts", __name__)

FIRST_PAGES = {
    Role.NAVIGATOR: "desk.my_day",
    Role.SUPERVISOR: "desk.my_day",
    Role.ADMINISTRATOR: "accounts.staff",
    Role.PARTNER: "agencies.inbox",
    Role.PARTNER_LEAD: "agencies.inbox",
}
# One sentence for every reason: who is known here is nobody's business.
NOT_RIGHT = _l("The email or the passphrase is not right.")


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
@throttle.guard_sign_in
def sign_in() -> Response:
    """Sign somebody in and bring them back to where they were."""
    back = safe_next(request.values.get("next"))
    if request.method == "GET" and g.get("actor") is not None:
        return redirect(back or url_for("accounts.home"))
    form = SignInForm()
    if form.validate_on_submit():
        token = services.sign_in(form.email.data, form.password.data)
        if token is not None:
            _end_the_session_before()
            recognition.remember(token)
            answer = redirect(back or url_for("accounts.home"))
            throttle.know_browser(answer)
            return answer
        throttle.count_failure()
        add_error(form, NOT_RIGHT)
    return render("accounts/sign_in.html", form=form, back=back)


def _end_the_session_before() -> None:
    if g.get("actor") is not None:
        services.sign_out(recognition.this_visitor().token)


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End the session for good, and ask the browser to forget what it stored."""
    services.sign_out(recognition.this_visitor().token)
    recognition.forget()
    g.clear_site_data = True
    flash(_l("You are signed out."), "success")
    return redirect(url_for("accounts.sign_in"))


@blueprint.get("/")
@signed_in
def home() -> Response:
    """Lead each role to its first page."""
    role = current_actor().role
    return redirect(url_for(FIRST_PAGES[role] if role else "accounts.settings"))


@blueprint.post("/language")
@public
def language() -> Response:
    """Show this page in the other language, and keep the choice (on the account if there is one)."""
    form = LanguageForm()
    if form.validate_on_submit():
        recognition.keep_for_browser(locale=form.page_language.data)
        if g.get("actor") is not None:
            services.choose(current_actor(), locale=form.page_language.data)
    return _back_to_the_form() or _back()


@blueprint.post("/theme")
@public
def theme() -> Response:
    """Show pages light, night or as the device does, and keep the choice."""
    form = ThemeForm()
    if form.validate_on_submit():
        chosen = Theme(form.theme.data)
        recognition.keep_for_browser(theme=chosen)
        if g.get("actor") is not None:
            services.choose(current_actor(), theme=chosen)
    return _back()


@blueprint.post("/hide-names")
@signed_in
def hide_names() -> Response:
    """Hide people's names on every page of this session, or show them again."""
    services.toggle_names(recognition.this_visitor().web_session)
    return _back()


@blueprint.route("/set-passphrase/<token>", methods=["GET", "POST"])
@link_bearer
def set_passphrase(token: str) -> Response:
    """Let somebody set a passphrase by a link handed to them; opening it changes nothing."""
    link = passphrases.open_link(token)
    form = SetPassphraseForm()
    if form.validate_on_submit() and perform(
        form, passphrases.set_by_link, link, password=form.password.data
    ):
        recognition.forget()
        flash(_l("Your passphrase is set. Sign in with it."), "success")
        return redirect(url_for("accounts.sign_in"))
    return render("accounts/set_passphrase.html", form=form, email=link.membership.account.email)


def sign_in_again(error: Exception) -> tuple[Response, int]:
    """Answer 401: the session ended before this was sent; signing in leads back to the page."""
    page = render("accounts/sign_in_again.html", back=_page_sent() or page_behind(request.path))
    return page, 401


def _page_sent() -> str | None:
    """Give the page that a form names; what is too large to be a form, or breaks off, names none."""
    try:
        return safe_next(request.form.get("next"))
    except HTTPException:
        return None


def _back() -> Response:
    asked = request.form.get("next") or ""
    page = safe_next(asked) or page_behind(asked.split("?")[0])
    return redirect(page or url_for("accounts.home"), code=303)


def _back_to_the_form() -> Response | None:
    """Send a half-filled form back to its own page, to be drawn again in the other language.

    Only to a view that keeps what was typed; its form sees that it was only kept, does nothing and
    shows no error.
    """
    target = safe_next(request.form.get("next"), "POST")
    if target is None or "kept" not in request.form or g.get("actor") is None:
        return None
    endpoint = endpoint_of(target.split("?")[0], "POST")
    view = current_app.view_functions.get(endpoint or "")
    if not getattr(view, "keeps_input", False):
        return None
    return redirect(target, code=307)
