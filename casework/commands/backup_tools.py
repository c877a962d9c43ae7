"""PostgreSQL's own pg_dump and pg_restore: found on this machine or in the wheel, called without a password in sight."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import OperationalError, pq
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from casework.commands.postgres import SYSTEM_FOLDERS, wheel_folders

# What PostgreSQL's programs need of our surroundings; our own settings hold secrets they do not.
_HANDED_ON = re.compile(r"PATH|HOME|USER|LOGNAME|TMPDIR|LD_LIBRARY_PATH|(PG|KRB5|SSL_)\w+")
_SECRETS = ("password", "sslpassword")
_KNOWN_FAULTS = (
    (r"No space left|could not extend file", "the disk of the database server is full"),
    (r'role "(\w+)" does not exist', "the role {0} does not exist there: run deploy/roles.sql"),
    (r"permission denied for (\w+ \w+)", "its role has no permission for {0}"),
    (r"must be (?:able to SET ROLE|member of role) \"(\w+)\"", "its role cannot act as {0}"),
    (r"password authentication failed", "the password was not accepted"),
    (r"could not connect|connection to server .* failed", "the database server does not answer"),
    (r"server closed the connection|terminating connection", "the database server went away"),
    (r"unsupported version \(([\d.]+)\)", "this pg_restore is older than the pg_dump that was used"),
    (r'configuration parameter "(\w+)"', "it is too new for that server, which knows no {0}"),
)  # fmt: skip


class CopyFailed(RuntimeError):
    """A copy was not made or not restored; the message is one sentence, without values or secrets."""


@dataclass(frozen=True)
class Tool:
    """One of PostgreSQL's programs, and its major version."""

    path: Path
    major: int


def find_tool(name: str, *, at_least: int) -> Tool:
    """Find a program that is not older than `at_least`; the nearest version fits its server best."""
    folders = [folder for folder in (_folder_on_path(name),) if folder is not None]
    for pattern in SYSTEM_FOLDERS:
        folders += sorted(Path("/").glob(pattern.lstrip("/")))
    found = [
        Tool(folder / name, major)
        for folder in [*folders, *wheel_folders()]
        if (major := _major(folder / name)) is not None
    ]
    fitting = [tool for tool in found if tool.major >= at_least]
    if not fitting:
        raise CopyFailed(
            f"This needs {name} {at_least} or newer, as new as the server, and found "
            f"{_list_of(found)}: install the package postgresql-client-{at_least}."
        )
    return min(fitting, key=lambda tool: tool.major)


def _folder_on_path(name: str) -> Path | None:
    # Debian puts a wrapper on PATH that chooses by its own rules; beside it there is no such name.
    found = shutil.which(name)
    return Path(found).resolve().parent if found else None


def _list_of(found: Sequence[Tool]) -> str:
    return "only " + ", ".join(sorted({str(tool.major) for tool in found})) if found else "none"


def _major(path: Path) -> int | None:
    try:
        shown = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    number = re.search(r"\b(\d+)(?:\.\d+|\w+)", shown.stdout)
    return int(number.group(1)) if number else None


def libpq_environment(url: str) -> dict[str, str]:
    """Give what a program of PostgreSQL needs to reach that address, as variables of its environment."""
    try:
        address = make_url(url).set(drivername="postgresql")
        options = pq.Conninfo.parse(address.render_as_string(hide_password=False).encode())
    except (ArgumentError, OperationalError, ValueError):
        # The original error quotes the address, and with it the password.
        raise CopyFailed("The address of the database is not one that PostgreSQL knows.") from None
    given = {option.keyword.decode(): option for option in options if option.val is not None}
    nameless = sorted(name for name, option in given.items() if option.envvar is None)
    if nameless:
        raise CopyFailed(
            f"The address of the database sets {', '.join(nameless)}, which PostgreSQL’s programs "
            "do not take from their environment: leave that out here."
        )
    ours = {name: value for name, value in os.environ.items() if _HANDED_ON.fullmatch(name)}
    addressed = {
        option.envvar.decode(): option.val.decode()
        for option in given.values()
        if option.envvar is not None and option.val is not None
    }
    return ours | addressed | {"LC_ALL": "C"}


@contextmanager
def running(
    tool: Tool, *arguments: str, url: str, is_fed: bool
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program with its input or output in our hands; raise CopyFailed when it does not succeed.

    When the block is left by an exception the program is killed at once, and with it whatever
    it had not committed.
    """
    with tempfile.TemporaryFile() as said:
        program = subprocess.Popen(
            [tool.path, *arguments],
            stdin=subprocess.PIPE if is_fed else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if is_fed else subprocess.PIPE,
            stderr=said,
            env=libpq_environment(url),
        )
        try:
            yield program
            if program.stdin is not None:
                program.stdin.close()
            code = program.wait()
        except BrokenPipeError:
            # It stopped reading because it failed: its own reason says more than the pipe.
            code = program.wait() or 1
        finally:
            if program.poll() is None:
                program.kill()
                program.wait()
            for pipe in (program.stdin, program.stdout):
                _close(pipe)
        if code != 0:
            said.seek(0)
            reason = explained(said.read(65_536).decode(errors="replace"))
            raise CopyFailed(f"{tool.path.name} {tool.major} failed: {reason}.")


def _close(pipe: object) -> None:
    try:
        if hasattr(pipe, "close"):
            pipe.close()
    except BrokenPipeError:
        return


def explained(said: str) -> str:
    """Say why a program of PostgreSQL failed, in words that cannot hold a value of a row."""
    for pattern, words in _KNOWN_FAULTS:
        found = re.search(pattern, said)
        if found is not None:
            return words.format(*found.groups())
    line = next((line for line in said.splitlines() if "error:" in line), "it gave no reason")
    # Names of tables and columns stay; anything else in quotes may be somebody's.
    words_only = re.sub(r'"(?![a-z_][a-z0-9_]*")[^"]*("|$)', "“…”", line.partition("error:")[2])
    return words_only.strip().rstrip(".")[:300] or "it gave no reason"
