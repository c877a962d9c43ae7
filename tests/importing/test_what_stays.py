"""What an import never takes away, and never takes in: people’s own words, secrets, and more than fits."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from casework import database
from casework.directory.capacity_models import Capacity
from casework.extensions import db as database_extension
from casework.importing import policy, services, tasks
from casework.importing.models import ImportFormat
from casework.importing.reading import files
from casework.importing.reading.files import Parts
from casework.importing.reading.reasons import Reason, Unreadable
from casework.importing.reading.records import Read
from casework.security import Actor
from tests.importing.conftest import of, organization, reasons, service

Written = Callable[..., Path]
LANE, ALLEY = "12 Hidden Lane", "40 Secret Alley"
DAY_AND_NIGHT = {"freq": "DAILY", "opens_at": "00:00", "closes_at": "23:59"}


def nested(id_: str, agency: str = "O", **more: Any) -> dict[str, Any]:
    """Make a nested service of an agency that gives its phone, at a place in Ontario."""
    return {
        "id": id_,
        "name": f"Service {id_}",
        "organization": {"id": agency, "name": "Kitchen", "phones": [{"number": "519-555-0130"}]},
        "service_at_locations": [{"location": place(id_)}],
    } | more


def place(id_: str, line: str = "1 Open Street", **more: Any) -> dict[str, Any]:
    address = {"address_1": line, "city": "Kenora", "state_province": "ON"}
    return {"id": f"L{id_}", "location_type": "physical", "addresses": [address]} | more


def hidden(id_: str, line: str) -> dict[str, Any]:
    """Make a service that is given at a confidential place."""
    at = [{"location": place(id_, line, location_type="redacted")}]
    return nested(id_, service_at_locations=at)


def source(written: Written, *rows: dict[str, Any]) -> Path:
    return written("a.json", json.dumps(rows))


def test_what_people_of_the_service_said_of_a_place_outlives_every_import(
    imported: Any, written: Written, db: Any
) -> None:
    """Features are their word: no source knows them, so none takes them away."""
    imported("hsds-json", source(written, nested("1")))
    service("1").features = ["pets"]
    db.session.flush()
    imported("hsds-json", source(written, nested("1", name="Renamed")))
    assert (service("1").name_en, service("1").features) == ("Renamed", ["pets"])


def test_an_agency_that_hid_a_place_once_stays_confidential(
    imported: Any, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20: whichever of its services comes first, later in the file or in a later file."""
    monkeypatch.setattr(policy, "BATCH", 1)
    imported("hsds-json", source(written, hidden("1", LANE), nested("2")))
    assert organization("O").is_confidential
    imported("hsds-json", source(written, nested("1"), nested("2")))
    assert organization("O").is_confidential


def test_no_text_of_an_agency_repeats_any_of_its_hidden_addresses(
    imported: Any, written: Written, world: Any
) -> None:
    """R20: those of other services too, and of all of them."""
    told = nested("3", description=f"Ring at {LANE}, or walk to {ALLEY.upper()}.")
    run = imported("hsds-json", source(written, hidden("1", LANE), hidden("2", ALLEY), told))
    assert service("3").description_en == "Ring at …, or walk to …."
    assert ("3", "address_withheld", False) in reasons(run, world)


def test_an_agency_named_in_short_keeps_its_phone_its_zone_and_its_holidays(
    imported: Any, written: Written
) -> None:
    """A nested organisation is often a mere stub, and a service may stand at no place at all."""
    west = [{"location": place("1", longitude=-94.5, latitude=49.8)}]
    imported("hsds-json", source(written, nested("1", service_at_locations=west)))
    before = organization("O")
    kept = (before.phone, before.region, before.time_zone, before.holidays_of)
    assert kept == ("+15195550130", "ON", "America/Winnipeg", "ON")
    stub = nested("1", organization={"id": "O", "name": "Kitchen"}, service_at_locations=[])
    imported("hsds-json", source(written, stub))
    after = organization("O")
    assert (after.phone, after.region, after.time_zone, after.holidays_of) == kept


