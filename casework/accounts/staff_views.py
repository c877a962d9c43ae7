"""The administrator's staff page; no case is ever in reach from here."""

import uuid

from flask import current_app, flash, redirect, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from casework.accounts import member_services, passphrases, queries, services
from casework.accounts.forms import AddMemberForm, RoleForm
from casework.accounts.models import Membership
from casework.accounts.views import blueprint
from casework.config import Settings
from casework.security import Actor, Role, allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.get("/staff")
@allow("staff:manage")
def staff() -> Response:
    """List everybody who works in this service."""
    viewer = current_actor()
    members = queries.staff(viewer)
    return render("accounts/staff.html", members=members, me=viewer.id)


@blueprint.route("/staff/add", methods=["GET", "POST"])
@allow("staff:manage")
@keeps_input
def add_member() -> Response:
    """Add somebody, and show once the link by which they set their own passphrase."""
    actor = current_actor()
    form = AddMemberForm()
    if form.validate_on_submit():
        membership = perform(
            form,
            services.add_member,
            queries.service_of(actor),
            email=form.email.data,
            display_name=form.display_name.data,
            role=Role(form.role.data),
            password=None,
            locale=form.locale.data,
            actor=actor,
        )
        if membership:
            return _show_link(actor, membership)
    return render("accounts/add_member.html", form=form)


@blueprint.route("/staff/<uuid:membership_id>", methods=["GET", "POST"])
@allow("staff:manage")
def change_role(membership_id: uuid.UUID) -> Response:
    """Show one member, and give them another role from their next request on."""
    actor = current_actor()
    membership = queries.member(actor, membership_id)
    form = RoleForm(obj=membership)
    if form.validate_on_submit() and perform(
        form, member_services.change_role, actor, membership, role=Role(form.role.data)
    ):
        flash(_l("The role is changed. It holds from now on."), "success")
        return redirect(url_for("accounts.staff"))
    is_me = membership.account_id == actor.id
    return render("accounts/member.html", form=form, member=membership, is_me=is_me)


@blueprint.post("/staff/<uuid:membership_id>/disable")
@allow("staff:manage")
def disable_member(membership_id: uuid.UUID) -> Response:
    """Shut a member out; their sessions end at once."""
    actor = current_actor()
    member_services.disable_member(actor, queries.member(actor, membership_id))
    flash(_l("The account is disabled. Its sessions are ended."), "success")
    return redirect(url_for("accounts.staff"))


@blueprint.post("/staff/<uuid:membership_id>/enable")
@allow("staff:manage")
def enable_member(membership_id: uuid.UUID) -> Response:
    """Let a member in again."""
    actor = current_actor()
    member_services.enable_member(actor, queries.member(actor, membership_id))
    flash(_l("The account is enabled."), "success")
    return redirect(url_for("accounts.staff"))


@blueprint.post("/staff/<uuid:membership_id>/reset")
@allow("staff:manage")
def start_reset(membership_id: uuid.UUID) -> Response:
    """Make a link by which a member sets a new passphrase, and show it once."""
    actor = current_actor()
    return _show_link(actor, queries.member(actor, membership_id))


def _show_link(actor: Actor, membership: Membership) -> Response:
    # Drawn at once rather than after a redirect: the link must not lie in a cookie or a row.
    token = passphrases.start_reset(actor, membership)
    # Our own address, and not the Host that the request named: it stands in a mail next.
    settings: Settings = current_app.config["CASEWORK"]
    url = settings.public_url + url_for("accounts.set_passphrase", token=token)
    return render("accounts/passphrase_link.html", member=membership, url=url)
