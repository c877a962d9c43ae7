"""The inbox: what an agency is asked, one tap to answer it, and how many places it has."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from casework import accounts, database, directory
from casework.directory.capacity_forms import PlacesForm
from casework.directory.capacity_policy import GOOD_FOR, IN_ONE_TAP
from casework.referrals import answer_sheet, policy
from casework.referrals.forms import ReplyForm
from casework.referrals.models import Referral, ReferralState, Urgency
from casework.referrals.services import inbox as desk
from casework.referrals.services import links
from casework.referrals.services.day_list import NEED
from casework.referrals.services.inbox import Sitting
from casework.security import Actor, allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render

blueprint = Blueprint("agencies", __name__)


@dataclass(frozen=True)
class Lanes:
    """What an agency is asked, by what there is to do."""

    waiting: list[Referral]
    # Answered, and open to another word: on a waiting list, or the person is asked to call.
    listed: list[Referral]
    held: list[Referral]
    asking: list[Referral]
    answered: list[Referral]


@blueprint.get("/inbox")
@allow("inbox:read")
def inbox() -> Response:
    """List what waits for an answer, urgent first, then the places held and what was answered."""
    return _inbox()


@blueprint.post("/inbox/places/<uuid:offer_id>")
@allow("inbox:answer")
def places(offer_id: uuid.UUID) -> Response:
    """Write how many places one of the agency's services has free."""
    actor = current_actor()
    offer = directory.capacity_queries.offer_of(actor, _own_agency(actor), offer_id)
    form = PlacesForm.of(offer)
    if form.validate_on_submit():
        directory.capacity_services.say_places(
            actor, offer, available=form.available.data or 0, unit=form.chosen_unit
        )
        flash(_("Thank you. The navigators see it now."), "success")
        return redirect(url_for("agencies.inbox"), 303)
    return _inbox({offer_id: form})


@blueprint.get("/inbox/<uuid:request_id>")
@allow("inbox:read")
def request_page(request_id: uuid.UUID) -> Response:
    """Show one request: clear fields only, until somebody presses for more."""
    sitting = desk.open_request(current_actor(), request_id)
    return _page(sitting, _form(sitting))


@blueprint.post("/inbox/<uuid:request_id>")
@allow("inbox:answer")
def answer(request_id: uuid.UUID) -> Response:
    """Take an answer; the same tap twice is one answer, and whoever is second sees the first."""
    sitting = desk.open_request(current_actor(), request_id, is_held=True)
    form = _form(sitting)
    if desk.was_said(sitting, form.key.data):
        return redirect(url_for("agencies.request_page", request_id=request_id), 303)
    if form.validate_on_submit():
        given = answer_sheet.given_of(form)
        if perform(form, desk.reply_signed_in, sitting, given=given) is not None:
            return _after(request_id, answer_sheet.written(form))
        form.version.data = sitting.referral.version
    return _page(sitting, form)


@blueprint.post("/inbox/<uuid:request_id>/details")
@allow("inbox:read")
def details(request_id: uuid.UUID) -> Response:
    """Show what the person agreed to tell this agency; after its yes, the alias too (R4, R28)."""
    sitting = desk.open_request(current_actor(), request_id)
    if not policy.is_open(sitting.referral.state):
        raise database.NotFound
    return _page(sitting, _form(sitting), desk.told_to(sitting))


@blueprint.post("/inbox/<uuid:request_id>/undo")
@allow("inbox:answer")
def take_back(request_id: uuid.UUID) -> Response:
    """Take back the answer that this member gave in the last five minutes."""
    sitting = desk.open_request(current_actor(), request_id, is_held=True)
    form = _form(sitting)
    if perform(form, desk.take_back_signed_in, sitting) is not None:
        return redirect(url_for("agencies.request_page", request_id=request_id), 303)
    return _page(sitting, form)


