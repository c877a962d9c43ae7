"""What an agency opens from its letter: one request, no account, no name, one answer."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import current_app, g, redirect, request, session, url_for
from flask_babel import force_locale, refresh
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from casework import database, directory
from casework.config import Settings
from casework.directory.capacity_forms import PlacesForm
from casework.directory.capacity_policy import IN_ONE_TAP
from casework.directory.models import DirectoryService
from casework.extensions import limiter
from casework.referrals import policy
from casework.referrals.answer_sheet import given_of, reply_form, sheet, written
from casework.referrals.forms import ReplyForm
from casework.referrals.models import LinkPurpose
from casework.referrals.services import links, replies
from casework.referrals.services.driving import open_told
from casework.referrals.services.links import Visit
from casework.referrals.services.offering import asked_offer
from casework.referrals.views.door import blueprint
from casework.security import link_bearer
from casework.web import i18n
from casework.web.forms import perform
from casework.web.pages import render

# One answer for a link that is used, expired, revoked, guessed or no longer consented to. It is
# 404 and not 410, which would admit that there once was a link of this name.
GONE = 404
PAGES: dict[LinkPurpose, str] = {
    LinkPurpose.ANSWER: "referrals/agency.html",
    LinkPurpose.ARRIVAL: "referrals/agency.html",
    LinkPurpose.WITHDRAWN: "referrals/agency_withdrawn.html",
}
# Only what fails is counted: an agency that answers ten requests is no guesser.
throttled: Callable[..., Any] = limiter.shared_limit(
    "30 per minute; 200 per hour",
    scope="agency-links",
    deduct_when=lambda response: response.status_code == GONE,
)
# Each press writes something down, for as long as the link is good: so many are no thumb's.
unhurried: Callable[..., Any] = limiter.shared_limit(
    "60 per minute; 600 per hour", scope="agency-presses"
)


@blueprint.get("/r/<token>")
@throttled
@link_bearer
def agency(token: str) -> Response:
    """Show a request in clear fields only; opens nothing and writes nothing, whoever prefetches."""
    visited = links.visit(token, _secret())
    if visited is None:
        return _gone()
    return _page(token, visited, _form(visited))


@blueprint.post("/r/<token>")
@throttled
@unhurried
@link_bearer
def agency_reply(token: str) -> Response:
    """Take an agency’s answer; the first one uses the link up."""
    visited = links.visit(token, _secret())
    if visited is None:
        return _gone()
    form = _form(visited)
    if visited.has_answered:
        return _back(token)
    links.mark_seen(visited)
    if form.validate_on_submit():
        given = given_of(form)
        try:
            is_done = perform(form, replies.reply, visited, _secret(), given=given) is not None
        except database.NotFound:
            return _gone()  # erased in this very moment
        if is_done:
            return _repeat(token, form)
        # Somebody may have answered or withdrawn meanwhile: what is shown is what stands now.
        visited = links.visit_again(token, _secret())
        if visited is None:
            return _gone()
        form.version.data = visited.referral.version
    return _page(token, visited, form)


@blueprint.post("/r/<token>/details")
@throttled
@unhurried
@link_bearer
def agency_details(token: str) -> Response:
    """Show what the person agreed to tell this agency; a press, so that no scanner opens it."""
    visited = links.visit(token, _secret())
    # Whoever has answered is left to undo it, and of what has ended nothing is opened any more.
    if visited is None or visited.has_answered or not policy.is_open(visited.referral.state):
        return _gone()
    links.mark_seen(visited)
    told = open_told(visited.actor, visited.referral, purpose="agency_link")
    # An alias is for the telephone and for signed-in agencies; it is never on a link (R28).
    shown = {name: text for name, text in told.items() if name != "alias"}
    return _page(token, visited, _form(visited), told=shown)


@blueprint.post("/r/<token>/undo")
@throttled
@unhurried
@link_bearer
def agency_undo(token: str) -> Response:
    """Take the answer back within five minutes, in the browser that gave it."""
    visited = links.visit(token, _secret())
    if visited is None or not visited.has_answered:
        return _gone()
    form = _form(visited)
    try:
        is_done = perform(form, replies.take_back, visited) is not None
    except database.NotFound:
        return _gone()
    if is_done:
        return _back(token)
    return _page(token, visited, form)


@blueprint.post("/r/<token>/places")
@throttled
@unhurried
@link_bearer
def agency_places(token: str) -> Response:
    """Write how many places the agency has free; the link stays good for its answer."""
    visited = links.visit(token, _secret())
    offer = _offer(visited) if visited else None
    if visited is None or offer is None:
        return _gone()
    links.mark_seen(visited)
    form = PlacesForm.of(offer)
    if form.validate_on_submit():
        directory.capacity_services.say_places(
            visited.actor, offer, available=form.available.data or 0, unit=form.chosen_unit
        )
        return _back(token)
    return _page(token, visited, _form(visited), places_form=form)


def _repeat(token: str, form: ReplyForm) -> Response:
    """Lead to what was answered; what was written with it is repeated once, as it was sent.

    It is sealed by then, and a page that is fetched again opens nothing.
    """
    said = written(form)
    visited = links.visit_again(token, _secret()) if said else None
    if visited is None:
        return _back(token)
    return _page(token, visited, _form(visited), written=said)


def _offer(visited: Visit) -> DirectoryService | None:
    """Give what the agency offers; nothing where it is sealed, since that would tell who it is (R16)."""
    referral = visited.referral
    if referral.organization_id is None or visited.link.purpose is LinkPurpose.WITHDRAWN:
        return None
    agency = directory.queries.get(visited.actor, referral.organization_id)
    return asked_offer(visited.actor, referral, agency)


def _form(visited: Visit) -> ReplyForm:
    asks = policy.REPLIES[visited.link.purpose]
    return reply_form(visited.referral, asks, visited.time_zone)


def _page(
    token: str,
    visited: Visit,
    form: ReplyForm,
    told: Mapping[str, str | LazyString] | None = None,
    places_form: PlacesForm | None = None,
    written: Sequence[tuple[LazyString, str]] = (),
) -> Response:
    _speak_as(visited)
    template = PAGES[visited.link.purpose]
    if visited.has_answered:
        template = "referrals/agency_answered.html"
    offer = _offer(visited)
    said = directory.capacity_queries.of_services(
        visited.actor, [offer] if offer else [], database.now()
    )
    response = render(
        template,
        form=form,
        offer=offer,
        places=said.get(offer.id) if offer else None,
        places_form=places_form or (PlacesForm.of(offer, formdata=None) if offer else None),
        one_tap=IN_ONE_TAP,
        token=token,
        written=written,
        **sheet(visited.referral, visited.link.purpose, visited.time_zone, told),
        can_take_back=visited.has_answered and replies.can_take_back(visited),
        # Why somebody else has moved it since is said in the house, not to the agency.
        reason=visited.referral.reason if replies.is_last_word(visited) else None,
    )
    return _with_secret(response)


def _speak_as(visited: Visit) -> None:
    """Speak the agency’s language and keep its clock, unless this visitor chose a language."""
    if g.get("actor") is None:
        g.time_zone = visited.link.time_zone
        if not session.get("locale"):
            g.locale = visited.link.locale
    refresh()


def _gone() -> Response:
    """Give the one neutral page, the same bytes for every link that does not work."""
    parts = []
    for locale in i18n.LOCALES:
        with force_locale(locale):
            title = _("This link no longer works")
            text = _(
                "The request may have been answered already, by you or by a colleague. To change "
                "an answer, or for anything else, call the service that wrote to you: its name "
                "stands at the end of the email."
            )
        parts.append((i18n.html_lang(locale), title, text))
    response = render("referrals/link_gone.html", parts=parts)
    response.status_code = GONE
    return response


def _back(token: str) -> Response:
    return redirect(url_for("referrals.agency", token=token), 303)


def _cookie_name() -> str:
    settings: Settings = current_app.config["CASEWORK"]
    return "__Host-casework-link" if settings.is_https else "casework-link"


def _secret() -> str:
    """Give what this browser holds; made at its first page, so that a double tap finds it there."""
    if "link_secret" not in g:
        g.link_secret = request.cookies.get(_cookie_name()) or secrets.token_urlsafe(32)
    secret: str = g.link_secret
    return secret


def _with_secret(response: Response) -> Response:
    settings: Settings = current_app.config["CASEWORK"]
    if not request.cookies.get(_cookie_name()):
        response.set_cookie(
            _cookie_name(),
            _secret(),
            max_age=86_400,
            path="/",
            secure=settings.is_https,
            httponly=True,
            samesite="Lax",
        )
    return response
