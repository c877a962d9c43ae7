"""The keyed term that finds a sealed agency’s requests, made again under the current index key."""

from collections.abc import Sequence
from uuid import UUID

from casework import audit, vault
from casework.referrals import queries
from casework.security import Actor


def rebuild_routes(
    service_id: UUID, owner_ids: Sequence[UUID]
) -> dict[UUID, dict[str, str] | None]:
    """Open the agency of these referrals and give its id, by which they are routed (R16, R21).

    A referral that is being moved or erased just now is left out. None for one whose agency cannot
    be opened; nothing for one that is no more.
    """
    actor = Actor.system(service_id)
    known = queries.cases_of(service_id, owner_ids)
    busy = vault.hold_keys(set(known.values()))
    referrals = queries.hold(
        service_id, [id_ for id_, case_id in known.items() if case_id not in busy]
    )
    opened = vault.open_many(referrals, "partner")
    if referrals:
        audit.record(
            actor,
            "referral:reindex",
            ("referral", None),
            subjects=[referral.case.person_id for referral in referrals],
            fields=("partner",),
            purpose="reindex",
        )
    terms: dict[UUID, dict[str, str] | None] = {
        owner_id: {} for owner_id in owner_ids if owner_id not in known
    }
    for referral, fields in zip(referrals, opened, strict=True):
        terms[referral.id] = None if fields is None else _route(fields["partner"])
    return terms


def _route(partner: str | None) -> dict[str, str]:
    return {} if partner is None else {"partner_route": partner}
