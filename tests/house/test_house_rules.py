"""The rules of the house that a machine can hold: sizes, names, one commit, no session in views."""

import ast

from tests.house.source import PACKAGE, ROOT, Module, calls, modules

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base"}
PEOPLES_ROWS = {"Case", "CaseNote", "CaseNeed", "Person", "ContactPlan", "Referral", "FollowUp"}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def _rooms(*files: str) -> list[Module]:
    return [module for module in modules() if module.file in files]


def _is_protocol(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell a signature without a body, as protocols have, from a function."""
    last = node.body[-1]
    return isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant)


def test_no_file_is_longer_than_300_lines() -> None:
    assert [m.name for m in modules() if m.lines > 300] == []


def test_no_function_is_longer_than_50_lines() -> None:
    long = [f"{f.module}.{f.name}" for m in modules() for f in m.functions() if f.length > 50]
    assert long == []


def test_no_template_is_longer_than_150_lines() -> None:
    long = [str(t.relative_to(ROOT)) for t in TEMPLATES if len(t.read_text().splitlines()) > 150]
    assert long == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    found = [
        path
        for folder in (PACKAGE, ROOT / "templates")
        for path in folder.rglob("*")
        if path.suffix in (".py", ".html")
        and path.stem in FORBIDDEN_NAMES
        # layout/base.html is the page every other extends: there the word says what it is.
        and path.parent.name != "layout"
    ]
    assert found == []


def test_every_module_opens_with_a_sentence() -> None:
    assert [m.name for m in modules() if not ast.get_docstring(m.tree)] == []


def test_every_signature_is_typed() -> None:
    untyped = [
        f"{f.module}:{f.line} {f.name}" for m in modules() for f in m.functions() if not f.is_typed
    ]
    assert untyped == []


def test_every_public_service_and_query_says_what_it_does() -> None:
    silent = [
        f"{f.module}.{f.name}"
        for m in _rooms("services", "queries", "policy")
        for f in m.functions()
        if not f.name.startswith("_") and not ast.get_docstring(f.node) and not _is_protocol(f.node)
    ]
    assert silent == []


def test_only_the_database_module_commits() -> None:
    committers = [
        f"{m.name}:{call.lineno}"
        for m in modules()
        if m.name != "casework.database"
        for call in calls(m.tree, "commit")
        if m.room not in ("background", "commands", "simulation") and m.file not in ("tasks",)
    ]
    assert committers == []


def test_background_and_commands_commit_through_the_database_module_only() -> None:
    others = [
        f"{m.name}:{call.lineno}"
        for m in modules()
        if m.room in ("background", "commands", "simulation") or m.file == "tasks"
        for call in calls(m.tree, "commit")
        if not (isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "database")
    ]
    assert others == []


def test_no_view_touches_the_session() -> None:
    touching = [
        m.name
        for m in _rooms("views")
        if any(target == "casework.extensions" and "db" in m.text for target, _, _ in m.imports())
        and "import db" in m.text
    ]
    assert touching == []


def test_no_service_reads_the_request() -> None:
    reading = [
        m.name
        for m in _rooms("services", "policy", "queries", "models")
        for node in ast.walk(m.tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "flask"
        and {alias.name for alias in node.names} & {"request", "session", "g"}
    ]
    assert reading == []


def test_peoples_rows_are_selected_in_queries_only() -> None:
    elsewhere = [
        f"{m.name}:{call.lineno}"
        for m in modules()
        if m.file != "queries" and m.room not in ("", "commands", "vault")
        for call in calls(m.tree, "select")
        for argument in call.args
        if isinstance(argument, ast.Name) and argument.id in PEOPLES_ROWS
    ]
    assert elsewhere == []


def test_services_state_the_actor_first_and_data_by_name() -> None:
    wrong = []
    for module in _rooms("services"):
        if module.room in ("vault", "audit"):
            continue
        for function in module.functions():
            arguments = [a.arg for a in function.node.args.args if a.arg not in ("self", "cls")]
            is_change = function.name.split("_")[0] in {"record", "open", "close", "change", "send"}
            if is_change and arguments and arguments[0] not in ("actor", "viewer"):
                wrong.append(f"{module.name}.{function.name}")
    assert wrong == []


def test_the_top_level_stays_small() -> None:
    ignored = {".git", ".venv", "var", ".pytest_cache", ".ruff_cache", ".mypy_cache", ".hypothesis"}
    entries = [p.name for p in ROOT.iterdir() if p.name not in ignored and p.name != "__pycache__"]
    assert len(entries) <= 17, sorted(entries)
