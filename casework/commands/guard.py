"""The last to leave: ends our children, and their children, when we are killed without a chance to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from signal import Signals

SECONDS_TO_END = 5
ON_LINUX = sys.platform == "linux"

# It reads which children there are from a pipe that only we hold open; when we end, however that
# happens, the reading ends. Where the kernel tells the children itself (Linux), asking them is left out.
_SCRIPT = """
all= folders=
while read -r act pid how; do
    case $act in
        +) all="$all $pid:$how" ;;
        d) folders="$folders $pid" ;;
        -) kept=; for each in $all; do [ "${each%%:*}" = "$pid" ] || kept="$kept $each"; done; all=$kept ;;
    esac
done
remove() { for each in $folders; do case $each in */casework-*) rm -rf -- "$each" ;; esac; done; exit 0; }
[ -n "$all" ] || remove
for each in $all; do [ "$1" = told ] || kill -s "${each#*:}" "${each%%:*}"; done
waited=0
while [ "$waited" -lt "$2" ]; do
    alive=
    for each in $all; do kill -s 0 -- "-${each%%:*}" && alive=yes; done
    [ -n "$alive" ] || remove
    sleep 1
    waited=$((waited + 1))
done
for each in $all; do kill -s KILL -- "-${each%%:*}"; done
remove
"""


class Guard:
    """One small shell beside us, there as long as we have children."""

    def __init__(self, *, kernel_tells: bool = ON_LINUX) -> None:
        self._kernel_tells = kernel_tells
        self._shell: subprocess.Popen[bytes] | None = None
        self._children: set[int] = set()

    def watch(self, pid: int, how: Signals) -> None:
        """End this process group, politely with that signal first, should we die before `release`."""
        if self._shell is None:
            told = "told" if self._kernel_tells else "untold"
            self._shell = subprocess.Popen(
                ["/bin/sh", "-c", _SCRIPT, "casework-guard", told, str(SECONDS_TO_END)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._children.add(pid)
        self._say(f"+ {pid} {how.name.removeprefix('SIG')}")

    def remove(self, folder: Path) -> None:
        """Remove this temporary folder after the last child; call it once a child is watched."""
        if not set(str(folder)) & set(" \t\n*?["):
            self._say(f"d {folder}")

    def release(self, pid: int) -> None:
        """Forget a child that was stopped in order; with the last one the shell ends too."""
        if pid not in self._children or self._shell is None:
            return
        self._children.remove(pid)
        self._say(f"- {pid}")
        if not self._children:
            self._shell.communicate()
            self._shell = None

    def _say(self, line: str) -> None:
        if self._shell is None or self._shell.stdin is None:
            return
        try:
            self._shell.stdin.write(line.encode() + b"\n")
            self._shell.stdin.flush()
        except BrokenPipeError:
            # Somebody ended the guard; we go on without it.
            return
