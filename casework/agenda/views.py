"""The calendar that programs fetch, the page of mails and calendar, and the team’s numbers."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from casework import database
from casework.accounts import queries as accounts
from casework.agenda import calendar, policy, queries, services
from casework.agenda.forms import MailsForm
from casework.config import Settings
from casework.extensions import limiter
from casework.notices import queries as notices
from casework.notices import services as notice_services
from casework.security import Role, allow, current_actor, link_bearer
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input

blueprint = Blueprint("agenda", __name__)

# A guesser is slowed down by address. Only what fails is counted: a whole office may share one.
throttle_guesses: Callable[..., Any] = limiter.shared_limit(
    "30 per minute; 200 per hour",
    scope="calendar-guesses",
    deduct_when=lambda response: response.status_code == 404,
)
# One calendar asks every few minutes; its key in the counter is a hash, never the token.
throttle_calendar: Callable[..., Any] = limiter.limit(
    "30 per 5 minutes",
    key_func=lambda: queries.token_hash((request.view_args or {}).get("token", "")).hex(),
)


@blueprint.get("/calendar/<token>.ics")
@throttle_guesses
@throttle_calendar
@link_bearer
def feed(token: str) -> Response:
    """Give a calendar of counts to the program that knows its address; else one neutral page."""
    agenda = services.read_agenda(token)
    if agenda is None:
        abort(404)
    content = calendar.write_calendar(
        agenda.blocks,
        at=database.now(),
        time_zone=agenda.account.time_zone,
        locale=agenda.account.locale,
        secret=calendar.secret_of(current_app.config["SECRET_KEY"], agenda.link_id),
    )
    return Response(content, content_type="text/calendar; charset=utf-8")


@blueprint.route("/settings/messages", methods=["GET", "POST"])
@allow("desk:read")
@keeps_input
def messages() -> Response:
    """Show and save which mails the visitor wants, and show how their calendar stands."""
    actor = current_actor()
    is_for_team = actor.role is Role.SUPERVISOR
    form = MailsForm()
    form.offer_hours()
    form.show(notices.wishes_of(actor.service_id, accounts.account_of(actor).id))
    if form.validate_on_submit() and perform(
        form, notice_services.choose_mails, actor, wishes=form.wishes(for_team=is_for_team)
    ):
        flash(_l("Your choice of messages is saved."), "success")
        return redirect(url_for("agenda.messages"))
    return render(
        "agenda/messages.html",
        form=form,
        is_for_team=is_for_team,
        link=queries.link_of(actor.service_id, actor.id),
    )


@blueprint.post("/settings/calendar")
@allow("desk:read")
def make_link() -> Response:
    """Make the visitor’s calendar address and show it this once; an older one ends."""
    # Drawn at once rather than after a redirect: the address must not lie in a cookie or a row.
    token = services.make_calendar_link(current_actor())
    # Our own address, and not the Host that the request named: it stands in a calendar next.
    settings: Settings = current_app.config["CASEWORK"]
    url = settings.public_url + url_for("agenda.feed", token=token)
    return render("agenda/calendar_link.html", url=url)


@blueprint.post("/settings/calendar/end")
@allow("desk:read")
def end_link() -> Response:
    """Switch the visitor’s calendar address off."""
    services.end_calendar_link(current_actor())
    flash(_l("The calendar link no longer works."), "success")
    return redirect(url_for("agenda.messages"))


@blueprint.get("/team")
@allow("team:read")
def team() -> Response:
    """Show a supervisor what waits in the whole service, as numbers about nobody."""
    actor, at = current_actor(), database.now()
    zone = accounts.account_of(actor).time_zone
    numbers = queries.team_numbers(actor, at, policy.end_of_day(at, zone))
    return render("agenda/team.html", numbers=numbers)
