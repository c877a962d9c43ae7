"""However many places a source hides: their lines are held sealed on disk, not in memory, and not in clear (R20)."""

import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.importing.models import ImportFormat
from casework.importing.reading.hidden import Hidden
from casework.importing.reading.sources import open_source
from casework.vault.format import Tampered

# The fewer fill what is read, written and remembered at once, too: patterns, and rows that wait.
SOME, FEW, MANY = 60, 1_200, 12_000
LINE = "Refuge Street"
WORDS = "soup for whoever comes " * 4


def nested(folder: Path, count: int) -> Path:
    """Write services of which every one is given at a hidden place, as nested JSON."""
    path = folder / f"{count}.json"
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            address = {"address_1": f"{number} {LINE}", "postal_code": "H2X 1Y4"}
            place = {"id": f"P{number}", "location_type": "redacted", "addresses": [address]}
            service = {
                "id": f"S{number}",
                "name": "Soup",
                "description": f"{WORDS} at {number} {LINE}.",
                "organization": {"id": f"O{number}", "name": "Kitchen"},
                "service_at_locations": [{"location": place}],
            }
            file.write(json.dumps(service) + "\n")
    return path


def tables(folder: Path, count: int) -> Path:
    """Write the same as tables."""
    path = folder / f"tables-{count}"
    path.mkdir()
    numbers = range(count)
    _table(path / "organization.csv", ["id", "name"], ([f"O{n}", "Kitchen"] for n in numbers))
    _table(
        path / "service.csv",
        ["id", "organization_id", "name", "description"],
        ([f"S{n}", f"O{n}", "Soup", f"{WORDS} at {n} {LINE}."] for n in numbers),
    )
    _table(
        path / "location.csv",
        ["id", "location_type", "name", "organization_id"],
        ([f"P{n}", "redacted", f"House {n} of rest", f"O{n}"] for n in numbers),
    )
    _table(
        path / "address.csv",
        ["id", "location_id", "address_1"],
        ([f"A{n}", f"P{n}", f"{n} {LINE}"] for n in numbers),
    )
    _table(
        path / "service_at_location.csv",
        ["id", "service_id", "location_id"],
        ([f"L{n}", f"S{n}", f"P{n}"] for n in numbers),
    )
    return path


def wide(folder: Path, count: int) -> Path:
    """Write the same as iCarol’s wide export."""
    path = folder / f"{count}.csv"
    names = ["ResourceAgencyNum", "PublicName", "TaxonomyLevelName", "ParentAgencyNum"]
    names += ["AgencyDescription", "PhysicalAddress1", "PhysicalAddressIsPrivate"]
    _table(
        path,
        names,
        (
            row
            for n in range(count)
            for row in (
                [f"A{n}", "Kitchen", "Agency", "", f"{WORDS} at {n} {LINE}.", "", ""],
                [f"S{n}", "Soup", "Program", f"A{n}", "", f"{n} {LINE}", "Yes"],
            )
        ),
    )
    return path


def tree(folder: Path, count: int) -> Path:
    """Write the same as AIRS XML."""
    path = folder / f"{count}.xml"
    with path.open("w", encoding="utf-8") as file:
        file.write("<Source>")
        for n in range(count):
            file.write(
                f"<Agency><Key>O{n}</Key><Name>Kitchen</Name>"
                f"<AgencyDescription>{WORDS} at {n} {LINE}.</AgencyDescription>"
                f'<Site><Key>P{n}</Key><PhysicalAddress Confidential="true"><Line1>{n} {LINE}</Line1>'
                f"</PhysicalAddress><SiteService><Key>S{n}</Key><Name>Soup</Name></SiteService>"
                "</Site></Agency>"
            )
        file.write("</Source>")
    return path


def _table(path: Path, names: list[str], rows: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)


FORMATS = [
    (ImportFormat.HSDS_JSON, nested),
    (ImportFormat.HSDS_CSV, tables),
    (ImportFormat.ICAROL, wide),
    (ImportFormat.AIRS_XML, tree),
]


def read(format_: ImportFormat, path: Path) -> int:
    """Read a source to its end; count its services, of which none tells a hidden line."""
    found = 0
    for row in open_source(format_, path).rows():
        assert LINE not in repr(row.listed)
        found += row.listed is not None
    return found


@pytest.mark.parametrize(("format_", "write"), FORMATS)
def test_a_source_that_hides_every_place_is_read_and_tells_none(
    format_: ImportFormat, write: Callable[[Path, int], Path], tmp_path: Path
) -> None:
    assert read(format_, write(tmp_path, SOME)) == SOME


@pytest.mark.soak
@pytest.mark.parametrize(("format_", "write"), FORMATS)
def test_ten_times_the_hidden_places_take_no_more_memory(
    format_: ImportFormat,
    write: Callable[[Path, int], Path],
    tmp_path: Path,
    peak_of: Callable[..., int],
) -> None:
    few, many = write(tmp_path, FEW), write(tmp_path, MANY)
    assert peak_of(read, format_, many) < peak_of(read, format_, few) * 1.5


def test_remembering_ten_times_the_lines_takes_no_more_memory(peak_of: Callable[..., int]) -> None:
    def remember(count: int) -> None:
        with Hidden() as hidden:
            for number in range(count):
                hidden.add(f"Agency of {number}", [f"{number} {LINE}"])
                assert hidden.of(f"Agency of {number}") == [f"{number} {LINE}"]

    assert peak_of(remember, 3_000) < peak_of(remember, 300) * 1.5


def on_disk(hidden: Hidden) -> bytes:
    """Give everything that the file of hidden lines holds, written out first."""
    hidden._rows.commit()
    return b"".join(path.read_bytes() for path in Path(hidden._folder.name).iterdir())


def test_the_file_holds_neither_lines_nor_agencies_in_clear_and_is_gone_at_the_end() -> None:
    with Hidden() as hidden:
        for number in range(400):
            hidden.add(f"Agency of {number}", [f"{number} {LINE}", "H2X 1Y4"])
        folder, content = Path(hidden._folder.name), on_disk(hidden)
        assert hidden.of("Agency of 7") == [f"7 {LINE}", "H2X 1Y4"]
    assert len(content) > 400 * 100
    assert not any(word in content for word in (b"Refuge", b"H2X", b"Agency of"))
    assert not folder.exists()


def test_lines_of_one_agency_moved_to_another_do_not_open() -> None:
    with Hidden() as hidden:
        hidden.add("A", ["1 Refuge Street"])
        hidden.add("B", ["2 Refuge Street"])
        hidden._rows.execute("UPDATE hidden SET owner = ?", (hidden._key.name("B"),))
        with pytest.raises(Tampered):
            hidden.of("B")


# Lone surrogates stand for bytes of a damaged file.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=40)


@given(said=st.lists(st.tuples(st.sampled_from("ABC"), st.lists(TEXTS, max_size=3)), max_size=6))
def test_what_was_remembered_comes_back_once_each_in_its_order(
    said: list[tuple[str, list[str]]],
) -> None:
    known: dict[str, dict[str, Any]] = {owner: {} for owner in "ABCD"}
    with Hidden() as hidden:
        for owner, lines in said:
            hidden.add(owner, lines)
            known[owner] |= dict.fromkeys(lines)
        assert {owner: hidden.of(owner) for owner in known} == {
            o: list(v) for o, v in known.items()
        }
