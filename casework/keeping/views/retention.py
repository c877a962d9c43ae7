"""Retention for administrators: how long, and how many it would be; counts, never a case (R24)."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework.cases.models import ClosureCode
from casework.database import now
from casework.keeping import queries, services
from casework.keeping.forms import RetentionForm
from casework.keeping.policy import FEW, Report, is_few
from casework.keeping.views.blueprint import blueprint, is_sent
from casework.security import allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.route("/retention", methods=["GET", "POST"])
@allow("retention:change")
@keeps_input
def retention() -> Response:
    """Show how long cases are kept; new times are counted first and saved on the second press."""
    actor = current_actor()
    form = RetentionForm()
    kept = queries.days_of(actor)
    wanted = kept
    if is_sent() and form.validate():
        wanted = form.days()
    elif not form.is_submitted():
        form.fill(kept)
    told = queries.report(actor, now(), wanted)
    is_new = wanted != kept
    is_counted = is_new and form.counted.data == _mark(wanted, told)
    if is_counted and perform(form, services.change_days, actor, days=wanted):
        flash(_("The times are saved. They hold from tonight on."), "success")
        return redirect(url_for("keeping.retention"))
    form.counted.data = _mark(wanted, told) if is_new else ""
    return render(
        "keeping/retention.html",
        form=form,
        fields=[form[closure.value] for closure in ClosureCode],
        report=told,
        rows=[(closure.label, _shown(number)) for closure, number in told.due.items()],
        few=FEW,
        is_held_few=is_few(told.held),
        is_new=is_new,
    )


def _mark(wanted: dict[ClosureCode, int], told: Report) -> str:
    """Write what was seen of the count, so that saving is only for times whose effect was seen."""
    days = "-".join(str(wanted[closure]) for closure in ClosureCode)
    total = told.total if told.tells == "exact" else told.tells
    return f"{days}:{total}:{'few' if is_few(told.held) else told.held}"


def _shown(number: int) -> str:
    """Show a number of cases, unless it is so small that one case could be meant (R25)."""
    return _("fewer than %(num)d", num=FEW) if is_few(number) else str(number)
