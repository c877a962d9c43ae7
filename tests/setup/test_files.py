"""What a newcomer meets first is there, complete, and does what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.setup.launching import ROOT

TARGETS = ("demo", "demo-reset", "test", "lint", "house", "translations", "lock")
ENTRIES = {
    "app.py", "celery_worker.py", "pyproject.toml", "casework", "templates", "migrations", "tests", "README.md", "LICENSE",
    "Makefile", ".env.example", ".gitignore", ".ci", "docs", "deploy", "benchmarks", "requirements",
}  # fmt: skip


def make(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, capture_output=True, text=True, env={**clean, **env}
    )


def tracked() -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    return {line.split("/")[0] for line in listed.stdout.splitlines()}


def test_the_top_level_stays_small() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    assert tracked() <= ENTRIES
    assert len(tracked()) <= 17


def test_make_alone_says_what_there_is() -> None:
    said = make().stdout
    for target in TARGETS:
        assert re.search(rf"\b{target}\b", said), target


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_is_understood(target: str) -> None:
    assert make("-n", target).returncode == 0


def test_no_python_is_one_sentence() -> None:
    failed = make("demo", "PYTHON=")
    assert failed.returncode != 0
    assert "Casework needs Python 3.11 or newer, and found none on PATH." in failed.stderr


def test_an_old_python_is_passed_over(tmp_path: Path) -> None:
    for name, version in (("python3", "(3, 9)"), ("python3.12", "(3, 12)")):
        fake = tmp_path / name
        # Answers as an interpreter of that version would to the question the Makefile asks.
        fake.write_text(
            f"#!/bin/sh\nexec {sys.executable} -c 'import sys; sys.exit({version} < (3, 11))'\n"
        )
        fake.chmod(0o755)
    said = make("-n", "demo", PATH=f"{tmp_path}:{os.environ['PATH']}").stdout
    assert "python3.12 requirements/install.py demo" in said


def test_port_and_arguments_are_handed_on() -> None:
    assert "--port 9123 --folder var" in make("-n", "demo", "PORT=9123").stdout
    chosen = make("-n", "test", "ARGS=tests/setup -k locks").stdout
    assert "-m pytest -n 0 --dist loadscope --no-loadscope-reorder tests/setup -k locks" in chosen
    assert "-m pytest -n 3 --dist loadscope --no-loadscope-reorder" in make("-n", "test").stdout


def test_a_browser_that_does_not_exist_is_one_sentence() -> None:
    code = "import sys; sys.path.insert(0, 'requirements'); import install; install.need_browser()"
    env = {**os.environ, "CHROMIUM": "/nowhere/chromium"}
    failed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert failed.returncode == 1
    assert failed.stderr.strip() == "CHROMIUM is /nowhere/chromium, but no such program exists."


def test_without_a_browser_and_without_rights_one_sentence_says_what_to_install(
    tmp_path: Path,
) -> None:
    code = "import sys; sys.path.insert(0, 'requirements'); import install; install.need_browser()"
    env = {"PATH": str(tmp_path)}
    failed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert failed.returncode == 1
    assert (
        failed.stderr.strip()
        == "The browser tests need Chromium. Install chromium or google-chrome, or set CHROMIUM to its path."
    )


def test_a_second_install_is_quick(tmp_path: Path) -> None:
    code = """
import sys; sys.path.insert(0, 'requirements')
from pathlib import Path
import install
install.VENV = Path(sys.argv[1])
install.stamp("test").write_text(install.digest(*install.WANTED["test"]))
install.pip_install = lambda *_: sys.exit("asked again")
for purpose in install.WANTED: install.install(purpose)
install.stamp("test").write_text("another lock")
install.make_venv = lambda: None
install.install("test")
"""
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.count("The libraries are in place") == 3
    assert done.stderr.strip() == "asked again"


def test_the_continuous_check_runs_what_a_newcomer_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in script.read_text()
    assert re.search(r"^make test$", script.read_text(), re.MULTILINE)
    assert subprocess.run(["bash", "-n", script]).returncode == 0


def test_the_example_settings_name_what_is_read() -> None:
    example = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    source = (ROOT / "casework" / "config.py").read_text()
    read = set(re.findall(r"""(?:env\.get\(|_required\(\s*env,\s*)["']([A-Z_]+)["']""", source))
    for key_store in (ROOT / "casework" / "vault").glob("providers_*.py"):
        read |= set(re.findall(r'environ\.get\("([A-Z_]+)"', key_store.read_text()))
    assert example == read


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in text
    assert "13. Remote Network Interaction" in text
    assert "END OF TERMS AND CONDITIONS" in text
