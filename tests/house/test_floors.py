"""Imports point down: from floor to lower floor, and inside a room from right to left, never sideways."""

from tests.house.source import Module, modules

FLOORS = {
    "extensions": 0,
    "config": 0,
    "logs": 1,
    "database": 1,
    "many": 1,
    "memory": 1,
    "placeholders": 1,
    "provinces": 1,
    "public_holidays": 1,
    "pulse": 2,
    "background": 3,
    "vault": 3,
    "security": 3,
    "web": 3,
    "audit": 4,
    "accounts": 5,
    "directory": 5,
    "runs": 5,
    "importing": 6,
    "notices": 6,
    "people": 7,
    "cases": 8,
    "referrals": 9,
    "followups": 10,
    "agencies": 10,
    "intake": 11,
    "desk": 11,
    "agenda": 11,
    "oversight": 11,
    "keeping": 11,
    "keys": 11,
    "api": 11,
    "simulation": 12,
    "commands": 13,
    "__main__": 14,
}
# Inside a room. A module with a name of its own (safe_time, contact_plan, openers ...) stands between
# models and views: any of them may use it, and it may not use views.
ORDER = {
    "models": 0,
    "signals": 1,
    "policy": 1,
    "queries": 2,
    "services": 3,
    "forms": 4,
    "tasks": 4,
    "views": 5,
}
# The ground floor and the foundation rooms have their own few files and no fixed order.
WITHOUT_ORDER = frozenset({"web", "security", "vault", "audit", "commands", "api"})


def _broken_by(module: Module, target: str, is_inside: bool) -> str | None:
    """Say which rule an import breaks, if any."""
    parts = target.split(".")
    if parts[0] != "casework" or module.room == "":
        return None
    room = parts[1] if len(parts) > 1 else ""
    if is_inside and not (module.file == "" and module.name.count(".") == 1):
        return "imports inside a function"
    if room == "":
        # create_app() is for entry points and commands alone; names like casework.people are rooms.
        return None if module.room in ("commands", "__main__") else "imports the whole application"
    if room == module.room:
        return _broken_in_room(module, parts)
    if FLOORS[room] >= FLOORS[module.room]:
        return "imports up or sideways"
    return None


def _place(file: str) -> int | None:
    """Give a file's place in its room: settings_views counts as views; None has no fixed place."""
    return ORDER.get(file, ORDER.get(file.rsplit("_", 1)[-1]))


def _broken_in_room(module: Module, parts: list[str]) -> str | None:
    if module.room in WITHOUT_ORDER or module.file == "" or len(parts) < 3:
        return None
    here, there = _place(module.file), _place(parts[2])
    if there is not None and there > (4 if here is None else here):
        return "imports to the right inside its room"
    return None


def _all_broken() -> list[str]:
    return [
        f"{module.name}:{line} -> {target}: {broken}"
        for module in modules()
        for target, line, is_inside in module.imports()
        if (broken := _broken_by(module, target, is_inside))
    ]


def test_every_import_points_down() -> None:
    assert _all_broken() == []


def test_every_room_stands_on_a_floor() -> None:
    assert {module.room for module in modules()} - {""} <= set(FLOORS)


def test_an_import_upwards_would_be_seen() -> None:
    people = next(module for module in modules() if module.name == "casework.people.models")
    assert _broken_by(people, "casework.cases.models", False)
    assert _broken_by(people, "casework.people.services", False)
    assert _broken_by(people, "casework.directory.needs", False) is None


def test_there_is_no_import_cycle_between_rooms() -> None:
    from tests.house.measure import biggest_cycle

    assert biggest_cycle() == 0
