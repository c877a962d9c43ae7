"""Look-up: somebody calls back, and what they say decides what opens, never a number (R32, R33)."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework.cases import policy, queries, services
from casework.cases.forms import IdentityForm, LookUpForm, OpenForm
from casework.cases.models import Case
from casework.cases.searching import Search, UnknownReference, Way
from casework.cases.services import Recognition
from casework.cases.views.blueprint import blueprint, is_sent
from casework.database import NotFound, now
from casework.extensions import limiter
from casework.people import queries as people
from casework.people import services as person_services
from casework.people.models import AccessReason
from casework.security import Actor, allow, current_actor
from casework.security.return_to import safe_next
from casework.web.filters import phone
from casework.web.forms import add_error, perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input

# Far above a busy shift; it stops whoever would go through a list of numbers.
at_a_human_pace = limiter.limit(
    "120 per hour", key_func=lambda: str(current_actor().id), methods=["POST"]
)


@blueprint.route("/look-up", methods=["GET", "POST"])
@allow("case:look_up")
@keeps_input
def look_up() -> Response:
    """Ask what the caller gives to be found by; nothing is looked up before they are asked for more."""
    form = LookUpForm()
    if is_sent() and form.validate() and form.search is not None:
        if form.search.way is not Way.REFERENCE:
            return _ask(IdentityForm(formdata=None, data={"find": form.find.data}), form.search)
        if _is_here(current_actor(), form.search.value):
            return redirect(url_for("cases.identify", ref=form.search.value))
        add_error(form, UnknownReference.message, "find")
    return render("cases/look_up.html", form=form)


@blueprint.post("/look-up/identity")
@allow("case:look_up")
@keeps_input
@at_a_human_pace
def identify_caller() -> Response:
    """Let the words of a caller who gave a phone, email or handle decide which case opens."""
    form = IdentityForm()
    search = form.search()
    if search is None:
        return redirect(url_for("cases.look_up"))
    if is_sent() and form.validate():
        done = perform(form, services.recognise_by, current_actor(), search, said=form.said())
        if done:
            return _answer(done, again={"find": form.find.data})
    return _ask(form, search)


@blueprint.route("/look-up/<ref:ref>/identity", methods=["GET", "POST"])
@allow("case:look_up")
@keeps_input
@at_a_human_pace
def identify(ref: str) -> Response:
    """Let the words of a caller who gave a reference prove that the case is theirs."""
    actor = current_actor()
    case = queries.get_in_service(actor, ref)
    form = IdentityForm()
    if is_sent() and form.validate():
        done = perform(form, services.recognise, actor, case, said=form.said())
        if done:
            return _answer(done, ref=ref, back=safe_next(request.args.get("next")))
    return render(
        "cases/identify.html",
        form=form,
        ref=ref,
        shown=ref,
        way=Way.REFERENCE,
        action=url_for("cases.identify", ref=ref, next=safe_next(request.args.get("next"))),
        questions=person_services.open_questions(actor, case.person, purpose="identity"),
        is_known=people.has_access(actor, case.person_id, now()),
    )


@blueprint.route("/look-up/<ref:ref>/open", methods=["GET", "POST"])
@allow("case:look_up")
@keeps_input
def open_without_caller(ref: str) -> Response:
    """Open a colleague's case with nobody on the line, for a reason that is written down (R29)."""
    actor = current_actor()
    case = queries.get_in_service(actor, ref)
    form = OpenForm()
    form.offer(policy.reasons_for(actor.role))
    if is_sent() and form.validate() and perform(form, _open, actor, case, form):
        flash(_("Opened with your reason until the end of the shift."), "success")
        return redirect(url_for("desk.case_page", ref=ref))
    return render("cases/open_without_caller.html", form=form, ref=ref)


def _open(actor: Actor, case: Case, form: OpenForm) -> None:
    services.open_for_reason(actor, case, reason=AccessReason(form.reason.data))


def _is_here(actor: Actor, ref: str) -> bool:
    try:
        queries.get_in_service(actor, ref)
    except NotFound:
        return False
    return True


def _ask(form: IdentityForm, search: Search) -> Response:
    """Ask for the code word; the page is the same whoever gave this number, or nobody."""
    return render(
        "cases/identify.html",
        form=form,
        ref=None,
        shown=phone(search.value) if search.way is Way.PHONE else form.find.data,
        way=search.way,
        action=url_for("cases.identify_caller"),
        questions=[],
        is_known=False,
    )


def _answer(
    done: Recognition,
    *,
    ref: str | None = None,
    again: dict[str, str | None] | None = None,
    back: str | None = None,
) -> Response:
    """Open the case whose words were right, or say the one neutral thing that fits all else.

    Whoever was sent here from another page of ours goes back to it.
    """
    if done.case is None:
        return render("cases/not_recognised.html", ref=ref, again=again)
    flash(_("Identity confirmed for %(ref)s.", ref=done.case.ref), "success")
    return redirect(back or url_for("desk.case_page", ref=done.case.ref))
