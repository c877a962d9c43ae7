"""The administrator’s page of imports: upload, progress, its buttons, and the file of what was refused."""

import io
import json
import os
import stat
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from casework import database
from casework.importing import policy, queries, services, tasks, uploads
from casework.importing.models import DirectoryImport
from casework.runs.policy import LEASE
from tests.importing.conftest import EXAMPLES, service


@pytest.fixture
def marc(visitor: Any, world: Any) -> Any:
    """Seat the administrator, who reads English here."""
    browser = visitor(world.marc)
    browser.post("/language", {"page_language": "en_CA", "next": "/directory/imports"})
    return browser


def page(browser: Any) -> str:
    return str(browser.get("/directory/imports").get_data(as_text=True))


def upload(browser: Any, content: bytes, **more: str) -> Any:
    """Send the form with a file, as a browser does."""
    page(browser)
    fields = {"format": "hsds-json", "source": "east", "language": "en"} | more
    return browser.post("/directory/imports", fields | {"file": (io.BytesIO(content), "a.json")})


def newest(world: Any) -> DirectoryImport:
    return queries.latest(world.north.id, limit=1)[0]


def test_an_upload_begins_an_import_that_the_worker_ends(marc: Any, world: Any) -> None:
    answer = upload(marc, (EXAMPLES / "hsds.json").read_bytes())
    shown = marc.follow(answer).get_data(as_text=True)
    for words in ("Import of east", "Running", "<progress", "Pause", "Cancel"):
        assert words in shown
    run = newest(world)
    tasks.continue_import(world.north.id, run.id)
    shown = page(marc)
    assert "Done" in shown
    assert "Import a directory" in shown
    assert "Refused and repaired rows" in shown
    assert service("5c1f3d0e-0001-4000-8000-000000000001").name_en == "Evening hampers"


def test_the_upload_is_private_and_gone_when_the_import_ends(marc: Any, world: Any) -> None:
    """R20: it may hold confidential addresses."""
    upload(marc, (EXAMPLES / "hsds.json").read_bytes())
    run = newest(world)
    path = uploads.path_of(world.north.id, run.id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    tasks.continue_import(world.north.id, run.id)
    assert not path.parent.exists()


def test_cancelling_deletes_the_upload_at_once(marc: Any, world: Any) -> None:
    upload(marc, b"[]")
    run = newest(world)
    path = uploads.path_of(world.north.id, run.id)
    marc.post(f"/directory/imports/{run.id}/cancel")
    assert not path.exists()
    assert "Cancelled" in page(marc)


def test_what_a_dead_worker_left_behind_is_deleted_by_the_sweep(marc: Any, world: Any) -> None:
    upload(marc, b"[]")
    run = newest(world)
    left = uploads.path_of(world.north.id, run.id).parent.with_name(f"{world.north.id}.left")
    left.mkdir()
    tasks.claim_imports(world.north.id)
    assert left.exists()
    os.utime(left, (time.time() - 9_000,) * 2)
    tasks.claim_imports(world.north.id)
    assert not left.exists()
    assert uploads.path_of(world.north.id, run.id).exists()


def test_pausing_resuming_and_cancelling(marc: Any, world: Any) -> None:
    upload(marc, b"[]")
    run_id = newest(world).id
    for act, words in (("pause", "Paused"), ("resume", "Running"), ("cancel", "Cancelled")):
        answer = marc.post(f"/directory/imports/{run_id}/{act}")
        assert words in marc.follow(answer).get_data(as_text=True)
    refused = marc.post(f"/directory/imports/{run_id}/pause")
    assert refused.status_code == 409
    assert "paused or ended this import" in refused.get_data(as_text=True)


def test_a_page_that_is_open_learns_how_far_it_is(
    marc: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "BATCH", 1)
    upload(marc, (EXAMPLES / "hsds.json").read_bytes())
    run = newest(world)
    tasks.work_on(world.north.id, run.id, uploads.path_of(world.north.id, run.id), seconds=0)
    told = marc.get("/directory/imports/progress").get_json()[str(run.id)]
    assert (told["state"], told["written"], told["refused"]) == ("running", "1", "0")


def test_what_the_page_asks_by_itself_keeps_no_session_alive(
    marc: Any, world: Any, clock: Any, db: Any
) -> None:
    page(marc)
    seen = text("SELECT max(seen_at) FROM web_session")
    before = db.session.scalar(seen)
    clock.freeze(database.now() + timedelta(minutes=5))
    marc.get("/directory/imports/progress")
    assert db.session.scalar(seen) == before


def test_the_refused_rows_can_be_downloaded(marc: Any, world: Any) -> None:
    upload(marc, json.dumps([{"id": "S1"}]).encode())
    run = newest(world)
    tasks.continue_import(world.north.id, run.id)
    assert "Done, with refused rows" in page(marc)
    answer = marc.get(f"/directory/imports/{run.id}/refused.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "upload,1,S1,organization_id,Refused," in answer.get_data(as_text=True)


def test_a_file_that_cannot_be_read_is_said_in_words(marc: Any, world: Any) -> None:
    upload(marc, b"PK\x03\x04 this is no zip")
    tasks.continue_import(world.north.id, newest(world).id)
    assert "The archive is damaged" in page(marc)


def test_a_file_that_is_gone_is_said_in_words(marc: Any, world: Any) -> None:
    upload(marc, b"[]")
    run = newest(world)
    uploads.forget(world.north.id, run.id)
    tasks.continue_import(world.north.id, run.id)
    assert "Upload it again" in page(marc)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"source": ""}, "A name is needed."),
        ({"source": "two words"}, "Give the source a short name"),
        ({"format": "xlsx"}, "Not a valid choice"),
    ],
)
def test_bad_input_gets_one_sentence_and_begins_nothing(
    marc: Any, world: Any, more: dict[str, str], words: str
) -> None:
    answer = upload(marc, b"[]", **more)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert queries.latest(world.north.id) == []


