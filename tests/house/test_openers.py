"""Opening what is sealed is deliberate: in a service, recorded in the same act, for a stated purpose."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from casework.extensions import Base
from casework.vault.digests import layout
from tests.house.source import Function, Module, calls, modules

OPENS = ("open_fields", "open_many")
# Steps of one act that have a purpose of their own in their name: the action of their entry says why.
PURPOSE_IN_THE_NAME = {
    "casework.people.services.finding.find_people",
    "casework.people.services.finding.open_sharers",
    "casework.people.services.identity.verify_identity",
    # Index terms made anew under a new key, by the machine: the entry names the run.
    "casework.people.services.indexing.rebuild_terms",
    "casework.referrals.services.indexing.rebuild_routes",
    # Who made the event that is about to be undone, and nothing else: the entry says "undo".
    "casework.referrals.services.openers.open_event_actor",
}


def _opening(module: Module) -> Iterator[tuple[Function, ast.Call]]:
    """Give each call that opens, with the innermost function it stands in."""
    functions = sorted(module.functions(), key=lambda function: function.length)
    for name in OPENS:
        for call in calls(module.tree, name):
            around = (f for f in functions if any(node is call for node in ast.walk(f.node)))
            function = next(around, None)
            yield (
                function or Function(module.name, "<module>", call.lineno, 0, True, _NOWHERE),
                call,
            )


_NOWHERE = ast.parse("def nowhere() -> None: ...").body[0]
assert isinstance(_NOWHERE, ast.FunctionDef)


def _records(function: Function) -> bool:
    return any(
        isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "audit.record"
        for call in calls(function.node, "record")
    )


def _callers(module: Module, name: str) -> list[Function]:
    return [f for f in module.functions() if f.name != name and list(calls(f.node, name))]


def _faults(module: Module) -> Iterator[str]:
    """Say what is wrong with each call that opens in a module."""
    for function, call in _opening(module):
        where = f"{module.name}.{function.name}:{call.lineno}"
        if module.file != "services":
            yield f"{where} opens outside the services"
            continue
        acts = [function]
        if function.name.startswith("_"):
            acts = _callers(module, function.name)
            if not acts:
                yield f"{where} opens for nobody"
        for act in acts:
            if not _records(act):
                yield f"{where} opens and {act.name} does not record it"
            purposes = {argument.arg for argument in act.node.args.kwonlyargs}
            full_name = f"{module.name}.{act.name}"
            if "purpose" not in purposes and full_name not in PURPOSE_IN_THE_NAME:
                yield f"{where} opens and {act.name} takes no purpose by name"


def _all_faults(looked_at: Iterable[Module]) -> list[str]:
    return [fault for module in looked_at if module.room != "vault" for fault in _faults(module)]


def _snippet(source: str, name: str = "casework.people.services.made_up") -> Module:
    return Module(Path("made_up.py"), name, source, ast.parse(source))


GOOD = """
def open_it(actor, row, *, purpose):
    opened = vault.open_fields(row, "phone")
    audit.record(actor, "person:open", row, fields=("phone",), purpose=purpose)
    return opened
"""
BEHIND = """
def open_it(actor, row, *, purpose):
    audit.record(actor, "person:open", row, fields=("phone",), purpose=purpose)
    return _read(row)

def _read(row):
    return open_fields(row, "phone")
"""


def test_every_call_that_opens_is_recorded_and_has_a_purpose() -> None:
    assert _all_faults(modules()) == []


def test_the_calls_are_found() -> None:
    """Those of people, cases and referrals: a rule that finds none would hold for ever."""
    rooms = {m.room for m in modules() for _ in _opening(m) if m.room != "vault"}
    assert {"people", "cases", "referrals"} <= rooms


def test_an_opener_and_one_behind_a_private_name_are_good() -> None:
    assert _all_faults([_snippet(GOOD), _snippet(BEHIND)]) == []


def test_every_way_to_open_in_silence_would_be_seen() -> None:
    """The faults, planted."""
    record = '    audit.record(actor, "person:open", row, fields=("phone",), purpose=purpose)\n'
    for broken, fault in (
        (GOOD.replace(record, ""), "does not record"),
        (GOOD.replace("audit.record(", "log.record("), "does not record"),
        (BEHIND.replace(record, ""), "does not record"),
        (BEHIND.replace("return _read(row)", "return None"), "for nobody"),
        (GOOD.replace(", *, purpose", ""), "takes no purpose"),
        (GOOD.replace("open_fields", "open_many").replace(record, ""), "does not record"),
        ('opened = open_fields(row, "phone")\n', "does not record"),
    ):
        found = _all_faults([_snippet(broken)])
        assert any(fault in each for each in found), broken
    for place in ("people.views", "people.models", "desk.my_day", "commands.seed"):
        [found_there] = _all_faults([_snippet(GOOD, f"casework.{place}")])
        assert "outside the services" in found_there


def test_no_model_knows_how_to_open() -> None:
    """There is no attribute that quietly decrypts: models cannot even name what would."""
    knowing = []
    for module in modules():
        if module.file != "models" or module.room == "vault":
            continue
        names = {
            node.id if isinstance(node, ast.Name) else node.attr
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Name | ast.Attribute)
        }
        targets = {target for target, _, _ in module.imports()}
        from_vault = {
            alias.name
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("casework.vault")
            for alias in node.names
        }
        is_quiet = from_vault <= {"SealedValue", "sealed"}
        is_quiet &= not any(target.startswith("casework.vault.") for target in targets)
        if names & {*OPENS, "open_value", "decrypt", "AESGCM"} or not is_quiet:
            knowing.append(module.name)
    assert knowing == []


def test_nothing_of_a_sealed_row_is_computed_from_what_is_sealed() -> None:
    """Properties and hybrids of rows with sealed columns read none of those columns."""
    reading = []
    for mapper in Base.registry.mappers:
        columns = layout(mapper.class_)
        sealed = {name for name, _tag in columns.columns} if columns else set()
        for name, value in vars(mapper.class_).items():
            code = getattr(getattr(value, "fget", value), "__code__", None)
            if sealed and code is not None and sealed & set(code.co_names):
                reading.append(f"{mapper.class_.__name__}.{name}")
    assert reading == []
