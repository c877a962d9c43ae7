"""Calls to agencies that keep a place on a waiting list: nobody answered, and we try again."""

from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework.followups import queries, services
from casework.followups.forms import NoAnswerForm
from casework.followups.views.door import blueprint
from casework.security import allow, current_actor
from casework.web.forms import perform


@blueprint.post("/list-calls/<uuid:call_id>/no-answer")
@allow("referral:record")
def no_answer(call_id: UUID) -> Response:
    """Note that nobody at the agency answered, and go back to where the button stood."""
    actor = current_actor()
    call = queries.list_call(actor, call_id)
    form = NoAnswerForm()
    if form.validate_on_submit():
        version = form.version.data
        if perform(form, services.note_no_answer, actor, call, version=version) is not None:
            flash(_("Noted: nobody answered. The call stays to be made."), "success")
    for message in (*form.form_errors, *form.csrf_token.errors):
        flash(message, "warning")
    if form.is_from_day:
        return redirect(url_for("desk.my_day"), 303)
    return redirect(url_for("desk.case_page", ref=call.case.ref), 303)
