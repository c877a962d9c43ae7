"""The page of a service's own hours, for its supervisors and administrators."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework.accounts import opening, queries
from casework.accounts.hours_forms import OpeningHoursForm
from casework.accounts.views import blueprint
from casework.security import allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.route("/opening-hours", methods=["GET", "POST"])
@allow("service:hours")
@keeps_input
def opening_hours() -> Response:
    """Show and change when somebody is there to call."""
    actor = current_actor()
    form = OpeningHoursForm()
    is_sent = request.method == "POST" and not form.kept
    if (
        is_sent
        and form.validate()
        and perform(
            form,
            opening.change_hours,
            actor,
            week=form.week(),
            holidays_of=form.province(),
            notice=int(form.notice.data),
        )
    ):
        flash(_("The hours are saved. They hold for what is proposed from now on."), "success")
        return redirect(url_for("accounts.opening_hours"))
    if request.method == "GET":
        form.show(queries.service_of(actor))
    return render("accounts/opening_hours.html", form=form)
