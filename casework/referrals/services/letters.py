"""What letters to agencies say: a count and a link, in the agency’s language, about nobody (R12)."""

from collections.abc import Callable

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from casework import accounts, directory, notices
from casework.config import Settings
from casework.database import now
from casework.directory.models import Organization
from casework.notices.messages import Message
from casework.notices.models import Letter, LetterKind, NoticeKind
from casework.referrals import policy, queries
from casework.referrals.models import LinkPurpose, Referral
from casework.referrals.services import links, news, openers
from casework.security import Actor
from casework.vault import Unreadable
from casework.web.filters import phone

PURPOSE_OF: dict[LetterKind, LinkPurpose] = {
    LetterKind.AGENCY_REQUEST: LinkPurpose.ANSWER,
    LetterKind.AGENCY_NUDGE: LinkPurpose.ANSWER,
    LetterKind.AGENCY_LISTED: LinkPurpose.ANSWER,
    LetterKind.AGENCY_ARRIVAL: LinkPurpose.ARRIVAL,
    LetterKind.AGENCY_WITHDRAWN: LinkPurpose.WITHDRAWN,
}


def write(letter: Letter) -> Message | None:
    """Word a letter and make its link; None when nothing is left to ask, or nobody to write to."""
    actor = Actor.system(letter.service_id)
    if letter.addressee is not None:
        return _farewell(actor, letter)
    referral = queries.of_letter(letter)
    if referral is None or not _still_says_something(letter.kind, referral):
        return None
    try:
        agency = openers.open_agency(actor, referral, purpose="letter")
    except Unreadable:
        # The case was erased while its letter waited: there is nobody left to speak of.
        return None
    if not agency.email:
        return None
    if letter.kind is not LetterKind.AGENCY_NUDGE:
        # The newest letter is the one that counts; a reminder stops nobody who is answering now.
        links.revoke(actor, referral, (PURPOSE_OF[letter.kind],))
    token = links.make_link(actor, referral, PURPOSE_OF[letter.kind], agency)
    return _message(actor, letter.kind, agency, link_url(token))


def write_hold(letter: Letter) -> Message | None:
    """Ask for a longer hold: a call to make, without a link; None when no place is held any more.

    It names nothing: which place is said aloud when the agency calls (R12, R36).
    """
    actor = Actor.system(letter.service_id)
    referral = queries.of_letter(letter)
    if referral is None or not policy.is_hold_running(referral, now()):
        return None
    if not links.has_consent(referral):
        return None
    try:
        agency = openers.open_agency(actor, referral, purpose="letter")
    except Unreadable:
        return None
    if not agency.email:
        return None
    with force_locale(agency.locale):
        subject = _("1 place is held: can you hold it longer?")
        body = _("1 place is held, and its time may be too short. Please call us before it ends.")
    return _letter(actor, agency, subject, body)


def _farewell(actor: Actor, letter: Letter) -> Message | None:
    """Word the last letter about an erased request: without a link, since nothing is left to show."""
    try:
        agency_id = notices.services.open_addressee(actor, letter, purpose="letter")
    except Unreadable:
        return None
    agency = directory.queries.get(actor, agency_id)
    if not agency.email:
        return None
    with force_locale(agency.locale):
        subject = _("1 request was withdrawn")
        body = _("1 request was withdrawn. Its link no longer works, and nothing more is needed.")
    return _letter(actor, agency, subject, body)


def when_lost(letter: Letter) -> None:
    """Tell the case’s navigator that an agency may not have been written to."""
    referral = queries.of_letter(letter)
    if referral is not None:
        actor = Actor.system(letter.service_id)
        news.tell_owner(actor, referral, NoticeKind.LETTER_UNKNOWN, str(letter.id))


def link_url(token: str) -> str:
    """Give the address of a link, as it stands in a letter and nowhere else."""
    settings: Settings = current_app.config["CASEWORK"]
    return f"{settings.public_url}/r/{token}"


def connect() -> None:
    """Word the letters of this room."""
    for kind in PURPOSE_OF:
        notices.services.write_with(kind, write, when_lost)
    notices.services.write_with(LetterKind.AGENCY_HOLD, write_hold, when_lost)


def _still_says_something(kind: LetterKind, referral: Referral) -> bool:
    if referral.state not in links.FITS[PURPOSE_OF[kind]]:
        return False
    if kind is LetterKind.AGENCY_WITHDRAWN:
        return True
    if kind is not LetterKind.AGENCY_ARRIVAL and referral.state not in policy.WAITING_STATES:
        return False
    if kind is LetterKind.AGENCY_LISTED and not links.needs_another(referral):
        return False
    is_answered = referral.is_outcome_withheld and referral.state in policy.WAITING_STATES
    return links.has_consent(referral) and not is_answered


def _letter(actor: Actor, agency: Organization, subject: str, *parts: str) -> Message:
    """Put a letter together; it ends with who wrote it, and where an agency can call (R12)."""
    service = accounts.queries.service_of(actor)
    name = service.name(agency.locale)
    with force_locale(agency.locale):
        called = _("Call %(name)s: %(phone)s", name=name, phone=phone(service.phone))
    body = "\n\n".join((*parts, called if service.phone else name))
    return Message(agency.email or "", subject, f"{body}\n", agency.locale, name)


def _message(actor: Actor, kind: LetterKind, agency: Organization, url: str) -> Message:
    words: dict[LetterKind, Callable[[], tuple[str, str, str]]] = {
        LetterKind.AGENCY_REQUEST: lambda: (
            _("1 request is waiting for an answer"),
            _("1 request is waiting for an answer. Open it here, without an account:"),
            _("The link works for one answer. Please do not forward it."),
        ),
        LetterKind.AGENCY_NUDGE: lambda: (
            _("1 request is still waiting for an answer"),
            _("1 request is still waiting for an answer. Open it here, without an account:"),
            _("The link works for one answer. Please do not forward it."),
        ),
        LetterKind.AGENCY_LISTED: lambda: (
            _("1 request is on your waiting list"),
            _(
                "1 request is on your waiting list. When you have a place, or to say that it still waits, open it here, without an account:"
            ),
            _("The link works for one answer. Please do not forward it."),
        ),
        LetterKind.AGENCY_ARRIVAL: lambda: (
            _("1 arrival to confirm"),
            _("1 arrival is waiting to be confirmed. Open it here, without an account:"),
            _("The link works for one answer. Please do not forward it."),
        ),
        LetterKind.AGENCY_WITHDRAWN: lambda: (
            _("1 request was withdrawn"),
            _("1 request was withdrawn. See which one here, without an account:"),
            _("Nothing more is needed."),
        ),
    }
    with force_locale(agency.locale):
        subject, opening, closing = words[kind]()
    return _letter(actor, agency, subject, opening, url, closing)
