"""The food bank’s list of a day: who is expected, and what was agreed that it may know at this moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from casework import audit, vault
from casework.database import NotFound, now
from casework.directory.needs import NeedCode
from casework.referrals import policy, queries
from casework.referrals.models import Referral, ReferralState
from casework.referrals.services import links
from casework.referrals.services.inbox import ROUTE, hidden
from casework.security import Actor, ActorKind
from casework.vault import open_many

# What a list is printed for; whoever sleeps somewhere is on no list of a day.
NEED = NeedCode.FOOD
SEALED = ("request_details", "answer_details")


@dataclass(frozen=True)
class Expected:
    """One household of a day. `told` is None where nothing may be shown any more (R4)."""

    referral: Referral
    told: dict[str, str] | None
    appointment: str = ""
    # Only a name that the person agreed to give to this agency; never in a sensitive case (R19).
    name: str = ""


def open_day_list(actor: Actor, *, day: date, zone: str, purpose: str) -> list[Expected]:
    """List the households the actor’s agency expects on a day of its own calendar (R4, R21, R28).

    Consent is asked again at this view: where it has run out, a held place stays held and its row
    says nothing (R31). What is opened is recorded in one entry; where a sealed agency is among
    them, each under a name of its own (R16).
    """
    if actor.organization_id is None:
        raise NotFound
    wanted = str(actor.organization_id)
    routed = vault.index_candidates(actor.service_id, ROUTE, wanted, limit=queries.MOST)
    sealed = [each for each in queries.of_ids(actor, routed) if _is_held(each)]
    partners = open_many(sealed, "partner")
    own = [
        each
        for each, fields in zip(sealed, partners, strict=True)
        if fields is not None and fields["partner"] == wanted
    ]
    due = [e for e in (*queries.held_for(actor, NEED), *own) if is_expected(e, day, zone)]
    shared = [each for each in due if links.has_consent(each)]
    words = dict(zip((each.id for each in shared), open_many(shared, *SEALED), strict=True))
    if due and not sealed:
        persons = {each.case.person_id for each in due}
        about = ("referral", None)
        audit.record(
            actor, "referral:listed", about, subjects=persons, fields=SEALED, purpose=purpose
        )
    for each in {*due, *sealed} if sealed else ():
        # Each under a name of its own: one entry for all would tell whose list it is.
        audit.record(
            hidden(actor, each),
            "referral:listed",
            each,
            subjects=(each.case.person_id,),
            fields=_fields(each, is_shared=each.id in words),
            purpose=purpose,
        )
    due.sort(key=lambda each: (each.hold_until is None, each.hold_until, each.ref))
    return [_expected(each, words.get(each.id)) for each in due]


def is_expected(referral: Referral, day: date, zone: str) -> bool:
    """Tell whether a household may come on a day: until its hold ends, and any day without an end.

    One whose time is over is still asked for today: somebody must say whether it came.
    """
    today = now().astimezone(ZoneInfo(zone)).date()
    if referral.hold_until is None:
        return True
    last = referral.hold_until.astimezone(ZoneInfo(zone)).date()
    return last >= day or day == today


def ended_since(actor: Actor, since: datetime) -> list[Referral]:
    """List who came, or did not, since a moment; nothing leads to what was sealed once it ended (R16)."""
    return queries.ended_for(actor, NEED, since)


def may_be_undone(ended: Iterable[Referral]) -> set[UUID]:
    """Tell which of these were answered by a member in the last minutes: their page still opens."""
    newest = {each.id: queries.newest_event(each) for each in ended}
    return {
        id_
        for id_, event in newest.items()
        if event is not None
        and event.actor_kind == ActorKind.AGENCY.value
        and now() - event.at <= policy.UNDO_WITHIN
    }


def _is_held(referral: Referral) -> bool:
    is_held = referral.state in policy.HELD_STATES and not referral.is_entered_in_error
    return is_held and referral.need.code is NEED


def _expected(referral: Referral, fields: dict[str, object] | None) -> Expected:
    if fields is None:
        return Expected(referral, None)
    told, answers = _texts(fields["request_details"]), fields["answer_details"]
    alias = told.pop("alias", "")
    said = answers.get(ReferralState.ACCEPTED.value) if isinstance(answers, dict) else None
    name = "" if referral.is_sensitive else alias
    return Expected(referral, told, _texts(said).get("appointment", ""), name)


def _texts(value: object) -> dict[str, str]:
    return dict(value) if isinstance(value, dict) else {}


def _fields(referral: Referral, *, is_shared: bool) -> tuple[str, ...]:
    partner = ("partner",) if referral.is_sensitive else ()
    return (*partner, *SEALED) if is_shared else partner
