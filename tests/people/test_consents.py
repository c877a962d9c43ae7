"""Consent is per purpose, holds for a time, and ends in one act (R1-R6, R31)."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from casework import database
from casework.cases import services as cases
from casework.cases.models import Case, CaseStatus, ClosureCode
from casework.directory.needs import NeedCode
from casework.notices import queries as notices
from casework.notices.models import NoticeKind
from casework.people import queries, services
from casework.people.models import Consent, ConsentEnd, Purpose
from casework.people.policy import (
    AnsweredTwice,
    ConsentAnswer,
    EndsInThePast,
    EndsTooLate,
    SharedWithNobody,
    UnknownLanguage,
)
from casework.people.signals import consent_ended
from casework.people.tasks import end_consents, warn_of_consents
from casework.security import Actor
from tests.people.records import keep_person

SHARE = Purpose.SHARE_WITH_PARTNER


@pytest.fixture
def heard() -> Iterator[list[tuple[Purpose, ConsentEnd]]]:
    """Give the consents whose end was announced, in order."""
    found: list[tuple[Purpose, ConsentEnd]] = []

    def listen(person_id: uuid.UUID, *, purpose: Purpose, end: ConsentEnd, actor: Actor) -> None:
        found.append((purpose, end))

    consent_ended.connect(listen)
    yield found
    consent_ended.disconnect(listen)


def holds(actor: Actor, person: Any, purpose: Purpose, **narrow: Any) -> bool:
    """Tell whether a consent holds now."""
    found = queries.active_consent(actor, person.id, purpose, database.now(), **narrow)
    return found is not None


def open_case(actor: Actor, person: Any, need: NeedCode = NeedCode.FOOD) -> Case:
    """Open a case with one need."""
    return cases.open_case(actor, person, needs=[need])


def test_one_answer_never_grants_two_purposes(world: Any, db: Any) -> None:
    """R2."""
    actor = world.amina.actor
    person = keep_person(actor, purposes=[Purpose.KEEP_CASE])
    assert [p for p in Purpose if p is not SHARE and holds(actor, person, p)] == [Purpose.KEEP_CASE]
    assert not holds(actor, person, SHARE, need=NeedCode.FOOD)


def test_refusing_an_optional_purpose_blocks_nothing_else(world: Any, db: Any) -> None:
    """R3."""
    actor = world.amina.actor
    person = keep_person(actor, purposes=[Purpose.KEEP_CASE])
    services.record_consents(
        actor, person, [ConsentAnswer(p, False) for p in Purpose if p is not Purpose.KEEP_CASE]
    )
    assert open_case(actor, person).status is CaseStatus.OPEN


def test_a_consent_carries_its_wording_and_its_days(world: Any, db: Any, clock: Any) -> None:
    """R2: wording and version, language, heard by, expiry by default 45 days, 30 for sharing."""
    at = clock.freeze(database.now())
    actor = world.amina.actor
    person = keep_person(actor)
    services.record_consents(
        actor, person, [ConsentAnswer(SHARE, True, category=NeedCode.FOOD, language="fr")]
    )
    rows = {row.purpose: row for row in queries.consents_of(actor, person.id)}
    assert rows[Purpose.KEEP_CASE].expires_at == at + timedelta(days=45)
    assert rows[Purpose.CALL_BACK].expires_at == at + timedelta(days=45)
    assert rows[SHARE].expires_at == at + timedelta(days=30)
    assert rows[SHARE].heard_by == world.amina.account_id
    wording = queries.wordings(actor)[SHARE, "fr"]
    assert rows[SHARE].wording_id == wording.id


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        ([ConsentAnswer(Purpose.CALL_BACK, True), ConsentAnswer(Purpose.CALL_BACK, False)],
         AnsweredTwice),
        ([ConsentAnswer(SHARE, True)], SharedWithNobody),
        ([ConsentAnswer(SHARE, True, category=NeedCode.FOOD, partner_id=uuid.uuid4())],
         SharedWithNobody),
        ([ConsentAnswer(Purpose.CALL_BACK, True, category=NeedCode.FOOD)], SharedWithNobody),
        ([ConsentAnswer(Purpose.CALL_BACK, True, language="tlh-XX")], UnknownLanguage),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_clear_is_refused(
    world: Any, db: Any, answers: list[ConsentAnswer], refusal: type[Exception]
) -> None:
    person = keep_person(world.amina.actor)
    with pytest.raises(refusal):
        services.record_consents(world.amina.actor, person, answers)


def test_a_consent_ends_neither_in_the_past_nor_too_late(world: Any, db: Any) -> None:
    person = keep_person(world.amina.actor)
    at = database.now()
    for days, refusal in ((-1, EndsInThePast), (0, EndsInThePast), (92, EndsTooLate)):
        answer = ConsentAnswer(
            SHARE, True, category=NeedCode.FOOD, expires_at=at + timedelta(days=days)
        )
        with pytest.raises(refusal):
            services.record_consents(world.amina.actor, person, [answer])


def test_a_second_answer_replaces_the_first_to_the_same_question(
    world: Any, db: Any, heard: list[Any]
) -> None:
    actor = world.amina.actor
    person = keep_person(actor)
    services.record_consents(
        actor,
        person,
        [
            ConsentAnswer(Purpose.CALL_BACK, True),
            ConsentAnswer(SHARE, True, category=NeedCode.FOOD),
        ],
    )
    services.record_consents(actor, person, [ConsentAnswer(SHARE, True, category=NeedCode.SHELTER)])
    ends = [
        row.end for row in queries.consents_of(actor, person.id)
        if row.purpose is Purpose.CALL_BACK
    ]  # fmt: skip
    assert sorted(ends, key=str) == [None, ConsentEnd.REPLACED]
    assert holds(actor, person, SHARE, need=NeedCode.FOOD)
    assert holds(actor, person, SHARE, need=NeedCode.SHELTER)
    assert heard == []


def test_sharing_names_one_agency_which_stays_sealed(world: Any, db: Any) -> None:
    """R4, R16: the agency's id stands nowhere in clear, and no other agency is covered."""
    actor = world.amina.actor
    person = keep_person(actor)
    agency, other = world.organization("Maison Rivage"), world.organization("Bridge House")
    services.record_consents(actor, person, [ConsentAnswer(SHARE, True, partner_id=agency.id)])
    at = database.now()

    def shared_with(partner_id: uuid.UUID) -> Consent | None:
        return services.open_sharing_consent(
            actor, person.id, at, need=NeedCode.SHELTER, partner_id=partner_id
        )

    assert shared_with(agency.id) is not None
    assert shared_with(other.id) is None
    rows = db.session.execute(text("SELECT c::text FROM consent AS c")).scalars()
    assert not any(str(agency.id) in row for row in rows)


