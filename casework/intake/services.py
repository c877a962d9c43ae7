"""Opens a new case from one first contact: person, consents, case and first call, all or nothing."""

from dataclasses import dataclass

from casework.cases import services as cases
from casework.cases.models import Case
from casework.database import flush
from casework.directory.needs import NeedCode
from casework.followups import services as followups
from casework.followups.models import FollowUp
from casework.intake.policy import NewCase, Share
from casework.people import services as people
from casework.people.detail_checks import WAYS
from casework.people.models import Channel, Purpose, VoicemailRule
from casework.people.policy import ConsentAnswer
from casework.people.services.finding import TooManyFound
from casework.security import Actor


@dataclass(frozen=True)
class Opened:
    """What one contact became: the case, and the calls that were planned."""

    case: Case
    planned: list[FollowUp]


def open_new_case(actor: Actor, *, data: NewCase) -> Opened:
    """Open a case for a person who let us keep it, record each answer, and plan the first call.

    Raises a Refused with its field, and then keeps nothing (R1, R2, R9, R11). The person is never
    joined to another, even on the same phone (R33).
    """
    person = people.register_person(actor, details=data.details, plan=data.plan)
    people.record_consents(actor, person, answers_of(data))
    case = cases.open_case(
        actor,
        person,
        needs=data.needs,
        region=data.region,
        channel=data.channel,
        language=data.language,
        adults=data.adults,
        children=data.children,
        note=data.note,
    )
    flush()
    return Opened(case, _plan_calls(actor, case, data) if data.may_call_back else [])


def count_contact(
    actor: Actor, *, channel: Channel, language: str, needs: tuple[NeedCode, ...]
) -> None:
    """Add one to the day's counter for each group of needs, and keep nothing else (R1)."""
    people.count_anonymous(actor, channel=channel, language=language, needs=needs)


def may_exist(actor: Actor, *, data: NewCase) -> bool:
    """Tell whether somebody with this phone, email or handle is already known, never who (R33)."""
    ways = {name: data.details.get(name) or "" for name in WAYS}
    if not any(ways.values()):
        return False
    try:
        return bool(people.find_people(actor, **ways))
    except TooManyFound:
        return True


def answers_of(data: NewCase) -> list[ConsentAnswer]:
    """Give one answer for each question that was asked; none grants two purposes (R2, R3)."""
    answers = [
        _answer(data, Purpose.KEEP_CASE, True),
        _answer(data, Purpose.CALL_BACK, data.may_call_back),
        _answer(data, Purpose.LEAVE_VOICEMAIL, data.voicemail is not VoicemailRule.NEVER),
    ]
    if data.may_text is not None:
        answers.append(_answer(data, Purpose.TEXT_MESSAGE, data.may_text))
    return [*answers, *_sharing(data)]


def _sharing(data: NewCase) -> list[ConsentAnswer]:
    """A yes to sharing names one agency, or one kind of help for each need (R2, R4)."""
    share = Purpose.SHARE_WITH_PARTNER
    if data.share is Share.NO:
        return [_answer(data, share, False)]
    if data.share is Share.AGENCY:
        return [ConsentAnswer(share, True, partner_id=data.share_with, language=data.spoken)]
    return [
        ConsentAnswer(share, True, category=need, language=data.spoken) for need in data.categories
    ]


def _answer(data: NewCase, purpose: Purpose, is_given: bool) -> ConsentAnswer:
    return ConsentAnswer(purpose, is_given, language=data.spoken)


def _plan_calls(actor: Actor, case: Case, data: NewCase) -> list[FollowUp]:
    """Plan the series of this kind of need; its first call moves to the time the person asked for."""
    planned = followups.plan_series(actor, case)
    if data.first_call is not None and planned:
        day, at = data.first_call
        followups.move(actor, planned[0], local_day=day, local_time=at)
    return planned
