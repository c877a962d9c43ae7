"""One case in the hands of its navigator: each step is one call of the real services."""

import secrets
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

from casework.cases import services as cases
from casework.cases.models import Case, CaseNeed, ClosureCode, Reason, Source
from casework.commands.seed.invention import Somebody, answers_of
from casework.commands.seed.mix import ENDINGS, Fate, Fortune
from casework.commands.seed.staffing import Agencies
from casework.database import flush, now
from casework.directory.needs import URGENT_NEEDS, NeedCode
from casework.extensions import db
from casework.followups import queries as followup_queries
from casework.followups import services as followups
from casework.followups.models import AttemptResult, FollowUp, FollowUpKind
from casework.followups.policy import NextCall
from casework.followups.services import NeedAnswer, NextStep
from casework.people import services as people
from casework.people.models import Person
from casework.referrals import queries as referral_queries
from casework.referrals import services as referrals
from casework.referrals.clocks import HoldChoice
from casework.referrals.models import LinkPurpose, Referral, ReferralState, Urgency
from casework.referrals.policy import Reply
from casework.referrals.services import links, replies
from casework.referrals.services.replies import Given
from casework.security import Actor

TALK = timedelta(minutes=3)
Waiting = Generator[datetime, None, FollowUp | None]
Steps = Generator[datetime, None, None]


@dataclass(frozen=True)
class Desk:
    """Who works on a case, and what all cases of one seeding share."""

    actor: Actor
    locale: str
    dice: Random
    fortune: Fortune
    agencies: Agencies
    names: Mapping[str, UUID]
    until: datetime


