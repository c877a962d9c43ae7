"""The directory page: one box, and what each place says about itself."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from casework import database
from casework.directory import capacity_queries, queries
from casework.directory.features import labels_of
from casework.directory.forms import SearchForm
from casework.directory.needs import NeedCode
from casework.security import allow, current_actor
from casework.web.i18n import page_locale
from casework.web.pages import render

blueprint = Blueprint("directory", __name__)

PAGE = 50


@blueprint.get("/directory")
@allow("directory:read")
def search() -> Response:
    """List places; an address is nowhere kept, so none can be shown (R20)."""
    form = SearchForm(request.args)
    form.offer_needs()
    is_valid = form.validate()
    need = NeedCode(form.need.data) if is_valid and form.need.data else None
    found = queries.search(
        current_actor(), need=need, words=form.q.data or "" if is_valid else "", limit=PAGE + 1
    )
    return render(
        "directory/search.html",
        form=form,
        places=found[:PAGE],
        capacity=capacity_queries.of_services(current_actor(), found[:PAGE], database.now()),
        is_cut=len(found) > PAGE,
        labels_of=labels_of,
        is_french=page_locale().startswith("fr"),
    )
