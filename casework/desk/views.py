"""The desk's pages: My day, one case, what happened next, and notices that were seen."""

from flask import Blueprint, flash, g, jsonify, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from casework.cases.queries import Scope
from casework.database import now
from casework.desk import (
    case_card,
    case_view,
    my_day,
    notice_list,
    outcome_feed,
    places,
    words,
)
from casework.desk.forms import RevealForm, SeenForm
from casework.desk.policy import RevealPurpose
from casework.followups import callers
from casework.followups import queries as followups
from casework.notices import queries as notices
from casework.notices import services as notice_services
from casework.security import allow, current_actor
from casework.web.pages import render

pages = Blueprint("desk", __name__)
# Notices beside My day; the others stand on their own page.
MOST_LINES = 6


@pages.get("/my-day", endpoint="my_day")
@allow("desk:read")
def show_my_day() -> Response:
    """Show whom to call now and what waits, by reference only when names are hidden."""
    viewer = current_actor()
    after = places.read(request.args.get("after"))
    day = my_day.read_day(viewer, hides_names=bool(g.get("hides_names")), after=after)
    # The rail counts the same people: it need not ask once more.
    g.callable_people = day.callable_people
    told = notice_list.lines_of(viewer, notices.unseen(viewer))
    return render(
        "desk/my_day.html",
        day=day,
        callers=callers.callers(viewer, now()),
        told=told[:MOST_LINES],
        all_told=len(told),
        late_since=followups.late_since(viewer.service_id, now()),
    )


@pages.get("/my-day/changes")
@allow("desk:read")
def changes() -> Response:
    """Tell an open page in numbers whether there is news, and who is calling; unchanged is a short 304."""
    viewer = current_actor()
    news = my_day.news_for(viewer)
    calls = {str(case_id): each.words for case_id, each in callers.callers(viewer, now()).items()}
    answer = jsonify(news=news, calls=calls)
    answer.add_etag()
    return answer.make_conditional(request)


@pages.get("/cases/<ref:ref>")
@allow("case:read")
def case_page(ref: str) -> Response:
    """Show one case to somebody who may see it; the view is audited (R21)."""
    return _case_page(ref, RevealForm())


@pages.post("/cases/<ref:ref>/reveal")
@allow("person:reveal")
def reveal(ref: str) -> Response:
    """Show the person's details for a purpose, once, and hide them again after two minutes (R21)."""
    form = RevealForm()
    purpose = RevealPurpose(form.purpose.data) if form.validate_on_submit() else None
    return _case_page(ref, form, purpose)


def _case_page(ref: str, form: RevealForm, purpose: RevealPurpose | None = None) -> Response:
    viewer = current_actor()
    view = case_view.read_case(viewer, ref)
    details = (
        case_card.open_details(viewer, view.case, purpose)
        if purpose
        else case_card.masked_details(view.case)
    )
    return render(
        "desk/case_page.html",
        view=view,
        case=view.case,
        calling=callers.callers(viewer, view.at).get(view.case.id),
        form=form,
        details=details,
        is_revealed=purpose is not None,
        language=case_card.language_of(view.case),
        household=words.household_line(view.case),
    )


@pages.get("/what-happened-next")
@allow("desk:read")
def what_happened_next() -> Response:
    """Tell how it went, for cases the viewer handled, failures too; opened by choice."""
    viewer = current_actor()
    scopes = outcome_feed.scopes_for(viewer)
    asked = request.args.get("whose", Scope.MINE)
    scope = Scope(asked) if asked in scopes else Scope.MINE
    feed = outcome_feed.read_feed(viewer, scope, request.args.get("after"))
    return render("desk/what_happened_next.html", feed=feed, scope=scope, scopes=scopes)


@pages.get("/notices", endpoint="notices")
@allow("desk:read")
def list_notices() -> Response:
    """List the viewer's notices, newest first; each speaks of nobody (R12)."""
    viewer = current_actor()
    return render("desk/notices.html", told=notice_list.lines_of(viewer, notices.latest(viewer)))


@pages.post("/notices")
@allow("desk:read")
def notices_seen() -> Response:
    """Mark the viewer's notices as seen."""
    if SeenForm().validate_on_submit():
        notice_services.mark_seen(current_actor())
        flash(_l("Marked as seen."), "success")
    return redirect(url_for("desk.my_day"))
