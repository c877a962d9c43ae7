"""The processes that serve take what they loaded out of the collector’s sight, once all is there."""

import os
import subprocess
import sys
from typing import Any

from casework import memory
from tests.conftest import environment_for

# What was loaded by then: hundreds of thousands of objects; where nothing was settled, none.
LOADED = 100_000
LOOK = """
import gc, sys
for name in ("app", "celery_worker"):
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    __import__(name)
    print(name, gc.get_freeze_count(), *gc.get_threshold())
"""


def test_the_web_and_the_worker_settle_their_memory_when_all_is_loaded(
    servers: Any, keys: str, template: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        env=os.environ | environment_for(servers, keys, template, "memory:"),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [line[0] for line in lines] == ["app", "celery_worker"]
    for _name, frozen, *thresholds in lines:
        assert int(frozen) > LOADED
        assert [int(each) for each in thresholds] == [memory.YOUNG, memory.MIDDLE, memory.OLD]
