"""`make demo` starts everything, tells what goes wrong in one sentence, and leaves nothing running."""

import http.client
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from casework.commands.folders import home_elsewhere
from casework.commands.servers import APP, OWNER, create_database, create_roles, embedded
from tests.setup.launching import Launcher, soon
from tests.setup.standin import build

pytestmark = pytest.mark.processes

START = "import runpy, sys; sys.argv[0] = 'casework'; runpy.run_module('casework', run_name='__main__', alter_sys=True)"
READY = "Casework is ready:"


@dataclass
class Demo:
    """A checkout with a launcher, its folder and a port that is free now."""

    checkout: Path
    port: int
    launch: Callable[..., Launcher]

    @property
    def folder(self) -> Path:
        return self.checkout / "var"

    def start(self, *options: str, **env: str) -> Launcher:
        arguments = (
            "demo",
            "--port",
            str(self.port),
            "--folder",
            str(self.folder),
            "--cases",
            "7",
            *options,
        )
        return self.launch(START, *arguments, env=env, cwd=self.checkout)

    def ask(self, method: str = "GET") -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, "/")
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def processes(self) -> list[str]:
        """Return every process that runs from this checkout or its data."""
        shown = subprocess.run(
            ["ps", "-eo", "pid=,stat=,args="], capture_output=True, text=True, check=True
        )
        homes = (str(self.checkout), str(home_elsewhere(self.folder)), f"127.0.0.1:{self.port}")
        lines = [line for line in shown.stdout.splitlines() if any(home in line for home in homes)]
        return [line for line in lines if not line.split()[1].startswith("Z")]


@pytest.fixture
def demo(tmp_path: Path, launch: Callable[..., Launcher]) -> Iterator[Demo]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = Demo(build(tmp_path / "checkout"), port, launch)
    yield made
    shutil.rmtree(home_elsewhere(made.folder), ignore_errors=True)


def test_it_starts_stops_on_ctrl_c_and_keeps_its_data(demo: Demo) -> None:
    first = demo.start()
    assert first.read_until(READY) == f"http://localhost:{demo.port}"
    assert demo.ask("POST") == "7"
    assert demo.ask() == "8"
    check_what_only_the_owner_may_read(demo.folder)
    assert first.end(signal.SIGINT) == 0
    assert "NOT FOR PRODUCTION" in "\n".join(first.said)
    assert "sign in as amina" in first.said
    assert first.said[-1] == "Everything is stopped; the data is kept."
    assert demo.processes() == []

    second = demo.start()
    second.read_until(READY)
    assert demo.ask() == "8"
    assert "NOT FOR PRODUCTION" not in "\n".join(second.said)
    assert second.end(signal.SIGTERM) == 0
    assert demo.processes() == []


def test_kill_9_of_the_launcher_leaves_nothing_running(demo: Demo) -> None:
    launcher = demo.start()
    launcher.read_until(READY)
    launcher.end(signal.SIGKILL)
    assert soon(lambda: demo.processes() == [], 20), demo.processes()


def test_the_crash_of_one_process_is_told_and_stops_the_rest(demo: Demo) -> None:
    launcher = demo.start(FAIL_WORKER="1")
    assert launcher.end() == 1
    said = "\n".join(launcher.said)
    assert "Error: worker stopped by itself (killed by SIGKILL)" in said
    # Its children complain of the broken pipe for as long as they like: the end is what is shown.
    log = re.search(r"(/\S*/worker\.log)", said)
    assert log is not None
    written = Path(log[1]).read_text().splitlines()
    assert any("Task tick" in line for line in written)
    assert written[-1] in said
    assert soon(lambda: demo.processes() == []), demo.processes()


def test_a_web_server_that_cannot_start_is_told(demo: Demo) -> None:
    (demo.checkout / "app.py").write_text("raise RuntimeError('no keys')")
    launcher = demo.start()
    assert launcher.end() == 1
    assert "Error: web stopped by itself" in "\n".join(launcher.said)
    assert "no keys" in "\n".join(launcher.said)
    assert demo.processes() == []


@pytest.mark.soak
def test_seeding_that_was_interrupted_is_done_again_from_nothing(demo: Demo) -> None:
    broken = demo.start(FAIL_SEEDING="1")
    assert broken.end() == 1
    assert "The seeding failed" in "\n".join(broken.said)
    again = demo.start()
    again.read_until(READY)
    assert demo.ask() == "7"
    again.end(signal.SIGINT)


