"""Shifts: one’s own page, everybody’s for a supervisor, and who is at work now."""

import uuid
from datetime import time

from babel.dates import get_day_names, get_timezone_location
from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework.accounts import queries, shift_queries, shift_services
from casework.accounts.models import Account, Shift
from casework.accounts.shift_forms import DayForm, RemoveForm, WeekForm
from casework.accounts.views import blueprint
from casework.database import NotFound, now
from casework.security import Actor, allow, current_actor
from casework.web.forms import perform
from casework.web.i18n import LOCALES, page_locale
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.route("/shifts", methods=["GET", "POST"])
@allow("desk:read")
@keeps_input
def shifts() -> Response:
    """Show and change when one works oneself."""
    actor = current_actor()
    return _page(actor, queries.account_of(actor), url_for("accounts.shifts"), is_own=True)


@blueprint.route("/shifts/<uuid:membership_id>", methods=["GET", "POST"])
@allow("shift:change")
@keeps_input
def member_shifts(membership_id: uuid.UUID) -> Response:
    """Let a supervisor show and change when somebody works."""
    actor = current_actor()
    member = queries.member(actor, membership_id)
    known = {colleague.account_id for colleague in queries.colleagues(actor)}
    if member.account_id not in known:
        raise NotFound
    here = url_for("accounts.member_shifts", membership_id=membership_id)
    return _page(actor, member.account, here, is_own=False)


@blueprint.get("/shifts/team")
@allow("shift:change")
def team_shifts() -> Response:
    """Show who works when, and who is at work now."""
    at = now()
    return render(
        "accounts/team_shifts.html",
        rows=[
            (member, rota, rota.turn_at(at), rota.reachable_from(at))
            for member, rota in shift_queries.rotas(current_actor()).values()
        ],
        at=at,
    )


def _page(actor: Actor, account: Account, here: str, *, is_own: bool) -> Response:
    week, day = WeekForm(formdata=None), DayForm(formdata=None)
    written = shift_queries.shifts_of(actor, account.id)
    step = request.form.get("step") if request.method == "POST" else None
    if step == "week":
        week = WeekForm()
        if week.validate() and _saves_week(actor, account.id, week):
            return _saved(here)
    elif step == "day":
        day = DayForm()
        if day.validate() and _adds_day(actor, account.id, day):
            return _saved(here)
    elif step == "remove" and RemoveForm().validate():
        shift_id = _id(RemoveForm().shift_id.data)
        shift_services.remove_day(actor, account.id, shift_id=shift_id)
        return _saved(here)
    if step != "week":
        _fill(week, written)
    language = page_locale() if page_locale() in LOCALES else LOCALES[0]
    return render(
        "accounts/shifts.html",
        week=week,
        day=day,
        account=account,
        here=here,
        is_own=is_own,
        zone=get_timezone_location(account.time_zone, locale=language, return_city=True),
        names=get_day_names("wide", "stand-alone", page_locale()),
        days=[
            (s, time.fromisoformat(s.starts), time.fromisoformat(s.ends))
            for s in written
            if s.on_day
        ],
        may_see_team=actor.can("shift:change"),
    )


def _saves_week(actor: Actor, account_id: uuid.UUID, form: WeekForm) -> bool:
    hours = form.week()
    if hours is None:
        return False
    done = perform(form, shift_services.change_week, actor, account_id, week=hours)
    return done is not None


def _adds_day(actor: Actor, account_id: uuid.UUID, form: DayForm) -> bool:
    hours = form.hours()
    if form.errors:
        return False
    done = perform(form, shift_services.add_day, actor, account_id, day=form.day.data, hours=hours)
    return done is not None


def _fill(form: WeekForm, written: list[Shift]) -> None:
    for shift in written:
        if shift.weekday is not None:
            form[f"starts_{shift.weekday}"].data = time.fromisoformat(shift.starts)
            form[f"ends_{shift.weekday}"].data = time.fromisoformat(shift.ends)


def _id(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        raise NotFound from None


def _saved(here: str) -> Response:
    flash(_("The hours are saved."), "success")
    return redirect(here, 303)
