"""The supervisor's pages: how needs ended, and who did what."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from casework import audit, database
from casework.accounts import queries as accounts
from casework.oversight import counting, outcome_rows, queries
from casework.oversight.audit_lines import lines_of
from casework.oversight.forms import AuditForm, PeriodForm
from casework.oversight.policy import Span, period_of
from casework.oversight.words import ACTIONS
from casework.security import Actor, allow, current_actor
from casework.web.i18n import page_zone
from casework.web.pages import render
from casework.web.references import parse_reference

pages = Blueprint("oversight", __name__)


@pages.get("/outcomes")
@allow("outcome:report")
def outcomes() -> Response:
    """Show how the needs of a period stand, with everything small hidden (R25)."""
    viewer, form = current_actor(), PeriodForm()
    is_readable = form.read(request.args)
    period = period_of(
        Span(form.span.data) if is_readable else Span.MONTH,
        database.now(),
        page_zone(),
        first=form.first.data,
        last=form.last.data,
    )
    report = counting.make_report(
        queries.needs_counted(viewer, period),
        queries.anonymous_counted(viewer, period),
        queries.transfers_counted(viewer, period),
    )
    return render(
        "oversight/outcomes.html",
        form=form,
        period=period,
        report=report,
        minimum=counting.MINIMUM,
        minimum_violence=counting.MINIMUM_VIOLENCE,
        endings=outcome_rows.ending_bars(report),
        reasons=outcome_rows.reason_bars(report),
        anonymous=outcome_rows.anonymous_bars(report),
        transfers=outcome_rows.transfer_bars(report),
        group_heads=outcome_rows.group_heads(),
        hidden_groups=outcome_rows.hidden_groups(report),
        group_rows=outcome_rows.group_rows(report.groups),
    )


@pages.get("/audit")
@allow("audit:read")
def audit_log() -> Response:
    """List who did what, newest first; reading it is itself recorded (R21)."""
    viewer = current_actor()
    form = _audit_form(viewer)
    is_readable = form.read(request.args)
    wanted = _wanted(viewer, form) if is_readable else queries.EntriesWanted()
    before = request.args.get("before", type=int)
    # More than a row number can be: the newest entries, as if nothing had been asked.
    before = before if before is not None and 0 < before < queries.LAST_SEQ else None
    found = queries.audit_entries(viewer, wanted, before_seq=before, limit=queries.PAGE + 1)
    if form.errors:
        found = []
    shown = found[: queries.PAGE]
    audit.record(viewer, "audit:read", ("audit", None), detail=wanted.told)
    return render(
        "oversight/audit_log.html",
        form=form,
        lines=lines_of(viewer, shown),
        newest_url=_page_url() if before else None,
        older_url=_page_url(before=shown[-1].seq) if len(found) > len(shown) else None,
    )


def _audit_form(viewer: Actor) -> AuditForm:
    form = AuditForm()
    staff = accounts.colleagues(viewer)
    form.action.choices = [
        SelectChoice("", _("Everything")),
        *(SelectChoice(code, label) for code, label in ACTIONS.items()),
    ]
    form.actor.choices = [
        SelectChoice("", _("Everybody")),
        *(SelectChoice(str(each.account_id), each.account.display_name) for each in staff),
    ]
    return form


def _wanted(viewer: Actor, form: AuditForm) -> queries.EntriesWanted:
    """Read the filter; a reference nobody has narrows to nothing and says so on its field."""
    case = None
    if form.case.data:
        ref = parse_reference(form.case.data)
        case = queries.case_of_ref(viewer, ref) if ref else None
        if case is None:
            form.case.errors = [_("No case has this reference.")]
    return queries.EntriesWanted(
        action=form.action.data or None,
        actor_id=UUID(form.actor.data) if form.actor.data else None,
        case=case,
        day=form.day.data,
        zone=page_zone(),
    )


def _page_url(before: int | None = None) -> str:
    """Give the address of a page of the same filter: the newest entries, or those before one."""
    kept: dict[str, Any] = {
        name: value for name, value in request.args.items() if value and name != "before"
    }
    return url_for("oversight.audit_log", **kept, before=before)
