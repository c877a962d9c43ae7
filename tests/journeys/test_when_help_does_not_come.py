"""Endings that are not happy and must be true: unreached, full, not disclosed, too late to tell."""

from datetime import timedelta

from casework.background import Job
from tests.journeys.people_of_the_story import Agency, Navigator
from tests.journeys.stage import Stage, link_in, on

# As many needs more that ended like one that went its way over the pages.
MORE_ALIKE = """
INSERT INTO case_need (id, service_id, case_id, code, position, outcome, reason, unmet_kind, source,
                       outcome_at, created_at, version)
SELECT gen_random_uuid(), service_id, case_id, code, position + n, outcome, reason, unmet_kind, source,
       outcome_at, created_at, version
FROM case_need, generate_series(1, :others) AS n WHERE unmet_kind = :kind RETURNING id
"""
SHELTERS = ("Cedar Lane House", "Maison des Érables", "Maison Rivage")


def test_nobody_is_reached_after_the_last_attempt(stage: Stage, amina: Navigator) -> None:
    """Three tries, each within agreed hours; then “unable to reach”, and the case stays for them."""
    ref = amina.opens_a_case(times=["morning", "afternoon"], days="any_day", code_word="oak")
    for tried in range(3):
        due = "SELECT due_at FROM follow_up WHERE state = 'scheduled' ORDER BY due_at LIMIT 1"
        moment = stage.rows(due)[0][0]
        stage.now_is(max(moment, stage.at) + timedelta(minutes=1))
        assert len(stage.remind()) == 1
        amina.starts_to_call(ref)
        page = amina.heard("no_answer")
        assert ("unable to reach" in page.text) is (tried == 2)
    states = "SELECT state FROM follow_up ORDER BY step"
    assert stage.rows(states) == [("unable_to_reach",), ("scheduled",)]
    assert stage.rows('SELECT status FROM "case"') == [("open",)]
    results = "SELECT DISTINCT result FROM attempt"
    assert stage.rows(results) == [("no_answer",)]
    form = amina.browser.open("/my-day").text
    assert "Start call" not in form


def test_a_voicemail_that_was_refused_cannot_even_be_recorded(
    stage: Stage, amina: Navigator
) -> None:
    """R11: “never” leaves no button for it."""
    ref = amina.opens_a_case(days="any_day", code_word="oak", voicemail="never")
    stage.now_is(on(1, 10, 30, month=12))
    page = amina.starts_to_call(ref)
    offered = page.form(offering="step", value="reach").offered["result"]
    assert offered is not None
    assert "voicemail_left_as_agreed" not in offered


def test_every_shelter_is_full_and_the_need_is_counted_as_referred_in_vain(
    stage: Stage, amina: Navigator
) -> None:
    """Kind B: asked three, helped by none; no agency is asked twice, and the page says so."""
    ref = amina.opens_a_case(needs=["violence_shelter"], code_word="oak", days="any_day")
    request = amina.asks(ref, SHELTERS[0])
    for following in (*SHELTERS[1:], None):
        Agency(stage, stage.link()).declines("no_capacity")
        amina.case(ref)
        if following:
            request = amina.asks_the_next(ref, following)
    nobody = amina.browser.open(f"{request}/again")
    assert "Every agency for this need was asked." in nobody.text
    amina.records_outcome(ref, outcome="unmet", reason="no_capacity")
    kinds = "SELECT outcome, unmet_kind, reason FROM case_need"
    assert stage.rows(kinds) == [("unmet", "b", "no_capacity")]
    happened = amina.browser.open("/what-happened-next").text
    assert "Unmet" in happened
    assert "counted" in happened
    for shelter in SHELTERS:
        assert shelter not in happened


def test_a_need_nobody_could_be_asked_for_is_of_the_other_kind(
    stage: Stage, amina: Navigator
) -> None:
    """Kind A: no referral could be made."""
    ref = amina.opens_a_case(needs=["home_care"])
    amina.records_outcome(ref, outcome="unmet", reason="no_service_exists")
    assert stage.rows("SELECT unmet_kind FROM case_need") == [("a",)]


