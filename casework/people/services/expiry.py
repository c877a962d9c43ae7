"""Consents end by themselves: the navigator is warned three days before (R6)."""

from datetime import datetime
from typing import Any

import structlog

from casework import database
from casework.accounts import queries as accounts
from casework.database import now
from casework.extensions import db
from casework.notices import services as notices
from casework.notices.models import NoticeKind
from casework.people import queries
from casework.people.models import Consent, ConsentEnd
from casework.people.policy import WARN_BEFORE, WARNED
from casework.people.services.consents import end_one, hold_cases
from casework.security import Actor, Role

log = structlog.get_logger()


def end_expired(actor: Actor) -> int:
    """End every consent whose time is over, with the effect of its purpose (R1, R6)."""
    ended = 0
    for consent in queries.due_to_end(actor, now()):
        try:
            with database.attempt():
                ended += _end_expired(actor, consent)
        except database.Refused as refusal:
            # One case that cannot end must not keep all others open.
            log.error("consent.not_ended", consent=str(consent.id), why=type(refusal).__name__)
    return ended


def _end_expired(actor: Actor, consent: Consent) -> bool:
    """End one that has expired, unless somebody has just ended it or another sweep is about to."""
    hold_cases(actor, consent.person_id, {consent.purpose})
    if not queries.hold_unended(actor, consent.id):
        return False  # ended together with the consent to keep the case, for one
    end_one(actor, consent, ConsentEnd.EXPIRED)
    return True


def warn_of_expiry(actor: Actor) -> int:
    """Tell whoever looks after a person that a consent ends within 3 days, once (R6)."""
    at = now()
    told = 0
    for consent in queries.due_to_warn(actor, at + WARN_BEFORE, WARNED):
        consent.warned_at = at
        for account_id in _who_looks_after(actor, consent, at):
            told += notices.tell(
                actor,
                account_id,
                NoticeKind.CONSENT_ENDING,
                _person(actor, consent),
                _occurrence(consent, account_id),
            )
    db.session.flush()
    return told


def _who_looks_after(actor: Actor, consent: Consent, at: datetime) -> set[Any]:
    """Give the case's navigator; where nobody has it, the supervisors."""
    return queries.holders(actor, consent.person_id, at) or {
        member.account_id for member in accounts.colleagues(actor) if member.role is Role.SUPERVISOR
    }


def _person(actor: Actor, consent: Consent) -> Any:
    return queries.with_ids(actor, [consent.person_id])[0]


def _occurrence(consent: Consent, account_id: Any) -> str:
    """Give one key for all consents of a person that end on the same day: one line, not three."""
    return f"consent:{consent.person_id}:{consent.expires_at:%Y%m%d}:{account_id}"