def test_a_second_demo_in_the_same_folder_and_a_reset_are_refused_while_it_runs(demo: Demo) -> None:
    first = demo.start()
    first.read_until(READY)
    other = Demo(demo.checkout, demo.port, demo.launch)
    taken = other.start()
    assert taken.end() == 1
    assert f"Port {demo.port} cannot be used" in taken.said[-1]
    assert f"make demo PORT={demo.port + 1}" in taken.said[-1]
    reset = other.start("--reset")
    assert reset.end() == 1
    assert "Servers already run from" in reset.said[-1]
    assert demo.ask() == "7"
    first.end(signal.SIGINT)

    emptied = other.start("--reset")
    assert emptied.end() == 0
    assert {path.name for path in demo.folder.iterdir()} == {"servers.lock"}
    assert not home_elsewhere(demo.folder).exists()


def check_what_only_the_owner_may_read(folder: Path) -> None:
    kept = [folder / "demo.env", *(folder / "keys").iterdir()]
    assert len(kept) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    assert stat.S_IMODE((folder / "keys").stat().st_mode) == 0o700
    settings = dict(re.findall(r"^(\w+)='(.*)'$", (folder / "demo.env").read_text(), re.MULTILINE))
    assert settings["CASEWORK_ENV"] == "demo"
    assert settings["CASEWORK_KEYS"] == f"file:{folder / 'keys' / 'keyring.json'}"
    logs = "".join(log.read_text() for log in (folder / "log").glob("*.log"))
    assert settings["SECRET_KEY"] not in logs


def test_one_address_without_the_other_is_one_sentence(demo: Demo) -> None:
    launcher = demo.start(DATABASE_URL="postgresql+psycopg://x@/y")
    assert launcher.end() == 1
    assert launcher.said == ["Error: Set both DATABASE_URL and MIGRATION_DATABASE_URL, or neither."]


def test_no_server_anywhere_is_one_sentence(demo: Demo) -> None:
    commands = demo.checkout / "casework" / "commands"
    for name in ("postgres", "valkey"):
        source = (commands / f"{name}.py").read_text()
        (commands / f"{name}.py").write_text(
            source.replace(
                "system: bool = True, wheels: bool = True",
                "system: bool = False, wheels: bool = False",
            )
        )
    servers = (commands / "servers.py").read_text()
    (commands / "servers.py").write_text(
        servers.replace("system: bool = True", "system: bool = False").replace(
            "wheels: bool = True", "wheels: bool = False"
        )
    )
    launcher = demo.start()
    assert launcher.end() == 1
    assert launcher.said[-1].startswith(
        "Error: Casework needs PostgreSQL 15 or newer and Redis or Valkey. Install"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="all the other tests have shown it already")
def test_it_runs_without_being_root(demo: Demo) -> None:
    nobody = pwd.getpwnam("nobody")
    who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    asked = [sys.executable, "-c", "import sys; print(sys.version)"]
    try:
        seen = subprocess.run(asked, check=True, cwd="/", capture_output=True, text=True, **who)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this Python lies in a folder that is closed to other accounts")
    if seen.stdout.strip() != sys.version.strip():
        pytest.skip("other accounts get another Python than we do")
    with tempfile.TemporaryDirectory(prefix="casework-") as open_folder:
        checkout = shutil.copytree(demo.checkout, Path(open_folder) / "checkout")
        for path in (Path(open_folder), *Path(open_folder).rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        theirs = Demo(checkout, demo.port, partial(demo.launch, **who))
        launcher = theirs.start()
        launcher.read_until(READY)
        assert theirs.ask() == "7"
        assert launcher.end(signal.SIGINT) == 0
        assert theirs.processes() == []


def test_a_given_database_is_used_and_only_what_is_missing_is_started(
    demo: Demo, tmp_path: Path
) -> None:
    with embedded(tmp_path / "given", durable=False) as given:
        create_roles(given)
        create_database(given, "theirs")
        addresses = {
            "DATABASE_URL": given.url(APP, "theirs"),
            "MIGRATION_DATABASE_URL": given.url(OWNER, "theirs"),
        }
        for cases in ("7", "8"):
            launcher = demo.start(**addresses)
            launcher.read_until(READY)
            assert demo.ask("POST") == cases
            assert not (demo.folder / "postgres-data" / "cluster").exists()
            assert launcher.end(signal.SIGTERM) == 0
        engine = create_engine(given.url(OWNER, "theirs"))
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM invented")) == 9
        engine.dispose()
    assert demo.processes() == []
