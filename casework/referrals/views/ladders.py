"""The clocks of a service’s requests, for its administrators: what holds, and changing it."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from casework import accounts
from casework.database import NotFound
from casework.directory.needs import NeedCode
from casework.referrals import ladders, queries
from casework.referrals.ladder_forms import LadderForm
from casework.referrals.ladder_models import ReferralLadder
from casework.referrals.ladders import DEFAULTS, Ladder
from casework.referrals.models import Urgency
from casework.referrals.services import change_ladder
from casework.referrals.views.door import blueprint
from casework.security import allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input

ALL = "all"


@blueprint.get("/request-clocks")
@allow("service:clocks")
def clocks() -> Response:
    """Show every ladder in force, and whose it is."""
    actor = current_actor()
    own = {key: row for key, row in queries.current_ladders(actor).items() if row.is_own}
    shown = [
        (urgency, [(None, own.get((urgency, None))), *_of_needs(urgency, own)])
        for urgency in Urgency
    ]
    return render(
        "referrals/clocks.html",
        shown=shown,
        others={
            urgency: [need for need in NeedCode if (urgency, need) not in own]
            for urgency in Urgency
        },
        names=accounts.queries.names_of(actor, {row.changed_by for row in own.values()}),
        standard=DEFAULTS,
        wait=wait_words,
    )


@blueprint.route("/request-clocks/<any(urgent, routine):urgency>/<need>", methods=["GET", "POST"])
@allow("service:clocks")
@keeps_input
def change_clock(urgency: str, need: str) -> Response:
    """Change one ladder for what is asked from now on, or go back to the wider one."""
    actor, which, code = current_actor(), Urgency(urgency), _need(need)
    form = LadderForm()
    rows = queries.current_ladders(actor)
    current = rows.get((which, code))
    if not form.is_submitted():
        form.show(_holding(rows, which, code), current.version if current else 0)
    if form.is_submitted() and not form.kept:
        is_back = "back" in request.form
        if form.validate() if is_back else form.validate_for(which):
            given: dict[str, Any] = {"ladder": None if is_back else form.ladder()}
            done = perform(
                form,
                change_ladder,
                actor,
                urgency=which,
                need=code,
                version=form.version.data,
                **given,
            )
            if done is not None:
                flash(
                    _("The clocks are saved. They hold for what is asked from now on."), "success"
                )
                return redirect(url_for("referrals.clocks"), 303)
            # A colleague was faster: what holds now stands above, and the next try starts from it.
            rows = queries.current_ladders(actor)
            current = rows.get((which, code))
            form.version.data = current.version if current else 0
    return render(
        "referrals/change_clock.html",
        form=form,
        urgency=which,
        need=code,
        holds=_holding(rows, which, code),
        is_own=current is not None and current.is_own,
        wider=_holding(rows, which, None) if code else DEFAULTS[which],
        bounds=ladders.BOUNDS[which],
        wait=wait_words,
    )


def wait_words(urgency: Urgency, wait: int) -> str:
    """Say a wait in words: minutes, or business days."""
    if urgency is Urgency.URGENT:
        return ngettext("%(num)d minute", "%(num)d minutes", wait)
    return ngettext("%(num)d business day", "%(num)d business days", wait)


def _of_needs(urgency: Urgency, own: dict[Any, ReferralLadder]) -> list[tuple[Any, Any]]:
    return [(need, own[urgency, need]) for need in NeedCode if (urgency, need) in own]


def _holding(rows: Any, urgency: Urgency, need: NeedCode | None) -> Ladder:
    """Give what holds for a need, or for all."""
    for key in ((urgency, need), (urgency, None)):
        row = rows.get(key)
        if row is not None and row.is_own:
            ladder: Ladder = row.ladder
            return ladder
    return DEFAULTS[urgency]


def _need(code: str) -> NeedCode | None:
    if code == ALL:
        return None
    try:
        return NeedCode(code)
    except ValueError:
        raise NotFound from None
