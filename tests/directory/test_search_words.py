"""Words find a service in both languages, by beginnings and stems, and are always up to date (issue 5)."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from casework import directory
from casework.directory import search_policy
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


@pytest.mark.parametrize(
    "words", ["boulangerie", "epicerie toronto", "ecosolidaire casher", "mo epicerie"]
)
def test_every_word_must_fit(world: Any, kitchen: DirectoryService, words: str) -> None:
    """What is very short begins no other word: “de” would be most of a directory."""
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


@pytest.mark.parametrize("words", ["' | '", "!!!", "\0", ":*", "\\", "🙂", "&", "e" * 10_000])
def test_signs_find_nothing_and_break_nothing(world: Any, words: str) -> None:
    """Not everything there is, as an empty box lists it."""
    assert ids(world, words) == []


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_the_search(world: Any, words: str) -> None:
    ids(world, words)
    assert len(search_policy.words_of(words)) <= search_policy.MOST_WORDS


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
