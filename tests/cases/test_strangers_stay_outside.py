"""Another service, other roles and colleagues without a reason get 404: existence does not leak."""

from typing import Any

import pytest

from casework.cases.models import CaseStatus
from tests.cases.openings import only_need, open_case
from tests.world import World

PAGES = (
    "/cases/{ref}/notes",
    "/cases/{ref}/needs/add",
    "/cases/{ref}/needs/{need}/outcome",
    "/cases/{ref}/close",
    "/cases/{ref}/assign",
    "/look-up/{ref}/identity",
    "/look-up/{ref}/open",
)
OF_THE_CASE = PAGES[:5]


def addresses(world: World, pages: tuple[str, ...] = PAGES) -> list[str]:
    """Open a case and give the addresses of its pages."""
    case = open_case(world.amina.actor)
    need = only_need(world.amina.actor, case)
    return [page.format(ref=case.ref, need=need.id) for page in pages]


@pytest.mark.parametrize("who", ["outsider", "marc", "agency"])
def test_another_service_and_other_roles_find_no_page(world: World, visitor: Any, who: str) -> None:
    browser = visitor(getattr(world, who))
    fields = {"body": "x", "reason": "covering", "code_word": "Blue heron"}
    for url in addresses(world):
        assert browser.get(url).status_code == 404, url
        assert browser.post(url, fields).status_code == 404, url
    for url in addresses(world, ("/cases/{ref}/take",)):
        assert browser.post(url).status_code == 404, url


@pytest.mark.parametrize("who", ["louis", "sophie"])
def test_a_colleague_without_a_reason_finds_no_page(world: World, visitor: Any, who: str) -> None:
    """R29: the same for a supervisor."""
    browser = visitor(getattr(world, who))
    for url in addresses(world, OF_THE_CASE):
        assert browser.get(url).status_code == 404, url
        assert browser.post(url, {"body": "x"}).status_code == 404, url


def test_who_is_not_signed_in_is_asked_to(world: World, visitor: Any) -> None:
    browser = visitor()
    for url in [*addresses(world), "/look-up", "/emergency"]:
        answer = browser.get(url)
        assert answer.status_code == 302, url
        assert answer.headers["Location"].startswith("/sign-in"), url


def test_a_need_of_another_case_is_not_found_under_this_one(world: World, visitor: Any) -> None:
    case, other = open_case(world.amina.actor), open_case(world.amina.actor)
    need = only_need(world.amina.actor, other)
    url = f"/cases/{case.ref}/needs/{need.id}/outcome"
    assert visitor(world.amina).get(url).status_code == 404


def test_a_mistyped_reference_is_no_page(world: World, visitor: Any) -> None:
    """Refs carry a check character: a slip of the finger opens nobody else."""
    case = open_case(world.amina.actor)
    last = "2" if case.ref[-1] != "2" else "3"
    browser = visitor(world.amina)
    assert browser.get(f"/cases/{case.ref[:-1]}{last}/notes").status_code == 404


def test_nothing_is_changed_by_looking(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor)
    version, browser = case.version, visitor(world.amina)
    for page in PAGES:
        need = only_need(world.amina.actor, case).id
        assert browser.get(page.format(ref=case.ref, need=need)).status_code == 200
    assert (case.version, case.status) == (version, CaseStatus.OPEN)
