"""A source made to do harm: it neither fills the memory, nor holds the worker, nor tells where a shelter is."""

import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from casework.directory.capacity_models import Capacity
from casework.importing.reading import airs_xml, hsds_json, icarol
from casework.importing.reading.airs_xml import AirsXml
from casework.importing.reading.hsds_json import HsdsJson
from casework.importing.reading.icarol import Icarol
from casework.importing.refusals import escaped
from tests.importing.conftest import of, organization, places_of, reasons, service
from tests.importing.test_bad_rows import nested

Written = Callable[..., Path]
ADDRESS = "1234, rue de l’Église"
# As somebody else types it.
RETYPED = "1234 rue de l'Eglise"
MEGABYTE = 1 << 20


def hidden_at(place: str, **more: Any) -> list[dict[str, Any]]:
    """Place a service at a confidential location."""
    address = {"address_1": ADDRESS, "city": "Ville", "postal_code": "H2X 1Y4"}
    location = {"id": place, "location_type": "redacted", "addresses": [address | more]}
    return [{"location": location}]


# --- what a source unpacks to, and how long it holds a worker ---------------------------------


def test_a_damaged_stream_in_a_zip_ends_the_import_instead_of_coming_back_for_ever(
    imported: Any, tmp_path: Path
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", json.dumps([nested(f"S{n}") for n in range(200)]))
    content = bytearray(path.read_bytes())
    content[60:120] = b"\xff" * 60
    path.write_bytes(content)
    run = imported("hsds-json", path)
    assert (run.state, run.failure) == ("failed", "bad_zip")


def test_a_few_bytes_of_another_packing_never_become_megabytes(
    tmp_path: Path, peak_of: Callable[..., int]
) -> None:
    """Python’s zipfile unpacks all of a chunk at once, unless it was deflated."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.json", b" " * (24 * MEGABYTE))
    content = bytearray(path.read_bytes())
    entry = content.find(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = content[22:26] = struct.pack("<I", 1_000)
    path.write_bytes(content)

    def read() -> None:
        with pytest.raises(Exception, match="packing"):
            list(HsdsJson(path).rows())

    assert peak_of(read) < 4 * MEGABYTE


def test_a_row_that_never_closes_its_quotes_is_not_kept_in_memory(
    written: Written, peak_of: Callable[..., int]
) -> None:
    path = written("a.csv", "ResourceAgencyNum,PublicName\n" + '1,"' + ("x" * 500_000 + "\n") * 60)
    assert peak_of(lambda: list(Icarol(path).rows())) < 16 * MEGABYTE


@pytest.mark.parametrize(
    ("look", "before", "blank", "after"),
    [
        (lambda text: hsds_json.NEXT.search(text, 1), '{"id": x', "\n", ""),
        (airs_xml.KEYS.findall, "<Key>", " ", "<b"),
        (icarol.LIST.split, "", " ", "x"),
    ],
    ids=["json", "xml", "csv"],
)
def test_four_times_as_much_blank_space_takes_about_four_times_as_long(
    look: Callable[[str], object], before: str, blank: str, after: str
) -> None:
    """It took sixteen times as long: a megabyte of it would have held a worker for days."""

    def least(length: int) -> float:
        text, taken = before + blank * length + after, []
        for _ in range(3):
            began = perf_counter()
            look(text)
            taken.append(perf_counter() - began)
        return min(taken)

    # What is too short to be measured is no ratio.
    assert least(6_000) < 9 * max(least(1_500), 0.0002)


def test_a_row_the_database_cannot_take_is_refused_and_the_rest_is_written(
    imported: Any, written: Written, world: Any
) -> None:
    areas = [{"name": f"Area {number} of a list without end"} for number in range(40_000)]
    rows = [nested("S1"), nested("S2", service_areas=areas), nested("S3")]
    run = imported("hsds-json", written("a.json", json.dumps(rows)))
    assert (run.state, run.written, run.refused) == ("done", 2, 1)
    assert reasons(run, world) == [("S2", "too_long", True)]
    assert service("S3").is_active


def test_what_was_not_read_behind_a_gap_has_not_vanished(written: Written) -> None:
    one = (
        "<Agency><Key>A</Key><Name>N</Name><Site><Key>P</Key><SiteService><Key>S</Key>"
        "<Name>x</Name></SiteService></Site></Agency>"
    )
    gap = " " * (5 * MEGABYTE)
    xml = AirsXml(written("a.xml", f"<Source>{one}{gap}{one}</Source>"))
    text = f"[{json.dumps(nested('S1'))},{gap}{json.dumps(nested('S2'))}]"
    for reader in (xml, HsdsJson(written("a.json", text))):
        *_rest, last = reader.rows()
        assert [remark.reason for remark in last.remarks] == ["too_long"]
        assert not reader.is_whole


# --- what a source says of today ---------------------------------------------------------------


@pytest.mark.parametrize(
    "updated",
    ["2099-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"],
)
def test_places_said_in_the_future_or_before_all_time_are_not_known(
    imported: Any, written: Written, world: Any, updated: str
) -> None:
    """Said tomorrow, they would count as free for years; at the ends of time no page could be drawn."""
    row = nested("S1", capacities=[{"available": 3, "updated": updated}])
    run = imported("hsds-json", written("a.json", json.dumps([row])))
    assert (run.state, run.written) == ("done", 1)
    assert ("S1", "bad_time", False) in reasons(run, world)
    assert of(Capacity, service("S1")) == []


# --- where a shelter is (R20) -------------------------------------------------------------------


def test_a_text_that_comes_before_the_confidential_place_does_not_tell_it(
    imported: Any, written: Written
) -> None:
    rows = [
        nested("S1", description=f"Next to {ADDRESS}"),
        nested("S2", service_at_locations=hidden_at("L1")),
    ]
    imported("hsds-json", written("a.json", json.dumps(rows)))
    assert service("S1").description_en == "Next to …"


@pytest.mark.parametrize("said", [RETYPED, "1234 rue\nde l’église", "H2X1Y4", "h2x-1y4"])
def test_a_confidential_address_that_is_typed_otherwise_is_withheld_too(
    imported: Any, written: Written, said: str
) -> None:
    row = nested("S1", description=f"Come to {said}!", service_at_locations=hidden_at("L1"))
    imported("hsds-json", written("a.json", json.dumps([row])))
    assert service("S1").description_en == "Come to …!"


def test_a_place_that_is_hidden_once_is_not_shown_by_another_row(
    imported: Any, written: Written
) -> None:
    """Two services may give the same place, a batch or an import apart; one of them hides it."""
    shown = hidden_at("L1")
    shown[0]["location"]["location_type"] = "physical"
    shown[0]["location"]["latitude"], shown[0]["location"]["longitude"] = 45.4, -75.7
    imported(
        "hsds-json",
        written("a.json", json.dumps([nested("S1", service_at_locations=hidden_at("L1"))])),
    )
    imported("hsds-json", written("a.json", json.dumps([nested("S1", service_at_locations=shown)])))
    [place] = places_of(service("S1"))
    assert (place.is_confidential, place.address_1, place.latitude) == (True, "", None)


def test_the_region_of_a_confidential_place_is_a_province_and_no_half_address(
    imported: Any, written: Written
) -> None:
    place = hidden_at("L1", state_province="Ville de Cache-Cache, QC")
    imported("hsds-json", written("a.json", json.dumps([nested("S1", service_at_locations=place)])))
    assert [place.region for place in places_of(service("S1"))] == [""]
    assert organization("O1").region == ""


@pytest.mark.parametrize("kind", ["Private", "withheld", "confidentielle"])
def test_other_words_for_redacted_hide_a_place_too(
    imported: Any, written: Written, kind: str
) -> None:
    place = hidden_at("L1")
    place[0]["location"]["location_type"] = kind
    imported("hsds-json", written("a.json", json.dumps([nested("S1", service_at_locations=place)])))
    assert [place.is_confidential for place in places_of(service("S1"))] == [True]


def test_no_text_of_an_airs_agency_tells_where_one_of_its_sites_is(
    imported: Any, written: Written
) -> None:
    def site(number: int, mark: str, line: str) -> str:
        return (
            f"<Site><Key>P{number}</Key><Name>Site</Name><PhysicalAddress{mark}><Line1>{line}</Line1>"
            f"</PhysicalAddress><SiteService><Key>S{number}</Key><Name>Help</Name>"
            f"<Description>Near {ADDRESS}</Description></SiteService></Site>"
        )

    mark, open_street = ' Confidential="True"', "5 Open Street"
    text = (
        f"<Source><Agency><Key>A1</Key><Name>Agency</Name>"
        f"<AgencyDescription>We are at {ADDRESS}</AgencyDescription>"
        f"{site(1, mark, ADDRESS)}{site(2, '', open_street)}</Agency></Source>"
    )
    imported("airs-xml", written("a.xml", text))
    assert organization("A1").description_en == "We are at …"
    assert [service(id_).description_en for id_ in ("S1", "S2")] == ["Near …", "Near …"]


COLUMNS = (
    "ResourceAgencyNum,PublicName,AgencyDescription,TaxonomyLevelName,ParentAgencyNum,"
    "ConnectsToSiteNum,PhysicalAddress1,PhysicalCity,PhysicalAddressIsPrivate\n"
)


def test_no_row_of_an_icarol_agency_tells_the_private_address_of_another(
    imported: Any, written: Written
) -> None:
    rows = (
        f'1,Agency,"We are at {ADDRESS}",Agency,,,,,\n'
        f'3,Beds,"Come to {RETYPED}",Program,1,2,,,\n'
        f'2,Home,,Site,1,,"{ADDRESS}",Ville,Yes\n'
    )
    imported("icarol", written("a.csv", COLUMNS + rows))
    assert organization("1").description_en == "We are at …"
    assert service("3").description_en == "Come to …"


@pytest.mark.parametrize("mark", ["-1", "X", "Checked", "Oui"])
def test_a_mark_of_privacy_that_is_not_a_plain_no_hides_the_address(
    imported: Any, written: Written, mark: str
) -> None:
    """What is unknown is never taken for safe."""
    rows = f'1,Agency,,Agency,,,"{ADDRESS}",Ville,{mark}\n2,Open,,Agency,,,5 Open Street,Ville,No\n'
    imported("icarol", written("a.csv", COLUMNS + rows))
    [hidden], [shown] = places_of(service("1")), places_of(service("2"))
    assert (hidden.is_confidential, hidden.address_1, hidden.city) == (True, "", "")
    assert (shown.is_confidential, shown.address_1) == (False, "5 Open Street")


# --- the file of refused rows ---------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["1;=HYPERLINK(9)", "1\t@cmd", "1; +1", "a\n-1"])
def test_a_spreadsheet_in_french_finds_no_formula_behind_a_semicolon(cell: str) -> None:
    assert "'" in escaped(cell)
    assert escaped(cell).replace("'", "") == cell


@pytest.mark.parametrize("order", [("S1", "S2"), ("S2", "S1")])
def test_tables_whose_locations_name_no_owner_tell_nothing_either(
    imported: Any, tmp_path: Path, order: tuple[str, str]
) -> None:
    """HSDS 3.0 lets a location stand without its organisation; its services say whose it is."""
    tables = {
        "organization": "id,name\nO1,Home\n",
        "service": "id,organization_id,name,description\n"
        + "".join(f'{id_},O1,Help,"Near {RETYPED}"\n' for id_ in order),
        "location": "id,location_type\nL1,redacted\n",
        "address": f'id,location_id,address_1,city\nD1,L1,"{ADDRESS}",Ville\n',
        "service_at_location": "id,service_id,location_id\nX1,S2,L1\n",
    }
    for name, rows in tables.items():
        (tmp_path / f"{name}.csv").write_text(rows)
    imported("hsds-csv", tmp_path)
    assert [service(id_).description_en for id_ in ("S1", "S2")] == ["Near …", "Near …"]


def test_a_link_to_a_map_does_not_tell_it(imported: Any, written: Written) -> None:
    at = hidden_at("L1", address_1="1234 Hidden Lane")
    url = "https://maps.example/?q=1234%20Hidden+Lane"
    rows = [nested("S1", url=url, service_at_locations=at), nested("S2", url="https://a.example")]
    imported("hsds-json", written("a.json", json.dumps(rows)))
    assert [service(id_).url for id_ in ("S1", "S2")] == ["", "https://a.example"]


def test_no_name_turns_the_phone_beside_it_around(
    imported: Any, written: Written, world: Any
) -> None:
    """A mark of direction that nobody closes makes what follows read backwards."""
    run = imported("hsds-json", written("a.json", json.dumps([nested("S1", "So\u202eup\u2066")])))
    assert service("S1").name_en == "Soup"
    assert reasons(run, world) == [("S1", "carriage_returns", False)]


def test_a_line_end_that_only_some_programs_know_costs_no_row(
    imported: Any, written: Written
) -> None:
    text = "ResourceAgencyNum,PublicName,AgencyDescription\n1,Soup,One\u2028two\x85three\n"
    run = imported("icarol", written("a.csv", text))
    assert (run.written, run.refused) == (1, 0)
    assert service("1").description_en == "One two three"
