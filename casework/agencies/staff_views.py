"""Who signs in for an agency: the coordinator's page, and the administrator's."""

import uuid

from flask import current_app, flash, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from casework import accounts, directory
from casework.accounts import passphrases
from casework.accounts.models import Membership
from casework.agencies.forms import ColleagueForm, FindAgencyForm
from casework.agencies.services import add_colleague as add_to_agency
from casework.agencies.views import blueprint
from casework.config import Settings
from casework.database import NotFound
from casework.directory.models import Organization
from casework.security import Actor, Role, allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input

FOUND = 50


@blueprint.get("/inbox/colleagues")
@allow("inbox:staff")
def colleagues() -> Response:
    """List who signs in for the coordinator's own agency."""
    return _list(_own(current_actor()))


@blueprint.route("/inbox/colleagues/add", methods=["GET", "POST"])
@allow("inbox:staff")
@keeps_input
def add_colleague() -> Response:
    """Let a colleague in, and show once the link by which they set their own passphrase."""
    return _add(_own(current_actor()))


@blueprint.post("/inbox/colleagues/<uuid:member_id>/<any(disable, enable):what>")
@allow("inbox:staff")
def change_colleague(member_id: uuid.UUID, what: str) -> Response:
    """Shut a colleague out, or let them in again."""
    actor = current_actor()
    agency = _own(actor)
    member = _member(actor, agency, member_id)
    if what == "disable":
        accounts.member_services.disable_member(actor, member)
        flash(_l("The account is disabled. Its sessions are ended."), "success")
    else:
        accounts.member_services.enable_member(actor, member)
        flash(_l("The account is enabled."), "success")
    return redirect(url_for("agencies.colleagues"), 303)


@blueprint.post("/inbox/colleagues/<uuid:member_id>/reset")
@allow("inbox:staff")
def reset_colleague(member_id: uuid.UUID) -> Response:
    """Make a link by which a colleague sets a new passphrase, and show it once."""
    actor = current_actor()
    agency = _own(actor)
    return _show_link(actor, _member(actor, agency, member_id), url_for("agencies.colleagues"))


@blueprint.get("/agencies")
@allow("staff:manage")
def agencies() -> Response:
    """List the agencies whose members sign in, or those that match a word, to let some in."""
    viewer = current_actor()
    form = FindAgencyForm(request.args)
    words = (form.q.data or "").strip() if form.validate() else ""
    signing_in = accounts.queries.agencies_signing_in(viewer)
    found = directory.queries.search(viewer, words=words, limit=FOUND) if words else []
    names = {each.organization_id: each.organization.name for each in found}
    if not words:
        names = directory.queries.names_of(viewer, signing_in)
    return render(
        "agencies/agencies.html",
        form=form,
        words=words,
        names=sorted(names.items(), key=lambda each: each[1]),
        signing_in=signing_in,
    )


@blueprint.get("/agencies/<uuid:agency_id>/members")
@allow("staff:manage")
def members(agency_id: uuid.UUID) -> Response:
    """List who signs in for an agency."""
    return _list(directory.queries.get(current_actor(), agency_id))


@blueprint.route("/agencies/<uuid:agency_id>/members/add", methods=["GET", "POST"])
@allow("staff:manage")
@keeps_input
def add_member(agency_id: uuid.UUID) -> Response:
    """Let somebody of an agency in, its first coordinator for one."""
    return _add(directory.queries.get(current_actor(), agency_id))


def _own(actor: Actor) -> Organization:
    if actor.organization_id is None:
        raise NotFound
    return directory.queries.get(actor, actor.organization_id)


def _member(actor: Actor, agency: Organization, member_id: uuid.UUID) -> Membership:
    """Give a member of this agency other than the actor; raise NotFound for anybody else."""
    for member in accounts.queries.members_of(actor, agency.id):
        if member.id == member_id and member.account_id != actor.id:
            return member
    raise NotFound


def _list(agency: Organization) -> Response:
    actor = current_actor()
    return render(
        "agencies/colleagues.html",
        agency=agency,
        members=accounts.queries.members_of(actor, agency.id),
        me=actor.id,
        is_own=actor.organization_id == agency.id,
    )


def _add(agency: Organization) -> Response:
    actor = current_actor()
    is_own = actor.organization_id == agency.id
    back = (
        url_for("agencies.colleagues")
        if is_own
        else url_for("agencies.members", agency_id=agency.id)
    )
    form = ColleagueForm(data={"locale": agency.locale, "role": Role.PARTNER.value})
    if form.validate_on_submit():
        membership = perform(
            form,
            add_to_agency,
            actor,
            organization_id=agency.id,
            email=form.email.data,
            display_name=form.display_name.data,
            role=Role(form.role.data),
            locale=form.locale.data,
        )
        if membership:
            return _show_link(actor, membership, back)
    return render("agencies/add_colleague.html", form=form, agency=agency, back=back)


def _show_link(actor: Actor, membership: Membership, back: str) -> Response:
    # Drawn at once rather than after a redirect: the link must not lie in a cookie or a row.
    token = passphrases.start_reset(actor, membership)
    settings: Settings = current_app.config["CASEWORK"]
    url = settings.public_url + url_for("accounts.set_passphrase", token=token)
    return render("accounts/passphrase_link.html", member=membership, url=url, back=back)
