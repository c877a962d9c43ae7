"""Changing how a person may be reached without harm (R9, R14)."""

import uuid

from flask import flash, redirect, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from casework.database import now
from casework.people import queries, services, time_zones
from casework.people.forms import PlanForm
from casework.people.views import blueprint, is_sent
from casework.people.way_back import way_back
from casework.people.words import plan_lines
from casework.security import allow, current_actor
from casework.web.filters import in_zone
from casework.web.forms import options, perform
from casework.web.i18n import page_locale
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.route("/contact-plan", methods=["GET", "POST"])
@allow("person:change")
@keeps_input
def plan(person_id: uuid.UUID) -> Response:
    """Show and change the contact plan; saving it counts as confirming it with the person (R14)."""
    actor = current_actor()
    person = queries.get(actor, person_id, now())
    form = PlanForm()
    form.time_zone.choices = options(time_zones.choices(page_locale()))
    if (
        is_sent()
        and form.validate()
        and perform(
            form,
            services.change_plan,
            actor,
            person,
            plan=form.plan(),
            version=form.version.number,
        )
    ):
        flash(_l("Safe contact is saved."), "success")
        return redirect(way_back(actor, person_id))
    saved = services.open_own_plan(actor, person, purpose="change")
    if request.method == "GET":
        form.show(saved, in_zone(now(), saved.time_zone).date())
    is_behind = form.version.is_behind(queries.plan_of(actor, person_id).version)
    return render(
        "people/plan.html",
        form=form,
        saved=saved,
        others=plan_lines(saved) if is_behind and is_sent() else None,
        back=way_back(actor, person_id),
        person_id=person_id,
    )
