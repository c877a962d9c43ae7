"""Legal holds: a supervisor places and lifts them by reference, without opening the case (R29, R30)."""

import uuid

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from casework.accounts import queries as accounts
from casework.cases import hold_queries, queries, services
from casework.cases.erasure_models import HoldReason, LegalHold
from casework.database import NotFound, Refused
from casework.keeping.forms import HoldForm, LiftForm
from casework.keeping.views.blueprint import blueprint, is_sent
from casework.security import Actor, allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input


class NoSuchCase(Refused):
    """A reference that is nobody's here."""

    message = _l("No case has this reference.")
    field = "ref"


@blueprint.route("/legal-holds", methods=["GET", "POST"])
@allow("hold:change")
@keeps_input
def holds() -> Response:
    """List the cases that are held, and place a hold on one more."""
    actor = current_actor()
    form = HoldForm()
    if is_sent() and form.validate() and perform(form, _place, actor, form):
        flash(_("%(ref)s is on legal hold: nothing erases it.", ref=form.case_ref()), "success")
        return redirect(url_for("keeping.holds"))
    standing = hold_queries.in_force(actor)
    names = accounts.names_of(actor, {hold.placed_by for hold in standing})
    return render("keeping/holds.html", form=form, holds=standing, names=names)


@blueprint.route("/legal-holds/<uuid:hold_id>", methods=["GET", "POST"])
@allow("hold:change")
def hold(hold_id: uuid.UUID) -> Response:
    """Show who asked for a hold, which is recorded, and lift it."""
    actor = current_actor()
    held = hold_queries.get(actor, hold_id)
    form = LiftForm()
    if form.validate_on_submit():
        ref = held.case.ref
        services.lift_hold(actor, held)
        flash(_("The hold on %(ref)s is lifted. It may be erased again.", ref=ref), "success")
        return redirect(url_for("keeping.holds"))
    return render(
        "keeping/hold.html",
        form=form,
        hold=held,
        note=services.open_hold_note(actor, held, purpose="hold_page"),
        name=accounts.names_of(actor, [held.placed_by]).get(held.placed_by)
        if held.placed_by
        else None,
    )


def _place(actor: Actor, form: HoldForm) -> LegalHold:
    try:
        case = queries.get_in_service(actor, form.case_ref() or "")
    except NotFound:
        raise NoSuchCase from None
    return services.place_hold(
        actor, case, reason=HoldReason(form.reason.data), note=form.note.data or ""
    )
