"""Erases the requests of a case, after their agencies are told that they are withdrawn (R5, R17)."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from sqlalchemy import delete, update

from casework import notices, vault
from casework.cases.models import Case
from casework.extensions import db
from casework.notices.models import Letter, LetterKind, LetterStatus
from casework.referrals import policy, queries
from casework.referrals.models import Referral
from casework.referrals.services import openers
from casework.referrals.services.ending import withdraw
from casework.security import Actor
from casework.vault import Unreadable

STILL_LEAVING = (LetterStatus.QUEUED, LetterStatus.SENDING)


def when_case_is_erased(_sender: object, *, case: Case, actor: Actor) -> Callable[[], set[UUID]]:
    """Hold the requests of a case and the letters about them, then erase all but the last word."""
    referrals = queries.hold_of_case(case.service_id, case.id)
    notices.services.hold_letters_about(actor, [referral.id for referral in referrals])
    return partial(_erase, actor, referrals)


def _erase(actor: Actor, referrals: list[Referral]) -> set[UUID]:
    ids = {referral.id: referral for referral in referrals}
    for referral in referrals:
        if policy.is_open(referral.state) and not referral.is_entered_in_error:
            withdraw(actor, referral)
    for letter in notices.queries.letters_about(actor, ids):
        if letter.kind is LetterKind.AGENCY_WITHDRAWN and letter.status in STILL_LEAVING:
            _let_it_leave(actor, letter, ids)
    gone = notices.services.forget_rows(actor, ids)
    for referral_id in ids:
        vault.index_delete(referral_id)
    db.session.flush()
    # A request of another case that took the place of one of these stays, without its forerunner.
    db.session.execute(
        update(Referral)
        .where(Referral.supersedes_id.in_(ids))
        .values(supersedes_id=None)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        delete(Referral).where(Referral.id.in_(ids)).execution_options(synchronize_session=False)
    )
    return gone


def _let_it_leave(actor: Actor, letter: Letter, ids: dict[UUID, Referral]) -> None:
    """Write on a letter that says “withdrawn” to whom it goes, before its request is erased."""
    if letter.subject_id is None:
        return
    try:
        agency = openers.open_agency(actor, ids[letter.subject_id], purpose="letter")
    except Unreadable:
        # A damaged row must not keep the person from being forgotten.
        return
    notices.services.address_letter(letter, addressee=agency.id)
