"""Reads our own code: every module, its imports, its functions and their lengths."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "casework"


@dataclass(frozen=True)
class Function:
    """One function: where it stands, how many lines it has, and whether it says what it returns."""

    module: str
    name: str
    line: int
    length: int
    is_typed: bool
    node: ast.FunctionDef | ast.AsyncFunctionDef = field(repr=False, compare=False)


@dataclass(frozen=True)
class Module:
    """One file of the package."""

    path: Path
    name: str
    text: str
    tree: ast.Module = field(repr=False, compare=False)

    @property
    def room(self) -> str:
        """The part after casework., such as people; "" for the package itself."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    @property
    def file(self) -> str:
        """The file inside the room, such as services (also for modules of a services package)."""
        parts = self.name.split(".")
        return parts[2] if len(parts) > 2 else ""

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return len(self.text.splitlines())

    def imports(self) -> Iterator[tuple[str, int, bool]]:
        """Give each casework module imported here, its line, and whether inside a function."""
        inside = {
            id(node)
            for function in ast.walk(self.tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for node in ast.walk(function)
        }
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, node.lineno, id(node) in inside
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    full = f"{node.module}.{alias.name}"
                    name = full if full in module_names() else node.module
                    yield name, node.lineno, id(node) in inside

    def functions(self) -> Iterator[Function]:
        """Give every function and method of this file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                arguments = [*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs]
                is_typed = node.returns is not None and all(
                    argument.annotation is not None
                    for argument in arguments
                    if argument.arg not in ("self", "cls")
                )
                is_typed = is_typed or (node.name == "__init__" and node.returns is not None)
                yield Function(self.name, node.name, node.lineno, length, is_typed, node)


@cache
def module_names() -> frozenset[str]:
    """Give the dotted name of every file of the package."""
    return frozenset(_name(path) for path in PACKAGE.rglob("*.py"))


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> tuple[Module, ...]:
    """Give every file of the package, read once."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append(Module(path, _name(path), text, ast.parse(text)))
    return tuple(found)


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Give every call of a function or method of this name below a node."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if (isinstance(called, ast.Name) and called.id == name) or (
                isinstance(called, ast.Attribute) and called.attr == name
            ):
                yield node
