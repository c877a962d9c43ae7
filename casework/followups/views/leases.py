"""What keeps a call from others and lets it go: the page’s own signs of life, leaving, and freeing."""

from uuid import UUID

from flask import flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework.accounts import recognition
from casework.database import now
from casework.followups import callers, queries, services
from casework.followups.forms import FreeForm
from casework.followups.models import FreeReason
from casework.followups.views.door import blueprint, call_under_way
from casework.security import allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render

NOTHING = ("", 204)


@blueprint.post("/follow-ups/<uuid:follow_up_id>/call/keep")
@allow("followup:call")
def keep_call(follow_up_id: UUID) -> Response | tuple[str, int]:
    """Keep a call from others while its page is open, or take up again what had lapsed."""
    actor, follow_up, attempt = call_under_way(follow_up_id)
    session_id = recognition.this_visitor().web_session.id
    if "beat" in request.form:
        services.keep_call(actor, attempt, web_session_id=session_id)
        return NOTHING
    services.renew(actor, attempt, web_session_id=session_id)
    return redirect(url_for("followups.call", follow_up_id=follow_up.id), 303)


@blueprint.post("/follow-ups/<uuid:follow_up_id>/call/away")
@allow("followup:call")
def page_left(follow_up_id: UUID) -> tuple[str, int]:
    """Let a call go whose page went away, unless its next step opens at once."""
    actor, _follow_up, attempt = call_under_way(follow_up_id)
    services.page_left(actor, attempt)
    return NOTHING


@blueprint.post("/follow-ups/<uuid:follow_up_id>/call/leave")
@allow("followup:call")
def leave_call(follow_up_id: UUID) -> Response:
    """Leave without calling: it counts for nothing, and others may call at once."""
    actor, _follow_up, attempt = call_under_way(follow_up_id)
    services.leave_call(actor, attempt)
    flash(_("Nobody was called. What was planned stays as it was."), "success")
    return redirect(url_for("desk.my_day"), 303)


@blueprint.get("/calls/seen")
@allow("followup:call")
def calls_seen() -> Response:
    """Tell an open page which colleague is calling, by the cases its reader may see; nobody called.

    The reader's own call is left out: the button that leads back to it must stay.
    """
    seen = callers.callers(current_actor(), now())
    return jsonify({str(id): caller.words for id, caller in seen.items() if not caller.is_me})


@blueprint.get("/calls")
@allow("call:free")
def calls() -> Response:
    """Show every call under way to whoever may free one that got stuck."""
    return _calls_page(FreeForm())


@blueprint.post("/calls/<uuid:attempt_id>/free")
@allow("call:free")
def free_call(attempt_id: UUID) -> Response:
    """Free a call that got stuck, for a reason that is audited."""
    actor = current_actor()
    attempt = queries.call_to_free(actor, attempt_id)
    form = FreeForm()
    if form.validate() and perform(
        form, services.free_call, actor, attempt, reason=FreeReason(form.reason.data)
    ):
        flash(_("The call is freed. It counts for nothing, and stays due."), "success")
        return redirect(url_for("followups.calls"), 303)
    return _calls_page(form, attempt_id)


def _calls_page(form: FreeForm, asked: UUID | None = None) -> Response:
    lines = callers.lines(current_actor(), now())
    return render("followups/calls.html", form=form, lines=lines, asked=asked)
