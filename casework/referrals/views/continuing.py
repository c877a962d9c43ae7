"""Going on with a referral: our answer, other words, a late yes, its siblings, an entry in error."""

import uuid

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from casework.database import NotFound
from casework.referrals import policy, queries, telling
from casework.referrals.forms import AnswerForm, RetellForm
from casework.referrals.services import (
    answer_question,
    ask_in_turn,
    change_told,
    mark_entered_in_error,
    open_request_details,
    recall_siblings,
    record_warm_transfer,
    take_late_place,
)
from casework.referrals.views.door import blueprint
from casework.referrals.views.page import go_on, press
from casework.security import allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.post("/referrals/<uuid:referral_id>/question")
@allow("referral:send")
def answer_question_of(referral_id: uuid.UUID) -> Response:
    """Answer what the agency asked, and let it decide."""
    referral = queries.get(current_actor(), referral_id)
    form = AnswerForm()
    told = _("The agency has our answer and is asked again.")
    return go_on(
        referral, form, "answer_form", answer_question, told, lambda: {"text": form.answer.data}
    )


@blueprint.route("/referrals/<uuid:referral_id>/tell", methods=["GET", "POST"])
@allow("referral:send")
@keeps_input
def tell(referral_id: uuid.UUID) -> Response:
    """Change what the agency is told while the request is open."""
    viewer = current_actor()
    referral = queries.get(viewer, referral_id)
    if not policy.is_open(referral.state):
        raise NotFound
    form = RetellForm()
    form.tell(telling.fields_for(referral.need.code))
    if request.method == "GET":
        form.fill(open_request_details(viewer, referral, purpose="tell"))
        form.version.data = referral.version
    if form.validate_on_submit():
        given = {"details": form.details(), "version": form.version.data}
        if perform(form, change_told, viewer, referral, **given) is not None:
            flash(_("The agency is told this from now on."), "success")
            return redirect(url_for("referrals.show", referral_id=referral.id), 303)
        form.version.data = referral.version
    return render("referrals/tell.html", form=form, referral=referral)


@blueprint.post("/referrals/<uuid:referral_id>/take")
@allow("referral:send")
def take_late(referral_id: uuid.UUID) -> Response:
    """Take the place of an agency that said yes after its request had expired."""
    return press(referral_id, take_late_place, _("The place is held. Tell the person."))


@blueprint.post("/referrals/<uuid:referral_id>/recall-others")
@allow("referral:send")
def recall_others(referral_id: uuid.UUID) -> Response:
    """Call off the other requests for a need for which a place is held."""
    return press(referral_id, recall_siblings, _recalled)


@blueprint.post("/referrals/<uuid:referral_id>/now")
@allow("referral:send")
def ask_now(referral_id: uuid.UUID) -> Response:
    """Ask an agency that waits its turn, because the one before it was ended by the desk."""
    return press(
        referral_id, ask_in_turn, _("The agency is asked. Its answer comes back to this case.")
    )


@blueprint.post("/referrals/<uuid:referral_id>/error")
@allow("referral:send")
def entered_in_error(referral_id: uuid.UUID) -> Response:
    """Mark a request that should never have been made."""
    told = _("The request is marked as entered in error. Its history stays.")
    return press(referral_id, mark_entered_in_error, told)


@blueprint.post("/referrals/<uuid:referral_id>/warm-transfer")
@allow("referral:record")
def warm_transfer(referral_id: uuid.UUID) -> Response:
    """Record that the navigator stayed on the line until the two spoke."""
    done = _(
        "The warm transfer is recorded. Record the answer of the agency too, once you know it."
    )
    return press(referral_id, record_warm_transfer, done)


def _recalled(count: int) -> str:
    return ngettext(
        "%(num)d request is recalled, and its agency is told.",
        "%(num)d requests are recalled, and their agencies are told.",
        count,
    )