class Handling:
    """A case by its ids only, since rows do not outlive the batch they were written in."""

    def __init__(self, desk: Desk, case: Case, who: Somebody) -> None:
        self.desk, self.actor, self.who = desk, desk.actor, who
        self.case_id, self.person_id = case.id, case.person_id

    @classmethod
    def open(
        cls,
        desk: Desk,
        who: Somebody,
        needs: Sequence[NeedCode],
        *,
        may_call: bool = True,
        keep_days: int | None = None,
        note: str = "",
    ) -> Self:
        """Write a first contact down: person, answers, case and series."""
        person = people.register_person(desk.actor, details=who.details, plan=who.plan)
        answers = answers_of(desk.dice, who, needs, may_call=may_call, keep_days=keep_days)
        people.record_consents(desk.actor, person, answers)
        case = cases.open_case(
            desk.actor,
            person,
            needs=needs,
            region=who.region,
            channel=who.channel,
            language=who.language,
            adults=who.adults,
            children=who.children,
            note=note,
        )
        flush()
        if may_call:
            followups.plan_series(desk.actor, case)
        return cls(desk, case, who)

    # --- rows, read anew at every step ------------------------------------------------------------

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return db.session.get_one(Case, self.case_id)

    @property
    def person(self) -> Person:
        """The person as they stand."""
        return db.session.get_one(Person, self.person_id)

    def need(self, code: NeedCode) -> CaseNeed:
        """Give one need of the case."""
        return next(need for need in self.case.needs if need.code is code)

    def planned(self, kind: FollowUpKind) -> FollowUp | None:
        """Give the next call of a kind."""
        return next(iter(followup_queries.planned_for(self.case_id, kind)), None)

    def open_referrals(self) -> list[Referral]:
        """List what still waits on agencies."""
        return referral_queries.open_of_case(self.actor.service_id, self.case_id)

    def later(self, *, hours: float = 0, minutes: float = 0) -> datetime:
        """Give a moment about so much later."""
        seconds = (hours * 60 + minutes) * 60 * self.desk.dice.uniform(0.7, 1.3)
        return now() + timedelta(seconds=round(seconds))

    # --- agencies -----------------------------------------------------------------------------------

    def send(
        self,
        code: NeedCode,
        *,
        agency: str | None = None,
        is_urgent: bool | None = None,
        details: dict[str, str] | None = None,
        supersedes: Referral | None = None,
    ) -> UUID | None:
        """Ask an agency that was not asked for this need yet; None when there is no other."""
        need = self.need(code)
        if agency is not None:
            chosen = self.desk.names[agency]
        else:
            asked = referrals.open_agencies(self.actor, need)
            left = [id_ for id_ in self.desk.agencies[code] if id_ not in asked]
            if not left:
                return None
            chosen = self.desk.dice.choice(left)
        urgent = code in URGENT_NEEDS if is_urgent is None else is_urgent
        referral = referrals.send(
            self.actor,
            self.case,
            need,
            organization_id=chosen,
            urgency=Urgency.URGENT if urgent else Urgency.ROUTINE,
            details=details,
            supersedes=supersedes,
        )
        return referral.id

    def answered(
        self,
        referral_id: UUID,
        to: ReferralState,
        *,
        reason: Reason | None = None,
        source: Source = Source.PARTNER_CONFIRMED,
        hold_until: datetime | None = None,
        details: dict[str, str] | None = None,
    ) -> None:
        """Write down what the agency, or the person, said by phone."""
        referrals.answer(
            self.actor,
            db.session.get_one(Referral, referral_id),
            to=to,
            reason=reason,
            source=source,
            hold_until=hold_until,
            details=details,
        )

    def replied(
        self,
        referral_id: UUID,
        reply: Reply,
        *,
        reason: Reason | None = None,
        hold: HoldChoice | None = None,
        details: dict[str, str] | None = None,
    ) -> None:
        """Let the agency answer by its own link, as from the letter that left."""
        referral = db.session.get_one(Referral, referral_id)
        system = Actor.system(referral.service_id)
        agency = referrals.open_agency(system, referral, purpose="letter")
        is_held = referral.state in links.FITS[LinkPurpose.ARRIVAL]
        purpose = LinkPurpose.ARRIVAL if is_held else LinkPurpose.ANSWER
        token, secret = links.make_link(system, referral, purpose, agency), secrets.token_hex(16)
        visited = links.visit(token, secret)
        if visited is None:
            raise LookupError("the link just made does not work")
        links.mark_seen(visited)
        given = Given(reply=reply, reason=reason, hold=hold, details=details, key=secret)
        replies.reply(visited, secret, given=given)

    def recall(self, referral: Referral, reason: Reason) -> None:
        """Call a request off."""
        referrals.recall(self.actor, referral, reason=reason)

    # --- calls ----------------------------------------------------------------------------------------

    def until_callable(self, kind: FollowUpKind) -> Waiting:
        """Wait until the next call of a kind may be made within agreed hours; None: never."""
        while (call := self.planned(kind)) is not None:
            opens, closes = call.window_opens_at, call.window_closes_at
            if opens is None or closes is None:
                return None
            begins = max(opens, call.due_at, now())
            at = begins + timedelta(minutes=self.desk.dice.randrange(1, 9))
            if at + TALK < closes:
                yield at
                call = self.planned(kind)
                if call is not None and _is_open(call):
                    return call
            else:
                yield max(closes, now()) + timedelta(minutes=1)
                call = self.planned(kind)
            if call is not None:
                followups.replan_windows(self.actor, call)
        return None

    def dial(self, call: FollowUp, result: AttemptResult) -> None:
        """Make a call in which the person is not reached."""
        attempt = followups.start_call(self.actor, call)
        word = "something else" if result is AttemptResult.CODE_WORD_FAILED else ""
        reached = AttemptResult.REACHED_PERSON if word else result
        followups.record_reach(self.actor, attempt, result=reached, code_word=word)

    def speak(
        self,
        call: FollowUp,
        *,
        fates: Mapping[NeedCode, Fate] | None = None,
        still_ok: bool = True,
        next_step: NextStep | None = None,
        note: str = "",
    ) -> None:
        """Make a call in which the person is reached, and hears what agencies answered."""
        attempt = followups.start_call(self.actor, call)
        followups.record_reach(
            self.actor, attempt, result=AttemptResult.REACHED_PERSON, code_word=self.who.word
        )
        followups.finish_call(
            self.actor,
            attempt,
            outcomes=[self._answer(code, fate) for code, fate in (fates or {}).items()],
            still_ok=still_ok,
            next_step=next_step or NextStep(NextCall.SERIES),
            is_told=True,
            note=note,
        )

    def told(self) -> None:
        """Note that the person was on the line, or called us, and knows what agencies answered."""
        for telling in followup_queries.planned_for(self.case_id, FollowUpKind.TELL_PERSON):
            followups.mark_told(self.actor, telling)

    def move_call(self, at: datetime) -> None:
        """Move the next call-back to a moment the person asked for."""
        call = self.planned(FollowUpKind.CALL_BACK)
        if call is None:
            raise LookupError("no call-back is planned")
        local = at.astimezone(ZoneInfo(call.time_zone))
        followups.move(self.actor, call, local_day=local.date(), local_time=local.time())

    def close(self, closure: ClosureCode) -> None:
        """Close the case; what still waits on agencies is called off first."""
        for referral in self.open_referrals():
            self.recall(referral, Reason.PERSON_DECLINED)
        cases.close_case(self.actor, self.case, closure=closure)

    def _answer(self, code: NeedCode, fate: Fate) -> NeedAnswer:
        outcome, reason = ENDINGS[fate]
        return NeedAnswer(self.need(code), outcome, reason)


def _is_open(call: FollowUp) -> bool:
    opens, closes = call.window_opens_at, call.window_closes_at
    return opens is not None and closes is not None and opens <= now() < closes
