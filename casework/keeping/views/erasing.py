"""Erasing a case because the person asks: said plainly, confirmed by typing the reference (R17, R31)."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from casework.cases import hold_queries, queries
from casework.keeping import services
from casework.keeping.forms import EraseForm
from casework.keeping.policy import OwnWord
from casework.keeping.views.blueprint import blueprint, is_sent
from casework.referrals import policy as referral_policy
from casework.referrals import queries as referrals
from casework.security import Role, allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.route("/cases/<ref:ref>/erase", methods=["GET", "POST"])
@allow("case:erase")
@keeps_input
def erase_case(ref: str) -> Response:
    """Say what goes and what stays, then erase the case; afterwards the reference is nobody's."""
    actor = current_actor()
    case = queries.get(actor, ref)
    form = EraseForm()
    if (
        is_sent()
        and form.validate()
        and perform(
            form,
            services.erase_for_person,
            actor,
            case,
            typed_ref=form.ref.data or "",
            was_asked_in_writing=form.in_writing.data,
        )
    ):
        return redirect(url_for("keeping.erased"))
    waiting = referrals.open_of_case(actor.service_id, case.id)
    return render(
        "keeping/erase_case.html",
        case=case,
        form=form,
        is_held=hold_queries.of_case(actor, case.id) is not None,
        is_recognised=services.is_recognised(actor, case),
        own_word=OwnWord.message if services.is_by_own_word(actor, case) else None,
        may_answer_for_writing=actor.role is Role.SUPERVISOR,
        is_last=len(queries.cases_of(actor, case.person_id)) == 1,
        asked=len(waiting),
        places_held=sum(r.state in referral_policy.HELD_STATES for r in waiting),
    )


@blueprint.get("/erased")
@allow("case:erase")
def erased() -> Response:
    """Say that it is done, about nobody."""
    return render("keeping/erased.html")