def test_both_kinds_are_counted_apart_where_enough_of_them_are_alike(
    stage: Stage, amina: Navigator
) -> None:
    """R25: one such need is hidden from the supervisor; twenty of each kind are two numbers."""
    sophie = Navigator(stage, stage.world.sophie)
    first = _unmet_food(stage, amina, referred=True)
    assert "Too few cases to show" in sophie.browser.open("/outcomes").text
    second = _unmet_food(stage, amina, referred=False)
    for kind, others in (("b", 19), ("a", 20)):
        stage.rows(MORE_ALIKE, kind=kind, others=others)
    said = sophie.browser.open("/outcomes").text
    assert "Not met: referred, but help not received 20" in said
    assert "Not met: no referral could be made 21" in said
    sophie.browser.never_saw("Maya", "555-02", first, second)


def _unmet_food(stage: Stage, amina: Navigator, *, referred: bool) -> str:
    """Leave one need unmet, after an agency declined or without one; give the reference."""
    ref = amina.opens_a_case(phone="514 555 0201" if referred else "514 555 0202")
    if referred:
        request = amina.asks(ref, "Moisson du Quartier")
        amina.records_answer(request, reply="decline", reason="no_funds")
    amina.records_outcome(ref, outcome="unmet", reason="no_funds")
    return ref


def test_a_shelter_that_may_not_say_who_is_there_is_left_in_peace(
    stage: Stage, amina: Navigator
) -> None:
    """“We may not say” is an answer: nothing nudges, and her own word closes the loop instead."""
    ref = amina.opens_a_case(needs=["violence_shelter"], code_word="oak", days="any_day")
    request = amina.asks(ref, "Maison Rivage")
    shelter = Agency(stage, stage.link())
    assert "We may not say" in shelter.says("withhold").text or "dire" in shelter.browser.page.text
    assert "The agency may not say" in amina.case(ref).text
    stage.now_is(on(24, 16))
    stage.turn(Job.REFERRAL_CLOCKS)
    assert stage.post() == []
    assert stage.rows("SELECT state, is_outcome_withheld FROM referral") == [("requested", True)]
    stage.now_is(on(25, 10, 30))
    amina.reaches(ref, "oak", outcome_0="not_disclosed")
    assert "Not disclosed" in amina.browser.open("/what-happened-next").text
    amina.records_answer(request, reply="hold")
    amina.records_answer(request, reply="arrived", source="person_reported")
    assert stage.rows("SELECT state FROM referral") == [("confirmed",)]


def test_when_no_agreed_hour_is_left_before_a_hold_ends_a_human_is_alerted(
    stage: Stage, amina: Navigator
) -> None:
    """R36: nothing is shifted silently; the agency is asked to keep the place, and then there is time."""
    ref = amina.opens_a_case(needs=["shelter"], days="any_day", code_word="oak")  # mornings
    stage.now_is(on(24, 13))
    amina.case(ref)
    request = amina.asks(ref, "Foyer du Pont")
    Agency(stage, stage.link()).holds_a_place("4h")
    kinds = {row[0] for row in stage.rows("SELECT kind FROM notice")}
    assert "no_safe_window" in kinds
    day = amina.my_day()
    assert "No agreed hour left: decide what to do" in day.text
    assert not day.has_link("/follow-ups/", ending="/call")
    assert stage.remind() == []
    page = amina.browser.open(request)
    amina.browser.send(page.form("/extend"), hold="tomorrow")
    assert "No agreed hour left" not in amina.my_day().text
    stage.now_is(on(25, 9, 5))
    assert len(stage.remind()) == 1
    assert amina.my_day().has_link("/follow-ups/", ending="/call")


def test_a_call_outside_the_agreed_hours_needs_a_reason_that_is_audited(
    stage: Stage, amina: Navigator
) -> None:
    """R10, R36: a hold that ends first may be one, and the record says who chose it."""
    ref = amina.opens_a_case(needs=["shelter"], days="any_day", code_word="oak")
    stage.now_is(on(24, 13))
    amina.case(ref)
    amina.asks(ref, "Foyer du Pont")
    letters = stage.post()
    Agency(stage, link_in(letters[0])).holds_a_place("2h")
    page = amina.starts_to_call(ref, override_reason="hold_ends")
    assert "514-555-0142" in page.text
    audited = "SELECT count(*) FROM audit_entry WHERE action = 'followup:call:overridden'"
    assert stage.rows(audited) == [(1,)]
