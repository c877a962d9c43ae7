"""Files in the exact shape of what is published import field by field: HSDS 3.0, AIRS XML, iCarol, French."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from sqlalchemy import select, text

from casework import directory
from casework.directory.capacity_models import Capacity, PlaceUnit
from casework.directory.listing_models import (
    Location,
    Phone,
    Schedule,
    TaxonomyTerm,
)
from casework.directory.models import OrganizationKind
from casework.directory.needs import NeedCode
from tests.importing.conftest import EXAMPLES, of, organization, places_of, reasons, service

HAMPERS = "5c1f3d0e-0001-4000-8000-000000000001"
SAFE_HOUSE = "5c1f3d0e-0001-4000-8000-000000000002"
# Nothing of a confidential place may be anywhere, in no column of no table (R20).
SECRETS = (
    "hidden crescent",
    "yellow house",
    "behind the school",
    "b2y 9z9",
    "dartmouth",
    "unlisted court",
    "moose jaw",
    "s6h 0z9",
    "secret cove",
    "gander",
    "a1v 0z9",
    "555-0199",
    "5550199",
    "5550119",
)


def whole_directory(db: Any) -> str:
    """Give everything that the tables of the directory and of its imports hold, as one text."""
    tables = [
        "organization",
        "directory_service",
        "location",
        "service_at_location",
        "schedule",
        "phone",
        "capacity",
        "taxonomy_term",
        "import_remark",
        "directory_import",
        "audit_entry",
    ]
    found = [
        db.session.scalars(
            text(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {name} t")
        ).one()
        for name in tables
    ]
    return " ".join(found).casefold()


def test_a_nested_service_of_hsds_3_is_read_field_by_field(imported: Any, world: Any) -> None:
    run = imported("hsds-json", EXAMPLES / "hsds.json")
    assert (run.state, run.written, run.refused, run.percent) == ("done", 3, 0, 100)
    row, agency = service(HAMPERS), organization("5c1f3d0e-0002-4000-8000-000000000001")
    assert row.organization_id == agency.id
    assert (row.name_en, row.name_fr) == ("Evening hampers", "")
    assert row.description_en == "A hamper for three days, twice a month."
    assert (row.url, row.email) == ("https://hampers.example.org/", "hampers@agency.example")
    assert row.application_en == "Call first, or come with somebody who did."
    assert row.eligibility_en == "Households of Harbour East."
    assert (row.minimum_age, row.maximum_age) == (16, 120)
    assert row.service_areas == ["Harbour East", "Eastern Passage"]
    assert row.languages == ["en", "mic", "fr"]
    assert row.documents_en == ["Proof of address", "Health card"]
    assert row.cost_en == "Members 2 CAD a visit"
    assert row.hours_en == "Tuesday and Thursday evening"
    assert row.terms == ["invented:X-100", "invented:X-200", "invented:X-300"]
    assert (row.need, row.needs) == (NeedCode.FOOD, ["food", "transport"])
    assert not row.is_open_all_hours
    assert row.is_active
    assert not service("5c1f3d0e-0001-4000-8000-000000000003").is_active


def test_its_organisation_place_hours_phone_and_capacity_are_read(imported: Any) -> None:
    imported("hsds-json", EXAMPLES / "hsds.json")
    row, agency = service(HAMPERS), organization("5c1f3d0e-0002-4000-8000-000000000001")
    assert (agency.name, agency.alternate_name) == ("Harbour East Pantry", "The Pantry")
    assert agency.description_en == "Neighbours who share food."
    assert (agency.phone, agency.email) == ("+19025550101", "office@agency.example")
    assert (agency.url, agency.kind) == ("https://pantry.example.org", OrganizationKind.FOOD_BANK)
    said = (agency.region, agency.time_zone, agency.holidays_of)
    assert said == ("NS", "America/Halifax", "NS")
    assert not agency.is_confidential
    [place] = places_of(row)
    assert (place.kind, place.name, place.description) == (
        "physical",
        "Church hall",
        "Door at the back",
    )
    assert (place.address_1, place.address_2, place.city) == (
        "12 Ferry Lane",
        "Basement",
        "Halifax",
    )
    assert (place.region, place.postal_code, place.country) == ("NS", "B3A 0A1", "CA")
    assert (place.latitude, place.longitude) == (44.6712, -63.5607)
    assert (place.accessibility, place.time_zone) == (["Ramp at the side door"], "America/Halifax")
    [hours] = of(Schedule, row)
    assert hours.rrule == "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU,TH;WKST=MO"
    assert (hours.opens_at, hours.closes_at) == (time(17, 30), time(20, 0))
    assert (hours.starts_on, hours.valid_from) == (date(2026, 1, 6), date(2026, 1, 1))
    assert (hours.valid_to, hours.time_zone) == (date(2026, 12, 31), "America/Halifax")
    [phone] = of(Phone, row)
    assert (phone.number, phone.extension, phone.kind) == ("+19025550102", "7", "voice")
    assert phone.description == "Ask for the kitchen"
    [places] = of(Capacity, row)
    assert (places.unit, places.available) == (PlaceUnit.PLACE, 14)
    assert places.updated_at == datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


def test_a_term_that_is_no_need_of_ours_is_kept_and_said(imported: Any, db: Any) -> None:
    imported("hsds-json", EXAMPLES / "hsds.json")
    needs = {row.code: row.need for row in db.session.scalars(select(TaxonomyTerm))}
    assert needs == {
        "X-100": NeedCode.FOOD,
        "X-200": NeedCode.TRANSPORT,
        "X-300": None,
        "X-400": NeedCode.VIOLENCE_SHELTER,
    }


def test_a_licensee_says_which_need_a_term_is(imported: Any, world: Any, db: Any) -> None:
    imported("hsds-json", EXAMPLES / "hsds.json")
    directory.services.set_need_of_term(
        world.marc.actor, vocabulary="invented", code="X-300", need=NeedCode.CLOTHING
    )
    imported("hsds-json", EXAMPLES / "hsds.json")
    assert service(HAMPERS).needs == ["food", "transport", "clothing"]
    found = directory.queries.search(world.amina.actor, need=NeedCode.CLOTHING)
    assert [row.source_id for row in found] == [HAMPERS]


def test_the_tables_of_hsds_3_are_joined_and_read_field_by_field(imported: Any) -> None:
    run = imported("hsds-csv", EXAMPLES / "hsds_csv")
    assert (run.state, run.written, run.refused) == ("done", 2, 0)
    row, agency = service("SRV1"), organization("ORG1")
    assert row.name_en == "Evening hampers"
    assert row.description_en == "A hamper for three days,\ntwice a month."
    assert (row.url, row.email) == ("https://hampers.example.org/", "hampers@agency.example")
    assert (row.application_en, row.eligibility_en) == (
        "Call first.",
        "Households of Harbour East.",
    )
    assert (row.minimum_age, row.maximum_age) == (16, 120)
    assert row.languages == ["en", "mic", "fr"]
    assert row.documents_en == ["Proof of address", "Health card"]
    assert row.service_areas == ["Harbour East", "Eastern Passage"]
    assert row.cost_en == "Members 2 CAD a visit"
    assert row.needs == ["food"]
    assert (agency.name, agency.phone) == ("Harbour East Pantry", "+19025550101")
    [place] = places_of(row)
    assert (place.address_1, place.postal_code) == ("12 Ferry Lane", "B3A 0A1")
    assert place.accessibility == ["Ramp at the side door"]
    [hours] = of(Schedule, row)
    assert (hours.rrule, hours.location_id) == ("FREQ=WEEKLY;INTERVAL=1;BYDAY=TU,TH", place.id)
    [phone] = of(Phone, row)
    assert (phone.number, phone.description) == ("+19025550102", "Ask for the kitchen")
    [places] = of(Capacity, row)
    assert (places.unit, places.available) == (PlaceUnit.PLACE, 14)


def test_a_french_set_fills_the_french_texts_and_leaves_the_english_ones(imported: Any) -> None:
    imported("hsds-csv", EXAMPLES / "hsds_csv")
    run = imported("hsds-csv", EXAMPLES / "hsds_csv_fr", language="fr")
    assert (run.written, run.refused) == (1, 0)
    row = service("SRV1")
    assert (row.name_en, row.name_fr) == ("Evening hampers", "Paniers du soir")
    assert row.description_fr == "Un panier pour trois jours, deux fois par mois."
    assert row.eligibility_fr == "Ménages du Havre-Est, dès 16 ans"
    assert row.eligibility_en == "Households of Harbour East."
    agency = organization("ORG1")
    assert (agency.name, agency.description_fr) == (
        "Harbour East Pantry",
        "Des voisins qui partagent.",
    )
    assert agency.description_en == "Neighbours who share food."


def test_a_french_set_alone_is_found_by_french_words(imported: Any, world: Any) -> None:
    imported("hsds-csv", EXAMPLES / "hsds_csv_fr", language="fr")
    row = service("SRV1")
    assert (row.name_fr, row.need) == ("Paniers du soir", NeedCode.OTHER)
    assert organization("ORG1").locale == "fr_CA"
    found = directory.queries.search(world.louis.actor, words="garde-manger menages")
    assert [each.source_id for each in found] == ["SRV1"]


def test_a_wide_export_of_icarol_is_read_field_by_field(imported: Any) -> None:
    run = imported("icarol", EXAMPLES / "icarol.csv")
    assert (run.state, run.written, run.refused) == ("done", 2, 0)
    row, agency = service("P200"), organization("A100")
    assert (row.name_en, row.name_fr) == ("Prairie meals", "Repas des Prairies")
    assert (row.description_en, row.description_fr) == ("Warm meals.", "Repas chauds.")
    assert row.hours_en == "Monday to Friday 11:30-13:00"
    assert row.hours_fr == "Lundi au vendredi 11 h 30 à 13 h"
    assert (row.eligibility_en, row.eligibility_fr) == ("Anyone 18 and older", "18 ans et plus")
    assert (row.minimum_age, row.maximum_age) == (18, 99)
    assert (row.cost_en, row.cost_fr) == ("Free", "Gratuit")
    assert (row.application_en, row.application_fr) == ("Come in", "Se présenter")
    assert row.documents_en == ["Photo ID", "Health card"]
    assert row.documents_fr == ["Pièce d’identité", "Carte santé"]
    assert row.languages == ["en", "fr", "cr"]
    assert row.service_areas == ["Regina", "Pilot Butte"]
    assert row.needs == ["food"]
    assert row.terms == ["airs:Y-1", "airs:Y-2"]
    assert (agency.name, agency.alternate_name) == ("Prairie Hands", "Hands")
    assert (agency.phone, agency.url) == ("+13065550110", "https://prairie.example.org")
    [place] = places_of(row)
    assert (place.source_id, place.name, place.address_2) == ("S300", "Grain Road hall", "Rear")
    assert (place.city, place.region, place.postal_code) == ("Regina", "SK", "S4P 0A1")
    assert (place.accessibility, place.time_zone) == (["Ramp", "Wide doors"], "America/Regina")
    # The private night line is between agencies: it is nowhere.
    assert [(p.number, p.description) for p in of(Phone, row)] == [("+13065550111", "Kitchen")]


def test_an_agency_of_icarol_without_programs_stands_for_itself(imported: Any) -> None:
    imported("icarol", EXAMPLES / "icarol.csv")
    row = service("A500")
    assert (row.name_en, row.need) == ("Willow Refuge", NeedCode.VIOLENCE_SHELTER)
    assert row.is_open_all_hours
    assert row.description_en == "We are at … and keep it secret."


def test_airs_xml_is_read_field_by_field(imported: Any) -> None:
    run = imported("airs-xml", EXAMPLES / "airs.xml")
    assert (run.state, run.written, run.refused) == ("done", 2, 0)
    row, agency = service("SV-1"), organization("AG-1")
    assert (row.name_en, row.description_en) == ("Heating grants", "Once a winter.")
    assert (row.eligibility_en, row.application_en) == ("Tenants & owners", "Call")
    assert (row.minimum_age, row.maximum_age) == (19, 120)
    assert (row.cost_en, row.hours_en) == ("No fee", "Monday to Friday 9-5")
    assert (row.documents_en, row.languages) == (["Heating bill"], ["en", "fr"])
    assert row.service_areas == ["Avalon", "Torbay"]
    assert (row.needs, row.terms) == (["energy"], ["airs:Z-10"])
    assert (agency.name, agency.alternate_name) == ("Cape Light Society", "Cape Light")
    assert (agency.phone, agency.email) == ("+17095550120", "office@agency.example")
    assert agency.url == "https://capelight.example.org"
    first, second = places_of(row)
    assert (first.name, first.address_1, first.address_2) == (
        "Harbour office",
        "3 Wharf Street",
        "Upstairs",
    )
    assert (first.city, first.postal_code, first.latitude) == ("St. John's", "A1C 0A1", 47.56)
    assert (first.accessibility, first.time_zone) == (["Lift"], "America/St_Johns")
    assert second.address_1 == "8 Cliff Road"
    assert [(p.number, p.extension) for p in of(Phone, row)] == [("+17095550121", "4")]


@pytest.mark.parametrize(
    ("format_", "name", "source_id"),
    [
        ("hsds-json", "hsds.json", SAFE_HOUSE),
        ("hsds-csv", "hsds_csv", "SRV2"),
        ("icarol", "icarol.csv", "A500"),
        ("airs-xml", "airs.xml", "SV-3"),
    ],
)
def test_a_confidential_place_keeps_its_region_and_nothing_else(
    imported: Any, world: Any, db: Any, format_: str, name: str, source_id: str
) -> None:
    """R20: neither a column nor a text that repeats it, nor a remark, nor the audit."""
    run = imported(format_, EXAMPLES / name)
    row = service(source_id)
    [place] = places_of(row)
    assert (place.kind, place.is_confidential) == ("redacted", True)
    assert (place.region, place.address_1, place.latitude) in (
        ("NL", "", None),
        ("NS", "", None),
        ("SK", "", None),
    )
    held = whole_directory(db)
    assert [secret for secret in SECRETS if secret in held] == []
    assert any(reason == "address_withheld" for _id, reason, _refused in reasons(run, world))
    assert db.session.get_one(type(row.organization), row.organization_id).is_confidential
    assert db.session.scalars(select(Location).where(Location.is_confidential)).all() == [place]
