"""Consent to share names an agency or a kind of help; which agency is sealed (R4, R16)."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from casework import audit, vault
from casework.directory.needs import NeedCode
from casework.people import queries
from casework.people.models import Consent, Purpose
from casework.security import Actor


def open_named_partners(
    actor: Actor, consents: Sequence[Consent], *, purpose: str
) -> dict[uuid.UUID, uuid.UUID]:
    """Open which agency each of these consents names; those that name none are left out."""
    # Those that name none are looked at too: whoever emptied one would take back what was agreed.
    opened = vault.open_many(consents, "named_partner")
    naming = [consent for consent in consents if consent.named_partner is not None]
    if not naming:
        return {}
    audit.record(
        actor,
        "consent:open",
        ("consent", None),
        subjects={consent.person_id for consent in naming},
        fields=("named_partner",),
        purpose=purpose,
    )
    return {
        consent.id: uuid.UUID(fields["named_partner"])
        for consent, fields in zip(consents, opened, strict=True)
        if fields is not None and fields["named_partner"] is not None
    }


def open_sharing_consent(
    actor: Actor,
    person_id: uuid.UUID,
    at: datetime,
    *,
    need: NeedCode,
    partner_id: uuid.UUID,
) -> Consent | None:
    """Give the consent that lets this agency hear of this need now, or None (R4).

    Asked when a request is sent and again each time it is viewed: a consent to the kind of help
    counts as well as one that names the agency.
    """
    by_kind = queries.active_consent(actor, person_id, Purpose.SHARE_WITH_PARTNER, at, need=need)
    if by_kind is not None:
        return by_kind
    consents = queries.sharing_consents(actor, person_id, at)
    named = open_named_partners(actor, consents, purpose="check_sharing")
    return next((consent for consent in consents if named.get(consent.id) == partner_id), None)
