"""What each step of a call may show: the number only while dialling, the case only after identity."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from casework import people
from casework.accounts import queries as accounts
from casework.cases import services as cases
from casework.cases.models import Case
from casework.database import now
from casework.followups import callers, fate_words, policy, queries, services
from casework.followups.consequences import Situation
from casework.followups.forms import RESULTS
from casework.followups.models import (
    Attempt,
    AttemptResult,
    CallEnding,
    FollowUp,
    FollowUpKind,
    FollowUpState,
)
from casework.followups.policy import ContactRule
from casework.followups.reasons import words
from casework.people import languages
from casework.people.contact_plan import Plan
from casework.referrals import queries as referrals
from casework.referrals import services as referral_services
from casework.referrals.telling import answered
from casework.security import Actor
from casework.web.i18n import page_locale

# After these somebody else may have listened: only a sentence that says nothing is said.
GUARDED = frozenset(
    {
        AttemptResult.CODE_WORD_FAILED,
        AttemptResult.REACHED_OTHER,
        AttemptResult.UNSAFE_TO_TALK,
        AttemptResult.WRONG_NUMBER,
    }
)


def before(actor: Actor, follow_up: FollowUp) -> dict[str, Any]:
    """Say what to know before dialling (R9); neither the number nor anything of the case."""
    at = now()
    reading = services.read_plan(actor, follow_up.case)
    return {
        **_shared(actor, follow_up, reading.plan),
        "status": reading.status(at),
        "reasons": [words(why) for why in reading.reasons(at)],
        "is_plan_old": policy.is_plan_old(reading.plan, at),
        "calling": callers.callers(actor, at).get(follow_up.case_id),
    }


def reach(actor: Actor, follow_up: FollowUp, attempt: Attempt) -> dict[str, Any]:
    """Show the number while it may be dialled, how to recognise them, and what a miss leads to."""
    case, at = follow_up.case, now()
    reading = services.read_plan(actor, case)
    plan = reading.plan
    status = reading.status(at)
    is_held = queries.is_held(attempt, at)
    may_dial = is_held and policy.may_still_dial(
        status,
        started_at=attempt.started_at,
        is_override=attempt.override_reason is not None,
        at=at,
    )
    ways = ("phone", "email", "handle") if may_dial else ()
    opened = people.services.open_details(
        actor, case.person, "safe_name", *ways, purpose="call_back"
    )
    questions = (
        people.services.open_questions(actor, case.person, purpose="call_back")
        if plan.has_agreed_questions and not plan.has_code_word
        else []
    )
    return {
        **_shared(actor, follow_up, plan),
        "attempt": attempt,
        "status": status,
        "may_dial": may_dial,
        "opened": opened,
        "questions": questions,
        "asks_facts": not plan.has_code_word and not plan.has_agreed_questions,
        "is_held": is_held,
        **_next_of_reach(services.situation_of(follow_up, reading)),
    }


def _next_of_reach(situation: Situation) -> dict[str, Any]:
    """Say beside every answer what it leads to: the words that saving it makes true."""
    return {
        "results": {result.value: fate_words.after_result(situation, result) for result in RESULTS},
        "rules_then": {rule.value: fate_words.after_rule(situation, rule) for rule in ContactRule},
        "proposed": fate_words.proposal(situation),
    }


def talk(actor: Actor, follow_up: FollowUp, attempt: Attempt) -> dict[str, Any]:
    """Show what to tell and what to ask, now that identity is recorded (R13, R36)."""
    case = follow_up.case
    reading = services.read_plan(actor, case)
    renewed = replace(
        services.situation_of(follow_up, reading),
        consent_until=services.until_if_renewed(actor, case),
    )
    return {
        **_shared(actor, follow_up, reading.plan),
        "attempt": attempt,
        "is_held": queries.is_held(attempt, now()),
        "news": _news(actor, case),
        "hours": fate_words.hours_of(reading.plan),
        "consents": fate_words.after_consent(renewed),
        "tellings": fate_words.after_telling(renewed),
        "choices": fate_words.after_choice(renewed, obstacle=cases.obstacle(actor, case)),
    }


def after(actor: Actor, follow_up: FollowUp) -> dict[str, Any]:
    """Say how the call ended and what comes next, with nothing about the person."""
    attempt = queries.last_attempt(follow_up)
    result = attempt.result if attempt else None
    ending = attempt.ending if attempt and result is None else None
    is_planned = follow_up.state is FollowUpState.SCHEDULED
    return {
        "follow_up": follow_up,
        "case": follow_up.case,
        "attempt": attempt,
        "result": result,
        "ending": ending,
        "dropped_rule": _dropped_rule(actor, follow_up) if ending is CallEnding.DROPPED else None,
        "is_guarded": result in GUARDED,
        "is_planned": is_planned,
        "next_at": _next_at(follow_up) if is_planned else None,
    }


def _dropped_rule(actor: Actor, follow_up: FollowUp) -> str:
    """Repeat what was agreed for a dropped line, which is needed at once (R9); unknown: wait."""
    agreed = services.read_plan(actor, follow_up.case).plan.dropped_call_rule
    return agreed or _("Do not call again at once: wait for the person")


def _shared(actor: Actor, follow_up: FollowUp, plan: Plan) -> dict[str, Any]:
    person = follow_up.case.person
    first_name = accounts.account_of(actor).display_name.split(" ")[0]
    return {
        "follow_up": follow_up,
        "case": follow_up.case,
        "plan": plan,
        "is_telling": follow_up.kind is FollowUpKind.TELL_PERSON,
        "says_name": plan.cover_name or first_name,
        "language": languages.name(person.language, page_locale()),
        "speaks_other": person.language.split("-")[0] != page_locale()[:2],
        "needs_interpreter": person.needs_interpreter,
        "together": _together(follow_up),
    }


def _together(follow_up: FollowUp) -> list[FollowUpKind]:
    """Name what one call of this case answers, when that is more than what it was begun for."""
    at = now()
    due = [
        planned
        for planned in queries.planned_for(follow_up.case_id)
        if planned.id == follow_up.id or planned.due_at <= at
    ]
    # What the call was begun for stands first; of two that are due at once none is the earlier.
    due.sort(key=lambda planned: planned.id != follow_up.id)
    return [planned.kind for planned in due] if len(due) > 1 else []


def _news(actor: Actor, case: Case) -> list[dict[str, Any]]:
    """Open what agencies answered and the person does not know yet; each opening is audited (R36)."""
    news = []
    for telling in queries.planned_for(case.id, FollowUpKind.TELL_PERSON):
        if telling.referral_id is None:
            continue
        referral = referrals.get(actor, telling.referral_id)
        opened = referral_services.open_referral(actor, referral, purpose="tell_person")
        said = answered(opened["answer_details"])
        news.append({"referral": referral, "said": said, **opened})
    return news


def _next_at(follow_up: FollowUp) -> Any:
    if follow_up.window_opens_at is None:
        return None
    return max(follow_up.window_opens_at, follow_up.due_at)
