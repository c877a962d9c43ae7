"""Asking one agency for one need, after the person agreed to it."""

from collections.abc import Sequence
from uuid import UUID

from casework import audit, cases, directory, vault
from casework.cases.models import Case, CaseNeed, CaseStatus, Source
from casework.database import NotFound, flush, now
from casework.directory.features import Feature
from casework.directory.models import Organization
from casework.extensions import db
from casework.referrals import policy, queries, telling
from casework.referrals.failures import (
    AlreadyAsked,
    CaseIsClosed,
    ConsentMissing,
    NothingSaid,
    NotOffered,
    NotPossible,
)
from casework.referrals.models import Referral, ReferralEvent, ReferralState, Urgency
from casework.referrals.services import moves, openers, sharing
from casework.referrals.services.driving import check_driver, warn_of_drives
from casework.referrals.services.moves import Change
from casework.security import Actor
from casework.web.references import new_reference


def send(
    actor: Actor,
    case: Case,
    need: CaseNeed,
    *,
    organization_id: UUID,
    urgency: Urgency,
    details: dict[str, str] | None = None,
    wishes: Sequence[Feature] = (),
    supersedes: Referral | None = None,
) -> Referral:
    """Ask one agency for one need; the letter with its link leaves by itself (R4, R16).

    Raises ConsentMissing when no active consent names this agency or need, AlreadyAsked when it
    is being asked, CaseIsClosed, NotOffered, NamesThePlace, and NotFound for a need of another case.
    """
    referral = draft(
        actor,
        case,
        need,
        organization_id=organization_id,
        urgency=urgency,
        details=details,
        wishes=wishes,
        supersedes=supersedes,
    )
    begin(actor, referral)
    return referral


def draft(
    actor: Actor,
    case: Case,
    need: CaseNeed,
    *,
    organization_id: UUID,
    urgency: Urgency,
    details: dict[str, str] | None = None,
    wishes: Sequence[Feature] = (),
    supersedes: Referral | None = None,
    place: tuple[UUID, int] | None = None,
) -> Referral:
    """Write a request that nobody is told of yet; `place` is its round and its turn in it.

    Raises what `send` raises: nothing is prepared that may not be asked.
    """
    agency = _agency_for(actor, case, need, organization_id)
    consent = sharing.consent_to_share(actor, case, need, agency.id)
    if consent is None:
        raise ConsentMissing
    if agency.id in open_agencies(actor, need, only_open=True):
        raise AlreadyAsked
    referral = Referral(
        service_id=actor.service_id,
        ref=_free_reference(actor),
        case_id=case.id,
        need_id=need.id,
        state=ReferralState.DRAFT,
        urgency=urgency,
        is_sensitive=case.is_sensitive,
        consent_id=consent.id,
        created_by=actor.id if actor.is_staff else None,
        created_at=now(),
        supersedes_id=supersedes.id if supersedes else None,
        version=1,
    )
    if place is not None:
        referral.round_id, referral.turn = place
    _name_agency(referral, agency)
    told = policy.told(details, telling.fields_for(need.code))
    check_driver(actor, case, need, told)
    _seal(referral, told, wishes)
    db.session.add(referral)
    flush()
    tag = "referral:prepared" if place else "referral:sent"
    _record_sending(actor, case, referral, tag)
    warn_of_drives(actor, referral)
    return referral


def begin(actor: Actor, referral: Referral) -> ReferralEvent:
    """Ask the agency of a draft; the caller has shown that a consent covers it at this moment (R4)."""
    if referral.is_sensitive:
        agency = openers.open_agency(actor, referral, purpose="route")
        moves.put_route(referral, agency.id)
    if referral.round_id is not None:
        _record_sending(actor, referral.case, referral, "referral:sent")
    promised = queries.ladder_for(actor.service_id, referral.urgency, referral.need.code)
    referral.ladder_id = promised.id if promised else None
    is_system = policy.who_is(actor) is policy.Who.SYSTEM
    source = Source.SYSTEM if is_system else Source.NAVIGATOR_OBSERVED
    return moves.move(actor, referral, Change(to=ReferralState.REQUESTED, source=source))


