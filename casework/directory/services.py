"""Keeping the small directory: organisations and what each offers for one need."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l

from casework import audit
from casework.database import Refused
from casework.directory import queries, search_services
from casework.directory.features import Feature
from casework.directory.listing_models import TaxonomyTerm
from casework.directory.models import DirectoryService, Organization, OrganizationKind
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.security import Actor


class BadEntry(Refused):
    """A field of the directory cannot be used as it stands."""

    message = _l("This entry cannot be used.")


def add_organization(
    actor: Actor,
    *,
    name: str,
    kind: OrganizationKind,
    phone: str = "",
    email: str = "",
    locale: str = "en_CA",
    region: str = "",
    time_zone: str = "America/Toronto",
    is_confidential: bool = False,
    source_id: str | None = None,
    opening_hours: Sequence[dict[str, Any]] = (),
    holidays_of: str | None = None,
) -> Organization:
    """Add an organisation; there is no address to keep, so a confidential one has none (R20)."""
    if time_zone not in available_timezones():
        raise BadEntry(_l("This time zone does not exist."), "time_zone")
    organization = Organization(
        service_id=actor.service_id,
        name=_one_line(name, "name"),
        kind=kind,
        phone=_phone(phone),
        email=_email(email),
        locale=locale,
        region=_one_line(region, "region", is_needed=False),
        time_zone=ZoneInfo(time_zone).key,
        is_confidential=is_confidential,
        source_id=source_id,
        opening_hours=list(opening_hours),
        holidays_of=holidays_of,
    )
    db.session.add(organization)
    db.session.flush()
    audit.record(actor, "directory:organization:added", organization)
    return organization


def add_service(
    actor: Actor,
    *,
    organization_id: UUID,
    need: NeedCode,
    features: Sequence[Feature | str] = (),
    languages: Sequence[str] = (),
    eligibility_en: str = "",
    eligibility_fr: str = "",
    hours_en: str = "",
    hours_fr: str = "",
    is_open_all_hours: bool = False,
) -> DirectoryService:
    """Add what an organisation offers for one need; raise NotFound for another service’s."""
    organization = queries.get(actor, organization_id)
    offer = DirectoryService(
        service_id=actor.service_id,
        organization_id=organization.id,
        need=need,
        features=[Feature(code).value for code in features],
        languages=list(languages),
        eligibility_en=eligibility_en,
        eligibility_fr=eligibility_fr,
        hours_en=hours_en,
        hours_fr=hours_fr,
        is_open_all_hours=is_open_all_hours,
    )
    db.session.add(offer)
    db.session.flush()
    search_services.refresh(actor.service_id, [offer.id])
    audit.record(actor, "directory:service:added", offer)
    return offer


def set_active(actor: Actor, organization_id: UUID, *, is_active: bool) -> Organization:
    """Show an organisation in searches, or keep it out; nothing that points to it is lost."""
    organization = queries.get(actor, organization_id)
    organization.is_active = is_active
    audit.record(actor, "directory:organization:changed", organization, fields=("is_active",))
    return organization


def set_need_of_term(
    actor: Actor, *, vocabulary: str, code: str, need: NeedCode, name: str = ""
) -> TaxonomyTerm:
    """Say which need a term of somebody’s taxonomy stands for; imports from then on go by it."""
    if not vocabulary or not code or len(vocabulary) > 40 or len(code) > 120:
        raise BadEntry(_l("A term needs a vocabulary and a code."))
    term = queries.term(actor, vocabulary, code)
    if term is None:
        term = TaxonomyTerm(
            service_id=actor.service_id, vocabulary=vocabulary, code=code, name=name
        )
        db.session.add(term)
    term.need = need
    db.session.flush()
    audit.record(actor, "directory:term:changed", term, fields=("need",))
    return term


def _one_line(text: str, field: str, *, is_needed: bool = True) -> str:
    line = " ".join(text.split())
    if is_needed and not line:
        raise BadEntry(_l("A name is needed."), field)
    return line


def _phone(text: str) -> str:
    if not text.strip():
        return ""
    if text.strip() in {"211", "911", "988", "811"}:
        return text.strip()
    try:
        number = phonenumbers.parse(text, "CA")
    except phonenumbers.NumberParseException:
        raise BadEntry(_l("This phone number does not exist."), "phone") from None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(text: str) -> str:
    if not text.strip():
        return ""
    try:
        found = validate_email(
            text.strip(), check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
    except EmailNotValidError:
        raise BadEntry(_l("This email address cannot be used."), "email") from None
    return found.ascii_email or found.normalized
