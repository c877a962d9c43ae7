"""Small scenes for the tests of referrals: somebody who agreed, their case, and an agency asked."""

import re
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask, current_app

from casework import cases, database, notices, people
from casework.cases.models import Case
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.notices.models import Letter, LetterStatus
from casework.notices.services import outbox
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.referrals import services
from casework.referrals.models import Referral, Urgency
from casework.security import Actor

MARKED = "Zyxwvut Qponmlk"
LINK = re.compile(r"http://localhost(/r/\S+)")


def answers(*categories: NeedCode, partner_id: UUID | None = None) -> list[ConsentAnswer]:
    """Give the consents of a case: keep, call back, and sharing with these kinds of help."""
    shared = [
        ConsentAnswer(Purpose.SHARE_WITH_PARTNER, True, category=category)
        for category in categories
    ]
    if partner_id is not None:
        shared.append(ConsentAnswer(Purpose.SHARE_WITH_PARTNER, True, partner_id=partner_id))
    return [
        ConsentAnswer(Purpose.KEEP_CASE, True),
        ConsentAnswer(Purpose.CALL_BACK, True),
        *shared,
    ]


def case_for(
    actor: Actor,
    need: NeedCode = NeedCode.FOOD,
    *,
    consents: list[ConsentAnswer] | None = None,
    **more: Any,
) -> Case:
    """Open a case with one need for a person who agreed to share it."""
    person = people.services.register_person(
        actor,
        details={"full_name": MARKED, "phone": "+15145550142", "language": "fr"},
        plan={"when": "any_time", "time_zone": "America/Toronto"},
    )
    people.services.record_consents(actor, person, answers(need) if consents is None else consents)
    return cases.services.open_case(
        actor, person, needs=[need], adults=1, children=3, language="fr", **more
    )


def need_of(name: str) -> NeedCode:
    """Tell what an agency of the cast is asked for."""
    return {
        "Moisson du Quartier": NeedCode.FOOD,
        "Maison Rivage": NeedCode.VIOLENCE_SHELTER,
        "Volunteer Wheels": NeedCode.TRANSPORT,
    }.get(name, NeedCode.SHELTER)


def ask(world: Any, name: str = "Moisson du Quartier", case: Case | None = None) -> Referral:
    """Ask an agency for the first need of a case, its own kind of help by default."""
    agency = world.organization(name)
    need = need_of(name)
    case = case or case_for(world.amina.actor, need)
    urgency = Urgency.ROUTINE if need is NeedCode.FOOD else Urgency.URGENT
    return services.send(
        world.amina.actor,
        case,
        case.needs[0],
        organization_id=agency.id,
        urgency=urgency,
        details={"access": "fauteuil roulant", "alias": "Mado", "immigration": "never"},
    )


def post(service_id: UUID) -> list[Any]:
    """Let every letter that is due leave; give the mails of this round, parsed."""
    before = set(mails())
    database.commit()
    outbox.claim_letters(service_id)
    for letter in waiting():
        if letter.claim is None:
            continue
        envelope = outbox.begin(service_id, letter.id, letter.claim)
        if envelope is not None:
            claim = letter.claim
            outbox.finish(letter.id, claim, outbox.let_leave(envelope))
    database.commit()
    return [
        message_from_bytes(path.read_bytes(), policy=default)
        for path in sorted(set(mails()) - before)
    ]


def waiting() -> list[Letter]:
    """List the letters that wait to leave."""
    return [
        letter
        for letter in db.session.query(Letter).order_by(Letter.created_at)
        if letter.status is LetterStatus.QUEUED
    ]


def mails() -> list[Path]:
    """List the files of all mails sent in this run."""
    folder = Path(current_app.config["CASEWORK"].mail_url.removeprefix("file:"))
    return sorted(folder.glob("*.eml")) if folder.is_dir() else []


def link_in(mail: Any) -> str:
    """Find the address of the link in a mail, without its host."""
    found = LINK.search(mail.get_content())
    assert found, mail.get_content()
    return found.group(1)


def link_to(links: list[str], referral: Referral, visitor: Any) -> str:
    """Find among the links of several requests the one that shows this request."""
    return next(
        link for link in links if referral.ref in visitor().get(link).get_data(as_text=True)
    )


def linked(world: Any, referral: Referral) -> str:
    """Let the letter of a referral leave and give its link."""
    mail = post(world.north.id)
    assert len(mail) == 1
    return link_in(mail[0])


def unseen(member: Any) -> list[str]:
    """Give the kinds of notices a member has not seen."""
    return sorted(notice.kind.value for notice in notices.queries.unseen(member.actor))


class Committed:
    """What was committed in a service, and what is done to it in transactions of their own."""

    app: Flask
    service_id: UUID

    def inside(self, work: Callable[[], Any]) -> Any:
        """Run something in a transaction of its own, as a request or a task does, and commit it."""
        with self.app.app_context():
            database.enter_service(self.service_id)
            try:
                answer = work()
                database.commit()
                return answer
            finally:
                db.session.remove()
