"""Nobody is kept who did not agree: the contact is counted, and every other table stays as it was (R1)."""

from typing import Any

from tests.journeys.people_of_the_story import Navigator
from tests.journeys.stage import Stage, on

TABLES = """
SELECT tablename FROM pg_tables WHERE schemaname = 'public'
AND tablename NOT IN ('alembic_version', 'anonymous_contact', 'web_session') ORDER BY 1
"""
DIGEST = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{name}\" t"
THEIR = ("Maya", "514-555-0142", "5145550142", "a secret note", "blue heron")


def digests(stage: Stage) -> dict[str, Any]:
    """Give a digest of every table but the counter, and the session of who looks."""
    names = [row[0] for row in stage.rows(TABLES)]
    return {name: stage.rows(DIGEST.format(name=name))[0][0] for name in names}


def test_a_no_is_counted_and_nothing_else_is_kept(stage: Stage, amina: Navigator) -> None:
    """R1: no row of its own, no time of day, no audit subject, whatever was typed before the no."""
    before = digests(stage)
    page = amina.first_contact(keep="no", note="a secret note", code_word="blue heron")
    assert page.url == "/my-day"
    assert "Counted. Nothing about this person was kept." in page.text
    assert digests(stage) == before
    counted = "SELECT day::text, channel, language, need_group, n FROM anonymous_contact"
    assert stage.rows(counted) == [("2026-11-24", "phone", "en", "food", 1)]
    amina.browser.never_saw("a secret note", "0142", "blue heron")
    stage.nothing_leaked(THEIR)


def test_the_second_no_of_the_day_is_one_more_in_the_same_number(
    stage: Stage, amina: Navigator, louis: Navigator
) -> None:
    amina.first_contact(keep="no")
    stage.now_is(on(24, 11))
    louis.first_contact(keep="no")
    assert stage.rows("SELECT n FROM anonymous_contact") == [(2,)]


def test_a_caller_on_behalf_of_a_friend_leaves_nothing_that_tells_of_the_friend(
    stage: Stage, amina: Navigator
) -> None:
    """R37: without the friend's own yes the contact is counted; the emergency page still works."""
    before = digests(stage)
    amina.first_contact(keep="no", safe_name="Her friend Lina", phone="514 555 0199")
    assert digests(stage) == before
    page = amina.looks_up("514 555 0199")
    assert "Lina" not in page.text
    assert "Nothing opens with this" in amina.asks_who_it_is(code_word="blue heron").text
    stage.nothing_leaked(["Lina", "0199"])


def test_the_friend_who_then_agrees_herself_gets_a_case_that_names_nobody_else(
    stage: Stage, amina: Navigator
) -> None:
    """R37: a trusted relay's phone is said to be one, so that her word and not its number counts."""
    amina.first_contact(keep="no", safe_name="Her friend Lina")
    ref = amina.opens_a_case(safe_name="Lina", phone_kind="relay", code_word="river stone")
    assert "Lina" not in amina.case(ref).text, "details stay masked until somebody asks"
    amina.looks_up(ref)
    said = amina.asks_who_it_is(full_name="Lina", children_ages="")
    assert "Nothing opens with this" in said.text
    stage.nothing_leaked(["Lina", "0142", "river stone"])
