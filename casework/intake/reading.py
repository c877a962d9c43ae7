"""From a form that was checked to what the service keeps: identifiers normalised, blanks left out."""

from typing import Any
from uuid import UUID

from casework.directory.needs import NeedCode
from casework.intake.checking import agreed_hours
from casework.intake.fields import ages_of
from casework.intake.forms import NewCaseForm
from casework.intake.policy import NewCase, PartOfDay, Share, when_of
from casework.people import identifiers
from casework.people.date_fields import dated_plan
from casework.people.models import Channel, VoicemailRule


def needs_of(form: NewCaseForm) -> tuple[NeedCode, ...]:
    """Give the needs in the order of the list, each once."""
    chosen = set(form.needs.data or ())
    return tuple(need for need in NeedCode if need.value in chosen)


def language_of(form: NewCaseForm) -> str:
    """Give the language of the person: the one named, else the one that was spoken."""
    if form.their_language.data:
        return str(form.their_language.data)
    return "fr" if form.spoken.data == "fr" else "en"


def new_case_of(form: NewCaseForm) -> NewCase:
    """Read a checked form whose answer to “may we keep a case?” is yes."""
    share = Share(form.share.data)
    return NewCase(
        may_call_back=form.call_back.data == "yes",
        share=share,
        share_with=UUID(form.share_with.data) if share is Share.AGENCY else None,
        categories=needs_of(form) if share is Share.NEEDS else (),
        spoken=language_of(form),
        needs=needs_of(form),
        details=_details(form),
        plan=_plan(form),
        voicemail=VoicemailRule(form.voicemail.data),
        may_text=_yes(form.text_allowed.data),
        region=form.region.data or "",
        channel=Channel(form.channel.data or Channel.PHONE),
        language=language_of(form),
        adults=form.adults.data if form.adults.data is not None else 1,
        children=max(form.children.data or 0, len(ages_of(form.children_ages.data or ""))),
        note=(form.note.data or "").strip(),
        first_call=form.chosen_call() if form.call_back.data == "yes" else None,
    )


def _details(form: NewCaseForm) -> dict[str, Any]:
    """Give the person's details that were said; what was not said has no key."""
    said = {
        "safe_name": form.safe_name.data,
        "phone": identifiers.normalise_phone(form.phone.data) if form.phone.data else None,
        "email": identifiers.normalise_email(form.email.data) if form.email.data else None,
        "handle": identifiers.normalise_handle(form.handle.data) if form.handle.data else None,
        "children_ages": ages_of(form.children_ages.data or ""),
        "pets": form.pets.data,
        "access_needs": form.access_needs.data,
        "culture_faith": form.culture_faith.data,
    }
    details: dict[str, Any] = {name: value for name, value in said.items() if value}
    details["language"] = language_of(form)
    details["needs_interpreter"] = bool(form.needs_interpreter.data)
    return details


def _plan(form: NewCaseForm) -> dict[str, Any]:
    """Give the safe-contact plan; what was not said is left out, and so reads as no (R11)."""
    hours = agreed_hours(form)
    parts = [PartOfDay(part) for part in form.times.data or []]
    said = {
        "channel": form.channel.data,
        "phone_kind": form.phone_kind.data,
        "voicemail_rule": form.voicemail.data,
        "voicemail_script": form.voicemail_script.data,
        "code_word": form.code_word.data,
        "cover_name": form.cover_name.data,
        "who_may_answer": form.who_may_answer.data,
        "dropped_call_rule": form.dropped_call.data,
        "is_caller_id_shown": _yes(form.caller_id.data),
        "is_text_allowed": _yes(form.text_allowed.data),
        "agreed_questions": _question(form),
        "windows": [row.as_stored() for row in hours],
        **dated_plan(form),
    }
    plan: dict[str, Any] = {name: value for name, value in said.items() if value not in (None, "")}
    plan["when"] = when_of(parts, hours)
    plan["time_zone"] = form.time_zone.data
    return plan


def _question(form: NewCaseForm) -> list[dict[str, str]] | None:
    if not (form.agreed_question.data or form.agreed_answer.data):
        return None
    said = {"question": form.agreed_question.data or "", "answer": form.agreed_answer.data or ""}
    return [said]


def _yes(answer: str | None) -> bool | None:
    return None if not answer else answer == "yes"
