"""Workers, beats, broker and database are killed while calls come due: none is lost, none is doubled."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.processes import chaos as scenes
from tests.processes.chaos import Chaos, chaos
from tests.processes.conftest import Post, wait_until

pytestmark = pytest.mark.processes
SEEDS = range(10)
# Until a wait is given up; nothing passes or fails by how fast it was.
PATIENCE = 240


def _survives(tmp_path: Path, keys: str, post: Post, seed: int) -> None:
    with chaos(tmp_path, keys, post, seed, "tests.processes.hasty") as scene:
        scene.start(beats=2)
        scene.rage()
        _until_it_rests(scene)
        shown = scene.shown()
        print(f"\nseed {seed}: {len(scene.calls)} calls, {scene.done}")
        assert scene.lost() == set(), scene.done
        assert scene.doubled() == set(), scene.done
        assert shown.total() == len(scene.calls)
        assert scene.letters_amiss() == []
        entries = "SELECT count(*) FROM audit_entry WHERE action = 'followup:reminder:shown'"
        told_of_rungs = "SELECT count(*) FROM reminder WHERE status = 'shown'"
        assert scene.house.rows(entries) == scene.house.rows(told_of_rungs)


def test_nothing_is_lost_or_doubled(tmp_path: Path, keys: str, post: Post) -> None:
    _survives(tmp_path, keys, post, 4)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_or_doubled_whatever_the_order(
    tmp_path: Path, keys: str, post: Post, seed: int
) -> None:
    _survives(tmp_path, keys, post, seed)


@pytest.mark.soak
def test_the_same_by_celery_eta_is_seen_failing(tmp_path: Path, keys: str, post: Post) -> None:
    """The control: a harness that finds nothing wrong with this one would prove nothing."""
    with chaos(tmp_path, keys, post, 4, "tests.processes.by_eta") as scene:
        scenes.plan_by_eta(scene)
        scene.start(beats=0)
        # It works as long as nothing happens: what follows is the faults' doing.
        wait_until(scene.shown, "the control never showed anything")
        scene.rage()
        _settle(scene)
        lost, doubled = scene.lost(), scene.doubled()
        print(f"\nby eta: {len(lost)} lost, {len(doubled)} doubled of {len(scene.calls)}")
        assert lost or doubled


def _until_it_rests(scene: Chaos) -> None:
    """Wait until nothing is waiting; name what still is when it never comes to rest."""
    end = time.monotonic() + PATIENCE
    while waiting := scene.waiting():
        assert time.monotonic() < end, (waiting, scene.done)
        time.sleep(0.2)


def _settle(scene: Chaos) -> None:
    """Wait until nothing new was shown for some seconds."""
    seen, since = scene.shown(), time.monotonic()
    end = since + timedelta(seconds=60).total_seconds()
    while time.monotonic() - since < 8 and time.monotonic() < end:
        time.sleep(0.5)
        if (now := scene.shown()) != seen:
            seen, since = now, time.monotonic()
