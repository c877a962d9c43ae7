"""The call-back: before dialling, who was reached and identity, the conversation, and afterwards."""

from functools import partial
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework.accounts import recognition
from casework.cases import queries as cases
from casework.cases.models import CaseStatus, ClosureCode, NeedOutcome, Reason
from casework.database import now
from casework.followups import queries, services
from casework.followups.forms import FinishForm, ReachForm, StartForm, finish_form_for
from casework.followups.models import (
    Attempt,
    AttemptResult,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    OverrideReason,
)
from casework.followups.policy import ContactRule, NextCall
from casework.followups.services import NeedAnswer, NextStep
from casework.followups.views import pages
from casework.followups.views.door import blueprint, call_under_way, follow_up_of, is_sent
from casework.security import Actor, allow
from casework.web.filters import moment_of
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.route("/follow-ups/<uuid:follow_up_id>/call", methods=["GET", "POST"])
@allow("followup:call")
@keeps_input
def call(follow_up_id: UUID) -> Response:
    """Show the step this call is at, and take its form; nothing of the case before identity (R13)."""
    actor, follow_up = follow_up_of(follow_up_id)
    if follow_up.state is not FollowUpState.SCHEDULED or _is_closed(follow_up):
        return redirect(_here(follow_up, is_over=True), 303)
    attempt = queries.open_attempt(follow_up)
    other = queries.own_call_in(actor, follow_up.case, now()) if attempt is None else None
    if other is not None:
        # One call answers all that is due in a case: this one is part of it.
        return redirect(_here(other.follow_up), 303)
    if attempt is None or attempt.by_account != actor.id:
        step, page = "start", partial(_before_dialling, actor, follow_up)
    elif attempt.identity is None:
        step, page = "reach", partial(_who_answered, actor, follow_up, attempt)
    else:
        step, page = "finish", partial(_conversation, actor, follow_up, attempt)
    if is_sent() and request.form.get("step") != step:
        return redirect(_here(follow_up), 303)
    return page(sent=is_sent())


def _before_dialling(actor: Actor, follow_up: FollowUp, *, sent: bool) -> Response:
    """Begin to dial; the number shows only from here on."""
    form = StartForm()
    if sent and form.validate():
        reason = OverrideReason(form.override_reason.data) if form.override_reason.data else None
        session_id = recognition.this_visitor().web_session.id
        if perform(
            form,
            services.start_call,
            actor,
            follow_up,
            override_reason=reason,
            web_session_id=session_id,
        ):
            return redirect(_here(follow_up), 303)
    return render("followups/before_call.html", form=form, **pages.before(actor, follow_up))


def _who_answered(actor: Actor, follow_up: FollowUp, attempt: Attempt, *, sent: bool) -> Response:
    """Record who answered; a failed identity step ends the call and shows a neutral script (R13)."""
    form = ReachForm()
    form.offer(services.read_plan(actor, follow_up.case).plan)
    if (
        sent
        and form.validate()
        and perform(
            form,
            services.record_reach,
            actor,
            attempt,
            result=AttemptResult(form.result.data),
            code_word=form.code_word.data or "",
            answers=form.answers(),
            rule=ContactRule(form.rule.data) if form.rule.data else ContactRule.KEEP,
            next_day=form.local_day.data,
            next_time=form.local_time.data,
        )
    ):
        return redirect(_here(follow_up, is_over=attempt.ended_at is not None), 303)
    return render("followups/reach.html", form=form, **pages.reach(actor, follow_up, attempt))


def _conversation(actor: Actor, follow_up: FollowUp, attempt: Attempt, *, sent: bool) -> Response:
    """Record what the person said and what follows, all or nothing."""
    form = _finish_form(actor, follow_up)
    if sent and form.validate():
        done = perform(
            form,
            services.finish_call,
            actor,
            attempt,
            outcomes=_outcomes(form),
            still_ok=form.still_ok.data == "yes",
            is_told=form.told.data == "told",
            are_hours_right=form.are_hours_right.data != "no",
            note=form.note.data or "",
            next_step=_next_step(form),
        )
        if done:
            return _leave_call(follow_up)
        form.start_again_from(follow_up.case.version)
    return render("followups/talk.html", form=form, **pages.talk(actor, follow_up, attempt))


def _leave_call(follow_up: FollowUp) -> Response:
    """Go back to My day, or on to the next agency from the same screen."""
    flash(_("The call is recorded."), "success")
    if request.form.get("then") == "refer":
        return redirect(url_for("referrals.new", ref=follow_up.case.ref), 303)
    return redirect(url_for("desk.my_day"), 303)


@blueprint.post("/follow-ups/<uuid:follow_up_id>/call/drop")
@allow("followup:call")
def drop_call(follow_up_id: UUID) -> Response:
    """The line broke off: the call counts for nothing and stays due."""
    actor, follow_up, attempt = call_under_way(follow_up_id)
    services.drop_call(actor, attempt)
    return redirect(_here(follow_up, is_over=True), 303)


@blueprint.get("/follow-ups/<uuid:follow_up_id>/call/after")
@allow("followup:call")
def after_call(follow_up_id: UUID) -> Response:
    """Say what was recorded and what comes next; a neutral script where somebody may listen."""
    actor, follow_up = follow_up_of(follow_up_id)
    return render("followups/after_call.html", **pages.after(actor, follow_up))


def _finish_form(actor: Actor, follow_up: FollowUp) -> FinishForm:
    has_news = bool(queries.planned_for(follow_up.case_id, FollowUpKind.TELL_PERSON))
    form = finish_form_for(cases.needs_of(actor, follow_up.case), has_news=has_news)()
    following = services.next_in_series(follow_up.case, after=follow_up)
    zone = following.time_zone if following else None
    form.offer(moment_of(following.due_at, zone) if following else None)
    if not form.is_submitted():
        form.case_version.data = str(follow_up.case.version)
    return form


def _outcomes(form: FinishForm) -> list[NeedAnswer]:
    """Give the outcomes that were chosen; a need without an answer is left as it is."""
    answers = []
    for number, need in enumerate(form.needs):
        outcome, reason = form[f"outcome_{number}"].data, form[f"reason_{number}"].data
        if outcome:
            answers.append(
                NeedAnswer(
                    need,
                    NeedOutcome(outcome),
                    Reason(reason) if reason else None,
                    _number(form[f"version_{number}"].data),
                )
            )
    return answers


def _next_step(form: FinishForm) -> NextStep:
    return NextStep(
        NextCall(form.next_call.data or NextCall.NONE),
        form.local_day.data,
        form.local_time.data,
        ClosureCode(form.closure.data) if form.closure.data else None,
        _number(form.case_version.data),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _here(follow_up: FollowUp, *, is_over: bool = False) -> str:
    page = "after_call" if is_over else "call"
    return url_for(f"followups.{page}", follow_up_id=follow_up.id)


def _is_closed(follow_up: FollowUp) -> bool:
    return follow_up.case.status is not CaseStatus.OPEN
