"""The New case page: one page, one POST; what is refused comes back with everything that was typed."""

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from casework.accounts import queries as accounts
from casework.database import now
from casework.directory import queries as directory
from casework.followups import queries as followups
from casework.intake import services
from casework.intake.checking import check
from casework.intake.forms import NewCaseForm
from casework.intake.page import errors_in, opens, sentences
from casework.intake.reading import language_of, needs_of, new_case_of
from casework.intake.services import Opened
from casework.people import languages, time_zones
from casework.people.models import Channel
from casework.security import Actor, allow, current_actor
from casework.web.filters import moment_of
from casework.web.forms import perform
from casework.web.i18n import page_locale
from casework.web.pages import render
from casework.web.same_origin import keeps_input

pages = Blueprint("intake", __name__)


@pages.route("/cases/new", methods=["GET", "POST"])
@allow("case:open")
@keeps_input
def new_case() -> Response:
    """Open a case for a person who said yes, or count a contact whose person said no (R1)."""
    actor = current_actor()
    form = _form(actor)
    may_exist = False
    is_sent = request.method == "POST" and "kept" not in request.form
    if is_sent and check(form, now()):
        if form.counts_only:
            return _count(actor, form)
        data = new_case_of(form)
        may_exist = "again" not in request.form and services.may_exist(actor, data=data)
        opened = None if may_exist else perform(form, services.open_new_case, actor, data=data)
        if opened:
            return _leave(opened)
    return render(
        "intake/new_case.html",
        form=form,
        may_exist=may_exist,
        wordings=sentences(actor),
        zone_label=time_zones.label(accounts.service_of(actor).time_zone, page_locale()),
        opens=opens(),
        first_calls_from=followups.first_calls_from(actor, now()),
        errors_in=errors_in,
    )


def _form(actor: Actor) -> NewCaseForm:
    """Make the form with its long lists; nothing about safety is chosen in advance."""
    form = NewCaseForm()
    agencies = {
        str(row.organization_id): row.organization.name
        for row in directory.search(actor, limit=500)
    }
    form.offer(
        languages=languages.choices(page_locale()),
        time_zones=time_zones.choices(page_locale()),
        agencies=sorted(agencies.items(), key=lambda item: item[1]),
    )
    form.time_zone.data = form.time_zone.data or accounts.service_of(actor).time_zone
    form.spoken.data = form.spoken.data or page_locale()[:2]
    return form


def _count(actor: Actor, form: NewCaseForm) -> Response:
    services.count_contact(
        actor,
        channel=Channel(form.channel.data or Channel.PHONE),
        language=language_of(form),
        needs=needs_of(form),
    )
    flash(_l("Counted. Nothing about this person was kept."), "success")
    return redirect(url_for("desk.my_day"))


def _leave(opened: Opened) -> Response:
    """Say what was saved, and go on to the referral or to the case."""
    case, first = opened.case, next(iter(opened.planned), None)
    if first is None:
        flash(_("%(ref)s is open. No call is planned.", ref=case.ref), "success")
    else:
        # It is due from its moment on, and made in the agreed hours that follow (R10).
        begins = max(first.due_at, first.window_opens_at or first.due_at)
        when = moment_of(begins, first.time_zone)
        flash(_("%(ref)s is open. First call: %(moment)s", ref=case.ref, moment=when), "success")
    if request.form.get("then") == "refer":
        return redirect(url_for("referrals.new", ref=case.ref, need=case.needs[0].id))
    return redirect(url_for("desk.case_page", ref=case.ref))
