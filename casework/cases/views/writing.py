"""Writing in a case: notes, needs, how each ended, and closing."""

import uuid

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework.accounts import queries as accounts
from casework.cases import policy, queries, services
from casework.cases.forms import CloseForm, NeedsForm, NoteForm, OutcomeForm
from casework.cases.models import (
    Case,
    CaseNeed,
    CaseNote,
    CaseStatus,
    ClosureCode,
    NeedOutcome,
    Reason,
    Source,
)
from casework.cases.views.blueprint import blueprint, is_sent
from casework.directory.needs import NeedCode
from casework.security import Actor, allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.route("/cases/<ref:ref>/notes", methods=["GET", "POST"])
@allow("case:change")
@keeps_input
def add_note(ref: str) -> Response:
    """Seal a note into a case; what is too long comes back whole."""
    actor = current_actor()
    case = queries.get(actor, ref)
    form = NoteForm()
    if is_sent() and form.validate() and perform(form, _add_note, actor, case, form):
        flash(_("The note is saved in %(ref)s.", ref=ref), "success")
        return _to_case(case)
    return render("cases/add_note.html", case=case, form=form, is_open=_is_open(case))


@blueprint.route("/cases/<ref:ref>/needs/add", methods=["GET", "POST"])
@allow("case:change")
@keeps_input
def add_need(ref: str) -> Response:
    """Add what else the person needs; a violence need makes the case sensitive (R19)."""
    actor = current_actor()
    case = queries.get(actor, ref)
    form = NeedsForm()
    if is_sent() and form.validate() and perform(form, _add_needs, actor, case, form):
        flash(_("Added to %(ref)s.", ref=ref), "success")
        return _to_case(case)
    needs = queries.needs_of(actor, case)
    return render("cases/add_need.html", case=case, form=form, needs=needs, is_open=_is_open(case))


@blueprint.route("/cases/<ref:ref>/needs/<uuid:need_id>/outcome", methods=["GET", "POST"])
@allow("case:change")
@keeps_input
def record_outcome(ref: str, need_id: uuid.UUID) -> Response:
    """Record how a need ended; when a colleague was first, both versions are shown."""
    actor = current_actor()
    case = queries.get(actor, ref)
    need = queries.get_need(actor, case, need_id)
    form = OutcomeForm(obj=None if need.outcome is NeedOutcome.PENDING else need)
    if not is_sent():
        form.version.data = need.version
    elif form.validate():
        if _save_outcome(actor, case, need, form):
            flash(_("The outcome is recorded in %(ref)s.", ref=ref), "success")
            return _to_case(case)
        if need.version != form.version.data:
            return _both_outcomes(actor, case, need, form)
    return render(
        "cases/record_outcome.html", case=case, need=need, form=form, is_open=_is_open(case)
    )


@blueprint.route("/cases/<ref:ref>/close", methods=["GET", "POST"])
@allow("case:close")
@keeps_input
def close(ref: str) -> Response:
    """Close a case for a reason, once nothing stands in the way."""
    actor = current_actor()
    case = queries.get(actor, ref)
    form = CloseForm()
    if is_sent() and form.validate() and perform(form, _close, actor, case, form):
        flash(_("%(ref)s is closed.", ref=ref), "success")
        return _to_case(case)
    is_open = _is_open(case)
    if form.version.data != case.version:
        form.version.data = case.version
    return render(
        "cases/close.html",
        case=case,
        form=form,
        is_open=is_open,
        obstacle=services.obstacle(actor, case) if is_open else None,
        unmet_reasons=policy.unmet_reasons(),
        pending=[n for n in queries.needs_of(actor, case) if n.outcome is NeedOutcome.PENDING],
    )


def _add_note(actor: Actor, case: Case, form: NoteForm) -> CaseNote:
    return services.add_note(actor, case, body=form.body.data or "")


def _add_needs(actor: Actor, case: Case, form: NeedsForm) -> list[CaseNeed]:
    codes = [NeedCode(code) for code in form.needs.data or []]
    return services.add_needs(actor, case, codes=codes)


def _close(actor: Actor, case: Case, form: CloseForm) -> Case:
    closure = ClosureCode(form.closure.data)
    return services.close_case(actor, case, closure=closure, version=form.version.data)


def _save_outcome(actor: Actor, case: Case, need: CaseNeed, form: OutcomeForm) -> CaseNeed | None:
    saved: CaseNeed | None = perform(
        form,
        services.record_outcome,
        actor,
        case,
        need,
        outcome=NeedOutcome(form.outcome.data),
        reason=Reason(form.reason.data) if form.reason.data else None,
        source=Source(form.source.data),
        version=form.version.data,
    )
    return saved


def _both_outcomes(actor: Actor, case: Case, need: CaseNeed, form: OutcomeForm) -> Response:
    """Show what stands now, by whom and when, beside what was typed; one button saves over it."""
    form.version.data = need.version
    last = queries.last_outcome(actor, need)
    names = accounts.names_of(actor, [last.actor_id] if last else [])
    return render(
        "cases/both_outcomes.html",
        case=case,
        need=need,
        form=form,
        typed_outcome=NeedOutcome(form.outcome.data),
        typed_reason=Reason(form.reason.data) if form.reason.data else None,
        typed_source=Source(form.source.data),
        by=names.get(last.actor_id) if last and last.actor_id else None,
        at=last.at if last else need.outcome_at,
    )


def _is_open(case: Case) -> bool:
    return case.status is CaseStatus.OPEN


def _to_case(case: Case) -> Response:
    return redirect(url_for("desk.case_page", ref=case.ref))
