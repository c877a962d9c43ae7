"""Words find a service in both languages, by beginnings and stems, and are always up to date (issue 5)."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, select, text

from casework import directory
from casework.directory import search_policy, search_queries
from casework.directory.features import Feature
from casework.directory.models import DirectoryService, OrganizationKind
from casework.directory.needs import NeedCode
from casework.importing import policy as importing
from tests.importing.conftest import EXAMPLES, bring_in, service

migration = importlib.import_module("migrations.versions.0018_search_of_the_directory")


@pytest.fixture
def kitchen(world: Any) -> DirectoryService:
    """Add an agency whose words stand in both languages."""
    agency = directory.services.add_organization(
        world.marc.actor,
        name="Épicerie Écosolidaire",
        kind=OrganizationKind.FOOD_BANK,
        region="Montérégie",
    )
    return directory.services.add_service(
        world.marc.actor,
        organization_id=agency.id,
        need=NeedCode.FOOD,
        features=[Feature.HALAL],
        eligibility_fr="Une œuvre de quartier pour les familles hébergées d’urgence",
        eligibility_en="Households living nearby; no documents needed",
    )


def ids(world: Any, words: str) -> list[Any]:
    """List what these words find."""
    return [row.id for row in directory.queries.search(world.amina.actor, words=words)]


@pytest.mark.parametrize(
    "words",
    [
        "epicerie",
        "EPICERIE ecosol",
        "écosolidaire",
        "monteregie epi",
        "oeuvre",
        "l’épicerie",
        "familles hébergement",
        "hébergé",
        "household",
        "document need",
        "alimentation epicerie",
        "food montérégie",
        "banque alimentaire écosol",
        "halal ecosolidaire",
    ],
)
def test_words_find_it_by_beginnings_stems_and_names_of_needs(
    world: Any, kitchen: DirectoryService, words: str
) -> None:
    assert kitchen.id in ids(world, words)


@pytest.mark.parametrize("words", ["boulangerie", "epicerie toronto", "ecosolidaire casher"])
def test_every_word_must_fit(world: Any, kitchen: DirectoryService, words: str) -> None:
    assert kitchen.id not in ids(world, words)


def test_what_is_named_so_comes_before_what_only_mentions_it(
    world: Any, kitchen: DirectoryService
) -> None:
    other = directory.services.add_service(
        world.marc.actor,
        organization_id=world.organization("Bridge House").id,
        need=NeedCode.FOOD,
        eligibility_en="Whom the epicerie sends",
    )
    assert ids(world, "epicerie") == [kitchen.id, other.id]


@pytest.mark.parametrize("words", ["' | 'x", "!!!", "\0", "a:*", "\\", "🙂", "&", "e" * 10_000])
def test_signs_find_nothing_and_break_nothing(world: Any, words: str) -> None:
    ids(world, words)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_the_search(world: Any, words: str) -> None:
    ids(world, words)
    assert len(search_policy.words_of(words)) <= search_policy.MOST_WORDS


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


def stale(db: Any) -> int:
    """Count the services whose words are not what they should be."""
    rows = db.session.execute(select(DirectoryService.service_id, DirectoryService.id)).all()
    return sum(directory.search_services.refresh(row.service_id, [row.id]) for row in rows)


def test_everything_that_writes_a_service_writes_its_words(
    world: Any, kitchen: DirectoryService, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Services of this room, each format of an import, and an import that changes an agency later."""
    monkeypatch.setattr(importing, "BATCH", 1)
    for format_, name in (
        ("hsds-json", "hsds.json"),
        ("hsds-csv", "hsds_csv"),
        ("icarol", "icarol.csv"),
        ("airs-xml", "airs.xml"),
    ):
        bring_in(world, format_, EXAMPLES / name)
        assert stale(db) == 0
    directory.services.set_active(world.marc.actor, kitchen.organization_id, is_active=False)
    assert stale(db) == 0
    kitchen.name_en = "Changed behind its back"
    db.session.flush()
    assert stale(db) == 1


def test_an_agency_and_a_place_that_change_later_are_found_by_their_new_words(
    world: Any, db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second service of an agency, in another batch, renames it and moves the place both share."""
    monkeypatch.setattr(importing, "BATCH", 1)

    def written(agency: str, city: str) -> Path:
        place = {
            "id": "L",
            "location_type": "physical",
            "addresses": [{"address_1": "1 Open Street", "city": city, "state_province": "ON"}],
        }
        rows = [
            {
                "id": number,
                "name": f"Service {number}",
                "organization": {"id": "O", "name": name},
                "service_at_locations": [{"location": place | more}],
            }
            for number, name, more in (
                ("1", "Old Kitchen", {}),
                ("2", agency, {}),
            )
        ]
        if city != "Guelph":
            rows.reverse()
        path = tmp_path / f"{city}.json"
        path.write_text(json.dumps(rows), encoding="utf-8")
        return path

    bring_in(world, "hsds-json", written("New Kitchen", "Guelph"))
    assert stale(db) == 0
    assert service("1").id in ids(world, "new kitchen guelph")
    bring_in(world, "hsds-json", written("New Kitchen", "Kenora"))
    assert stale(db) == 0
    assert service("1").id in ids(world, "kenora")
    assert not ids(world, "guelph")


def test_the_migration_writes_the_same_words(
    world: Any, kitchen: DirectoryService, db: Any
) -> None:
    bring_in(world, "hsds-json", EXAMPLES / "hsds.json")
    db.session.execute(text("UPDATE directory_service SET search = ''"))
    db.session.execute(text(migration.FILL))
    assert kitchen.id in ids(world, "epicerie")
    assert stale(db) == 0


def test_no_word_of_a_confidential_place_finds_it(world: Any, db: Any, tmp_path: Path) -> None:
    """R20: neither typed nor as a mark; its service says that nobody knows where it is."""
    rows = [
        {
            "id": "1",
            "name": "Quiet rooms",
            "organization": {"id": "O", "name": "Refuge"},
            "service_at_locations": [
                {
                    "location": {
                        "id": "L",
                        "location_type": "redacted",
                        "latitude": 45.5,
                        "longitude": -75.7,
                        "addresses": [{"address_1": "1 Hidden Lane", "city": "Hiddenville"}],
                    }
                }
            ],
        }
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    bring_in(world, "hsds-json", path)
    assert not ids(world, "hiddenville")
    kept = db.session.scalars(
        text("SELECT search::text FROM directory_service WHERE id = :id"), {"id": service("1").id}
    ).one()
    assert "where:unknown" in kept
    assert "hidden" not in kept
    assert "cell:" not in kept
