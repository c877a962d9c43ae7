"""One's own settings, sessions and passphrase."""

import uuid

from flask import flash, g, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from casework import database
from casework.accounts import passphrases, queries, recognition, services
from casework.accounts.forms import ChangePassphraseForm, SettingsForm
from casework.accounts.models import Theme
from casework.accounts.views import blueprint
from casework.extensions import limiter
from casework.security import current_actor, signed_in
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.route("/settings", methods=["GET", "POST"])
@signed_in
@keeps_input
def settings() -> Response:
    """Show and save one's own settings, and list one's own sessions."""
    actor = current_actor()
    form = SettingsForm(obj=queries.account_of(actor))
    form.offer_zones(queries.account_of(actor).time_zone)
    if form.validate_on_submit() and perform(
        form,
        services.save_settings,
        actor,
        locale=form.locale.data,
        time_zone=form.time_zone.data,
        theme=Theme(form.theme.data),
        has_shortcuts=form.has_shortcuts.data,
    ):
        g.locale = form.locale.data
        flash(_l("Your settings are saved."), "success")
        return redirect(url_for("accounts.settings"))
    return render(
        "accounts/settings.html",
        form=form,
        sessions=queries.sessions_of(actor, database.now()),
        this_session=recognition.this_visitor().web_session.id,
        has_messages=actor.can("desk:read"),
    )


@blueprint.post("/settings/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: uuid.UUID) -> Response:
    """End one of one's own sessions on another device."""
    services.end_session(current_actor(), session_id)
    flash(_l("The session is ended."), "success")
    return redirect(url_for("accounts.settings"))


def _is_wrong_guess(response: Response) -> bool:
    return bool(g.get("wrong_passphrase", False))


@blueprint.route("/settings/passphrase", methods=["GET", "POST"])
@signed_in
@limiter.limit(
    "10 per 15 minutes",
    key_func=lambda: str(current_actor().id),
    methods=["POST"],
    deduct_when=_is_wrong_guess,
)
def change_passphrase() -> Response:
    """Change one's own passphrase; one's other sessions end."""
    form = ChangePassphraseForm()
    if form.validate_on_submit() and perform(
        form,
        passphrases.change_passphrase,
        current_actor(),
        current=form.current.data,
        password=form.password.data,
        session_id=recognition.this_visitor().web_session.id,
    ):
        flash(_l("Your passphrase is changed. Your other sessions are ended."), "success")
        return redirect(url_for("accounts.settings"))
    g.wrong_passphrase = request.method == "POST" and bool(form.current.errors)
    return render("accounts/change_passphrase.html", form=form)
