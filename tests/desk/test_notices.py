"""Notices: one's own, in fixed words that speak of nobody, until they are marked as seen."""

from typing import Any

from casework import database
from casework.desk import queries
from casework.followups import queries as followups
from casework.notices import queries as notices
from casework.notices import services as notice_services
from casework.notices.models import NoticeKind
from casework.referrals import services as referrals
from casework.referrals.models import Urgency
from tests.desk.contacts import NOW, open_case


def aside(page: str) -> str:
    """Cut out what stands beside My day."""
    return page.split('class="split-side"', 1)[1]


def tell(world: Any, member: Any, case: Any, key: str = "k") -> None:
    notice_services.tell(
        world.amina.actor, member.account_id, NoticeKind.AGENCY_ANSWERED, case, key
    )
    database.commit()


def test_each_notice_leads_to_its_case_and_names_nobody(
    visitor: Any, world: Any, clock: Any
) -> None:
    """The in-app list is the truth: a reference and a link, no name (R12)."""
    clock.freeze(NOW)
    case = open_case(world.amina, name="Quetzalcoatl")
    tell(world, world.amina, case)
    browser = visitor(world.amina)
    page = browser.get("/notices").get_data(as_text=True)
    assert "An agency answered" in page
    assert "Quetzalcoatl" not in page
    assert f'href="/cases/{case.ref}"' in page
    assert f'href="/cases/{case.ref}"' in aside(browser.get("/my-day").get_data(as_text=True))


def test_a_call_a_request_and_a_person_lead_to_their_case(world: Any, clock: Any) -> None:
    """Whatever a notice is about, three queries find the case."""
    clock.freeze(NOW)
    actor, case = world.amina.actor, open_case(world.amina)
    referral = referrals.send(
        actor,
        case,
        case.needs[0],
        organization_id=world.organization("Moisson du Quartier").id,
        urgency=Urgency.ROUTINE,
        details={},
    )
    call = followups.for_case(actor, case)[0]
    for number, subject in enumerate((referral, call, case.person)):
        tell(world, world.amina, subject, str(number))
    refs = queries.refs_behind(actor, notices.latest(actor))
    assert refs == dict.fromkeys((referral.id, call.id, case.id, case.person_id), case.ref)


def test_a_case_i_may_not_open_is_not_named(visitor: Any, world: Any, clock: Any) -> None:
    """What was told stays readable; the reference and the link are for those with access."""
    clock.freeze(NOW)
    case = open_case(world.amina)
    tell(world, world.louis, case)
    page = visitor(world.louis).get("/notices").get_data(as_text=True)
    assert "Un organisme a répondu" in page
    assert case.ref not in page


def test_what_repeats_about_one_case_stands_once(visitor: Any, world: Any, clock: Any) -> None:
    """Three answers for one case are one line that says so; another case has its own."""
    clock.freeze(NOW)
    case, other = open_case(world.amina), open_case(world.amina, phone="+15145550199")
    for number in range(3):
        tell(world, world.amina, case, str(number))
    tell(world, world.amina, other, "other")
    page = visitor(world.amina).get("/notices").get_data(as_text=True)
    assert page.count("An agency answered") == 2
    assert "3 times, last today, 10\u00a0a.m." in page


def test_seen_notices_leave_my_day(visitor: Any, world: Any, clock: Any) -> None:
    """Marking them as seen is a POST, and touches nobody else’s."""
    clock.freeze(NOW)
    case = open_case(world.amina)
    tell(world, world.amina, case)
    tell(world, world.louis, case, "other")
    browser = visitor(world.amina)
    assert "An agency answered" in browser.get("/my-day").get_data(as_text=True)
    assert browser.post("/notices").status_code == 302
    assert "An agency answered" not in browser.get("/my-day").get_data(as_text=True)
    assert notices.count(world.louis.actor) == 1


def test_opening_the_list_marks_nothing(visitor: Any, world: Any, clock: Any) -> None:
    """A GET changes nothing."""
    clock.freeze(NOW)
    tell(world, world.amina, open_case(world.amina))
    visitor(world.amina).get("/notices")
    assert notices.count(world.amina.actor) == 1
