"""Choosing a place and asking it; after a refusal the next one is two presses away."""

import uuid
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework import cases, directory, people
from casework.cases.models import Case, CaseNeed, NeedOutcome
from casework.cases.policy import unmet_reasons
from casework.database import NotFound, now
from casework.directory.features import asked_of, labels_of
from casework.directory.policy import Fit, Suitable
from casework.directory.weekly import days_alike
from casework.people.models import Purpose
from casework.referrals import policy, queries, telling
from casework.referrals.forms import SendForm
from casework.referrals.manners import Manner
from casework.referrals.models import Referral, Urgency
from casework.referrals.phone_first import openings_of
from casework.referrals.proposals import refused_with, suitable, urgency_of
from casework.referrals.services import (
    ask_agency,
    ask_several,
    consent_to_share,
    open_agencies,
    open_request_details,
    open_wishes,
)
from casework.referrals.views.door import blueprint
from casework.referrals.views.words import fit_words
from casework.security import allow, current_actor
from casework.web.forms import perform
from casework.web.i18n import page_locale
from casework.web.pages import render
from casework.web.same_origin import keeps_input

# Which need is referred when none was named: those that still ask for help, the most open first.
STILL_ASKED = (
    NeedOutcome.PENDING,
    NeedOutcome.UNKNOWN,
    NeedOutcome.UNMET,
    NeedOutcome.PARTIALLY_MET,
)


@blueprint.route("/cases/<ref:ref>/referrals/new", methods=["GET", "POST"])
@allow("referral:send")
@keeps_input
def new(ref: str) -> Response:
    """Choose an agency for one need and ask it; the need is named by an opaque id."""
    viewer = current_actor()
    case = cases.queries.get(viewer, ref)
    need = _need(case, request.args.get("need"))
    soon = urgency_of(case, need, queries.for_case(viewer, case))
    form = SendForm(data={"urgency": soon, "manner": Manner.IN_ORDER.value})
    form.offer_wishes(asked_of(need.code))
    found = suitable(viewer, case, need, features=form.wishes)
    form.offer(found.fits)
    form.tell(telling.fields_for(need.code))
    if not form.look.data and form.validate_on_submit():
        line = perform(
            form,
            ask_several,
            viewer,
            case,
            need,
            organization_ids=form.chosen,
            urgency=Urgency(form.urgency.data),
            manner=form.how,
            agreed=form.scope,
            details=form.details(),
            wishes=form.wishes,
        )
        if line is not None:
            return _sent(case, line)
    return _choose(
        "referrals/new.html",
        case,
        need,
        found,
        form=form,
        asked=_asked_before(case),
        soon=soon,
        **_not_agreed(case, need, form),
    )


@blueprint.route("/referrals/<uuid:referral_id>/again", methods=["GET", "POST"])
@allow("referral:send")
@keeps_input
def again(referral_id: uuid.UUID) -> Response:
    """Show the next best place, what it is told and by which consent; a second press asks it."""
    viewer = current_actor()
    before = queries.get(viewer, referral_id)
    case, need = before.case, before.need
    told = open_request_details(viewer, before, purpose="ask")
    wishes = open_wishes(viewer, before, purpose="ask")
    found = suitable(viewer, case, need, without=open_agencies(viewer, need), features=wishes)
    form = SendForm(data={"urgency": before.urgency.value})
    form.offer(found.fits)
    form.tell(telling.fields_for(need.code))
    is_changing = "change" in request.args
    if not form.look.data and form.validate_on_submit():
        done = perform(
            form,
            ask_agency,
            viewer,
            case,
            need,
            organization_id=form.chosen[0],
            urgency=before.urgency,
            agreed=form.scope,
            details=form.details() if is_changing else told,
            wishes=wishes,
            supersedes=None if policy.is_open(before.state) else before,
        )
        if done is not None:
            return _sent(case, [done])
    if not is_changing or request.method == "GET":
        form.fill(told)
    pressed = [form.look.data, *(form.organization.data or [])]
    chosen = _chosen(found.fits, next(filter(None, pressed), None))
    return _choose(
        "referrals/again.html",
        case,
        need,
        found,
        form=form,
        before=before,
        chosen=chosen,
        told=telling.lines(policy.told(told, telling.fields_for(need.code))),
        # Also when a line was refused: it stands there to be written anew.
        is_changing=is_changing or any(form[name].errors for name in form.told_names),
        wishes=wishes,
        language=people.languages.name(case.language, page_locale()),
        **_consent(case, need, chosen),
    )


