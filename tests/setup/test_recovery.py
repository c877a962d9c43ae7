"""Whatever ended the launcher, nothing of the servers is left behind and the next start keeps the data."""

import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from casework.commands.folders import home_elsewhere
from casework.commands.servers import create_database, create_roles, database_exists, embedded
from tests.setup.launching import Launcher, is_alive, soon

pytestmark = pytest.mark.processes

# Starts the servers of a folder, tells their numbers, and waits to be killed.
LAUNCHER = """
import sys, time
from pathlib import Path
from casework.commands import guard, servers
guard.SECONDS_TO_END = 3
with servers.embedded(Path(sys.argv[1]), durable=True) as running:
    servers.create_roles(running)
    if not servers.database_exists(running, "kept"):
        servers.create_database(running, "kept")
    print("pids", *(child.popen.pid for child in running.children), flush=True)
    time.sleep(60)
"""


def test_stopping_in_order_leaves_no_process_socket_or_folder(tmp_path: Path) -> None:
    with embedded(tmp_path, durable=False) as servers:
        pids = [child.popen.pid for child in servers.children]
        sockets = Path(str(servers.superuser_url.query["host"]))
        assert list(sockets.iterdir())
    assert not any(map(is_alive, pids))
    assert not sockets.exists() or not list(sockets.glob(".s.*"))
    assert not (tmp_path / "servers.json").exists()


@pytest.mark.parametrize(
    "how", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.soak), signal.SIGINT]
)
def test_a_dead_launcher_leaves_nothing_and_the_next_start_keeps_the_data(
    launch: Callable[..., Launcher], tmp_path: Path, how: signal.Signals
) -> None:
    folder = tmp_path / "var"
    launcher = launch(LAUNCHER, folder)
    pids = [int(pid) for pid in launcher.read_until("pids").split()]
    launcher.end(how)
    try:
        # At once: the old servers may still be busy ending.
        with embedded(folder, durable=True) as servers:
            assert database_exists(servers, "kept")
            assert not any(map(is_alive, pids))
    finally:
        shutil.rmtree(home_elsewhere(folder), ignore_errors=True)


def test_kill_9_of_a_test_run_leaves_no_temporary_folder(
    launch: Callable[..., Launcher], tmp_path: Path
) -> None:
    code = LAUNCHER.replace("durable=True", "durable=False").replace(
        'print("pids"', 'print("pids", running.superuser_url.query["host"]'
    )
    # So long a path gets its sockets in a temporary folder, whoever we are.
    launcher = launch(code, tmp_path / ("long-" * 20))
    sockets, *pids = launcher.read_until("pids").split()
    assert Path(sockets).exists()
    launcher.end(signal.SIGKILL)
    assert soon(lambda: not any(map(is_alive, map(int, pids))))
    assert soon(lambda: not Path(sockets).exists())


def test_kill_9_of_everything_is_recovered(launch: Callable[..., Launcher], tmp_path: Path) -> None:
    folder = tmp_path / "var"
    launcher = launch(LAUNCHER, folder)
    postmaster = int(launcher.read_until("pids").split()[0])
    os.kill(postmaster, signal.SIGKILL)
    launcher.end(signal.SIGKILL)
    try:
        with embedded(folder, durable=True) as servers:
            assert database_exists(servers, "kept")
    finally:
        shutil.rmtree(home_elsewhere(folder), ignore_errors=True)


def test_a_stale_number_that_now_belongs_to_another_program_does_not_block(
    launch: Callable[..., Launcher], tmp_path: Path
) -> None:
    folder = tmp_path / "var"
    launcher = launch(LAUNCHER, folder)
    postmaster = int(launcher.read_until("pids").split()[0])
    os.kill(postmaster, signal.SIGKILL)
    launcher.end(signal.SIGKILL)
    home = folder if (folder / "postgres-data").exists() else home_elsewhere(folder)
    pid_file = home / "postgres-data" / "cluster" / "postmaster.pid"
    assert soon(lambda: not is_alive(postmaster))
    pid_file.write_text(pid_file.read_text().replace(str(postmaster), str(os.getppid()), 1))
    recorded = json.loads((folder / "servers.json").read_text())
    assert recorded["processes"][0][0] == postmaster
    try:
        with embedded(folder, durable=True) as servers:
            assert database_exists(servers, "kept")
        assert is_alive(os.getppid())
    finally:
        shutil.rmtree(home_elsewhere(folder), ignore_errors=True)


def test_a_very_long_folder_gets_its_sockets_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / ("long-" * 20) / "var"
    with embedded(folder, durable=False) as servers:
        assert len(os.fsencode(str(servers.superuser_url.query["host"]))) <= 80


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has an account to drop to")
def test_as_root_a_closed_checkout_gets_its_data_and_programs_elsewhere(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folder = closed / "var"
    try:
        with embedded(folder, durable=True, system=False) as servers:
            create_roles(servers)
            create_database(servers, "kept")
            assert not (folder / "postgres-data").exists()
        with embedded(folder, durable=True, system=False) as servers:
            assert database_exists(servers, "kept")
    finally:
        shutil.rmtree(home_elsewhere(folder), ignore_errors=True)


def test_an_interrupted_first_start_is_begun_again(tmp_path: Path) -> None:
    try:
        with embedded(tmp_path, durable=True):
            pass
        home = tmp_path if (tmp_path / "postgres-data").exists() else home_elsewhere(tmp_path)
        cluster = home / "postgres-data" / "cluster"
        (cluster / "PG_VERSION").unlink()
        cluster.rename(cluster.with_name("cluster.new"))
        with embedded(tmp_path, durable=True) as servers:
            assert database_exists(servers, "postgres")
    finally:
        shutil.rmtree(home_elsewhere(tmp_path), ignore_errors=True)