def take_late_place(actor: Actor, referral: Referral, *, version: int | None = None) -> Referral:
    """Take the place of an agency that said yes after its request expired: a new request, held.

    The new one supersedes the old one. Raises what `send` raises (R4), and NotPossible when the
    newest word of the agency is no late yes.
    """
    referral = queries.locked(actor.service_id, referral.id)
    moves.check_version(referral, version)
    if not policy.is_late_yes(queries.newest_event(referral)):
        raise NotPossible
    agency = openers.open_agency(actor, referral, purpose="ask")
    taken = send(
        actor,
        referral.case,
        referral.need,
        organization_id=agency.id,
        urgency=referral.urgency,
        details=openers.open_request_details(actor, referral, purpose="ask"),
        wishes=openers.open_wishes(actor, referral, purpose="ask"),
        supersedes=referral,
    )
    until = referral.hold_until
    accepted = Change(
        to=ReferralState.ACCEPTED,
        source=Source.PARTNER_CONFIRMED,
        hold_until=until if until and until > now() else None,
    )
    moves.move(actor, taken, accepted)
    return taken


def answer_question(
    actor: Actor, referral: Referral, *, text: str, version: int | None = None
) -> ReferralEvent:
    """Answer what an agency asked and let it decide: the person still agrees to share (R4, R28).

    Raises NothingSaid for an empty answer, ConsentMissing, and NotPossible when nothing is asked.
    """
    referral = queries.locked(actor.service_id, referral.id)
    moves.check_version(referral, version)
    if referral.state is not ReferralState.INFO_NEEDED:
        raise NotPossible
    said = policy.told({"reply": text}, ("reply",))
    if not said:
        raise NothingSaid
    check_driver(actor, referral.case, referral.need, said)
    agency = openers.open_agency(actor, referral, purpose="consent")
    consent = sharing.consent_to_share(actor, referral.case, referral.need, agency.id)
    if consent is None:
        raise ConsentMissing
    referral.consent_id = consent.id
    told = openers.open_request_details(actor, referral, purpose="answer")
    vault.seal(referral, request_details=told | said)
    audit.record(
        actor,
        "referral:question:answered",
        referral,
        subjects=(referral.case.person_id,),
        fields=("request_details",),
        detail={"request_details": vault.digest(referral, "request_details")},
    )
    return moves.move(
        actor, referral, Change(to=ReferralState.REQUESTED, source=Source.NAVIGATOR_OBSERVED)
    )


def open_agencies(actor: Actor, need: CaseNeed, *, only_open: bool = False) -> set[UUID]:
    """Give the agencies asked for a need so far, sealed ones opened, so that none is asked twice."""
    return {
        openers.open_agency(actor, referral, purpose="ask").id
        for referral in queries.of_need(actor, need.id)
        if policy.is_open(referral.state) or not only_open
    }


def _agency_for(actor: Actor, case: Case, need: CaseNeed, organization_id: UUID) -> Organization:
    if case.service_id != actor.service_id or need.case_id != case.id:
        raise NotFound
    # Who closes it, or ends its consents, comes before this request or finds it (R4, R5).
    cases.queries.hold(case)
    if case.status is not CaseStatus.OPEN:
        raise CaseIsClosed
    agency = directory.queries.get(actor, organization_id)
    if not directory.queries.offers(actor, agency.id, need.code):
        raise NotOffered
    return agency


def _name_agency(referral: Referral, agency: Organization) -> None:
    """Name the agency in clear, or seal it when where she goes is what must stay hidden (R16)."""
    if not referral.is_sensitive:
        referral.organization_id = agency.id
        return
    vault.seal(referral, partner=str(agency.id))


def _seal(referral: Referral, told: dict[str, str], wishes: Sequence[Feature]) -> None:
    """Seal what the agency may read, and what it should have, which it is not told."""
    if told:
        vault.seal(referral, request_details=told)
    if wishes:
        vault.seal(referral, wishes=[wish.value for wish in wishes])


def _free_reference(actor: Actor) -> str:
    while True:
        ref = new_reference("R")
        if not queries.is_taken(actor, ref):
            return ref


def _record_sending(actor: Actor, case: Case, referral: Referral, tag: str) -> None:
    names = ("partner", "request_details", "wishes")
    sealed = [name for name in names if getattr(referral, name)]
    audit.record(
        actor,
        tag,
        referral,
        subjects=(case.person_id,),
        fields=sealed,
        detail={name: vault.digest(referral, name) for name in sealed}
        | {"consent": referral.consent_id},
    )
