"""The best first, a fixed number of them, and the page says so when there are more (issue 5)."""

from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from casework import directory
from casework.directory import search_queries
from casework.directory.models import DirectoryService, OrganizationKind
from casework.directory.needs import NeedCode

# Where a word is common, so many rows are read on before the index is asked (migration 0020).
READ_ON = 20_000


def test_a_few_candidates_of_many_are_ranked_and_it_is_said(world: Any) -> None:
    found = search_queries.candidates(world.amina.actor, words="", most=2)
    assert (len(found.ids), found.is_cut) == (2, True)
    found = search_queries.candidates(world.amina.actor, words="epicerie", most=2)
    assert not found.is_cut


def test_of_equals_the_order_is_by_name_with_accents_folded(world: Any, db: Any) -> None:
    names = ["Zone", "École", "abri", "Éclair", "ŒUVRE", "Entraide"]
    for name in names:
        agency = directory.services.add_organization(
            world.marc.actor, name=name, kind=OrganizationKind.COMMUNITY
        )
        directory.services.add_service(
            world.marc.actor, organization_id=agency.id, need=NeedCode.TAX_CLINIC
        )
    found = directory.queries.search(world.amina.actor, need=NeedCode.TAX_CLINIC)
    given = [row.organization.name for row in found if row.organization.name in names]
    assert given == ["abri", "Éclair", "École", "Entraide", "ŒUVRE", "Zone"]


@pytest.fixture
def crowd(world: Any, db: Any) -> list[Any]:
    """Add six hundred services of which every one has a word, and the first named by it."""
    agency = directory.services.add_organization(
        world.marc.actor, name="Wombat Hall", kind=OrganizationKind.COMMUNITY
    )
    other = directory.services.add_organization(
        world.marc.actor, name="Other Hall", kind=OrganizationKind.COMMUNITY
    )
    rows = [
        DirectoryService(
            service_id=world.north.id,
            organization_id=(other if number else agency).id,
            need=NeedCode.LEGAL,
            description_en="Wombat care." + " Numbat too." * (number % 200 == 7),
        )
        for number in range(600)
    ]
    db.session.add_all(rows)
    db.session.flush()
    directory.search_services.refresh(world.north.id, [row.id for row in rows])
    return [row.id for row in rows]


def test_what_most_have_is_found_by_reading_on_and_what_few_have_by_the_index(
    world: Any, crowd: list[Any], visitor: Any
) -> None:
    """Both ways find the same, names first, nothing twice; and the page says what was cut."""
    found = search_queries.candidates(world.amina.actor, words="wombat", most=1000)
    assert (set(found.ids), len(found.ids), found.is_cut) == (set(crowd), 600, False)
    assert found.ids[0] == crowd[0]
    few = search_queries.candidates(world.amina.actor, words="wombat", most=100)
    assert (len(set(few.ids)), few.is_cut, few.ids[0]) == (100, True, crowd[0])
    rare = search_queries.candidates(world.amina.actor, words="numbat", most=1000)
    assert set(rare.ids) == set(crowd[7::200])
    assert search_queries.candidates(world.outsider.actor, words="wombat").ids == []


def test_the_page_says_that_more_match_than_are_looked_at(
    world: Any, crowd: list[Any], visitor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_queries, "MOST", 100)
    monkeypatch.setattr("casework.directory.filter_queries.MOST", 100)
    said = visitor(world.amina).get("/directory?q=wombat").get_data(as_text=True)
    assert "these are the first 100" in said
    assert "1 to 24 of 100" in said


def test_a_card_asks_the_database_nothing_for_itself(
    world: Any, crowd: list[Any], visitor: Any, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of 24 cards runs as many statements as a page of one."""
    navigator, seen = visitor(world.amina), []

    def note(*given: Any) -> None:
        seen.append(given[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        counts = []
        for page in (25, 1, 1):
            seen.clear()
            navigator.get(f"/directory?q=wombat&page={page}")
            counts.append(len(seen))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert counts[1] == counts[2]
    assert counts[1] <= counts[0]


def test_equals_of_one_agency_stand_by_need_so_that_the_order_never_jumps(world: Any) -> None:
    needs = ["rent", "clothing", "legal", "benefits", "food", "energy"]
    agency = directory.services.add_organization(
        world.marc.actor, name="Wallaby Hall", kind=OrganizationKind.COMMUNITY
    )
    for need in needs:
        directory.services.add_service(
            world.marc.actor, organization_id=agency.id, need=NeedCode(need)
        )
    found = directory.queries.search(world.amina.actor, words="wallaby")
    assert [row.need.value for row in found] == sorted(needs)


def test_a_service_that_is_given_no_more_is_found_no_more_though_its_agency_is_there(
    world: Any, db: Any
) -> None:
    """An import retires a service; the others of its agency stay."""
    home = world.organization("Bridge House")
    other = directory.services.add_service(
        world.marc.actor, organization_id=home.id, need=NeedCode.FOOD
    )
    [shelter] = directory.queries.search(world.amina.actor, words="bridge", need=NeedCode.SHELTER)
    shelter.is_active = False
    db.session.flush()
    found = directory.queries.search(world.amina.actor, words="bridge")
    assert [row.id for row in found] == [other.id]


COPIES = text(
    """
INSERT INTO directory_service SELECT copy.* FROM directory_service AS one,
    generate_series(1, :rows) AS number,
    LATERAL jsonb_populate_record(one, jsonb_build_object(
        'id', gen_random_uuid(),
        'search', CASE WHEN number <= 400 OR number > :behind THEN 'quokka' ELSE '' END
    )) AS copy
    WHERE one.id = :id
"""
)


def test_what_seems_common_is_found_to_its_end_where_reading_on_did_not_find_enough(
    world: Any, db: Any
) -> None:
    """Many of the first rows have the word, few of the next 20,000, and some behind those."""
    [one] = directory.queries.search(world.amina.actor, words="bridge house")
    behind = READ_ON + 200
    db.session.execute(COPIES, {"id": one.id, "rows": behind + 50, "behind": behind})
    found = search_queries.candidates(world.amina.actor, words="quokka")
    assert (len(set(found.ids)), found.is_cut) == (450, False)