def _asked_before(case: Case) -> dict[uuid.UUID, Referral]:
    """Give the newest request of this case to each agency; a sealed one is not opened for it (R16)."""
    made = queries.for_case(current_actor(), case)
    return {
        each.organization_id: each
        for each in reversed(made)
        if each.organization_id is not None and each.requested_at is not None
    }


def _chosen(fits: list[Fit], wanted: str | None) -> Fit | None:
    """Give the place that was pressed, else the best one."""
    pressed = (fit for fit in fits if str(fit.service.organization_id) == wanted)
    return next(pressed, fits[0] if fits else None)


def _consent(case: Case, need: CaseNeed, chosen: Fit | None) -> dict[str, Any]:
    """Say which consent covers the place; where none does, give the sentence to read aloud (R4)."""
    if chosen is None:
        return {"consent": None, "sentence": None}
    viewer = current_actor()
    covering = consent_to_share(viewer, case, need, chosen.service.organization_id)
    sentence = people.services.sentence(viewer, Purpose.SHARE_WITH_PARTNER, case.language)
    return {"consent": covering, "sentence": sentence}


def _not_agreed(case: Case, need: CaseNeed, form: SendForm) -> dict[str, Any]:
    """Name the chosen places that no consent covers, with the sentence to read aloud (R4)."""
    viewer = current_actor()
    names = {str(choice.value): choice.label for choice in form.organization.choices or []}
    chosen = [value for value in form.organization.data or [] if value in names]
    missing = [
        names[value]
        for value in (chosen if form.is_submitted() else [])
        if consent_to_share(viewer, case, need, uuid.UUID(value)) is None
    ]
    form.ask_for_consent()
    sentence = people.services.sentence(viewer, Purpose.SHARE_WITH_PARTNER, case.language)
    return {"missing": missing, "sentence": sentence}


def _choose(
    template: str, case: Case, need: CaseNeed, found: Suitable, *, form: SendForm, **more: Any
) -> Response:
    return render(
        template,
        case=case,
        need=need,
        fits=found.fits,
        others=found.others,
        is_cut=found.is_cut,
        capacity=directory.capacity_queries.of_services(
            current_actor(), [fit.service for fit in found.fits], now()
        ),
        words=directory.hours_queries.words_on(
            current_actor(), [fit.service.id for fit in found.fits]
        ),
        days_alike=days_alike,
        opening=openings_of(current_actor(), [fit.service for fit in found.fits], now()),
        form=form,
        fit_words=fit_words,
        unmet_reasons=unmet_reasons(refused_with(need, queries.of_need(current_actor(), need.id))),
        labels_of=labels_of,
        is_french=page_locale().startswith("fr"),
        **more,
    )


def _need(case: Case, wanted: str | None) -> CaseNeed:
    """Give the need named in the address, else the first one that still asks for help."""
    if wanted:
        try:
            need_id = uuid.UUID(wanted)
        except ValueError:
            raise NotFound from None
        return cases.queries.get_need(current_actor(), case, need_id)
    if not case.needs:
        raise NotFound
    return min(case.needs, key=_has_been_helped)


def _has_been_helped(need: CaseNeed) -> int:
    """Rank a need: “still in process”, also said on a call, comes before any that has ended."""
    return STILL_ASKED.index(need.outcome) if need.outcome in STILL_ASKED else len(STILL_ASKED)


def _sent(case: Case, line: list[Referral]) -> Response:
    if len(line) == 1:
        flash(_("The agency is asked. Its answer comes back to this case."), "success")
    elif line[0].round_id is None:
        told = _("%(num)d agencies are asked. Their answers come back to this case.", num=len(line))
        flash(told, "success")
    else:
        flash(_("The first agency is asked; the others wait their turn."), "success")
    return redirect(url_for("desk.case_page", ref=case.ref), 303)