def test_no_file_is_said(marc: Any, world: Any) -> None:
    page(marc)
    fields = {"format": "hsds-json", "source": "east", "language": "en"}
    answer = marc.post("/directory/imports", fields)
    assert answer.status_code == 422
    assert "Choose a file." in answer.get_data(as_text=True)


def test_a_large_file_comes_in_here_and_nowhere_else(
    marc: Any, world: Any, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 2_000)
    content = b"[" + b" " * 3_000 + b"]"
    assert upload(marc, content).status_code == 302
    page(marc)
    elsewhere = marc.post("/settings", {"file": (io.BytesIO(content), "a.json")})
    assert elsewhere.status_code == 413


def test_a_second_import_waits_for_the_first(marc: Any, world: Any) -> None:
    upload(marc, b"[]")
    answer = upload(marc, b"[]")
    assert answer.status_code == 422
    assert "already under way" in answer.get_data(as_text=True)


def test_an_import_whose_worker_died_is_taken_up_by_the_sweep(
    marc: Any, world: Any, clock: Any
) -> None:
    upload(marc, b"[]")
    run = newest(world)
    assert services.claim_due(world.north.id) == [run.id]
    assert services.claim_due(world.north.id) == []
    clock.freeze(database.now() + LEASE + timedelta(seconds=1))
    assert services.claim_due(world.north.id) == [run.id]


def test_two_workers_with_the_same_batch_write_it_once(
    marc: Any, world: Any, tmp_path: Path
) -> None:
    upload(marc, (EXAMPLES / "hsds.json").read_bytes())
    run = newest(world)
    services.write_batch(world.north.id, run.id, [], position=0, percent=1)
    with pytest.raises(policy.ImportIsOver):
        services.write_batch(world.north.id, run.id, [], position=500, percent=1)


def test_the_page_in_french(visitor: Any, world: Any) -> None:
    shown = page(visitor(world.marc))
    assert "Importer un répertoire" in shown
    assert "Langue des textes" in shown


def test_navigators_and_supervisors_find_no_such_page(visitor: Any, world: Any) -> None:
    for member in (world.amina, world.sophie, world.agency):
        assert visitor(member).get("/directory/imports").status_code == 404


def test_a_paused_import_says_that_nothing_goes_on(marc: Any, world: Any) -> None:
    upload(marc, b"[]")
    assert "This goes on in the background" in page(marc)
    marc.post(f"/directory/imports/{newest(world).id}/pause")
    shown = page(marc)
    assert "This goes on in the background" not in shown
    assert "Nothing goes on until somebody presses “Resume”." in shown


def test_an_empty_form_names_all_that_lacks(marc: Any) -> None:
    page(marc)
    answer = marc.post("/directory/imports", {"format": "hsds-json", "language": "en"})
    shown = answer.get_data(as_text=True)
    assert "Choose a file." in shown
    assert "A name is needed." in shown


def test_ten_earlier_imports_are_listed_each_with_its_refused_rows(
    marc: Any, world: Any, clock: Any
) -> None:
    clock.freeze(database.now())
    content = (EXAMPLES / "hsds.json").read_bytes()
    upload(marc, content, source="with-remarks")
    told = newest(world).id
    tasks.continue_import(world.north.id, told)
    for number in range(10):
        clock.advance(timedelta(seconds=1))
        upload(marc, b"[]", source=f"source-{number}")
        marc.post(f"/directory/imports/{newest(world).id}/cancel")
    table = page(marc).split("<table", 1)[1]
    assert table.count('<th scope="row">') == 10
    assert "with-remarks" in table
    assert f"/directory/imports/{told}/refused.csv" in table
    assert "source-9" not in table


def test_so_many_rows_are_named_and_the_rest_is_counted(
    marc: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "BATCH", 2)
    monkeypatch.setattr(policy, "MOST_NAMED", 3)
    upload(marc, json.dumps([{"id": f"S{number}"} for number in range(7)]).encode())
    run = newest(world)
    tasks.continue_import(world.north.id, run.id)
    said = "4 rows more were refused or repaired and are not named."
    assert said in page(marc)
    lines = (
        marc.get(f"/directory/imports/{run.id}/refused.csv").get_data(as_text=True).split("\r\n")
    )
    assert [line.split(",")[2] for line in lines[1:4]] == ["S0", "S1", "S2"]
    assert lines[4:] == [said, ""]
