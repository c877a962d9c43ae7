"""Bad rows are refused or repaired one by one, the error file says why, and the rest is imported."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from casework.importing import queries, refusals
from casework.importing.reading import files
from casework.importing.reading.hsds_json import HsdsJson
from casework.importing.reading.reasons import Reason
from casework.importing.reading.records import Read
from casework.importing.reading.taking import Taker
from tests.importing.conftest import organization, reasons, service

Written = Callable[..., Path]
HEAD = "ResourceAgencyNum,PublicName,AgencyDescription\n"


def nested(id_: str, name: Any = "Soup", **more: Any) -> dict[str, Any]:
    """Make a nested service of one agency."""
    return {"id": id_, "name": name, "organization": {"id": "O1", "name": "Kitchen"}} | more


def test_rows_without_what_is_required_are_refused_alone(
    imported: Any, written: Written, world: Any
) -> None:
    rows = [
        {"name": "No id", "organization": {"id": "O1", "name": "Kitchen"}},
        nested("S1", ""),
        {"id": "S2", "name": "No organisation"},
        nested("S3", {"a": "text"}),
        nested("S4" + "x" * 200),
        nested("S5"),
        nested("S5", "The same id again"),
    ]
    run = imported("hsds-json", written("a.json", json.dumps(rows)))
    assert (run.state, run.written, run.refused) == ("done", 1, 6)
    assert {reason for _id, reason, _refused in reasons(run, world)} == {
        "no_id",
        "no_name",
        "no_organization",
        "not_text",
        "too_long",
        "duplicate_id",
    }
    assert service("S5").name_en == "Soup"


def test_a_broken_element_is_refused_and_the_next_one_is_found(
    imported: Any, written: Written, world: Any
) -> None:
    good = json.dumps(nested("S1"))
    broken = '{"id": "S2", "name": "Half, "organization": }'
    text = f"[{good},\n{broken},\n{json.dumps(nested('S3'))}]"
    run = imported("hsds-json", written("a.json", text))
    assert (run.written, run.refused) == (2, 1)
    assert reasons(run, world) == [("", "malformed", True)]


def test_a_file_that_ends_in_the_middle_makes_nothing_inactive(
    imported: Any, written: Written, world: Any
) -> None:
    whole = [nested(f"S{number}") for number in range(4)]
    imported("hsds-json", written("a.json", json.dumps(whole)))
    text = json.dumps(whole[:3])
    run = imported("hsds-json", written("a.json", text[:-60]))
    assert run.written == 2
    assert ("", "cut_short", True) in reasons(run, world)
    assert run.vanished == 0
    assert service("S3").is_active


def deep(levels: int) -> Any:
    value: Any = "deep"
    for _ in range(levels):
        value = {"deeper": value}
    return value


def test_ten_levels_where_a_text_should_be_are_left_out_or_refused(
    imported: Any, written: Written, world: Any
) -> None:
    rows = [
        nested("S1", deep(10)),
        nested("S2", description=deep(10)),
        nested("S3", invented=deep(10)),
        nested("S4", invented=deep(40)),
    ]
    run = imported("hsds-json", written("a.json", json.dumps(rows)))
    assert (run.written, run.refused, run.repaired) == (2, 2, 1)
    assert set(reasons(run, world)) == {
        ("S1", "not_text", True),
        ("", "too_deep", True),
        ("S2", "not_text", False),
    }


def test_a_hundred_thousand_levels_do_not_exhaust_the_reader(written: Written) -> None:
    depth = 100_000
    text = f'[{{"id": "S1", "x": {"[" * depth}{"]" * depth}}}, {json.dumps(nested("S2"))}]'
    first, second = HsdsJson(written("a.json", text)).rows()
    assert [remark.reason for remark in first.remarks] == ["too_deep"]
    assert second.listed is not None


def test_wrong_encoding_is_repaired_row_by_row(imported: Any, written: Written, world: Any) -> None:
    rows = (HEAD + "1,Épicerie,Un été\n").encode() + "2,Café Noël,L’œuvre\n".encode("cp1252")
    run = imported("icarol", written("a.csv", rows), language="fr")
    assert (run.written, run.refused, run.repaired) == (2, 0, 1)
    assert reasons(run, world) == [("2", "wrong_encoding", False)]
    assert service("1").name_fr == "Épicerie"
    assert (service("2").name_fr, service("2").description_fr) == ("Café Noël", "L’œuvre")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_file_with_a_mark_is_read_by_it(imported: Any, written: Written, encoding: str) -> None:
    imported("icarol", written("a.csv", (HEAD + "1,Épicerie,Un été\n").encode(encoding)))
    assert service("1").name_en == "Épicerie"


def test_broken_quoting_costs_its_own_row_only(imported: Any, written: Written, world: Any) -> None:
    rows = '1,First,Good\n2,"Never closed,Bad\n3,Third,"Two\nlines"\n4,"Fo"urth,Bad\n5,Fifth,Good\n'
    run = imported("icarol", written("a.csv", HEAD + rows))
    assert (run.written, run.refused) == (3, 2)
    assert {reason for _id, reason, _refused in reasons(run, world)} == {"broken_quoting"}
    assert service("3").description_en == "Two\nlines"
    assert [remark.line for remark in queries.remarks(world.marc.actor, run.id)] == [3, 6]


def test_bare_carriage_returns_are_repaired(imported: Any, written: Written, world: Any) -> None:
    run = imported("icarol", written("a.csv", HEAD + "1,First,One\rtwo\x00\n2,Second,\r\n"))
    assert (run.written, run.refused, run.repaired) == (2, 0, 1)
    assert service("1").description_en == "One two"


def test_a_file_of_an_old_macintosh_is_read(imported: Any, written: Written) -> None:
    run = imported(
        "icarol", written("a.csv", (HEAD + "1,First,a\n2,Second,b\n").replace("\n", "\r"))
    )
    assert run.written == 2


def test_a_row_with_too_few_or_too_many_columns_is_refused(
    imported: Any, written: Written, world: Any
) -> None:
    run = imported("icarol", written("a.csv", HEAD + "1,First\n2,Second,b,c\n3,Third,c\n"))
    assert (run.written, run.refused) == (1, 2)
    assert {reason for _id, reason, _refused in reasons(run, world)} == {"wrong_columns"}


def test_a_broken_agency_of_xml_is_refused_alone(
    imported: Any, written: Written, world: Any
) -> None:
    def agency(number: int, inside: str = "") -> str:
        return (
            f"<Agency><Key>A{number}</Key><Name>Agency {number}</Name><Site><Key>P{number}</Key>"
            f"<SiteService><Key>S{number}</Key><Name>Service</Name>{inside}</SiteService></Site></Agency>"
        )

    text = f"<Source>{agency(1)}{agency(2, '<Broken>')}{agency(3, '&unknown;')}{agency(4)}</Source>"
    run = imported("airs-xml", written("a.xml", text))
    assert (run.written, run.refused) == (2, 2)
    assert {reason for _id, reason, _refused in reasons(run, world)} == {"malformed"}


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE Source [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE Source SYSTEM "file:///etc/passwd">',
    ],
)
def test_declared_entities_refuse_the_file(
    imported: Any, written: Written, declaration: str
) -> None:
    text = f"<?xml version='1.0'?>{declaration}<Source><Agency><Key>A</Key></Agency></Source>"
    run = imported("airs-xml", written("a.xml", text))
    assert (run.state, run.failure, run.written) == ("failed", "entities", 0)


def zipped(path: Path, **parts: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "."), text)
    return path


def test_a_zip_is_read_without_being_unpacked(imported: Any, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", a__json=json.dumps([nested("S1")]), readme__txt="no")
    assert imported("hsds-json", path).written == 1


def test_a_zip_bomb_is_refused(imported: Any, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", a__json="0" * (8 << 20))
    run = imported("hsds-json", path)
    assert (run.state, run.failure) == ("failed", "zip_bomb")


def test_a_zip_that_lies_about_its_size_is_refused(
    imported: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path / "a.zip", a__json=json.dumps([nested(f"S{n}") for n in range(90)]))
    reader = HsdsJson(path)
    monkeypatch.setattr(files, "LARGEST", 1_000)
    with pytest.raises(Exception, match="zip_bomb"):
        list(reader.rows())


def test_a_damaged_zip_is_said(imported: Any, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", a__json=json.dumps([nested("S1")]))
    path.write_bytes(path.read_bytes()[:-30] + b"x" * 30)
    assert imported("hsds-json", path).state == "failed"


def test_a_table_without_the_columns_of_its_format_is_said(imported: Any, written: Written) -> None:
    run = imported("icarol", written("a.csv", "colour,size\nred,4\n"))
    assert (run.state, run.failure) == ("failed", "no_columns")


def test_single_values_that_make_no_sense_are_left_out(
    imported: Any, written: Written, world: Any
) -> None:
    row = nested(
        "S1",
        minimum_age="eleven",
        maximum_age=-4,
        email="a@b\nBcc: c@d",
        url="javascript:alert(1)",
        phones=[{"number": "call us"}],
        schedules=[{"freq": "WEEKLY", "opens_at": "9:75", "closes_at": "17h00", "dtstart": "soon"}],
        capacities=[{"available": 3}, {"available": -1, "updated": "2026-11-01"}],
    )
    run = imported("hsds-json", written("a.json", json.dumps([row])))
    assert (run.written, run.refused, run.repaired) == (1, 0, 1)
    found = service("S1")
    assert (found.minimum_age, found.maximum_age, found.email, found.url) == (None, None, "", "")
    said = {reason for _id, reason, _refused in reasons(run, world)}
    assert said == {"bad_number", "bad_email", "bad_phone", "bad_time"}


def test_the_error_file_says_where_and_why_and_runs_nothing(
    imported: Any, written: Written, world: Any
) -> None:
    rows = [nested("=HYPERLINK(1)", ""), nested("@cmd", "")]
    run = imported("hsds-json", written("=a.json", json.dumps(rows)))
    said = "".join(refusals.lines_of(queries.remarks(world.marc.actor, run.id), 0))
    assert said.startswith("\ufeffFile,Line,Id,")
    assert "'=a.json,1,'=HYPERLINK(1),name,Refused,It has no name." in said
    assert "'@cmd" in said


def test_a_refused_row_does_not_make_its_service_vanish(imported: Any, written: Written) -> None:
    imported("icarol", written("a.csv", HEAD + "1,First,a\n2,Second,b\n3,Third,c\n"))
    run = imported("icarol", written("a.csv", HEAD + '1,First,a\n2,"Second,b\n'))
    assert (run.written, run.refused, run.vanished) == (1, 1, 1)
    assert (service("2").is_active, service("3").is_active) == (True, False)
    assert organization("2").is_active
    assert not organization("3").is_active


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("info@maison-été.example", "info@xn--maison-t-h1ab.example"),
        ("zoé@maison.example", ""),
    ],
)
def test_an_address_is_kept_in_the_form_in_which_mail_can_reach_it(typed: str, kept: str) -> None:
    take = Taker(Read("", 0))
    assert take.email(typed, "email") == kept
    assert [said.reason for said in take.read.remarks] == ([] if kept else [Reason.BAD_EMAIL])
