"""Emergency: the numbers at once, and the record afterwards, with or without a case (R34)."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework.cases import queries, services
from casework.cases.forms import EmergencyForm
from casework.cases.models import EmergencyKind
from casework.cases.searching import UnknownReference
from casework.cases.views.blueprint import blueprint, is_sent
from casework.database import NotFound
from casework.security import Actor, allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.route("/emergency", methods=["GET", "POST"])
@allow("emergency:record")
@keeps_input
def emergency() -> Response:
    """Show whom to call; write down afterwards who took over."""
    form = EmergencyForm()
    if is_sent() and form.validate() and perform(form, _record, current_actor(), form):
        flash(_("The hand-off is recorded."), "success")
        return redirect(url_for("cases.emergency"))
    return render("cases/emergency.html", form=form)


def _record(actor: Actor, form: EmergencyForm) -> None:
    ref = form.case_ref()
    try:
        case = queries.get_in_service(actor, ref) if ref else None
    except NotFound:
        raise UnknownReference(field="ref") from None
    services.record_emergency(actor, kind=EmergencyKind(form.kind.data), case=case)
