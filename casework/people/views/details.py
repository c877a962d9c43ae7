"""Correcting what is known of a person; the page opens every detail and says so in the audit (R21)."""

import uuid
from typing import Any

from flask import flash, redirect, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from casework.database import now
from casework.people import languages, queries, services
from casework.people.detail_checks import CLEAR, SEALED
from casework.people.forms import DetailsForm
from casework.people.models import Person
from casework.people.views import blueprint, is_sent
from casework.people.way_back import way_back
from casework.people.words import detail_lines
from casework.security import Actor, allow, current_actor
from casework.web.forms import options, perform
from casework.web.i18n import page_locale
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.route("/details", methods=["GET", "POST"])
@allow("person:change")
@keeps_input
def details(person_id: uuid.UUID) -> Response:
    """Show and change the details; a sensitive record has no line for an area (R19)."""
    actor = current_actor()
    person = queries.get(actor, person_id, now())
    form = DetailsForm()
    form.language.choices = options(languages.choices(page_locale()))
    if person.is_sensitive:
        del form.area
    if (
        is_sent()
        and form.validate()
        and perform(
            form,
            services.change_details,
            actor,
            person,
            details=form.details(),
            version=form.version.number,
        )
    ):
        flash(_l("The details are saved."), "success")
        return redirect(way_back(actor, person_id))
    saved = _opened(actor, person)
    if request.method == "GET":
        form.show(saved)
    is_behind = form.version.is_behind(person.version)
    return render(
        "people/details.html",
        form=form,
        others=detail_lines(saved) if is_behind and is_sent() else None,
        back=way_back(actor, person_id),
        person_id=person_id,
    )


def _opened(actor: Actor, person: Person) -> dict[str, Any]:
    names = [name for name in SEALED if not (name == "area" and person.is_sensitive)]
    opened = services.open_details(actor, person, *names, purpose="change")
    return opened | {name: getattr(person, name) for name in CLEAR}
