"""Whatever bytes a source holds, a reader gives rows or says why not: it never crashes and never keeps a secret."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.importing.models import ImportFormat
from casework.importing.reading.reasons import Unreadable
from casework.importing.reading.records import Read
from casework.importing.reading.sources import open_source
from casework.importing.reading.zones import ZONES, zone_of
from casework.importing.refusals import FORMULA, escaped
from tests.importing.conftest import EXAMPLES

NAMES = {
    ImportFormat.HSDS_JSON: "hsds.json",
    ImportFormat.ICAROL: "icarol.csv",
    ImportFormat.AIRS_XML: "airs.xml",
}
relaxed = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)
FIELDS = [
    "id",
    "name",
    "organization",
    "description",
    "status",
    "minimum_age",
    "phones",
    "schedules",
    "service_areas",
    "languages",
    "service_at_locations",
    "cost_options",
    "attributes",
    "capacities",
    "required_documents",
    "email",
    "url",
]


def rows_of(format_: ImportFormat, path: Path) -> list[Read]:
    """Read a source to its end; what cannot be read at all has a reason."""
    try:
        return list(open_source(format_, path).rows())
    except Unreadable as problem:
        assert problem.reason
        return []


@relaxed
@given(data=st.data(), format_=st.sampled_from(list(NAMES)))
def test_damaged_bytes_never_crash_a_reader(
    tmp_path: Path, data: Any, format_: ImportFormat
) -> None:
    content = bytearray((EXAMPLES / NAMES[format_]).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=6))
    path = tmp_path / NAMES[format_]
    path.write_bytes(content)
    for read in rows_of(format_, path):
        assert read.listed or read.remarks or read.source_id
        if read.listed:
            assert read.listed.source_id
            assert read.listed.name
            assert read.listed.agency.source_id


@relaxed
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, json_values)))
def test_any_json_in_any_field_is_read_or_refused(tmp_path: Path, element: dict[str, Any]) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps(
            [element, {"id": "after", "name": "x", "organization": {"id": "o", "name": "y"}}]
        )
    )
    *_rest, last = rows_of(ImportFormat.HSDS_JSON, path)
    assert last.listed is not None
    assert last.listed.source_id == "after"


@relaxed
@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30),
    st.sampled_from(["redacted", "Redacted", "CONFIDENTIAL"]),
)
def test_a_confidential_place_is_never_read_with_an_address(
    tmp_path: Path, text: str, kind: str
) -> None:
    place = {
        "id": "L",
        "location_type": kind,
        "name": f"name {text}",
        "latitude": 45.1,
        "addresses": [
            {"address_1": f"Long Street {text}", "city": "Nowhere", "postal_code": "K1A 0A1"}
        ],
    }
    element = {
        "id": "S",
        "name": "x",
        "organization": {"id": "o", "name": "y"},
        "service_at_locations": [{"location": place}],
    }
    path = tmp_path / "a.json"
    path.write_text(json.dumps([element]))
    [read] = rows_of(ImportFormat.HSDS_JSON, path)
    assert read.listed is not None
    held = vars(read.listed.places[0])
    assert {name: value for name, value in held.items() if value} == {
        "source_id": "L",
        "kind": "redacted",
        "country": "CA",
    }


@given(st.text(max_size=12))
def test_no_cell_of_the_error_file_begins_as_a_formula(text: str) -> None:
    assert not escaped(text).lstrip(" ").startswith(FORMULA)


@given(st.sampled_from(sorted(ZONES)), st.text(max_size=8) | st.sampled_from(["-5", "-3:30", "Z"]))
def test_a_region_always_has_one_of_its_own_zones(region: str, offset: str) -> None:
    zone, _is_its_own = zone_of(region, offset, otherwise="America/Toronto")
    assert zone in ZONES[region]


@pytest.mark.parametrize(
    ("region", "offset", "wanted", "is_its_own"),
    [
        ("SK", "-6", "America/Regina", True),
        ("Terre-Neuve-et-Labrador", "-03:30", "America/St_Johns", True),
        ("NL", "-4", "America/Goose_Bay", True),
        ("ON", "-6", "America/Winnipeg", True),
        ("QC", "-8", "America/Toronto", False),
        ("YT", "-7", "America/Whitehorse", True),
        ("", "-8", "America/Vancouver", True),
        ("", "", "America/Toronto", True),
    ],
)
def test_an_offset_becomes_a_zone_by_region(
    region: str, offset: str, wanted: str, is_its_own: bool
) -> None:
    assert zone_of(region, offset, otherwise="America/Toronto") == (wanted, is_its_own)


def test_memory_does_not_grow_with_the_file(tmp_path: Path, peak_of: Callable[..., int]) -> None:
    """Ten times as many rows, and the same memory within a little."""

    def source(rows: int) -> Path:
        path = tmp_path / f"{rows}.json"
        with path.open("w") as file:
            file.write("[")
            for number in range(rows):
                element = {
                    "id": f"S{number}",
                    "name": "x",
                    "description": "word " * 60,
                    "organization": {"id": f"O{number}", "name": "y"},
                }
                file.write(("," if number else "") + json.dumps(element))
            file.write("]")
        return path

    def read(path: Path) -> int:
        return sum(1 for _row in open_source(ImportFormat.HSDS_JSON, path).rows())

    small, large = source(1_000), source(10_000)
    assert peak_of(read, large) < peak_of(read, small) * 1.5
