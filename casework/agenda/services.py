"""Making and ending calendar addresses, answering a calendar, and queueing digests as rows."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from casework import audit, database
from casework.accounts import queries as accounts
from casework.accounts.models import Account
from casework.agenda import policy, queries
from casework.agenda.models import CalendarLink
from casework.database import now
from casework.extensions import db
from casework.followups.safe_time import Span
from casework.notices import queries as notices
from casework.notices import services as notice_services
from casework.notices.policy import MailWishes
from casework.security import Actor, ActorKind

TOKEN_BYTES = 32  # 256 bits: no salt and no slow hash are needed


@dataclass(frozen=True)
class Agenda:
    """What a calendar is told: whose it is, and how many people can be called when."""

    link_id: UUID
    account: Account
    blocks: dict[Span, int]


def make_calendar_link(actor: Actor) -> str:
    """Make the actor’s calendar address and give its token, kept nowhere in clear.

    The address they had before stops working at once.
    """
    token, at = secrets.token_urlsafe(TOKEN_BYTES), now()
    link = queries.link_of(actor.service_id, actor.id)
    if link is None:
        link = CalendarLink(service_id=actor.service_id, account_id=actor.id)
        db.session.add(link)
    link.token_hash, link.created_at, link.used_at = queries.token_hash(token), at, None
    db.session.flush()
    audit.record(actor, "calendar:link:make", link)
    return token


def end_calendar_link(actor: Actor) -> None:
    """Switch the actor’s calendar address off; without one there is nothing to do."""
    link = queries.link_of(actor.service_id, actor.id)
    if link is not None:
        audit.record(actor, "calendar:link:end", link)
        db.session.delete(link)


def read_agenda(token: str) -> Agenda | None:
    """Answer a calendar that knows a token: counts in agreed hours; None for any other token.

    Enters the service the address belongs to; a disabled account’s address opens nothing.
    """
    owner = queries.owner_of(token)
    if owner is None:
        return None
    service_id, account_id = owner
    database.enter_service(service_id)
    link = queries.link_of(service_id, account_id)
    member = accounts.membership_of(service_id, account_id)
    if link is None or member is None:
        return None
    at = now()
    if policy.needs_touch(link.used_at, at):
        link.used_at = at
    viewer = Actor(ActorKind.STAFF, service_id, account_id, member.role)
    waiting = queries.agreed_times(viewer, at, at + policy.AHEAD)
    return Agenda(link.id, member.account, policy.counted(waiting, at))


def queue_digests(service_id: UUID) -> int:
    """Put the digests whose time has come in the outbox, each once; tell how many are new.

    A sweep that runs twice, or late, finds the same keys: a digest belongs to a time on the wall.
    """
    at, wanted = now(), {}
    for member, chosen in queries.readers(service_id):
        wishes = notices.wishes_in(chosen) if chosen else MailWishes()
        for slot in policy.slots_due(member.role, wishes, member.account.time_zone, at):
            wanted[slot.key(member.id)] = (member.account_id, slot.kind)
    if not wanted:
        return 0
    actor, new = Actor.system(service_id), 0
    for key in sorted(wanted.keys() - queries.queued_already(service_id, wanted)):
        account_id, kind = wanted[key]
        new += notice_services.queue_letter(actor, kind, account_id=account_id, idempotency_key=key)
    return new
