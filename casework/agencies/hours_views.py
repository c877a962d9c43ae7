"""When an agency's services are open: said by its own members, or by an administrator on its behalf."""

import uuid

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework import directory
from casework.agencies.hours_forms import HoursForm
from casework.agencies.services import say_hours_of
from casework.agencies.views import blueprint
from casework.database import NotFound
from casework.directory.hours_services import take_back_hours
from casework.directory.models import Organization
from casework.directory.weekly import Weekly, days_alike
from casework.security import Actor, allow, current_actor
from casework.web.forms import perform
from casework.web.i18n import page_locale
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.get("/inbox/hours")
@allow("inbox:answer")
def hours() -> Response:
    """List the services of the member's own agency, and when each is open."""
    return _list(_own(current_actor()))


@blueprint.route("/inbox/hours/<uuid:offer_id>", methods=["GET", "POST"])
@allow("inbox:answer")
@keeps_input
def change_hours(offer_id: uuid.UUID) -> Response:
    """Say when one service is open, or take it back."""
    return _change(_own(current_actor()), offer_id, url_for("agencies.hours"))


@blueprint.get("/agencies/<uuid:agency_id>/hours")
@allow("staff:manage")
def hours_of_agency(agency_id: uuid.UUID) -> Response:
    """List the services of an agency, and when each is open."""
    return _list(directory.queries.get(current_actor(), agency_id))


@blueprint.route("/agencies/<uuid:agency_id>/hours/<uuid:offer_id>", methods=["GET", "POST"])
@allow("staff:manage")
@keeps_input
def change_hours_of_agency(agency_id: uuid.UUID, offer_id: uuid.UUID) -> Response:
    """Write down when a service is open, as its agency says it."""
    agency = directory.queries.get(current_actor(), agency_id)
    return _change(agency, offer_id, url_for("agencies.hours_of_agency", agency_id=agency.id))


def _own(actor: Actor) -> Organization:
    if actor.organization_id is None:
        raise NotFound
    return directory.queries.get(actor, actor.organization_id)


def _list(agency: Organization) -> Response:
    actor = current_actor()
    offers = directory.capacity_queries.services_of(actor, agency.id)
    ids = [offer.id for offer in offers]
    return render(
        "agencies/hours.html",
        agency=agency,
        offers=offers,
        words=directory.hours_queries.words_on(actor, ids),
        published=directory.hours_queries.hours_of(actor, ids),
        days_alike=days_alike,
        is_own=actor.organization_id == agency.id,
        is_french=page_locale().startswith("fr"),
    )


def _change(agency: Organization, offer_id: uuid.UUID, back: str) -> Response:
    actor = current_actor()
    offer = directory.capacity_queries.offer_of(actor, agency.id, offer_id)
    word = directory.hours_queries.words_on(actor, [offer.id]).get(offer.id)
    form = HoursForm()
    if not form.is_submitted():
        form.show(word.said if word else Weekly(), word.row.version if word else 0)
    if form.is_submitted() and not form.kept:
        version = form.version.data
        if "back" in request.form:
            done = perform(form, take_back_hours, actor, offer, version=version)
            told = _("What is published holds again.")
        else:
            done = form.validate() and perform(
                form,
                say_hours_of,
                actor,
                offer,
                said=form.weekly(),
                version=version,
                is_for_all=bool(form.for_all.data),
            )
            told = _("Thank you. The navigators see these hours now.")
        if done:
            flash(told, "success")
            return redirect(back, 303)
        # Somebody else was faster: what holds now stands above, and the next try starts from it.
        word = directory.hours_queries.words_on(actor, [offer.id]).get(offer.id)
        form.version.data = word.row.version if word else 0
    return render(
        "agencies/change_hours.html",
        form=form,
        agency=agency,
        offer=offer,
        word=word,
        back=back,
        is_own=actor.organization_id == agency.id,
        has_others=len(directory.capacity_queries.services_of(actor, agency.id)) > 1,
        days_alike=days_alike,
        is_french=page_locale().startswith("fr"),
    )
