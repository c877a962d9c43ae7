"""What the navigator records on a referral’s page for the agency, or what became of it."""

import uuid
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework import audit, database
from casework.cases.models import Reason, Source
from casework.referrals import clocks, policy, queries
from casework.referrals.clocks import HoldChoice
from casework.referrals.forms import ExtendForm, RecallForm, ReplyForm
from casework.referrals.models import Referral, ReferralState
from casework.referrals.policy import Reply
from casework.referrals.services import (
    answer,
    ask_again,
    ask_longer,
    extend_hold,
    open_agency,
    open_referral,
    recall,
    remark,
    say_listed,
    say_yes_late,
    set_out,
    undo,
    was_recorded,
    withdraw,
)
from casework.referrals.services.offering import number_of
from casework.referrals.views.door import blueprint
from casework.referrals.views.page import go_on, page, press
from casework.security import allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input

PHONE_REPLIES = (
    Reply.STILL, Reply.HOLD, Reply.WAITLIST, Reply.DECLINE, Reply.ASK, Reply.ON_THE_WAY,
    Reply.ARRIVED, Reply.DID_NOT_COME, Reply.RELEASE, Reply.CALL_US, Reply.WITHHOLD,
)  # fmt: skip


@blueprint.get("/referrals/<uuid:referral_id>")
@allow("case:read")
def show(referral_id: uuid.UUID) -> Response:
    """Show where a referral stands; a sealed agency stays sealed until somebody asks."""
    viewer = current_actor()
    referral = queries.get(viewer, referral_id)
    subjects = (referral.case.person_id,)
    audit.record(viewer, "referral:viewed", referral, subjects=subjects)
    return page(referral)


@blueprint.post("/referrals/<uuid:referral_id>/reveal")
@allow("person:reveal")
def reveal(referral_id: uuid.UUID) -> Response:
    """Open the agency and its words, once, with an audit entry."""
    referral = queries.get(current_actor(), referral_id)
    opened = open_referral(current_actor(), referral, purpose="referral_page")
    return page(referral, opened=opened)


@blueprint.route("/referrals/<uuid:referral_id>/answer", methods=["GET", "POST"])
@allow("referral:record")
@keeps_input
def record_answer(referral_id: uuid.UUID) -> Response:
    """Record what the agency, or the person, says by phone."""
    viewer = current_actor()
    referral = queries.get(viewer, referral_id)
    form = ReplyForm()
    is_held = referral.state in policy.HELD_STATES
    form.offer(
        _replies(referral),
        clocks.hold_choices(database.now(), _zone(referral)),
        policy.NOT_FULFILLED_REASONS if is_held else policy.DECLINE_REASONS,
    )
    if request.method == "GET":
        form.begin(referral)
    if form.is_submitted() and was_recorded(viewer, referral, idempotency_key=form.key.data):
        return _recorded(referral)  # pressed twice
    opened_at = form.version.data
    if form.validate_on_submit() and perform(form, _record, form, referral) is not None:
        return _recorded(referral)
    has_moved = opened_at is not None and opened_at != referral.version
    agency = None if referral.is_sensitive else referral.organization
    form.version.data = referral.version
    return render(
        "referrals/record_answer.html",
        form=form,
        meanwhile=queries.newest_event(referral) if has_moved else None,
        referral=referral,
        is_held=is_held,
        number=number_of(viewer, referral, agency) if agency else "",
    )


@blueprint.post("/referrals/<uuid:referral_id>/undo")
@allow("referral:record")
def undo_answer(referral_id: uuid.UUID) -> Response:
    """Take back the answer this navigator has just recorded."""
    return press(referral_id, undo, _("The answer is taken back."))


@blueprint.post("/referrals/<uuid:referral_id>/withdraw")
@allow("referral:record")
def withdraw_request(referral_id: uuid.UUID) -> Response:
    """End a request because the person wishes it."""
    return press(referral_id, withdraw, _("The request is withdrawn, and the agency is told."))


@blueprint.post("/referrals/<uuid:referral_id>/link")
@allow("referral:send")
def send_link(referral_id: uuid.UUID) -> Response:
    """Send the agency a fresh link for what is open now."""
    return press(referral_id, _ask_again, _("A new link is on its way to the agency."))