def test_a_file_in_which_nothing_can_be_used_makes_nothing_inactive(
    imported: Any, written: Written
) -> None:
    """A wrong file is a mistake far sooner than a directory that has vanished."""
    imported("hsds-json", source(written, nested("1")))
    run = imported("hsds-json", source(written, {"name": "without an id"}))
    assert (run.state, run.written, run.refused, run.vanished) == ("done", 0, 1, 0)
    assert service("1").is_active


def test_the_same_id_in_a_later_batch_is_refused_too(
    imported: Any, written: Written, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "BATCH", 1)
    again = nested("1", name="The same id again")
    run = imported("hsds-json", source(written, nested("1"), nested("2"), again))
    assert (run.written, run.refused) == (2, 1)
    assert reasons(run, world) == [("1", "duplicate_id", True)]
    assert service("1").name_en == "Service 1"


def test_an_import_of_a_command_is_never_taken_by_a_worker(world: Any) -> None:
    """Its file lies where only that command finds it: a worker would end it as lost."""
    services.start_import(
        Actor.command(world.north.id), format_=ImportFormat.ICAROL, source="a", language="en"
    )
    assert services.claim_due(world.north.id) == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [({}, True), ({"valid_to": "2026-12-31"}, False), ({"closes_at": "22:00"}, False)],
)
def test_open_day_and_night_is_said_for_good_or_it_is_not_known(
    imported: Any, written: Written, more: dict[str, str], expected: bool
) -> None:
    """What ends in winter is no promise for a night after it."""
    imported("hsds-json", source(written, nested("1", schedules=[DAY_AND_NIGHT | more])))
    assert service("1").is_open_all_hours is expected


def test_places_are_what_was_said_last_and_an_older_count_neither_wins_nor_is_added(
    imported: Any, written: Written
) -> None:
    said = [
        {"available": number, "updated": f"2026-11-{day}T10:00:00Z", "unit": {"name": unit}}
        for number, day, unit in (
            (2, 20, "family rooms"),
            (3, 20, "single rooms"),
            (40, 19, "single rooms"),
            (50, 18, "tents"),
        )
    ]
    imported("hsds-json", source(written, nested("1", capacities=said)))
    [capacity] = of(Capacity, service("1"))
    assert capacity.available == 5


def test_what_its_source_calls_inactive_is_kept_and_not_found(
    imported: Any, written: Written
) -> None:
    imported("hsds-json", source(written, nested("1", status="Inactive"), nested("2")))
    assert (service("1").is_active, service("2").is_active) == (False, True)


def zipped(path: Path, count: int) -> Path:
    """Pack so many sources of one service each."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.json", json.dumps([nested(str(number))]))
    return path


def test_too_many_parts_or_too_large_ones_are_refused_before_a_byte_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed, plain = zipped(tmp_path / "a.zip", 3), tmp_path / "a.json"
    plain.write_text(json.dumps([nested("1")] * 3), encoding="utf-8")
    assert len(Parts(packed, ".json").list) == 3
    for name, most, path in (
        ("MOST_PARTS", 2, packed),
        ("LARGEST", 600, packed),
        ("LARGEST", 600, plain),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(files, name, most)
            with pytest.raises(Unreadable) as refused:
                Parts(path, ".json")
            assert refused.value.reason is Reason.ZIP_BOMB


def test_no_row_is_read_before_the_batch_ahead_of_it_is_written(
    world: Any, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So memory stays flat, however long the source is."""
    monkeypatch.setattr(policy, "BATCH", 2)
    read = 0
    ahead: list[int] = []

    class Source:
        percent, is_whole = 0, True

        def rows(self) -> Iterator[Read]:
            nonlocal read
            for number in range(9):
                read += 1
                yield Read("a", number).refuse(Reason.NO_ID)

    def write(*_given: Any, position: int, **_more: Any) -> None:
        ahead.append(read - position)
        return write_batch(*_given, position=position, **_more)

    write_batch = services.write_batch
    monkeypatch.setattr(tasks, "open_source", lambda *_given: Source())
    monkeypatch.setattr(services, "write_batch", write)
    run = services.start_import(
        world.marc.actor, format_=ImportFormat.ICAROL, source="a", language="en"
    )
    run_id = run.id
    database.commit()
    tasks.work_on(world.north.id, run_id, written("a.csv", ""))
    database_extension.session.expire_all()
    assert ahead == [2, 2, 2, 2, 1]
