"""The benchmarks run in a short form and print their ratios; how fast they are is no test's business."""

import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks import directory, pages, reminders, search
from benchmarks.crews import BARE, CONTENDERS, OURS
from benchmarks.machine import describe, percentile
from benchmarks.vault import SMALL, measure


def test_the_vaults_benchmarks_print_a_ratio_for_each_question(
    servers: Any, tmp_path: Path
) -> None:
    lines: list[str] = []
    measure(servers, tmp_path, SMALL, lines.append)
    said = "\n".join(lines)
    for wanted in (
        r"Fernet +seal +[\d.]+ \( *[\d.]+x\) +open +[\d.]+ \( *[\d.]+x\)",
        r"a field of a row +seal",
        r"ratio +[\d.]+ +target at most 1.5",
        r"keyed terms, confirmed: 600 beside 60 +[\d.]+ +target at most 1.3",
        r"a plain column: 600 beside 60 +[\d.]+",
        r"keys a second, longest batch|does not rewrap",
    ):
        assert re.search(wanted, said), said


TABLE = r"  {0} +[\d,]+ rows +[\d,]+/s +late p50 +[\d.]+ s +p99 +[\d.]+ s +lost {1}  doubled {1}"


def test_the_reminders_benchmark_compares_the_same_work_and_loses_nothing_of_ours(
    servers: Any, tmp_path: Path
) -> None:
    lines: list[str] = []
    reminders.measure(servers, tmp_path, reminders.SMALL, lines.append)
    said = "\n".join(lines)
    for label in (BARE, OURS, "ours, by Celery", "compare and set"):
        assert re.search(TABLE.format(label, 0), said), said
    # The second table: a worker was killed in the middle.
    assert len(re.findall(TABLE.format(OURS, 0), said)) == 2, said
    assert re.search(
        r"ours, without a broker: [\d.]+ of the best peer .*[\d.]+ of the bare loop", said
    )
    assert re.search(r"drained in [\d.]+ s; out of window 0, lost 0, doubled 0", said), said


@pytest.mark.soak
def test_the_reminders_benchmark_compares_every_peer(servers: Any, tmp_path: Path) -> None:
    lines: list[str] = []
    reminders.measure(servers, tmp_path, reminders.SMALL_WITH_EVERYBODY, lines.append)
    said = "\n".join(lines)
    for found in CONTENDERS:
        assert re.search(TABLE.format(found.label, r"\d+"), said), said


def test_fewer_rows_can_be_asked_for() -> None:
    assert reminders.of_size(None) == reminders.FULL
    fewer = reminders.of_size(500)
    # So few of a peer that they are over soon, and enough to tell a rate.
    assert (fewer.rows, fewer.peer_rows, fewer.killed_peer_rows) == (500, 50, 50)


def test_my_day_is_measured_at_two_sizes_and_beside_a_bare_view(
    servers: Any, tmp_path: Path
) -> None:
    lines: list[str] = []
    pages.measure(servers, tmp_path, pages.SMALL, lines.append)
    said = "\n".join(lines)
    line = r"(real|bare) (20|30) +p50 +[\d.]+ +p95 +[\d.]+"
    assert len(re.findall(line, said)) == 4, said
    assert re.search(r"30 beside 20 +[\d.]+ +target at most 1.3", said), said
    assert re.search(r"beside the bare view +[\d.]+ +target at most 2.5", said), said


def test_an_import_is_measured_beside_a_bare_copy_and_holds_its_memory_flat(
    servers: Any, tmp_path: Path
) -> None:
    lines: list[str] = []
    directory.measure(servers, tmp_path, directory.SMALL, lines.append)
    said = "\n".join(lines)
    assert re.search(r"import +[\d,]+ services/s +[\d,]+ rows/s", said), said
    assert re.search(r"bare COPY +[\d,]+ services/s +[\d,]+ rows/s", said), said
    assert re.search(r"beside the bare COPY of its [\d,]+ rows: [\d.]+ times as long", said), said
    assert re.search(r"reading holds [\d.]+ MB .* ratio [\d.]+, target at most 1.5", said), said
    assert directory.of_size(None) == directory.FULL
    assert directory.of_size(1_000).fewer == 100


def test_the_search_is_measured_at_two_sizes_and_beside_two_bare_ways(
    servers: Any, tmp_path: Path
) -> None:
    lines: list[str] = []
    search.measure(servers, tmp_path, search.SMALL, lines.append)
    said = "\n".join(lines)
    for word in search.WORDS:
        assert len(re.findall(rf"{word}, page +p50 +[\d.]+ +p95 +[\d.]+", said)) == 2, said
        for bare in ("ranked query", "bare view"):
            assert re.search(rf"240, {word}: .*the page beside the {bare} [\d.]+", said), said
    assert re.search(r"240 beside 120, the page, commonest words +[\d.]+ +target at most 3", said)
    assert search.of_size(None) == search.FULL
    assert search.of_size(2_000).few == 200


def test_the_machine_and_its_versions_are_named(servers: Any) -> None:
    said = "\n".join(describe(servers))
    assert re.search(r"\d+ cores", said)
    assert re.search(r"PostgreSQL \d+", said)


def test_an_unknown_benchmark_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "speed"])
    assert command.main() == 2
    wanted = "There is no benchmark speed; there is: vault, reminders, pages, directory, search.\n"
    assert capsys.readouterr().out == wanted


def test_a_percentile_is_one_of_the_values() -> None:
    values = [3.0, 1.0, 2.0]
    assert (percentile(values, 0.5), percentile(values, 0.99)) == (2.0, 3.0)
