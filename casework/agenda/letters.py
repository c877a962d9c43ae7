"""The words of the two digests: counts, a time and a link, in the reader’s language (R12)."""

from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from casework.accounts import queries as accounts
from casework.accounts.models import Account
from casework.agenda import policy, queries
from casework.agenda.queries import TeamNumbers
from casework.config import Settings
from casework.database import now
from casework.notices.messages import Message
from casework.notices.models import Letter
from casework.security import Actor, ActorKind, Role
from casework.web.filters import clock_time


def day_digest(letter: Letter) -> Message | None:
    """Word what one’s own day brings; None when it brings nothing, or is on the screen already."""
    reader = _reader(letter)
    if reader is None:
        return None
    actor, account = reader
    at = now()
    number, closes_at = queries.due_until(actor, at, policy.end_of_day(at, account.time_zone))
    if not number:
        return None
    with force_locale(account.locale):
        subject = ngettext("%(num)d call-back due", "%(num)d call-backs due", number)
        if closes_at is None or closes_at >= policy.end_of_day(at, account.time_zone):
            sentence = ngettext(
                "%(num)d call-back is due today. Open Casework.",
                "%(num)d call-backs are due today. Open Casework.",
                number,
            )
        else:
            sentence = ngettext(
                "%(num)d call-back due before %(time)s Open Casework.",
                "%(num)d call-backs due before %(time)s Open Casework.",
                number,
                time=_clock(closes_at, account),
            )
    return _message(account, subject, sentence, "/my-day")


def team_digest(letter: Letter) -> Message | None:
    """Word what waits in the whole service; None when nothing does, or it is on the screen already."""
    reader = _reader(letter)
    if reader is None or reader[0].role is not Role.SUPERVISOR:
        return None
    actor, account = reader
    at = now()
    numbers = queries.team_numbers(actor, at, policy.end_of_day(at, account.time_zone))
    if numbers.is_quiet:
        return None
    with force_locale(account.locale):
        subject = _("Summary of the team, %(time)s", time=_clock(at, account))
        body = "\n".join([*lines_of(numbers), "", _("Open Casework.")])
    return _message(account, subject, body, "/team")


def lines_of(numbers: TeamNumbers) -> list[str]:
    """Write one line for each number that is not zero, in the language of the moment."""
    lines = [
        (numbers.overdue, _("Overdue: %(num)d", num=numbers.overdue)),
        (numbers.due_today, _("Due today: %(num)d", num=numbers.due_today)),
        (numbers.no_agreed_hour, _("No agreed hour left: %(num)d", num=numbers.no_agreed_hour)),
        (numbers.parked, _("Parked reminders: %(num)d", num=numbers.parked)),
        (numbers.unassigned, _("Assigned to nobody: %(num)d", num=numbers.unassigned)),
        (
            numbers.unsure_letters,
            _("Messages that may not have left: %(num)d", num=numbers.unsure_letters),
        ),
        (
            numbers.ending_consents,
            _("Consents that end within 3 days: %(num)d", num=numbers.ending_consents),
        ),
    ]
    return [line for number, line in lines if number]


def _reader(letter: Letter) -> tuple[Actor, Account] | None:
    """Give who reads a digest, unless they are gone, have it before them, or it has grown stale."""
    if letter.account_id is None:
        return None
    member = accounts.membership_of(letter.service_id, letter.account_id)
    at = now()
    if (
        member is None
        or not member.is_active
        or not member.account.is_active
        or at >= letter.created_at + policy.FRESH_FOR
        or queries.is_at_desk(letter.service_id, letter.account_id, at)
    ):
        return None
    actor = Actor(ActorKind.STAFF, member.service_id, member.account_id, member.role)
    return actor, member.account


def _clock(moment: datetime, account: Account) -> str:
    local = moment.astimezone(ZoneInfo(account.time_zone)).time()
    return clock_time(local, account.locale)


def _message(account: Account, subject: str, body: str, path: str) -> Message:
    settings = cast(Settings, current_app.config["CASEWORK"])
    text = f"{body}\n\n{settings.public_url}{path}\n"
    return Message(to=account.email, subject=subject, body=text, locale=account.locale)
