"""Opening what is sealed in a referral; each opener writes its audit entry in the same act (R21)."""

from typing import Any
from uuid import UUID

from casework import audit, directory
from casework.directory.features import Feature
from casework.directory.models import Organization
from casework.referrals.models import Referral, ReferralEvent, Remark
from casework.referrals.services.offering import number_of
from casework.security import Actor
from casework.vault import open_fields


def open_referral(actor: Actor, referral: Referral, *, purpose: str) -> dict[str, Any]:
    """Open a referral: partner_id, partner_name, request_details and the newest answer_details."""
    fields = ("partner", "request_details", "answer_details")
    opened = open_fields(referral, *fields)
    audit.record(actor, "referral:open", referral, purpose=purpose, **_about(referral, fields))
    partner_id = UUID(opened["partner"]) if opened["partner"] else referral.organization_id
    organization = directory.queries.get(actor, partner_id) if partner_id else None
    return {
        "partner_id": partner_id,
        "partner_name": organization.name if organization else "",
        "partner_phone": number_of(actor, referral, organization) if organization else "",
        "request_details": opened["request_details"] or {},
        "answer_details": _said(referral, opened["answer_details"] or {}),
    }


def _said(referral: Referral, answers: dict[str, Any]) -> dict[str, str]:
    """Give the agency’s words with the newest answer, and those it said without one."""
    said: dict[str, str] = dict(answers.get(referral.state.value, {}))
    if referral.is_outcome_withheld:
        said |= answers.get(Remark.WITHHELD.value, {})
    if referral.wants_person_to_call:
        said |= answers.get(Remark.CALL_US.value, {})
    return said


def open_agency(actor: Actor, referral: Referral, *, purpose: str) -> Organization:
    """Give the agency of a referral; in a sensitive case this opens its seal, and says so."""
    if referral.organization_id is not None:
        return directory.queries.get(actor, referral.organization_id)
    opened = open_fields(referral, "partner")
    audit.record(
        actor, "referral:open", referral, purpose=purpose, **_about(referral, ("partner",))
    )
    return directory.queries.get(actor, UUID(opened["partner"]))


def open_request_details(actor: Actor, referral: Referral, *, purpose: str) -> dict[str, str]:
    """Open what the person agreed that the agency may read, and nothing else (R28)."""
    opened = open_fields(referral, "request_details")
    audit.record(
        actor, "referral:open", referral, purpose=purpose, **_about(referral, ("request_details",))
    )
    details: dict[str, str] = opened["request_details"] or {}
    return details


def open_wishes(actor: Actor, referral: Referral, *, purpose: str) -> tuple[Feature, ...]:
    """Open what a place should have, as it was ticked when this one was asked; no agency reads it."""
    if referral.wishes is None:
        return ()
    opened = open_fields(referral, "wishes")
    audit.record(actor, "referral:open", referral, purpose=purpose, **_about(referral, ("wishes",)))
    return tuple(Feature(code) for code in opened["wishes"])


def open_answers(actor: Actor, referral: Referral, *, purpose: str) -> dict[str, Any]:
    """Open the agency’s own words, by the state they led to."""
    # Also an empty column is looked at: whoever emptied it in the database would hide an answer.
    opened = open_fields(referral, "answer_details")
    answers: dict[str, Any] = opened["answer_details"] or {}
    if answers:
        about = _about(referral, ("answer_details",))
        audit.record(actor, "referral:open", referral, purpose=purpose, **about)
    return answers


def open_event_actor(actor: Actor, referral: Referral, event: ReferralEvent) -> UUID | None:
    """Tell who made an event; in a sensitive case that is sealed (R16)."""
    opened = open_fields(event, "actor")
    if opened["actor"] is None:
        return event.actor_id
    audit.record(
        actor,
        "referral:event:open",
        event,
        subjects=(referral.case.person_id,),
        fields=("actor",),
        purpose="undo",
    )
    return UUID(opened["actor"])


def _about(referral: Referral, fields: tuple[str, ...]) -> dict[str, Any]:
    """Say whose fields an audit entry is about: only those that hold something."""
    return {
        "subjects": (referral.case.person_id,),
        "fields": [name for name in fields if getattr(referral, name) is not None],
    }
