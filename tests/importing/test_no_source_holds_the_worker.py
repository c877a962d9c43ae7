"""However a source is broken or how much it hides, twice of it takes about twice as long."""

import json
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from casework import database
from casework.extensions import db
from casework.importing import policy, queries, services, tasks
from casework.importing.models import ImportFormat
from casework.importing.reading import repeats
from casework.importing.reading.files import Parts
from casework.importing.reading.hsds_json import HsdsJson
from casework.importing.reading.reasons import Reason, Unreadable
from casework.importing.reading.records import Read
from casework.importing.reading.repeats import Repeats, repeats_of
from casework.importing.reading.taking import Taker


def cost(path: Path) -> float:
    """Read a source to its end; give the seconds it took this process."""
    began = time.process_time()
    assert sum(1 for _row in HsdsJson(path).rows())
    return time.process_time() - began


CUT = json.dumps({"id": "S", "name": "Soup", "description": "word " * 60})[:200] + "\n"


@pytest.mark.parametrize("unit", ['{"id":"a\n', CUT, '{"x":1,}', '{"id":"a",},\n'])
def test_twice_as_many_broken_elements_take_about_twice_as_long(tmp_path: Path, unit: str) -> None:
    took = []
    for size in (40_000, 80_000, 160_000):
        path = tmp_path / f"{size}.json"
        path.write_text("[" + unit * (size // len(unit)), encoding="utf-8")
        took.append(cost(path))
    assert took[2] < 12 * max(took[0], 0.02), took


def one_agency(folder: Path, count: int) -> Path:
    """Write an agency of which every place is hidden."""
    path = folder / f"{count}.json"
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            address = {"address_1": f"{number} chemin du Lac", "postal_code": "H2X 1Y4"}
            place = {"id": f"P{number}", "location_type": "redacted", "addresses": [address]}
            place["name"] = f"Maison numero {number}"
            service = {
                "id": f"S{number}",
                "name": "Beds",
                "organization": {"id": "O", "name": "Network"},
                "service_at_locations": [{"location": place}],
            }
            file.write(json.dumps(service) + "\n")
    return path


def test_an_agency_with_a_thousand_hidden_lines_is_read_without_a_cliff(tmp_path: Path) -> None:
    assert cost(one_agency(tmp_path, 600)) < 30 * max(cost(one_agency(tmp_path, 150)), 0.05)


def test_ten_thousand_lines_are_looked_for_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Repeats(f"{number} chemin du Lac" for number in range(10_000))
    passes: list[str] = []
    bare = repeats._bare
    monkeypatch.setattr(repeats, "_bare", lambda text: passes.append(text) or bare(text))
    assert found.without("Come in, the door is open. " * 50) == "Come in, the door is open. " * 50
    assert len(passes) == 1
    assert found.without("At 9999, Chemin du lac!") == "At …!"


@pytest.mark.parametrize(
    "text",
    [
        "12 chemin du Lac",
        "at 12, CHEMIN du lac.",
        "12\n chemin - du / Lac",
        "112 chemin du Lacs",
        "12 chem\u00adin du Lac",
        "12 chemin H2X1Y4 du Lac",
    ],
)
def test_a_line_is_found_however_it_is_spelled(text: str) -> None:
    """R20."""
    take = Taker(Read("", 0))
    clean = take.withheld(text, ["12 chemin du Lac", "H2X 1Y4"], "description")
    assert "Lac" not in clean
    assert "chem" not in clean.casefold()
    assert [remark.reason for remark in take.read.remarks] == [Reason.ADDRESS_WITHHELD]


def test_accents_and_ligatures_hide_no_line() -> None:
    assert repeats_of(("9 rue du Sacré-Cœur",)).without("au 9, rue du Sacre Coeur") == "au …"


def test_what_is_made_of_hidden_lines_alone_ends_and_tells_none() -> None:
    nested = "12 " * 500 + "Chemin Elm " * 500
    assert repeats_of(("12 Chemin Elm",)).without(nested) == "…"


def many(path: Path, count: int, said: int) -> Path:
    """Write a zip of so many entries, which says it has others, also as zip64."""
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 6, *[0] * 6)[
        :46
    ]
    listed = b"".join(entry.ljust(46, b"\0") + f"{number:06x}".encode() for number in range(count))
    end = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, said, said, len(listed), 0)
    end += struct.pack("<4sIQI", b"PK\x06\x07", 0, len(listed), 1)
    most = (0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    path.write_bytes(listed + end + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, *most, 0))
    return path


@pytest.mark.parametrize("said", [40_000, 1])
def test_a_zip_of_very_many_entries_is_refused_before_they_are_listed(
    tmp_path: Path, said: int, peak_of: Callable[..., int]
) -> None:
    path = many(tmp_path / "a.zip", 40_000, said)

    def refused() -> None:
        with pytest.raises(Unreadable) as problem:
            Parts(path, ".json")
        assert problem.value.reason is Reason.ZIP_BOMB

    assert peak_of(refused) < 1 << 20


def test_a_batch_ends_when_its_rows_take_long(
    world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that what a turn has done is kept before its task is stopped."""

    class Slow:
        percent, is_whole = 0, True

        def rows(self) -> Iterator[Read]:
            for number in range(9):
                yield Read("a", number).refuse(Reason.NO_ID)

    monkeypatch.setattr(policy, "BATCH_SECONDS", 0.0)
    monkeypatch.setattr(tasks, "open_source", lambda *_given: Slow())
    run = services.start_import(
        world.marc.actor, format_=ImportFormat.ICAROL, source="a", language="en"
    )
    run_id = run.id
    database.commit()
    assert tasks.work_on(world.north.id, run_id, tmp_path, seconds=0)
    db.session.expire_all()
    assert queries.run(world.marc.actor, run_id).position == 1