def _after(request_id: uuid.UUID, said: Sequence[tuple[LazyString, str]]) -> Response:
    """Go on to the request, where the answer can be undone; from the list of the day, back to it.

    What was written with it is repeated once, as it was sent: it is sealed by then.
    """
    if request.form.get("back") == "day":
        flash(_("Thank you. The team has your answer."), "success")
        return redirect(url_for("agencies.day", which="today"), 303)
    if said:
        sitting = desk.open_request(current_actor(), request_id)
        return _page(sitting, _form(sitting), written=said)
    return redirect(url_for("agencies.request_page", request_id=request_id), 303)


def _own_agency(actor: Actor) -> uuid.UUID:
    if actor.organization_id is None:
        raise database.NotFound
    return actor.organization_id


def _form(sitting: Sitting) -> ReplyForm:
    return answer_sheet.reply_form(sitting.referral, sitting.asks, sitting.time_zone)


def _page(
    sitting: Sitting,
    form: ReplyForm,
    told: Mapping[str, str | LazyString] | None = None,
    written: Sequence[tuple[LazyString, str]] = (),
) -> Response:
    can_take_back = desk.can_take_back_signed_in(sitting)
    return render(
        "agencies/request.html",
        form=form,
        written=written,
        **answer_sheet.sheet(sitting.referral, sitting.purpose, sitting.time_zone, told),
        is_open=policy.is_open(sitting.referral.state),
        asks=sitting.purpose is not None,
        can_take_back=can_take_back,
        answered=desk.answered(current_actor(), sitting),
    )


def _inbox(refused: Mapping[uuid.UUID, PlacesForm] | None = None) -> Response:
    actor = current_actor()
    found = desk.open_inbox(actor)
    lanes = _lanes(found)
    at = database.now()
    offers, zone = [], None
    if actor.organization_id is not None:
        zone = directory.queries.get(actor, actor.organization_id).time_zone
        offers = directory.capacity_queries.services_of(actor, actor.organization_id)
    return render(
        "agencies/inbox.html",
        service=accounts.queries.service_of(actor),
        lanes=lanes,
        zone=zone,
        forms={each.id: _sheet_of(each, zone) for each in (*lanes.waiting, *lanes.listed) if zone},
        is_shared={each.id: links.has_consent(each) for each in lanes.held},
        answers=desk.answers_of(actor, lanes.answered),
        decline_reasons=policy.DECLINE_REASONS,
        offers=offers,
        places=directory.capacity_queries.of_services(actor, offers, at),
        one_tap=IN_ONE_TAP,
        good_for_hours=GOOD_FOR // timedelta(hours=1),
        gives_food=any(NEED.value in offer.needs for offer in offers),
        places_forms={each.id: PlacesForm.of(each, formdata=None) for each in offers}
        | dict(refused or {}),
        refused=next(iter((refused or {}).values()), None),
    )


def _sheet_of(referral: Referral, zone: str) -> ReplyForm:
    asks = Sitting(current_actor(), referral, zone).asks
    return answer_sheet.reply_form(referral, asks, zone, formdata=None)


def _lanes(found: Iterable[Referral]) -> Lanes:
    lanes = Lanes([], [], [], [], [])
    for referral in found:
        if referral.state in policy.WAITING_STATES:
            if links.has_consent(referral):
                (lanes.listed if _is_answered(referral) else lanes.waiting).append(referral)
        elif referral.state in policy.HELD_STATES:
            lanes.held.append(referral)
        elif referral.state is ReferralState.INFO_NEEDED:
            lanes.asking.append(referral)
        else:
            lanes.answered.append(referral)
    lanes.waiting.sort(key=_urgent_first)
    lanes.listed.sort(key=_urgent_first)
    lanes.held.sort(key=lambda each: (each.hold_until is None, each.hold_until, each.ref))
    return lanes


def _is_answered(referral: Referral) -> bool:
    """Tell whether a request that is still open waits for no answer of the agency."""
    is_listed = referral.state is ReferralState.WAITLISTED
    return is_listed or referral.wants_person_to_call or referral.is_outcome_withheld


def _urgent_first(referral: Referral) -> tuple[bool, object, str]:
    """Order by urgency, then by who waits longest."""
    since = referral.requested_at or referral.created_at
    return (referral.urgency is not Urgency.URGENT, since, referral.ref)
