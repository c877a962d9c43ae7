"""Planning one call by hand, and moving a planned one, inside the agreed hours."""

from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework.cases import queries as cases
from casework.cases.models import Case
from casework.database import now
from casework.followups import services
from casework.followups.forms import PlanForm
from casework.followups.models import FollowUp
from casework.followups.office_hours import next_proposed
from casework.followups.reasons import words
from casework.followups.views.door import blueprint, follow_up_of, is_sent
from casework.people.contact_plan import Plan
from casework.people.words import one_off_line
from casework.security import Actor, allow, current_actor
from casework.web.filters import in_zone
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.route("/cases/<ref:ref>/follow-ups/new", methods=["GET", "POST"])
@allow("followup:plan")
@keeps_input
def plan_call(ref: str) -> Response:
    """Plan one call at a time on the person's own clock."""
    actor = current_actor()
    case = cases.get(actor, ref)
    form = PlanForm()
    if (
        is_sent()
        and form.validate()
        and perform(
            form,
            services.plan_call_back,
            actor,
            case,
            local_day=form.local_day.data,
            local_time=form.local_time.data,
        )
    ):
        return _saved(case)
    return _page(actor, case, form)


@blueprint.route("/follow-ups/<uuid:follow_up_id>/move", methods=["GET", "POST"])
@allow("followup:plan")
@keeps_input
def move_call(follow_up_id: UUID) -> Response:
    """Move a planned call to another agreed time."""
    actor, follow_up = follow_up_of(follow_up_id)
    form = PlanForm()
    if (
        is_sent()
        and form.validate()
        and perform(
            form,
            services.move,
            actor,
            follow_up,
            local_day=form.local_day.data,
            local_time=form.local_time.data,
        )
    ):
        return _saved(follow_up.case)
    return _page(actor, follow_up.case, form, follow_up)


def _saved(case: Case) -> Response:
    flash(_("The call is planned."), "success")
    return redirect(url_for("desk.case_page", ref=case.ref), 303)


def _page(actor: Actor, case: Case, form: PlanForm, follow_up: FollowUp | None = None) -> Response:
    reading = services.read_plan(actor, case, purpose="plan_call")
    status = reading.status(now())
    if not form.is_submitted() and status.opens_at is not None:
        wanted = max(status.opens_at, now() + reading.office.notice)
        proposed = next_proposed(reading.plan, reading.office, wanted) or wanted
        first = in_zone(proposed, reading.plan.time_zone)
        form.local_day.data = first.date()
    return render(
        "followups/plan_call.html",
        form=form,
        case=case,
        follow_up=follow_up,
        plan=reading.plan,
        status=status,
        reasons=[words(why) for why in reading.reasons(now())],
        one_offs=_coming(reading.plan),
        consent_until=reading.consent_until,
    )


def _coming(plan: Plan) -> list[str]:
    """Write the hours of single dates that are not over."""
    today = in_zone(now(), plan.time_zone).date()
    return [one_off_line(hours) for hours in plan.one_offs if hours.day >= today]