def test_withdrawing_calls_leaves_everything_else(world: Any, db: Any, heard: list[Any]) -> None:
    """R31: ending calls, stopping sharing and erasing are three separate acts."""
    actor = world.amina.actor
    person = keep_person(actor)
    services.record_consents(actor, person, [ConsentAnswer(SHARE, True, category=NeedCode.FOOD)])
    case = open_case(actor, person)
    services.withdraw(actor, person, Purpose.CALL_BACK)
    assert heard == [(Purpose.CALL_BACK, ConsentEnd.WITHDRAWN)]
    assert case.status is CaseStatus.OPEN
    assert holds(actor, person, SHARE, need=NeedCode.FOOD)
    services.withdraw(actor, person, Purpose.CALL_BACK)
    assert len(heard) == 1, "a second withdrawal does nothing"


def test_a_no_where_a_yes_stood_withdraws_it(world: Any, db: Any, heard: list[Any]) -> None:
    actor = world.amina.actor
    person = keep_person(actor)
    services.record_consents(actor, person, [ConsentAnswer(Purpose.CALL_BACK, False)])
    assert heard == [(Purpose.CALL_BACK, ConsentEnd.WITHDRAWN)]
    assert not holds(actor, person, Purpose.CALL_BACK)


def test_a_no_to_sharing_at_all_ends_every_share(world: Any, db: Any, heard: list[Any]) -> None:
    actor = world.amina.actor
    person = keep_person(actor)
    services.record_consents(
        actor,
        person,
        [
            ConsentAnswer(SHARE, True, category=NeedCode.FOOD),
            ConsentAnswer(SHARE, True, partner_id=world.organization("Bridge House").id),
        ],
    )
    services.record_consents(actor, person, [ConsentAnswer(SHARE, False)])
    assert heard == [(SHARE, ConsentEnd.WITHDRAWN)]
    assert queries.sharing_consents(actor, person.id, database.now()) == []


def test_withdrawing_the_case_ends_all_and_closes_it_at_once(
    world: Any, db: Any, heard: list[Any]
) -> None:
    """R1, R5: sharing and calls are announced first, then the case closes, in one transaction."""
    actor = world.amina.actor
    person = keep_person(actor)
    services.record_consents(actor, person, [ConsentAnswer(SHARE, True, category=NeedCode.FOOD)])
    case = open_case(actor, person)
    services.withdraw(actor, person, Purpose.KEEP_CASE)
    assert [purpose for purpose, _ in heard] == [SHARE, Purpose.CALL_BACK, Purpose.KEEP_CASE]
    assert case.status is CaseStatus.CLOSED
    assert case.closure is ClosureCode.CONSENT_WITHDRAWN
    db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_the_database_refuses_an_open_case_without_consent(world: Any, db: Any) -> None:
    """R1: a deferred constraint at opening, not only a form."""
    actor = world.amina.actor
    person = keep_person(actor, purposes=[Purpose.KEEP_CASE])
    case = open_case(actor, person)
    db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    db.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    db.session.execute(
        update(Consent)
        .where(Consent.person_id == person.id)
        .values(ended_at=database.now(), end=ConsentEnd.WITHDRAWN)
    )
    with pytest.raises(IntegrityError, match="needs an active consent"):
        db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    assert case.status is CaseStatus.OPEN


