"""Keeping what somebody wants by mail; what they are told in the app depends on nothing here."""

from dataclasses import asdict

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from casework.extensions import db
from casework.notices.models import MailChoice
from casework.notices.policy import MailWishes
from casework.security import Actor


def choose_mails(actor: Actor, *, wishes: MailWishes) -> None:
    """Keep which mails the actor wants and when none may leave, in the service they are in."""
    values = asdict(wishes)
    db.session.execute(
        insert(MailChoice)
        .values(
            id=func.gen_random_uuid(),
            service_id=actor.service_id,
            account_id=actor.id,
            **values,
        )
        .on_conflict_do_update(index_elements=["service_id", "account_id"], set_=values)
    )
