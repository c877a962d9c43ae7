"""A referral’s own page: where it stands, and where every button of it leads back to."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from casework import accounts, database, directory, notices
from casework.cases.policy import unmet_reasons
from casework.directory.models import Organization
from casework.referrals import policy, queries, telling
from casework.referrals.forms import AnswerForm, ButtonForm, ExtendForm, RecallForm
from casework.referrals.models import Referral, ReferralState
from casework.referrals.phone_first import opening_of
from casework.referrals.proposals import is_settled, next_best, refused_with, what_stands
from casework.referrals.services import planned_telling
from casework.referrals.services.driving import is_withheld
from casework.referrals.services.offering import number_of
from casework.referrals.services.patience import late_among
from casework.referrals.views.words import fit_words
from casework.security import current_actor
from casework.web.forms import perform
from casework.web.pages import render

# What is said when it is done, in words or made of what came of it.
Done = str | Callable[[Any], str]


def press(referral_id: uuid.UUID, service: Callable[..., Any], done: Done) -> Response:
    """Run a service behind one button and come back to the referral’s page."""
    referral = queries.get(current_actor(), referral_id)
    return go_on(referral, ButtonForm(), "button_form", service, done)


def go_on(
    referral: Referral,
    form: ButtonForm | RecallForm,
    name: str,
    service: Callable[..., Any],
    done: Done,
    data: Callable[[], dict[str, Any]] = dict,
) -> Response:
    """Run what a form of the page asks for, and show what stands now; else what is wrong in the form.

    `data` is read once the form is whole; a service that gives another request leads to that one.
    """
    if form.validate_on_submit():
        version = form.version.data
        result = perform(form, service, current_actor(), referral, version=version, **data())
        if result is not None:
            flash(done if isinstance(done, str) else done(result), "success")
            shown = result if isinstance(result, Referral) else referral
            return redirect(url_for("referrals.show", referral_id=shown.id), 303)
    return page(referral, **{name: form})


def page(referral: Referral, opened: dict[str, Any] | None = None, **forms: FlaskForm) -> Response:
    viewer = current_actor()
    events = queries.events_of(viewer, referral)
    names = accounts.queries.names_of(viewer, [event.actor_id for event in events])
    letters = notices.queries.letters_about(viewer, [referral.id])
    is_open = policy.is_open(referral.state)
    is_held = referral.state in policy.HELD_STATES
    is_to_call = referral.wants_person_to_call and referral.state is ReferralState.REQUESTED
    of_need = queries.of_need(viewer, referral.need_id)
    agency = _named(referral, opened)
    return render(
        "referrals/show.html",
        referral=referral,
        case=referral.case,
        opened=opened,
        told=telling.lines(opened["request_details"]) if opened else [],
        withheld=opened is not None and is_withheld(viewer, referral, opened["request_details"]),
        answered=telling.answered(opened["answer_details"]) if opened else [],
        events=events,
        names=names,
        of_need=of_need,
        answers=queries.last_answers(viewer, of_need),
        late=late_among(of_need, database.now()),
        proposal=next_best(viewer, referral, of_need),
        stands=what_stands(referral, of_need),
        is_settled=is_settled(referral, of_need),
        fit_words=fit_words,
        opening=opening_of(viewer, referral, agency, database.now()),
        number=number_of(viewer, referral, agency) if agency else "",
        unmet_reasons=unmet_reasons(refused_with(referral.need, of_need)),
        letter=letters[0] if letters else None,
        siblings=queries.siblings(viewer, referral) if is_held else [],
        is_open=is_open,
        is_held=is_held,
        telling=planned_telling(referral) if is_held or is_to_call else None,
        is_waiting=referral.state in policy.WAITING_STATES,
        in_line=queries.next_in_line(referral),
        may_be_undone=bool(events)
        and not queries.is_overtaken(referral)
        and policy.may_undo(events[0], at=database.now(), is_same_actor=_is_mine(events[0])),
        recall_form=forms.get("recall_form") or RecallForm(formdata=None),
        is_late_yes=policy.is_late_yes(events[0] if events else None),
        answer_form=forms.get("answer_form") or AnswerForm(formdata=None),
        extend_form=forms.get("extend_form") or ExtendForm(formdata=None),
        button_form=forms.get("button_form") or ButtonForm(formdata=None),
    )


def _named(referral: Referral, opened: dict[str, Any] | None) -> Organization | None:
    """Give the agency where its name is on the page already: looking opens no seal (R16)."""
    if opened and opened["partner_id"]:
        return directory.queries.get(current_actor(), opened["partner_id"])
    return None if referral.is_sensitive else referral.organization


def _is_mine(event: Any) -> bool:
    """Tell whether Undo is worth showing; undo() itself proves it, also where the actor is sealed."""
    viewer = current_actor()
    if event.actor is not None:
        return bool(event.actor_kind == viewer.kind)
    return bool(event.actor_id == viewer.id)