def test_the_database_refuses_to_open_a_case_on_an_expired_consent(
    world: Any, db: Any, clock: Any
) -> None:
    """R1, whatever the clock of the server says."""
    clock.freeze(database.now())
    actor = world.amina.actor
    person = keep_person(actor, purposes=[Purpose.KEEP_CASE])
    at = clock.advance(timedelta(days=46))
    db.session.add(
        Case(
            service_id=actor.service_id,
            ref="C-222222",
            person_id=person.id,
            opened_at=at,
            status=CaseStatus.OPEN,
        )
    )
    db.session.flush()
    with pytest.raises(IntegrityError, match="needs an active consent"):
        db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_an_expired_consent_has_the_effect_of_its_purpose(
    world: Any, db: Any, clock: Any, heard: list[Any]
) -> None:
    """R6; and R1: the expiry of the consent to keep it closes the case."""
    clock.freeze(database.now())
    actor = world.amina.actor
    person = keep_person(actor)
    services.record_consents(actor, person, [ConsentAnswer(SHARE, True, category=NeedCode.FOOD)])
    case = open_case(actor, person)
    clock.advance(timedelta(days=31))
    end_consents(actor.service_id)
    assert heard == [(SHARE, ConsentEnd.EXPIRED)]
    assert case.status is CaseStatus.OPEN
    clock.advance(timedelta(days=15))
    end_consents(actor.service_id)
    assert {purpose for purpose, _ in heard} == {SHARE, Purpose.CALL_BACK, Purpose.KEEP_CASE}
    assert case.closure is ClosureCode.CONSENT_EXPIRED
    count = len(heard)
    end_consents(actor.service_id)
    assert len(heard) == count, "running the sweep twice does nothing"


def test_the_moment_it_expires_a_consent_no_longer_holds(world: Any, db: Any, clock: Any) -> None:
    clock.freeze(database.now())
    person = keep_person(world.amina.actor)
    clock.advance(timedelta(days=45, seconds=-1))
    assert holds(world.amina.actor, person, Purpose.CALL_BACK)
    clock.advance(timedelta(seconds=1))
    assert not holds(world.amina.actor, person, Purpose.CALL_BACK)


def test_one_case_that_cannot_end_does_not_keep_the_others_open(
    world: Any, db: Any, clock: Any
) -> None:
    clock.freeze(database.now())
    actor = world.amina.actor
    stuck, other = keep_person(actor), keep_person(actor)
    open_case(actor, stuck)
    case = open_case(actor, other)

    def refuse(person_id: uuid.UUID, **_: Any) -> None:
        if person_id == stuck.id:
            raise database.Refused

    consent_ended.connect(refuse)
    try:
        clock.advance(timedelta(days=46))
        end_consents(actor.service_id)
    finally:
        consent_ended.disconnect(refuse)
    db.session.refresh(case)
    assert case.status is CaseStatus.CLOSED
    assert queries.running(actor, stuck.id), "nothing of the one that failed is half done"
    db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_the_navigator_hears_three_days_before_once(world: Any, db: Any, clock: Any) -> None:
    """R6: one line for all consents of a person that end on the same day."""
    clock.freeze(database.now())
    actor = world.amina.actor
    person = keep_person(actor)
    open_case(actor, person)

    def told() -> int:
        lines = notices.unseen(actor)
        return sum(line.kind is NoticeKind.CONSENT_ENDING for line in lines)

    clock.advance(timedelta(days=41, hours=23))
    warn_of_consents(actor.service_id)
    assert told() == 0
    clock.advance(timedelta(hours=2))
    warn_of_consents(actor.service_id)
    warn_of_consents(actor.service_id)
    assert told() == 1


def test_where_nobody_has_the_case_the_supervisors_hear(world: Any, db: Any, clock: Any) -> None:
    clock.freeze(database.now())
    keep_person(world.amina.actor)
    clock.advance(timedelta(days=43))
    warn_of_consents(world.north.id)
    kinds = [line.kind for line in notices.unseen(world.sophie.actor)]
    assert NoticeKind.CONSENT_ENDING in kinds


def test_a_no_is_counted_by_day_and_nothing_else_is_kept(world: Any, db: Any, clock: Any) -> None:
    """R1: no row of its own, no time of day, no audit subject."""
    at = clock.freeze(database.now().replace(hour=3, minute=30))
    tables = ("person", "consent", "audit_entry", "case_event", "contact_plan")

    def sizes() -> list[int]:
        return [db.session.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables]

    before = sizes()
    for _ in range(3):
        services.count_anonymous(
            world.amina.actor,
            channel="phone",
            language="fr",
            needs=[NeedCode.FOOD, NeedCode.SHELTER],
        )
    database.commit()
    assert sizes() == before
    rows = db.session.execute(text("SELECT day, need_group, n FROM anonymous_contact")).all()
    # Half past three in the morning UTC is still the evening before in the service's own zone.
    assert rows == [((at - timedelta(days=1)).date(), "food", 3)]
