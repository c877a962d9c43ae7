"""Counting those who said no: one more in a daily number, and nothing else (R1)."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert

from casework.accounts import queries as accounts
from casework.database import now
from casework.directory.needs import GROUP_OF, NeedCode
from casework.extensions import db
from casework.people import languages
from casework.people.models import AnonymousContact, Channel
from casework.people.policy import UnknownLanguage
from casework.security import Actor


def count_anonymous(
    actor: Actor, *, channel: Channel, language: str, needs: Sequence[NeedCode]
) -> None:
    """Add one contact to its day, channel, language and first need's group (R1).

    The day is the service's own. No audit entry is written: its time would be a time of day.
    """
    if not languages.is_known(language):
        raise UnknownLanguage
    zone = ZoneInfo(accounts.service_of(actor).time_zone)
    group = GROUP_OF[needs[0] if needs else NeedCode.OTHER]
    row = insert(AnonymousContact).values(
        service_id=actor.service_id,
        day=now().astimezone(zone).date(),
        channel=channel,
        language=language,
        need_group=group,
        n=1,
    )
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["service_id", "day", "channel", "language", "need_group"],
            set_={"n": AnonymousContact.n + 1},
        )
    )
