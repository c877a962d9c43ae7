"""A supervisor reads acts in words: every act that the code records has one (R21)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import casework
from casework.oversight.words import ACTIONS
from casework.runs.models import RunState

# Recorded on the command line for invented people alone.
NEVER_IN_A_SERVICE = {"person:copy"}
# An act whose last word is the state of what was done.
IMPORTS = {f"directory:import:{state}" for state in ("started", *map(str, RunState))}


def acts() -> Iterator[str]:
    """Find every act that is recorded under a name written in the code."""
    for path in Path(casework.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name("audit"), attr="record"),
                    args=[_, ast.Constant(value=act), *_],
                ):
                    yield str(act)


def test_every_act_recorded_has_a_word() -> None:
    recorded = set(acts()) - NEVER_IN_A_SERVICE | IMPORTS
    assert "case:read" in recorded
    assert recorded - set(ACTIONS) == set()
