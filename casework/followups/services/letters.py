"""The words of the only letter about follow-ups: a count, a time and a link, in the reader's language."""

from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import force_locale, ngettext

from casework.accounts.models import Account
from casework.config import Settings
from casework.database import now
from casework.extensions import db
from casework.followups import queries, safe_time
from casework.notices.messages import Message
from casework.notices.models import Letter
from casework.web.filters import clock_time


def call_backs_due(letter: Letter) -> Message | None:
    """Word the letter about calls that can be made now; None when none is left by now (R12)."""
    account = db.session.get(Account, letter.account_id)
    if account is None or not account.is_active:
        return None
    number, closes_at = queries.due_for(letter.service_id, account.id, now())
    if not number:
        return None
    settings = cast(Settings, current_app.config["CASEWORK"])
    with force_locale(account.locale):
        subject = ngettext("%(num)d call-back due", "%(num)d call-backs due", number)
        if closes_at is None or closes_at >= safe_time.NO_END:
            sentence = ngettext(
                "%(num)d call-back is due. Open Casework.",
                "%(num)d call-backs are due. Open Casework.",
                number,
            )
        else:
            local = closes_at.astimezone(ZoneInfo(account.time_zone)).time()
            # An English time brings its own full stop: 5 p.m.
            sentence = ngettext(
                "%(num)d call-back due before %(time)s Open Casework.",
                "%(num)d call-backs due before %(time)s Open Casework.",
                number,
                time=clock_time(local, account.locale),
            )
    body = f"{sentence}\n\n{settings.public_url}/my-day\n"
    return Message(to=account.email, subject=subject, body=body, locale=account.locale)
