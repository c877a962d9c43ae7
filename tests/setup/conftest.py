"""What the set-up tests share: launchers that never outlive their test."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.setup.launching import Launcher


@pytest.fixture
def launch() -> Iterator[Callable[..., Launcher]]:
    """Start launchers; whatever still runs at the end of the test is killed."""
    started: list[Launcher] = []

    def start(code: str, *arguments: str | Path, **options: Any) -> Launcher:
        started.append(Launcher(code, *arguments, **options))
        return started[-1]

    yield start
    for launcher in started:
        if launcher.popen.poll() is None:
            launcher.end(signal.SIGKILL)
        if launcher.popen.stdout is not None:
            launcher.popen.stdout.close()
