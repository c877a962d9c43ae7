"""The directory page: one box, filters, and what each place says about itself."""

from datetime import datetime
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from casework import database
from casework.directory import capacity_queries, filter_queries, hours_queries, search_queries
from casework.directory.features import labels_of
from casework.directory.filter_policy import LEFT_OUT, Found
from casework.directory.forms import SearchForm
from casework.directory.weekly import days_alike
from casework.security import Actor, allow, current_actor
from casework.web.forms import add_error
from casework.web.i18n import page_locale
from casework.web.pages import render

blueprint = Blueprint("directory", __name__)

PAGE = 24
NOTHING = Found([], {}, {})


@blueprint.get("/directory")
@allow("directory:read")
def search() -> Response:
    """List places; an address is nowhere kept, so none can be shown (R20)."""
    viewer, now = current_actor(), database.now()
    form = SearchForm(request.args)
    form.offer_choices()
    found = _find(form, viewer, now) if form.validate() else NOTHING
    every = [*found.fits, *found.unsaid]
    number = _page(len(every))
    shown = search_queries.cards(viewer, every[(number - 1) * PAGE : number * PAGE])
    return render(
        "directory/search.html",
        form=form,
        found=found,
        places=shown,
        count=len(every),
        previous_url=_url(number - 1) if number > 1 else None,
        next_url=_url(number + 1) if number * PAGE < len(every) else None,
        first=(number - 1) * PAGE + 1,
        last=(number - 1) * PAGE + len(shown),
        left_out=[(LEFT_OUT[ground], many) for ground, many in found.left_out.items()],
        most=search_queries.MOST,
        capacity=capacity_queries.of_services(viewer, shown, now),
        words=hours_queries.words_on(viewer, [offer.id for offer in shown]),
        days_alike=days_alike,
        labels_of=labels_of,
        is_french=page_locale().startswith("fr"),
    )


def _find(form: SearchForm, viewer: Actor, at: datetime) -> Found:
    """Search; what cannot be looked for is told at its field. Nothing is written, so nothing is undone."""
    try:
        return filter_queries.find(viewer, form.filters(), at)
    except database.Refused as refusal:
        add_error(form, refusal.message, refusal.field)
        return NOTHING


def _page(count: int) -> int:
    """Read which page is asked; what is no page is the first, or the last there is."""
    text = request.args.get("page", "")
    asked = int(text) if text.isdecimal() and len(text) < 6 else 1
    return min(max(asked, 1), max(-(-count // PAGE), 1))


def _url(number: int) -> str:
    given: dict[str, Any] = {
        name: request.args[name] for name in SearchForm.ASKED if request.args.get(name)
    }
    return url_for("directory.search", **given, page=number)