@blueprint.post("/referrals/<uuid:referral_id>/recall")
@allow("referral:send")
def recall_request(referral_id: uuid.UUID) -> Response:
    """Call a request off, with a reason that stays in the house."""
    referral = queries.get(current_actor(), referral_id)
    form = RecallForm()
    told = _("The request is recalled, and the agency is told.")
    return go_on(
        referral, form, "recall_form", recall, told, lambda: {"reason": Reason(form.reason.data)}
    )


@blueprint.post("/referrals/<uuid:referral_id>/extend")
@allow("referral:record")
def extend(referral_id: uuid.UUID) -> Response:
    """Record that the agency keeps the place longer (R36)."""
    referral = queries.get(current_actor(), referral_id)
    form = ExtendForm()

    def until() -> dict[str, Any]:
        chosen = HoldChoice(form.hold.data)
        return {"hold_until": clocks.hold_end(chosen, database.now(), _zone(referral))}

    return go_on(referral, form, "extend_form", extend_hold, _("The place is held longer."), until)


@blueprint.post("/referrals/<uuid:referral_id>/hold-longer")
@allow("referral:send")
def ask_for_longer(referral_id: uuid.UUID) -> Response:
    """Ask the agency by letter to hold the place longer; its phone stands on the page (R36)."""
    told = _("A letter asks the agency to hold it longer. When time is short, call too.")
    return press(referral_id, _ask_longer, told)


def _recorded(referral: Referral) -> Response:
    flash(_("The answer is recorded."), "success")
    return redirect(url_for("referrals.show", referral_id=referral.id), 303)


def _record(form: ReplyForm, referral: Referral) -> object:
    """Turn the form into one answer or remark, on the word that the navigator named."""
    viewer = current_actor()
    reply = Reply(form.reply.data)
    is_arrival = reply in (Reply.ARRIVED, Reply.DID_NOT_COME, Reply.ON_THE_WAY)
    source = Source(form.source.data) if form.source.data else Source.PARTNER_CONFIRMED
    common: dict[str, Any] = {"version": form.version.data, "idempotency_key": form.key.data}
    if is_arrival and not form.source.data:
        raise database.Refused(_("Say who told you so."), "source")
    if reply is Reply.STILL:
        listing, details = form.listing(), form.details()
        return say_listed(viewer, referral, listing=listing, details=details, **common)
    if reply in policy.REMARKS:
        return remark(
            viewer, referral, what=policy.REMARKS[reply], words=form.note.data or "", **common
        )
    if reply is Reply.ON_THE_WAY:
        return set_out(viewer, referral, source=source, **common)
    hold = HoldChoice(form.hold.data) if form.hold.data and reply is Reply.HOLD else None
    hold_until = clocks.hold_end(hold, database.now(), _zone(referral)) if hold else None
    if reply is Reply.HOLD and referral.state is ReferralState.EXPIRED:
        return say_yes_late(
            viewer,
            referral,
            hold_until=hold_until,
            details=form.details(),
            idempotency_key=form.key.data,
        )
    reason = Reason(form.reason.data) if form.reason.data else None
    if reply is Reply.DID_NOT_COME:
        reason = reason or Reason.NO_SHOW
    return answer(
        viewer,
        referral,
        to=policy.STATES[reply],
        reason=reason if reply in policy.REASONED else None,
        source=source if is_arrival else Source.PARTNER_CONFIRMED,
        hold_until=hold_until,
        details=form.details(),
        listing=form.listing() if reply is Reply.WAITLIST else None,
        **common,
    )


def _ask_again(actor: Any, referral: Referral, *, version: int | None) -> bool:
    return ask_again(actor, referral)


def _ask_longer(actor: Any, referral: Referral, *, version: int | None) -> bool:
    return ask_longer(actor, referral)


def _replies(referral: Referral) -> list[Reply]:
    state = referral.state
    return [reply for reply in PHONE_REPLIES if policy.fits(reply, state, policy.Who.NAVIGATOR)]


def _zone(referral: Referral) -> str:
    """Give the agency’s own zone; a sealed agency is opened for it, and that is recorded."""
    return open_agency(current_actor(), referral, purpose="clock").time_zone
