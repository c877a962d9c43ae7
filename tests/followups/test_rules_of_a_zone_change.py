"""An upgrade of the time zone data moves moments and never the time on the wall (engine.md section 3)."""

import shutil
import zoneinfo
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from casework.followups import safe_time, services, wall_time, zone_rules
from casework.people import time_zones
from tests.followups.scenes import at, case_of, reminders_of

ZONE = "America/Toronto"
# Eastern time all year: what Toronto would be after a law that ends the change of clocks.
LIKE = "America/Panama"


def zone_file(name: str) -> Path:
    """Find a zone's file where the system keeps it."""
    found = [Path(folder, name) for folder in zoneinfo.TZPATH if Path(folder, name).is_file()]
    if not found:
        pytest.skip("this machine keeps no zone files outside the library")
    return found[0]


@pytest.fixture
def end_clock_changes(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Give an upgrade by which Toronto's clocks change no more, undone at the end."""
    paths = zoneinfo.TZPATH

    def read_again(folders: tuple[str, ...]) -> None:
        zoneinfo.reset_tzpath(folders)
        wall_time.forget()
        zone_rules.forget()

    def upgrade() -> None:
        made = tmp_path / ZONE
        made.parent.mkdir(parents=True)
        shutil.copy(zone_file(LIKE), made)
        read_again((str(tmp_path), *paths))

    yield upgrade
    read_again(paths)


def test_the_name_of_the_rules_tells_one_changed_zone(
    end_clock_changes: Callable[[], None],
) -> None:
    before = zone_rules.current()
    assert zone_rules.current() == before
    end_clock_changes()
    assert zone_rules.current() != before
    assert len(zone_rules.current()) <= 40


def test_every_zone_somebody_may_live_in_counts() -> None:
    assert set(time_zones.CANADIAN) <= set(time_zones.every_name())


def test_an_upgrade_moves_the_moment_and_keeps_the_wall(
    world: Any, clock: Any, end_clock_changes: Callable[[], None]
) -> None:
    clock.freeze(at(23, 10))
    case = case_of(world.amina.actor, consent_days=300)
    day = datetime(2027, 7, 5, tzinfo=UTC).date()
    call = services.plan_call_back(world.amina.actor, case, local_day=day, local_time=time(9))
    assert call.zone_rules == zone_rules.current()
    assert call.due_at == datetime(2027, 7, 5, 13, tzinfo=UTC)
    assert services.roll_windows(world.north.id) == 0, "nothing was computed under other rules"
    end_clock_changes()
    assert services.roll_windows(world.north.id) == 1
    assert call.local_wall == "2027-07-05T09:00"
    assert call.due_at == datetime(2027, 7, 5, 14, tzinfo=UTC)
    assert (call.window_opens_at, call.zone_rules) == (call.due_at, zone_rules.current())
    assert safe_time.wall_of(call.due_at, ZONE) == call.local_wall
    [waiting] = [r for r in reminders_of(call) if r.status == "scheduled"]
    assert waiting.due_at == call.due_at
    assert services.roll_windows(world.north.id) == 0
