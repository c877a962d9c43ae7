"""Consents of a person: what was said to which question, a new answer, and withdrawing one (R2, R5)."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import flash, redirect, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from casework.accounts import queries as accounts
from casework.database import NotFound, now
from casework.directory import queries as directory
from casework.directory.needs import NeedCode
from casework.people import languages, queries, services
from casework.people.forms import ConsentForm
from casework.people.models import Consent, ConsentWording, HowGiven, Purpose
from casework.people.policy import ConsentAnswer
from casework.people.views import blueprint, is_sent
from casework.people.way_back import way_back
from casework.people.words import BEFORE_WITHDRAWING
from casework.security import Actor, allow, current_actor
from casework.web.forms import Form, perform
from casework.web.i18n import page_locale
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@dataclass(frozen=True)
class Question:
    """One purpose on the page: the sentence to say, the answers that hold, and the latest no."""

    purpose: Purpose
    wording: ConsentWording | None
    active: list[Consent]
    refused: Consent | None


@blueprint.route("/consents", methods=["GET", "POST"])
@allow("consent:change")
@keeps_input
def consents(person_id: uuid.UUID) -> Response:
    """Show every purpose with its sentence and its answer, and record a new answer."""
    actor = current_actor()
    person = queries.get(actor, person_id, now())
    form = ConsentForm()
    form.offer(languages=languages.choices(page_locale()), agencies=_agencies(actor))
    if (
        is_sent()
        and form.validate()
        and perform(form, services.record_consents, actor, person, [_answer(actor, form)])
    ):
        flash(_l("The answer is recorded."), "success")
        return redirect(url_for("people.consents", person_id=person_id))
    if not form.language.data:
        form.language.data = "fr" if page_locale().startswith("fr") else "en"
    return render(
        "people/consents.html",
        form=form,
        questions=_questions(actor, person_id),
        agencies=_named(actor, person_id),
        back=way_back(actor, person_id),
        person_id=person_id,
    )


@blueprint.route("/consents/withdraw/<purpose>", methods=["GET", "POST"])
@allow("consent:change")
def withdraw(person_id: uuid.UUID, purpose: str) -> Response:
    """Say aloud what will end, then end it: one purpose, one act (R5, R31)."""
    actor = current_actor()
    person = queries.get(actor, person_id, now())
    if purpose not in {known.value for known in Purpose}:
        raise NotFound
    wanted = Purpose(purpose)
    form = Form()
    if form.validate_on_submit():
        services.withdraw(actor, person, wanted)
        flash(_l("The consent is withdrawn."), "success")
        return redirect(way_back(actor, person_id))
    return render(
        "people/withdraw.html",
        form=form,
        purpose=wanted,
        say=BEFORE_WITHDRAWING[wanted],
        person_id=person_id,
    )


def _questions(actor: Actor, person_id: uuid.UUID) -> list[Question]:
    at = now()
    language = "fr" if page_locale().startswith("fr") else "en"
    wordings = queries.wordings(actor)
    rows = [row for row in queries.consents_of(actor, person_id) if row.ended_at is None]
    found = []
    for purpose in Purpose:
        same = [row for row in rows if row.purpose is purpose]
        active = [row for row in same if row.is_given and row.expires_at > at]
        refused = next((row for row in same if not row.is_given), None)
        found.append(Question(purpose, wordings.get((purpose, language)), active, refused))
    return found


def _agencies(actor: Actor) -> list[tuple[str, str]]:
    places = directory.search(actor, limit=500)
    names = {str(place.organization_id): place.organization.name for place in places}
    return sorted(names.items(), key=lambda item: item[1])


def _named(actor: Actor, person_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """Give the agency that each consent to share names, by consent."""
    sharing = queries.sharing_consents(actor, person_id, now())
    partners = services.open_named_partners(actor, sharing, purpose="consents")
    known = dict(_agencies(actor))
    return {row_id: known.get(str(partner), "") for row_id, partner in partners.items()}


def _answer(actor: Actor, form: ConsentForm) -> ConsentAnswer:
    purpose = Purpose(form.purpose.data)
    is_sharing = purpose is Purpose.SHARE_WITH_PARTNER
    category, partner = form.category.data, form.partner.data
    return ConsentAnswer(
        purpose=purpose,
        is_given=form.is_given.data == "yes",
        category=NeedCode(category) if is_sharing and category else None,
        partner_id=uuid.UUID(partner) if is_sharing and partner else None,
        how_given=HowGiven(form.how_given.data or HowGiven.VERBAL),
        language=form.language.data,
        expires_at=_end_of_day(actor, form.last_day),
    )


def _end_of_day(actor: Actor, day: date | None) -> datetime | None:
    """Give the end of a day where the service is: a consent until Friday holds all Friday."""
    if day is None:
        return None
    zone = ZoneInfo(accounts.service_of(actor).time_zone)
    # The calendar itself ends; so late a day is refused as too late, like any other.
    day_after = min(day, date.max - timedelta(days=2)) + timedelta(days=1)
    return datetime.combine(day_after, time(), zone).astimezone(UTC)
