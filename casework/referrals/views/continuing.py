"""Going on with a referral: our answer to a question, a late yes, its siblings, an entry in error."""

import uuid

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from casework.referrals import queries
from casework.referrals.forms import AnswerForm, ButtonForm
from casework.referrals.services import (
    answer_question,
    ask_in_turn,
    mark_entered_in_error,
    recall_siblings,
    record_warm_transfer,
    take_late_place,
)
from casework.referrals.views.door import blueprint
from casework.referrals.views.recording import page, press
from casework.security import allow, current_actor
from casework.web.forms import perform


@blueprint.post("/referrals/<uuid:referral_id>/question")
@allow("referral:send")
def answer_question_of(referral_id: uuid.UUID) -> Response:
    """Answer what the agency asked, and let it decide."""
    viewer = current_actor()
    referral = queries.get(viewer, referral_id)
    form = AnswerForm()
    if form.validate_on_submit():
        text, version = form.answer.data, form.version.data
        if perform(form, answer_question, viewer, referral, text=text, version=version) is not None:
            flash(_("The agency has our answer and is asked again."), "success")
            return redirect(url_for("referrals.show", referral_id=referral.id), 303)
    return page(referral, answer_form=form)


@blueprint.post("/referrals/<uuid:referral_id>/take")
@allow("referral:send")
def take_late(referral_id: uuid.UUID) -> Response:
    """Take the place of an agency that said yes after its request had expired."""
    viewer = current_actor()
    referral = queries.get(viewer, referral_id)
    form = ButtonForm()
    if form.validate_on_submit():
        taken = perform(form, take_late_place, viewer, referral, version=form.version.data)
        if taken is not None:
            flash(_("The place is held. Tell the person."), "success")
            return redirect(url_for("referrals.show", referral_id=taken.id), 303)
    return page(referral, button_form=form)


@blueprint.post("/referrals/<uuid:referral_id>/recall-others")
@allow("referral:send")
def recall_others(referral_id: uuid.UUID) -> Response:
    """Call off the other requests for a need for which a place is held."""
    viewer = current_actor()
    referral = queries.get(viewer, referral_id)
    form = ButtonForm()
    if form.validate_on_submit():
        count = perform(form, recall_siblings, viewer, referral)
        if count is not None:
            told = ngettext(
                "%(num)d request is recalled, and its agency is told.",
                "%(num)d requests are recalled, and their agencies are told.",
                count,
            )
            flash(told, "success")
            return redirect(url_for("referrals.show", referral_id=referral.id), 303)
    return page(referral, button_form=form)


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
